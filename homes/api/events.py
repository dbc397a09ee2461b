"""API of a home's event log and audit log."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from homes.api import serializers
from homes.api.viewsets import HomeViewSet
from homes.events.models import Event
from homes.events.queries import event_rows, row_payload
from pantry.api.schema import describe

LOG = "Log"
DEFAULT_LIMIT = 100


class EventViewSet(HomeViewSet):
    @describe(
        "List the events after a number, in order", tag=LOG,
        gives=serializers.EventPage, query=serializers.EventQuery, refuses=(400, 404),
    )  # fmt: skip
    def list(self, request: Request, **kwargs: Any) -> Response:
        """Events that you can't see only have their `seq`. `/events/stream?since=` sends the same, live."""
        query = self.validated_query(serializers.EventQuery)
        limit = query.get("limit", DEFAULT_LIMIT)
        events = Event.objects.of_home(self.member).after(query.get("after", 0))
        rows = list(event_rows(events, "is_readable")[: limit + 1])
        page = rows[:limit]
        results = [row_payload(event) if event.is_readable else {"seq": event.seq} for event in page]
        next_url = _next_url(request, "after", page) if len(rows) > limit else None
        return Response({"results": results, "seq": self.home.last_seq, "next": next_url})


class AuditViewSet(HomeViewSet):
    scopes = ("admin", "admin")

    @describe(
        "List the audit log, newest first (owners only)", tag=LOG, gives=serializers.AuditPage,
        query=serializers.AuditQuery, refuses=(400, 404),
    )  # fmt: skip
    def list(self, request: Request, **kwargs: Any) -> Response:
        """Private rooms that the owner isn't in are left out."""
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can see the audit log.")
        query = self.validated_query(serializers.AuditQuery)
        events = Event.objects.visible_to(self.member).order_by("-seq")
        if "before" in query:
            events = events.filter(seq__lt=query["before"])
        limit = query.get("limit", DEFAULT_LIMIT)
        rows = list(event_rows(events, "origin", "meant_at")[: limit + 1])
        page = rows[:limit]
        results = [{**row_payload(event), "origin": event.origin, "meant_at": event.meant_at} for event in page]
        next_url = _next_url(request, "before", page) if len(rows) > limit else None
        return Response({"results": results, "next": next_url})


def _next_url(request: Request, parameter: str, page: list[Any]) -> str:
    return str(replace_query_param(request.build_absolute_uri(), parameter, page[-1].seq))
