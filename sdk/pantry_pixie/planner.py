"""What a home has to do: tasks."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Literal, TypedDict, Unpack
from uuid import UUID

from pantry_pixie.operations import HOME, ClientT, Id, Page, Paging, Resource, Row, operation

Priority = Literal["low", "medium", "high", "urgent"]
RepeatsFrom = Literal["schedule", "completion"]
TaskState = Literal["pending", "in_progress", "completed", "cancelled"]


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
