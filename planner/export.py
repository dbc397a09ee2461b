"""Export and import the planner of a home."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Annotated, Any, cast
from uuid import UUID

from django.db.models import QuerySet
from pydantic import AfterValidator, TypeAdapter

from homes.events.actor import Actor
from homes.events.log import new_event
from homes.events.schemas import Snapshot
from homes.export import Moment
from homes.hooks import Export
from homes.imports import Built, import_rows, insert_rows, validate_row
from homes.models import Membership
from pantry.text import clean_line, clean_text
from pantry.years import check_year
from planner.actions.tasks import check_task
from planner.models import Task, TaskAssignment
from planner.repeats import read_rule
from planner.schemas import TaskSnapshot

FETCHED_ROWS = 2000  # at a time
Line = Annotated[str, AfterValidator(clean_line)]


class TaskRow(TaskSnapshot):
    title: Line
    notes: Annotated[str, AfterValidator(clean_text)]
    project: Line
    due_on: Annotated[date, AfterValidator(check_year)] | None
    closed_at: Moment | None
    created_at: Moment


class Planner(Snapshot):
    tasks: Iterable[TaskRow] = ()


def export_planner(member: Membership) -> Any:
    """Return the rows of the home as iterators, by section."""
    tasks = Task.objects.filter(home=member.home_id).with_assignees().order_by("created_at")
    return {"tasks": rows_of(TaskRow, tasks)}


def rows_of(schema: type[Snapshot], rows: QuerySet[Any]) -> Iterator[dict[str, Any]]:
    return (schema.model_validate(row).model_dump(mode="json") for row in rows.iterator(chunk_size=FETCHED_ROWS))


class PlannerImport:
    """The import of the planner into a new home. Every row gets a new id and an event."""

    def __init__(self, by: Actor) -> None:
        self.by = by

    def run(self, planner: Planner) -> None:
        import_rows(self.by, "tasks", planner.tasks, self.build_task, _insert_tasks)

    def build_task(self, row: TaskRow) -> Built:
        """Leave out references to people other than the importing member."""
        by, fields = self.by, row.model_dump(exclude={"id", "assignee_ids"})
        for name in ("created_by_id", "closed_by_id", "turn_id"):
            fields[name] = self.own(fields[name])
        if row.turn_id not in row.assignee_ids:
            fields["turn_id"] = None
        fields["rrule"] = read_rule(row.rrule) if row.rrule else ""
        task = Task(home=by.home, **fields)
        validate_row(task)
        check_task(task)
        task.assigned = [TaskAssignment(task=task, user=by.user) for pk in row.assignee_ids if self.own(pk)]
        return task, new_event("task_created", task, by=by)

    def own(self, user_id: UUID | None) -> UUID | None:
        """Return the id if it is the importing member's."""
        return user_id if self.by.user is not None and user_id == self.by.user.pk else None


def _insert_tasks(built: Sequence[Built]) -> None:
    insert_rows(built)
    TaskAssignment.objects.bulk_create(each for task, _event in built for each in cast(Task, task).assigned)


PLANNER = Export(export_planner, TypeAdapter(Planner), lambda by, planner: PlannerImport(by).run(planner))
