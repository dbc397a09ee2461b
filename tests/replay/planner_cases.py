"""Replay cases of the actions of `planner`."""

from datetime import date, time, timedelta

from homes.actions import remove_member
from planner.actions import (
    change_event,
    change_task,
    create_event,
    create_task,
    remove_event,
    remove_task,
    write_task,
)
from tests.factories import by
from tests.replay.registry import Cases

CASES = Cases()
case = CASES.register

case("planner.create_task")(
    lambda s: create_task(
        "Clean the fridge",
        by=s.me,
        project="kitchen",
        priority="high",
        due_on=date(2026, 3, 14),
        due_time=time(18, 30),
        assignee_ids=[s.me.user.pk, s.ben.user_id],
    )
)


case("planner.write_task")(lambda s: write_task("Clean the fridge on 2026-03-14 at 18:30 !high #kitchen", by=s.me))


@case("planner.change_task")
def _(s):
    task = create_task("Clean the fridge", by=s.me, assignee_ids=[s.me.user.pk])
    change_task(task, by=s.me, title="Clean the oven", due_on=date(2026, 3, 14), assignee_ids=[s.ben.user_id])
    change_task(task, by=by(s.ben), state="completed")
    mine = {"assignee_ids": [s.me.user.pk], "turn_id": s.me.user.pk}
    weekly = create_task("Bins", by=s.me, due_on=date(2026, 3, 14), rrule="FREQ=WEEKLY", **mine)
    change_task(weekly, by=s.me, state="completed")
    change_task(weekly, by=s.me, state="pending")
    change_task(weekly, by=s.me, state="completed", assignee_ids=[s.ben.user_id])


@case("planner.remove_task")
def _(s):
    create_task("Bins", by=s.me)
    remove_task(create_task("Clean the fridge", by=s.me, assignee_ids=[s.me.user.pk]), by=s.me)


@case("planner.unassign_member")
def _(s):
    create_task("Clean the fridge", by=s.me, assignee_ids=[s.me.user.pk, s.ben.user_id])
    remove_member(s.ben, by=s.me)


DAY = date(2026, 3, 14)


def dinner(s, **fields):
    return create_event("Dinner", by=s.me, starts_on=DAY, guest_ids=[s.me.user.pk], rrule="FREQ=DAILY", **fields)


case("planner.create_event")(lambda s: dinner(s, start_time=time(19), end_time=time(22), place="Kitchen"))


@case("planner.change_event")
def _(s):
    event = dinner(s)
    change_event(event, by=s.me, scope="this", on=DAY + timedelta(3), place="Balcony", guest_ids=[s.ben.user_id])
    rest = change_event(event, by=s.me, scope="following", on=DAY + timedelta(2), start_time=time(19))
    change_event(rest, by=s.me, starts_on=DAY + timedelta(5), title="Supper")


@case("planner.remove_event")
def _(s):
    event = dinner(s)
    change_event(event, by=s.me, scope="this", on=DAY + timedelta(5), place="Balcony")
    remove_event(event, by=s.me, scope="this", on=DAY + timedelta(3))
    remove_event(event, by=s.me, scope="following", on=DAY + timedelta(4))
    change_event(event, by=s.me, scope="this", on=DAY + timedelta(1), place="Balcony")
    remove_event(event, by=s.me)
    dinner(s)


@case("planner.uninvite_member")
def _(s):
    create_event("Dinner", by=s.me, starts_on=DAY, guest_ids=[s.me.user.pk, s.ben.user_id])
    remove_member(s.ben, by=s.me)
