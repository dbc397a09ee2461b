"""Undo one event by a new one. What was changed again since is not undone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import subject_of
from homes.events.models import Event
from pantry.errors import ActionError
from planner.actions.tasks import check_open_tasks, remove_task, restore_task
from planner.models import Task
from planner.schemas import TaskSnapshot


def _undo_task(event: Event, by: Actor) -> None:
    """Restore the task as it was before, unless it was changed again. Remove a new one."""
    task: Task = subject_of(event, Task.objects.with_assignees())
    if TaskSnapshot.model_validate(task) != TaskSnapshot.model_validate(event.data["task"]):
        raise ActionError(
            _("This was changed again since then, so undoing it could overwrite that. Change it by hand.")
        )
    if event.type == "task_created":
        remove_task(task, by=by)
        return
    before = dict(event.changes)
    assignee_ids, _new = before.pop("assignee_ids", (None, None))
    fields: dict[str, Any] = {}
    for name, (old, _new) in before.items():
        field: Any = Task._meta.get_field(name)
        value = field.to_python(old)
        if field.is_relation:
            user = User.objects.filter(pk=value).first()
            value = user.pk if user is not None and name == field.attname else user
        fields[name] = value
    restore_task(task, fields, None if assignee_ids is None else list(map(UUID, assignee_ids)), by=by)


def _undo_task_removed(event: Event, by: Actor) -> None:
    snapshot = TaskSnapshot.model_validate(event.data["task"])
    if not Task.objects.filter(pk=snapshot.id).exists():
        task = Task(home=by.home, **snapshot.model_dump(exclude={"assignee_ids"}))
        if task.is_open:
            check_open_tasks(by)
        restore_task(task, {}, snapshot.assignee_ids, by=by)


UNDO: dict[str, Callable[[Event, Actor], None]] = {
    "task_created": _undo_task,
    "task_updated": _undo_task,
    "task_removed": _undo_task_removed,
}
