"""The home's log: to catch up with, and to look back at."""

from typing import Any
from uuid import UUID

from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from homes import registry
from homes.api import serializers as shapes
from homes.api.access import HomeViewSet
from homes.api.schema import describe
from homes.frames import frame_of
from homes.models import Event, Membership

LOG = "Log"
USUAL = 100
# Read as columns: a page costs half of what its rows would.
COLUMNS = [
    "seq", "type", "actor_user_id", "actor_agent_id", "door", "channel_id", "op_id", "data", "changes", "created_at",
    "meant_at",
]  # fmt: skip


class EventViewSet(HomeViewSet):
    @describe(
        "What happened after an event, in order; what one may not read of is its number alone", tag=LOG,
        gives=shapes.EventPage, query=shapes.EventQuery, refuses=(400, 404),
    )  # fmt: skip
    def list(self, request: Request, **kwargs: Any) -> Response:
        """`/events/stream?since=` brings the same live, as server-sent events."""
        asked = self.asked(shapes.EventQuery)
        rooms, limit = private_rooms(self.member), asked.get("limit", USUAL)
        rows = Event.objects.filter(home=self.home).after(asked.get("after", 0))
        events = list(rows.values_list(*COLUMNS, named=True)[: limit + 1])
        page = events[:limit]
        frames = [
            frame_of(event) if event.channel_id is None or event.channel_id in rooms else {"seq": event.seq}
            for event in page
        ]
        more = len(events) > limit
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
        asked = self.asked(shapes.AuditQuery)
        events = Event.objects.visible_to(self.member, private_rooms(self.member)).order_by("-seq")
        if "before" in asked:
            events = events.filter(seq__lt=asked["before"])
        limit = asked.get("limit", USUAL)
        found = list(events.values_list(*COLUMNS, named=True)[: limit + 1])
        page = found[:limit]
        here = request.build_absolute_uri()
        following = replace_query_param(here, "before", page[-1].seq) if len(found) > limit else None
        return Response({"results": [audited(event) for event in page], "next": following})


def audited(event: Any) -> dict[str, Any]:
    return {**frame_of(event), "door": event.door, "meant_at": event.meant_at}


def private_rooms(member: Membership) -> set[UUID]:
    """The private channels that the member is in now."""
    return {channel for source in registry.audiences for channel in source(member.home_id, member.user_id)}
