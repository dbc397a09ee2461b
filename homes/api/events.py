"""API of a home's event log and audit log."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from homes.api import serializers
from homes.api.viewsets import HomeViewSet
from homes.events import chain
from homes.events.models import Event
from homes.events.queries import event_rows, row_payload
from pantry.api.endpoints import endpoint
from pantry.api.fields import QueryNumber

DEFAULT_LIMIT = 100
MAX_CHECKED = 2_000  # events in one check, which takes 0.1 s, so that several at once hold up nobody
LIMIT = QueryNumber(int, 1, 1000, required=False)
AFTER = QueryNumber(int, 0, required=False, help_text="The last number that you have.")
BEFORE = QueryNumber(int, 0, required=False, help_text="The last number of the previous page.")


class EventViewSet(HomeViewSet):
    tag = "Log"
    serializer_class: Any = serializers.EventPage

    @endpoint("List the events after a number, in order", query={"after": AFTER, "limit": LIMIT})
    def list(self, query: dict[str, Any]) -> Response:
        """Events that you can't see only have their `seq`. `/events/stream?since=` sends the same, live."""
        events = Event.objects.of_home(self.member).after(query.get("after", 0))
        page, next_url = self.page(event_rows(events, "is_readable"), query, "after")
        results = [row_payload(event) if event.is_readable else {"seq": event.seq} for event in page]
        return Response({"results": results, "seq": self.home.last_seq, "next": next_url})

    def page(self, rows: Any, query: dict[str, Any], parameter: str) -> tuple[Any, str | None]:
        """Return a page of rows, and the URL of the next one, whose `parameter` is the last number of this page."""
        limit = query.get("limit", DEFAULT_LIMIT)
        page = [*rows[: limit + 1]]
        if len(page) <= limit:
            return page, None
        page.pop()
        return page, str(replace_query_param(self.request.build_absolute_uri(), parameter, page[-1].seq))


class AuditViewSet(EventViewSet):
    scopes = ("read admin", None)
    serializer_class = serializers.AuditPage

    @endpoint("List the audit log, newest first (owners only)", query={"before": BEFORE, "limit": LIMIT})
    def list(self, query: dict[str, Any]) -> Response:
        """Private rooms that the owner isn't in are left out."""
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can see the audit log.")
        events = Event.objects.visible_to(self.member).order_by("-seq")
        if "before" in query:
            events = events.filter(seq__lt=query["before"])
        page, next_url = self.page(event_rows(events, "origin", "meant_at"), query, "before")
        results = [{**row_payload(event), "origin": event.origin, "meant_at": event.meant_at} for event in page]
        return Response({"results": results, "next": next_url})


class LogCheckViewSet(EventViewSet):
    scopes = ("read admin", None)
    serializer_class = serializers.LogCheck

    @endpoint("Check the log for changes past the application (owners only)", query={"after": AFTER})
    def list(self, query: dict[str, Any]) -> Response:
        """Checks the hashes of up to 2,000 events. Note down the `head`: a log that somebody wrote anew, with other
        hashes, no longer has it.
        """
        if not self.member.is_owner:
            raise PermissionDenied("Only an owner can check the log.")
        after = query.get("after", 0)
        upto = after + MAX_CHECKED
        findings = chain.check(self.home.pk, after, upto)
        next_url = replace_query_param(self.request.build_absolute_uri(), "after", upto)
        results = [{"kind": row.kind, "first": row.first, "last": row.last, "message": row.message} for row in findings]
        payload = {
            "results": results,
            "head": chain.head(self.home.pk, min(upto, self.home.last_seq)),
            "seq": self.home.last_seq,
        }
        return Response({**payload, "next": next_url if upto < self.home.last_seq else None})
