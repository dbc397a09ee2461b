"""Event schemas of the planner."""

from datetime import date, datetime, time
from uuid import UUID

from homes.events.schemas import Snapshot, row_event


@row_event("task", "task_created", "task_updated", "task_removed")
class TaskSnapshot(Snapshot):
    id: UUID
    title: str
    notes: str
    project: str
    priority: str
    state: str
    due_on: date | None
    due_time: time | None
    rrule: str = ""
    repeats_from: str = "schedule"
    turn_id: UUID | None = None
    assignee_ids: tuple[UUID, ...]
    created_by_id: UUID | None
    closed_by_id: UUID | None
    closed_at: datetime | None
    created_at: datetime


@row_event("calendar_event", "calendar_event_created", "calendar_event_updated", "calendar_event_removed")
class CalendarEventSnapshot(Snapshot):
    id: UUID
    title: str
    place: str
    notes: str
    starts_on: date
    start_time: time | None
    ends_on: date
    end_time: time | None
    rrule: str
    skipped: tuple[str, ...]
    series_id: UUID | None
    series_on: date | None
    guest_ids: tuple[UUID, ...]
    created_by_id: UUID | None
