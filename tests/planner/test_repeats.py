"""Tasks that repeat: when the next one is due, whose turn it is, and taking it back."""

from datetime import date, time

import pytest

from homes.actions import remove_member
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError
from planner.actions import change_task, create_task, tasks, write_task
from planner.models import Task
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases


@pytest.fixture(autouse=True)
def _now(freeze_time):
    freeze_time("2026-03-14 05:00")  # Saturday, 12:00 in the home


def create(nok, due_on, rrule, **fields):
    return create_task("Bins", by=by(nok), due_on=due_on, rrule=rrule, **fields)


def complete(task, nok):
    change_task(task, by=by(nok), state="completed")
    return Task.objects.with_assignees().filter(pk=task.next_id).first()


@pytest.mark.parametrize(
    ("due_on", "rrule", "repeats_from", "expected"),
    [
        (date(2026, 3, 14), "FREQ=DAILY", "schedule", date(2026, 3, 15)),
        (date(2026, 3, 15), "FREQ=WEEKLY;BYDAY=SU", "schedule", date(2026, 3, 22)),  # done early
        (date(2026, 3, 1), "FREQ=WEEKLY;BYDAY=SU", "schedule", date(2026, 3, 15)),  # done late: none is made up for
        (date(2026, 3, 1), "FREQ=DAILY;INTERVAL=10", "schedule", date(2026, 3, 21)),
        (date(2026, 3, 1), "FREQ=DAILY;INTERVAL=10", "completion", date(2026, 3, 24)),
        (date(2026, 3, 20), "FREQ=DAILY;INTERVAL=10", "completion", date(2026, 3, 24)),
        (date(2026, 3, 1), "FREQ=WEEKLY;UNTIL=20260301", "schedule", None),
    ],
)
def test_next_one_is_due(nok, due_on, rrule, repeats_from, expected):
    following = complete(create(nok, due_on, rrule, repeats_from=repeats_from), nok)
    assert (following and following.due_on) == expected


def test_next_one_is_like_the_last(nok, ben):
    fields = {"notes": "Both", "project": "kitchen", "priority": "high", "due_time": time(18)}
    task = create(nok, date(2026, 3, 14), "FREQ=DAILY", assignee_ids=[ben.user_id], **fields)
    following = complete(task, nok)
    assert {name: getattr(following, name) for name in fields} == fields
    assert (following.assignees, following.rrule, following.state) == ([ben.user], "FREQ=DAILY", "pending")


def test_last_day_of_a_month_stays_the_last(nok):
    task = create(nok, date(2026, 1, 31), "FREQ=MONTHLY")
    following = complete(task, nok)
    assert (following.due_on, following.rrule) == (date(2026, 3, 31), "FREQ=MONTHLY;BYMONTHDAY=31")
    assert complete(following, nok).due_on == date(2026, 4, 30)


def test_assignees_take_turns(nok, ben):
    both = sorted([nok.user_id, ben.user_id])
    task = create(nok, date(2026, 3, 14), "FREQ=DAILY", assignee_ids=both, turn_id=both[0])
    second = complete(task, nok)
    assert (second.assignee_ids, second.turn_id) == (both, both[1])
    assert [user.pk for user in second.doers] == both[1:]
    assert complete(second, nok).turn_id == both[0]


def test_turn_of_a_member_who_leaves_is_the_next_ones(nok, ben):
    both = [nok.user_id, ben.user_id]
    task = create(nok, date(2026, 3, 14), "FREQ=DAILY", assignee_ids=both, turn_id=ben.user_id)
    alone = create(nok, date(2026, 3, 14), "FREQ=DAILY", assignee_ids=both[1:], turn_id=ben.user_id)
    remove_member(ben, by=by(nok))
    assert (tasks.get_task(task.pk).turn_id, tasks.get_task(alone.pk).turn_id) == (nok.user_id, None)


def test_turn_goes_with_the_assignee(nok, ben):
    both = [nok.user_id, ben.user_id]
    task = create(nok, date(2026, 3, 14), "FREQ=DAILY", assignee_ids=both, turn_id=ben.user_id)
    assert change_task(task, by=by(nok), assignee_ids=both[:1]).turn_id is None
    undo_event(Event.objects.filter(type="task_updated").latest("seq"), by=by(nok))
    assert tasks.get_task(task.pk).turn_id == ben.user_id


@pytest.mark.parametrize("is_undone", [True, False])
def test_opening_again_takes_the_next_one_back(nok, is_undone):
    task = create(nok, date(2026, 3, 14), "FREQ=DAILY")
    for _time in range(2):
        assert complete(task, nok)
        if is_undone:
            assert undo_event(Event.objects.filter(type="task_updated").latest("seq"), by=by(nok))
        else:
            change_task(task, by=by(nok), state="pending")
        assert Task.objects.get().pk == task.pk


def test_next_one_that_was_changed_stays_and_is_the_only_one(nok):
    task = create(nok, date(2026, 3, 14), "FREQ=DAILY")
    change_task(complete(task, nok), by=by(nok), notes="Both")
    change_task(task, by=by(nok), state="pending")
    complete(task, nok)
    assert Task.objects.count() == 2


def test_cancelling_ends_the_repetition(nok):
    change_task(create(nok, date(2026, 3, 14), "FREQ=DAILY"), by=by(nok), state="cancelled")
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"rrule": "FREQ=NEVER"}, "valid recurrence rule"),
        ({"rrule": "FREQ=DAILY;BYMONTH=1" + ",1" * (limit("Rule of a task that repeats") // 2)}, "valid recurrence"),
        ({"rrule": "FREQ=HOURLY"}, "once a day"),
        ({"rrule": "FREQ=DAILY;COUNT=3"}, "until a day"),
        ({"rrule": "FREQ=DAILY", "due_on": None}, "needs a day"),
        ({"repeats_from": "noon"}, "“noon”"),
        ({"turn": True}, "turn"),
    ],
)
def test_rule_that_makes_no_sense_is_refused(nok, fields, reason):
    if fields.pop("turn", False):
        fields = {"turn_id": nok.user_id}
    task = create(nok, date(2026, 3, 14), "")
    with pytest.raises(ActionError, match=reason):
        change_task(task, by=by(nok), **fields)
    with pytest.raises(ActionError, match=reason):
        create_task(**{"title": "Bins", "due_on": date(2026, 3, 14), **fields}, by=by(nok))


def test_line_says_how_often(nok):
    task = write_task("Bins every sunday at 18:00", by=by(nok))
    assert (str(task), task.rrule, task.due_on) == ("Bins", "FREQ=WEEKLY;BYDAY=SU", date(2026, 3, 15))
    assert change_task(task, by=by(nok), due_on=None).rrule == ""
