"""Tasks: what can be written down, done, and undone."""

from datetime import date, time
from uuid import uuid4

import pytest

from homes.actions import remove_member
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError
from planner.actions import change_task, create_task, remove_task, tasks, write_task
from planner.actions.lines import parse_task
from planner.models import Task
from planner.schemas import TaskSnapshot
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases

DAY = date(2026, 3, 14)


@pytest.fixture
def fridge(nok, ben):
    fields = {"notes": "Also behind it", "project": "kitchen", "priority": "high", "due_on": DAY}
    return create_task("Clean the fridge", by=by(nok), due_time=time(18, 30), assignee_ids=[ben.user_id], **fields)


def snapshots(home):
    return [
        TaskSnapshot.model_validate(task) for task in Task.objects.filter(home=home).with_assignees().order_by("id")
    ]


def test_task_has_what_was_written(nok, ben, fridge):
    assert str(fridge) == "Clean the fridge"
    assert fridge.due_at.isoformat() == "2026-03-14T18:30:00+07:00"
    assert fridge.assignees == [ben.user]
    assert fridge.created_by == nok.user


def test_task_of_an_operation_is_created_once(nok):
    operation = by(nok, op_id=uuid4())
    assert create_task("Bins", by=operation) == create_task("Bins", by=operation)
    assert Task.objects.count() == 1


def test_completed_task_says_who_did_it(ben, fridge):
    done = change_task(fridge, by=by(ben), state="completed")
    assert (done.closed_by, done.is_open) == (ben.user, False)
    again = change_task(done, by=by(ben), state="in_progress")
    assert (again.closed_at, again.closed_by) == (None, None)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"title": " \u200b"}, "needs a title"),
        ({"title": "x" * (limit("Title of a task") + 1)}, "at most"),
        ({"notes": "x" * (limit("Notes of a task") + 1)}, "at most"),
        ({"project": "x" * (limit("Project of a task") + 1)}, "at most"),
        ({"due_on": None, "due_time": time(9)}, "needs a day"),
        ({"due_on": date(1, 1, 1)}, "1900"),
        ({"priority": "huge"}, "“huge”"),
        ({"assignee_ids": [uuid4()]}, "members"),
        ({"assignee_ids": [uuid4() for _ in range(limit("Assignees of a task") + 1)]}, "20 people"),
    ],
)
def test_what_makes_no_sense_is_refused(nok, fridge, fields, reason):
    before = snapshots(nok.home)
    with pytest.raises(ActionError, match=reason):
        change_task(fridge, by=by(nok), **fields)
    with pytest.raises(ActionError, match=reason):
        create_task(**{"title": "Bins", **fields}, by=by(nok))
    assert snapshots(nok.home) == before


def test_strangers_cannot_be_assigned(nok, mai, fridge):
    with pytest.raises(ActionError, match="members"):
        change_task(fridge, by=by(nok), assignee_ids=[mai.user_id])


def test_home_has_a_limit_of_open_tasks(nok, fridge, monkeypatch):
    assert limit("Open tasks of a home") == tasks.MAX_OPEN_TASKS
    monkeypatch.setattr(tasks, "MAX_OPEN_TASKS", 1)
    with pytest.raises(ActionError, match="1 open tasks"):
        create_task("Bins", by=by(nok))
    change_task(fridge, by=by(nok), state="cancelled")
    create_task("Bins", by=by(nok))
    with pytest.raises(ActionError, match="1 open tasks"):
        change_task(fridge, by=by(nok), state="pending")


def test_tasks_of_a_member_who_leaves_stay_and_are_nobodys(nok, ben, fridge):
    remove_member(ben, by=by(nok))
    fridge = tasks.get_task(fridge.pk)
    assert fridge.assignees == []
    event = Event.objects.filter(type="task_updated").latest("seq")
    undo_event(event, by=by(nok))
    assert tasks.get_task(fridge.pk).assignees == []  # no longer a member


CHANGES = {
    "title": {"title": "Clean the oven"},
    "all": {"title": "Bins", "notes": "", "project": "", "priority": "low", "due_on": None, "assignee_ids": []},
    "time": {"due_time": None},
    "done": {"state": "completed"},
    "cancelled": {"state": "cancelled"},
}


@pytest.mark.parametrize("fields", CHANGES.values(), ids=CHANGES)
def test_undoing_a_change_restores_the_task(nok, fridge, fields):
    before = snapshots(nok.home)
    change_task(fridge, by=by(nok), **fields)
    event = Event.objects.filter(type="task_updated").latest("seq")
    assert undo_event(event, by=by(nok))
    assert snapshots(nok.home) == before
    assert not undo_event(event, by=by(nok))


def test_undoing_a_reopening_restores_who_had_done_it(nok, ben, fridge):
    change_task(fridge, by=by(ben), state="completed")
    before = snapshots(nok.home)
    change_task(fridge, by=by(nok), state="pending")
    undo_event(Event.objects.filter(type="task_updated").latest("seq"), by=by(nok))
    assert snapshots(nok.home) == before


def test_creating_and_removing_are_undone(nok, fridge):
    before = snapshots(nok.home)
    remove_task(fridge, by=by(nok))
    remove_task(fridge, by=by(nok))
    assert snapshots(nok.home) == []
    undo_event(Event.objects.get(type="task_removed"), by=by(nok))
    assert snapshots(nok.home) == before
    undo_event(Event.objects.filter(type="task_created").latest("seq"), by=by(nok))
    assert snapshots(nok.home) == []


def test_what_was_changed_again_is_not_undone(nok, fridge):
    change_task(fridge, by=by(nok), title="Clean the oven")
    event = Event.objects.filter(type="task_updated").latest("seq")
    change_task(fridge, by=by(nok), project="")
    with pytest.raises(ActionError, match="changed again"):
        undo_event(event, by=by(nok))


def test_names_of_several_members_are_nobodys(nok, ben):
    ben.user.name = nok.user.name
    ben.user.save()
    parsed = parse_task(f"Bins @{nok.user.name}", nok.home)
    assert (parsed.assignee_ids, parsed.unknown) == ([], [f"@{nok.user.name}"])


def test_line_that_says_a_task_is_not_too_long(nok):
    with pytest.raises(ActionError, match="at most"):
        write_task("x" * (limit("Line that says a task") + 1), by=by(nok))


def test_fields_come_before_what_the_line_says(nok):
    task = write_task("Bins on 2026-03-14 at 9:00 !high", by=by(nok), priority="low", notes="Both")
    assert (str(task), task.due_on, task.due_time, task.priority, task.notes) == ("Bins", DAY, time(9), "low", "Both")
