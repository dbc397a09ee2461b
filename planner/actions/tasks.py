"""Create, change, complete and remove tasks."""

from collections.abc import Collection, Iterable
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _

from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record
from homes.events.models import Event
from homes.models import Membership
from pantry.errors import ActionError, check_length
from pantry.models import Changes
from pantry.text import clean_line, clean_text, visible_line
from pantry.years import YEARS
from planner.models import Priority, RepeatsFrom, Task, TaskAssignment, TaskState
from planner.repeats import lasting_rule, next_day, next_turn, read_rule

MAX_TITLE_LENGTH, MAX_NOTES_LENGTH, MAX_PROJECT_LENGTH = 200, 4000, 40
MAX_OPEN_TASKS = 2000
MAX_ASSIGNEES = 20


@action
def create_task(
    title: str,
    *,
    by: Actor,
    notes: str = "",
    project: str = "",
    priority: str = Priority.MEDIUM,
    due_on: date | None = None,
    due_time: time | None = None,
    rrule: str = "",
    repeats_from: str = RepeatsFrom.SCHEDULE,
    turn_id: UUID | None = None,
    assignee_ids: Collection[UUID] = (),
) -> Task:
    """Create a task. Idempotent by the actor's `op_id`.

    Raises ActionError for an invalid field, a time or rule without a day, an assignee who is no member, a turn of
    somebody who is no assignee, and too many open tasks.
    """
    if (task_id := find_previous_result(by, "task_created")) is not None:
        return get_task(task_id)
    check_open_tasks(by)
    fields = {"title": title, "notes": notes, "project": project, "priority": priority}
    fields |= {"rrule": rrule, "repeats_from": repeats_from}
    times = {"due_on": due_on, "due_time": due_time, "turn_id": turn_id}
    task = Task(home=by.home, created_by=by.user, **_clean({**fields, **times}))
    check_task(task)
    _check_members(assignee_ids, by)
    _check_turn(task, assignee_ids)
    insert_task(task, assignee_ids, by)
    return get_task(task.pk)


@action
def change_task(task: Task, *, by: Actor, assignee_ids: Collection[UUID] | None = None, **fields: Any) -> Task:
    """Change a task, complete or cancel it, or open it again. The fields are those of `create_task`, and `state`.

    Without `due_on`, `due_time` and `rrule` go, too, and with an assignee their turn. Completing a task that repeats
    creates the next one, and opening it again removes that one unless it was changed since. The errors are those of
    `create_task`.
    """
    task = get_task(task.pk)
    was_open = task.is_open
    if "due_on" in fields and fields["due_on"] is None:
        fields = {"due_time": None, "rrule": "", **fields}
    cleaned = _clean(fields)
    if (state := cleaned.get("state", task.state)) != task.state:
        cleaned |= _closed(state, by)
        if not task.is_open and state in (TaskState.PENDING, TaskState.IN_PROGRESS):
            check_open_tasks(by)
    changes = task.assign(**cleaned)
    check_task(task)
    if assignee_ids is not None:
        _check_members(set(assignee_ids) - set(task.assignee_ids), by)
        changes |= _assign(task, assignee_ids)
        if "turn_id" not in fields and task.turn_id not in task.assignee_ids:
            changes |= task.assign(turn_id=None)
    _check_turn(task, task.assignee_ids)
    save_task(task, changes, by)
    if was_open and task.state == TaskState.COMPLETED:
        _follow_up(task, by)
    elif not was_open and task.is_open:
        take_back_next(task, by)
    return get_task(task.pk)


@action
def remove_task(task: Task, *, by: Actor) -> None:
    """Remove a task. Idempotent."""
    current = Task.objects.with_assignees().filter(pk=task.pk).first()
    if current is not None:
        record("task_removed", current, by=by)
        Task.objects.filter(pk=current.pk).delete()


def unassign_member(member: Membership, by: Actor) -> None:
    """Take the tasks from a member who leaves the home. The caller must hold the home's lock."""
    tasks: Iterable[Task] = Task.objects.filter(home=by.home, assignments__user=member.user_id).with_assignees()
    for task in tasks:
        left = set(task.assignee_ids) - {member.user_id}
        turn = next_turn(task) if task.turn_id == member.user_id else task.turn_id
        changes = task.assign(turn_id=turn if turn in left else None)
        save_task(task, changes | _assign(task, left), by)


def restore_task(task: Task, fields: dict[str, Any], assignee_ids: Collection[UUID] | None, *, by: Actor) -> None:
    """Set fields and assignees, if given, to earlier values. Who is no longer a member is left out.

    A task that was removed is created again. The caller must hold the home's lock.
    """
    members = Membership.objects.filter(home=by.home, user__in=assignee_ids or ()).values_list("user", flat=True)
    if not Task.objects.filter(pk=task.pk).exists():
        task.turn_id = task.turn_id if task.turn_id in members else None
        insert_task(task, members, by)
        return
    assigned = task.assignee_ids if assignee_ids is None else members
    turn = fields.get("turn_id", task.turn_id)
    changes = task.assign(**{**fields, "turn_id": turn if turn in assigned else None})
    if assignee_ids is not None:
        changes |= _assign(task, members)
    save_task(task, changes, by)
    if task.is_open:
        take_back_next(task, by)


