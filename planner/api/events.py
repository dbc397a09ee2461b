"""API of the calendar."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import Date, Id, Line, ShortList, Text, TimeOfDay
from pantry.errors import ActionError
from planner import actions
from planner.actions import Scope
from planner.actions.events import (
    MAX_GUESTS,
    MAX_NOTES_LENGTH,
    MAX_PLACE_LENGTH,
    MAX_RULE_LENGTH,
    MAX_TITLE_LENGTH,
)
from planner.models import CalendarEvent
from planner.occurrences import list_occurrences

MAX_RANGE_DAYS = 366
MAX_OCCURRENCES = 5000


class CalendarEventSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    title = serializers.CharField()
    place = serializers.CharField()
    notes = serializers.CharField()
    starts_on = serializers.DateField()
    start_time = TimeOfDay(allow_null=True, help_text="By the clocks of the home. Null on whole days.")
    ends_on = serializers.DateField(help_text="The last day.")
    end_time = TimeOfDay(allow_null=True)
    rrule = serializers.CharField(help_text="Empty if it does not repeat.")
    skipped = serializers.ListField(child=serializers.DateField(), help_text="Days on which it does not come.")
    series = serializers.UUIDField(
        source="series_id", allow_null=True, help_text="The event that repeats, of which this is a day changed alone."
    )
    series_on = serializers.DateField(allow_null=True, help_text="The day of the `series` that it stands for.")
    guests = serializers.ListField(child=serializers.UUIDField(), source="guest_ids")
    created_by = serializers.UUIDField(source="created_by_id", allow_null=True)
    created_at = serializers.DateTimeField()


class OccurrenceSerializer(serializers.Serializer):  # type: ignore[type-arg]
    event = serializers.UUIDField(source="event.id")
    title = serializers.CharField(source="event.title")
    place = serializers.CharField(source="event.place")
    day = serializers.DateField(help_text="The day on which it begins: `on` of a change.")
    last_day = serializers.DateField()
    is_all_day = serializers.BooleanField(source="event.is_all_day")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="On whole days the midnight after the last one.")
    repeats = serializers.BooleanField(source="event.rrule")
    guests = serializers.ListField(child=serializers.UUIDField(), source="event.guest_ids")
    clashing = serializers.ListField(
        child=serializers.UUIDField(), help_text="Guests who have another event at the same time."
    )


class CalendarSerializer(serializers.Serializer):  # type: ignore[type-arg]
    occurrences = OccurrenceSerializer(many=True)


class EventFields(serializers.Serializer):  # type: ignore[type-arg]
    place = Line(MAX_PLACE_LENGTH, blank=True, required=False)
    notes = Text(MAX_NOTES_LENGTH, blank=True, required=False)
    start_time = TimeOfDay(required=False, allow_null=True, help_text="Without times it takes whole days.")
    ends_on = Date(required=False, help_text="The last day. Without it the event ends on its first day.")
    end_time = TimeOfDay(required=False, allow_null=True)
    rrule = Line(
        MAX_RULE_LENGTH, blank=True, required=False, help_text="A rule of days (RFC 5545), like FREQ=WEEKLY;BYDAY=MO."
    )
    guests = ShortList(
        child=Id(), required=False, max_length=MAX_GUESTS, source="guest_ids", help_text="Members of the home."
    )


class NewEvent(EventFields):
    title = Line(MAX_TITLE_LENGTH)
    starts_on = Date()


class DayOfEvent(serializers.Serializer):  # type: ignore[type-arg]
    scope = serializers.ChoiceField(
        required=False, choices=Scope.values, help_text="Which days of an event that repeats. Defaults to all."
    )
    on = Date(required=False, help_text="The day of an event that repeats.")


class EventChange(EventFields, DayOfEvent):
    title = Line(MAX_TITLE_LENGTH, required=False)
    starts_on = Date(required=False)


class CalendarViewSet(HomeViewSet):
    tag = "Calendar"
    lookup_url_kwarg = "event_id"
    queryset = CalendarEvent.objects.with_guests()
    serializer_class = CalendarEventSerializer

    @endpoint(
        "List what takes place from one day to another", response=CalendarSerializer,
        query={"from": Date(), "to": Date()}, errors=(400, 404),
    )  # fmt: skip
    def occurrences(self, query: dict[str, date]) -> Any:
        """Each day of an event that repeats is one of the occurrences. At most 366 days and 5,000 occurrences."""
        first, last = query["from"], query["to"]
        if not 0 <= (last - first).days < MAX_RANGE_DAYS:
            message = _("Ask for 1 to %(max)d days, the first day first.")
            raise ActionError(message % {"max": MAX_RANGE_DAYS})
        occurrences = list_occurrences(self.member, first, last)
        if len(occurrences) > MAX_OCCURRENCES:
            message = _("There are more than %(max)d occurrences in this time. Ask for fewer days.")
            raise ActionError(message % {"max": MAX_OCCURRENCES})
        return {"occurrences": occurrences}

    create = action_endpoint(
        actions.create_event, "Create an event", request=NewEvent, errors=(400, 404),
        example={"title": "Dinner", "starts_on": "2026-03-14", "start_time": "19:00", "end_time": "22:00"},
    )  # fmt: skip
    retrieve = retrieve_endpoint("Retrieve an event")
    partial_update = action_endpoint(
        actions.change_event, "Change an event, or one or more days of it", request=EventChange,
        description="Returns the event that has the change: a new one for one day, or for that and all that follow. "
        "Without a new end it lasts as long as before.",
        example={"scope": "this", "on": "2026-03-21", "start_time": "20:00"}, errors=(400, 404),
    )  # fmt: skip
    destroy = action_endpoint(
        actions.remove_event, "Remove an event, or one or more days of it",
        query=DayOfEvent, errors=(400, 404),
    )  # fmt: skip
