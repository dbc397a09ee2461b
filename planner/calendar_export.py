"""Export and import the calendar of a home."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

from django.db.models import F
from pydantic import AfterValidator, TypeAdapter

from homes.events.actor import Actor
from homes.events.log import new_event
from homes.events.schemas import Snapshot
from homes.export import Moment
from homes.hooks import Export
from homes.imports import Built, import_rows, insert_rows, keep_row, require_row, validate_row
from homes.models import Membership
from pantry.text import clean_line, clean_text
from pantry.years import check_year
from planner.actions.events import MAX_SKIPPED, check_event, clean_fields
from planner.export import rows_of
from planner.models import CalendarEvent, EventGuest
from planner.schemas import CalendarEventSnapshot

Line = Annotated[str, AfterValidator(clean_line)]
Day = Annotated[date, AfterValidator(check_year)]


class EventRow(CalendarEventSnapshot):
    title: Line
    place: Line
    notes: Annotated[str, AfterValidator(clean_text)]
    starts_on: Day
    ends_on: Day
    series_on: Day | None
    created_at: Moment


class Calendar(Snapshot):
    events: Iterable[EventRow] = ()


def export_calendar(member: Membership) -> Any:
    """Return the rows of the home as iterators, by section. Events that repeat come before their changed days."""
    events = CalendarEvent.objects.filter(home=member.home_id).with_guests()
    return {"events": rows_of(EventRow, events.order_by(F("series").asc(nulls_first=True), "created_at"))}


class CalendarImport:
    """The import of the calendar into a new home. Every row gets a new id and an event."""

    def __init__(self, by: Actor) -> None:
        self.by = by
        self.events: dict[UUID, CalendarEvent] = {}

    def run(self, calendar: Calendar) -> None:
        import_rows(self.by, "events", calendar.events, self.build_event, _insert_events)

    def build_event(self, row: EventRow) -> Built:
        """Leave out references to people other than the importing member."""
        by, fields = self.by, row.model_dump(exclude={"id", "guest_ids", "skipped", "series_id", "created_by_id"})
        series = None if row.series_id is None else require_row(self.events, row.series_id)
        skipped = sorted({check_year(date.fromisoformat(day)).isoformat() for day in row.skipped[: MAX_SKIPPED + 1]})
        event = CalendarEvent(home=by.home, series=series, skipped=skipped, **clean_fields(fields))
        validate_row(event)
        check_event(event)
        event.last_on = event.find_last_day()
        event.created_by = by.user if self.is_own(row.created_by_id) else None
        event.invited = [EventGuest(event=event, user=by.user) for pk in row.guest_ids if self.is_own(pk)]
        keep_row(self.events, row.id, event)
        return event, new_event("calendar_event_created", event, by=by)

    def is_own(self, user_id: UUID | None) -> bool:
        return self.by.user is not None and user_id == self.by.user.pk


def _insert_events(built: Sequence[Built]) -> None:
    insert_rows(built)
    EventGuest.objects.bulk_create(each for event, _event in built for each in cast(CalendarEvent, event).invited)


CALENDAR = Export(export_calendar, TypeAdapter(Calendar), lambda by, calendar: CalendarImport(by).run(calendar))