def _follow_up(task: Task, by: Actor) -> None:
    """Create the task that follows one that repeats, unless its rule has ended or it exists."""
    if not task.rrule or Task.objects.filter(pk=task.next_id).exists():
        return
    due_on = next_day(task, task.closed_at or timezone.now())
    if due_on is not None:
        names = ("title", "notes", "project", "priority", "due_time", "repeats_from")
        fields = {name: getattr(task, name) for name in names}
        following = Task(pk=task.next_id, home=by.home, created_by=by.user, due_on=due_on, **fields)
        following.rrule, following.turn_id = lasting_rule(task), next_turn(task)
        insert_task(following, task.assignee_ids, by)


def take_back_next(task: Task, by: Actor) -> None:
    """Remove the task that followed, unless it was changed since. The caller must hold the home's lock."""
    following = Task.objects.with_assignees().filter(pk=task.next_id).first()
    if following is not None and following.is_open:
        events = Event.objects.filter(home=by.home, subject_id=following.pk)
        if events.latest("seq").type == "task_created":
            remove_task(following, by=by)


def insert_task(task: Task, assignee_ids: Collection[UUID], by: Actor) -> None:
    task.save(force_insert=True)
    rows = (TaskAssignment(task=task, user_id=pk) for pk in dict.fromkeys(assignee_ids))
    task.assigned = TaskAssignment.objects.bulk_create(rows)
    record("task_created", task, by=by)


def save_task(task: Task, changes: Changes, by: Actor) -> None:
    if changes:
        task.save()
        record("task_updated", task, by=by, changes=changes)


def get_task(pk: UUID) -> Task:
    task: Task = Task.objects.with_assignees().select_related("home").get(pk=pk)
    return task


def check_open_tasks(by: Actor) -> None:
    """Raise ActionError if the home has as many open tasks as it can have."""
    if Task.objects.filter(home=by.home).open().count() >= MAX_OPEN_TASKS:
        message = _("A home can have %(max)d open tasks. Complete or remove one first.")
        raise ActionError(message % {"max": MAX_OPEN_TASKS})


def _closed(state: str, by: Actor) -> dict[str, Any]:
    if state in (TaskState.PENDING, TaskState.IN_PROGRESS):
        return {"closed_at": None, "closed_by": None}
    return {"closed_at": timezone.now(), "closed_by": by.user}


def _assign(task: Task, assignee_ids: Iterable[UUID]) -> Changes:
    """Assign the task to these people and no others. Returns the changes."""
    old, new = task.assignee_ids, sorted(set(assignee_ids))
    if old == new:
        return {}
    task.assignments.exclude(user__in=new).delete()
    added = TaskAssignment.objects.bulk_create(TaskAssignment(task=task, user_id=pk) for pk in new if pk not in old)
    task.assigned = [each for each in task.assigned if each.user_id in new] + added
    return {"assignee_ids": [list(map(str, old)), list(map(str, new))]}


def _check_members(user_ids: Collection[UUID], by: Actor) -> None:
    if len(user_ids) > MAX_ASSIGNEES:
        raise ActionError(_("A task can be assigned to %(max)d people.") % {"max": MAX_ASSIGNEES})
    if Membership.objects.filter(home=by.home, user__in=user_ids).count() != len(set(user_ids)):
        raise ActionError(_("A task can only be assigned to members of the home."))


def check_task(task: Task) -> None:
    """Raise ActionError for a time or a rule without a day."""
    if task.due_time is not None and task.due_on is None:
        raise ActionError(_("A time needs a day."))
    if task.rrule and task.due_on is None:
        raise ActionError(_("A task that repeats needs a day."))


def _check_turn(task: Task, assignee_ids: Collection[UUID]) -> None:
    if task.turn_id is not None and task.turn_id not in assignee_ids:
        raise ActionError(_("It can only be the turn of somebody whom the task is assigned to."))


def _clean(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as they are stored. Raises ActionError for an invalid one."""
    cleaned = dict(fields)
    if "title" in cleaned and not (title := check_length(visible_line(cleaned["title"]), MAX_TITLE_LENGTH)):
        raise ActionError(_("A task needs a title."))
    elif "title" in cleaned:
        cleaned["title"] = title
    if "notes" in cleaned:
        cleaned["notes"] = check_length(clean_text(cleaned["notes"]), MAX_NOTES_LENGTH)
    if "project" in cleaned:
        cleaned["project"] = check_length(clean_line(cleaned["project"]), MAX_PROJECT_LENGTH)
    if cleaned.get("rrule"):
        cleaned["rrule"] = read_rule(cleaned["rrule"])
    for name, choices in (("priority", Priority), ("repeats_from", RepeatsFrom), ("state", TaskState)):
        if name in cleaned:
            cleaned[name] = _choice(choices, cleaned[name])
    if cleaned.get("due_on") is not None and cleaned["due_on"].year not in YEARS:
        raise ActionError(_("The day must be from %(first)d to %(last)d.") % {"first": YEARS[0], "last": YEARS[-1]})
    return cleaned


def _choice(choices: type[TextChoices], value: str) -> str:
    if value not in choices.values:
        names = ", ".join(choices.values)
        raise ActionError(_("“%(value)s” is none of %(names)s.") % {"value": value, "names": names})
    return value
