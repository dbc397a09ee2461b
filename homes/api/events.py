"""The home's log: to catch up with, and to look back at."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from homes.api import serializers as shapes
from homes.api.viewsets import HomeViewSet
from homes.events.models import Event
from homes.events.queries import event_rows, row_payload
from pantry.api.schema import describe

LOG = "Log"
USUAL = 100


class EventViewSet(HomeViewSet):
    @describe(
        "What happened after an event, in order; what one may not read of is its number alone", tag=LOG,
        gives=shapes.EventPage, query=shapes.EventQuery, refuses=(400, 404),
    )  # fmt: skip
    def list(self, request: Request, **kwargs: Any) -> Response:
        """`/events/stream?since=` brings the same live, as server-sent events."""
        asked = self.validated_query(shapes.EventQuery)
        limit = asked.get("limit", USUAL)
        events = Event.objects.of_home(self.member).after(asked.get("after", 0))
        found = list(event_rows(events, "is_readable")[: limit + 1])
        page = found[:limit]
        frames = [row_payload(event) if event.is_readable else {"seq": event.seq} for event in page]
        more = len(found) > limit
        here = request.build_absolute_uri()
        following = replace_query_param(here, "after", page[-1].seq) if more else None
        return Response({"results": frames, "seq": self.home.last_seq, "next": following})


class AuditViewSet(HomeViewSet):
    scopes = ("admin", "admin")

    @describe(
        "Who changed what, the newest first (owners)", tag=LOG, gives=shapes.AuditPage, query=shapes.AuditQuery,
        refuses=(400, 404),
    )  # fmt: skip
    def list(self, request: Request, **kwargs: Any) -> Response:
        """Private rooms that the owner is not in stay private."""
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can look into the audit.")
        asked = self.validated_query(shapes.AuditQuery)
        events = Event.objects.visible_to(self.member).order_by("-seq")
        if "before" in asked:
            events = events.filter(seq__lt=asked["before"])
        limit = asked.get("limit", USUAL)
        found = list(event_rows(events, "origin", "meant_at")[: limit + 1])
        page = found[:limit]
        here = request.build_absolute_uri()
        following = replace_query_param(here, "before", page[-1].seq) if len(found) > limit else None
        return Response({"results": [audited(event) for event in page], "next": following})


def audited(event: Any) -> dict[str, Any]:
    return {**row_payload(event), "origin": event.origin, "meant_at": event.meant_at}
