"""API of what happened in a home, as sentences."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from homes.activity import Happening, activities, activity_of, describe
from homes.api.events import BEFORE, LIMIT, EventViewSet
from pantry.api.endpoints import endpoint
from pantry.api.fields import Date, Id


class HappeningSerializer(serializers.Serializer):  # type: ignore[type-arg]
    seq = serializers.IntegerField(source="event.seq")
    type = serializers.CharField(source="event.type")
    kind = serializers.CharField()
    who = serializers.CharField(help_text="Who did it, as in the text.")
    text = serializers.CharField(source="sentence", help_text="In the language of the request.")
    at = serializers.DateTimeField(source="event.moment", help_text="When it happened; offline, when it was done.")
    origin = serializers.CharField(source="event.origin", help_text="The interface: `browser`, `api`, `agent`…")
    op_id = serializers.UUIDField(source="event.op_id", allow_null=True)
    can_undo = serializers.BooleanField(help_text="Whether to try: later changes may prevent it.")
    is_undone = serializers.BooleanField()


@extend_schema_serializer(many=False)
class ActivityPage(serializers.Serializer):  # type: ignore[type-arg]
    results = HappeningSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class ActivityViewSet(EventViewSet):
    serializer_class = ActivityPage

    @endpoint(
        "List what happened as sentences, newest first",
        query={
            "member": Id(required=False, help_text="A user: only what this person did, or had an agent do."),
            "kind": serializers.ChoiceField(required=False, choices=sorted(activities())),
            "day": Date(required=False, help_text="In the home's time zone."),
            "before": BEFORE,
            "limit": LIMIT,
        },
    )
    def list(self, query: dict[str, Any]) -> Response:
        """Private rooms and chats that you aren't in are left out."""
        filters = {"user_id": query.get("member"), "kind": query.get("kind", ""), "day": query.get("day")}
        return self.sentences(activity_of(self.member, before=query.get("before"), **filters), query)

    def sentences(self, events: Any, query: dict[str, Any]) -> Response:
        page, next_url = self.page(events.select_related("actor_user", "actor_agent"), query, "before")
        happenings: list[Happening] = describe(page, self.home)
        return Response({"results": HappeningSerializer(happenings, many=True).data, "next": next_url})
