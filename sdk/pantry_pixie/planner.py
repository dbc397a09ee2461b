"""What a home has to do, and when: tasks, and the calendar."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Literal, TypedDict, Unpack
from uuid import UUID

from pantry_pixie.operations import HOME, ClientT, Id, Model, Page, Paging, Resource, Row, operation

Priority = Literal["low", "medium", "high", "urgent"]
RepeatsFrom = Literal["schedule", "completion"]
TaskState = Literal["pending", "in_progress", "completed", "cancelled"]
Scope = Literal["this", "following", "all"]


class Task(Row):
    """Something to do, by the clocks of the home. `closed_at`: when it was completed or cancelled.
    `turn`: whose turn it is of the assignees."""

    title: str
    notes: str
    project: str
    priority: Priority
    state: TaskState
    due_on: date | None
    due_time: time | None
    rrule: str
    repeats_from: RepeatsFrom
    turn: UUID | None
    is_overdue: bool
    assignees: list[UUID]
    created_by: UUID | None
    closed_by: UUID | None
    closed_at: datetime | None
    created_at: datetime


class TaskDetails(TypedDict, total=False):
    notes: str
    project: str
    priority: Priority
    due_on: date | str | None
    due_time: time | str | None
    rrule: str
    repeats_from: RepeatsFrom
    turn: Id | None
    assignees: Sequence[Id]


class TaskChanges(TaskDetails, total=False):
    title: str
    state: TaskState


class TaskQuery(Paging, total=False):
    state: TaskState | Literal["open"]
    assignee: Id
    project: str
    due_before: date | str


class Tasks(Resource[ClientT], path=f"{HOME}/tasks"):
    """Tasks, newest first."""

    @operation("GET", "", Page[Task])
    def list(self, home: Id, **query: Unpack[TaskQuery]) -> None: ...
    @operation("POST", "", Task)
    def create(self, home: Id, title: str = ..., *, text: str = ..., **details: Unpack[TaskDetails]) -> None: ...
    @operation("GET", "/{task}", Task)
    def get(self, home: Id, task: Id) -> None: ...
    @operation("PATCH", "/{task}", Task)
    def update(self, home: Id, task: Id, **changes: Unpack[TaskChanges]) -> None: ...
    @operation("DELETE", "/{task}")
    def delete(self, home: Id, task: Id) -> None: ...


class CalendarEvent(Row):
    """Something that takes place, by the clocks of the home; without times on whole days. With a `rrule` it repeats."""

    title: str
    place: str
    notes: str
    starts_on: date
    start_time: time | None
    ends_on: date
    end_time: time | None
    rrule: str
    skipped: list[date]
    series: UUID | None
    series_on: date | None
    guests: list[UUID]
    created_by: UUID | None
    created_at: datetime


class Occurrence(Model):
    """An event on one of its days. `clashing`: guests who have another event at the same time."""

    event: UUID
    title: str
    place: str
    day: date
    last_day: date
    is_all_day: bool
    starts_at: datetime
    ends_at: datetime
    repeats: bool
    guests: list[UUID]
    clashing: list[UUID]


class CalendarDays(Model):
    occurrences: list[Occurrence]


class EventDetails(TypedDict, total=False):
    place: str
    notes: str
    start_time: time | str | None
    ends_on: date | str
    end_time: time | str | None
    rrule: str
    guests: Sequence[Id]


class DayOfEvent(TypedDict, total=False):
    scope: Scope
    on: date | str


class EventChanges(EventDetails, DayOfEvent, total=False):
    title: str
    starts_on: date | str


class Calendar(Resource[ClientT], path=f"{HOME}/calendar"):
    """Events, which can repeat. A change or a removal is of all days, of one, or of one and all that follow."""

    @operation("GET", "", CalendarDays)
    def list(self, home: Id, from_: date | str, to: date | str) -> None: ...
    @operation("POST", "", CalendarEvent)
    def create(self, home: Id, title: str, starts_on: date | str, **details: Unpack[EventDetails]) -> None: ...
    @operation("GET", "/{event}", CalendarEvent)
    def get(self, home: Id, event: Id) -> None: ...
    @operation("PATCH", "/{event}", CalendarEvent)
    def update(self, home: Id, event: Id, **changes: Unpack[EventChanges]) -> None: ...
    @operation("DELETE", "/{event}")
    def delete(self, home: Id, event: Id, **day: Unpack[DayOfEvent]) -> None: ...
