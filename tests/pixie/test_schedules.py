"""What is scheduled: once or again and again, by the home's clock, and once whatever crashes."""

import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from chat.actions import create_channel, join_channel, leave_channel, open_assistant, open_dm, update_channel
from chat.models import Message
from homes.actions import remove_member
from homes.events.models import Event
from homes.events.undo import undo_event
from homes.models import Agent, Home
from pantry.errors import ActionError
from pantry.recurrence import describe_rule, is_rule, next_time
from pixie import tasks
from pixie.actions import cancel_scheduled, fire_scheduled, resume_scheduled, schedule_message, schedules
from pixie.models import Run, RunStatus, RunStep, ScheduledMessage, ScheduleStatus
from pixie.runs import queue, runner
from pixie.schedules import due
from tests.cast import at_once, by
from tests.pixie.conftest import BINS, pass_time
from tests.pixie.test_mailbox import Died, let_leases_run_out, said_by_pixie

MONDAYS = "FREQ=WEEKLY;BYDAY=MO"


pytestmark = pytest.mark.usefixtures("sunday")


# Once, at its time


def test_it_is_said_when_its_time_comes(later, clock, general):
    scheduled = later("18:00")
    clock("2026-03-29 17:59")
    assert pass_time() == 0
    clock("2026-03-29 18:00")
    assert pass_time() == 1
    assert said_by_pixie() == ["Reminder: take the bins out"]
    assert Message.objects.get(author_agent__isnull=False).channel == general
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.FIRED
    clock("2026-04-05 18:00")
    assert pass_time() == 0
    assert len(said_by_pixie()) == 1


def test_the_run_keeps_what_it_is_for(later, clock):
    scheduled = later("18:00")
    clock("2026-03-29 18:00")
    pass_time()
    run = Run.objects.get()
    assert (run.scheduled_message, run.scheduled_for, run.trigger_message) == (scheduled, scheduled.trigger_at, None)
    assert (run.status, run.route, run.steps.count()) == (RunStatus.COMPLETED, "local", 1)


def test_without_a_channel_it_is_said_in_ones_own_talk(nok, later, clock, pixie):
    later("18:00", channel=None)
    clock("2026-03-29 18:00")
    pass_time()
    assert Message.objects.get(author_agent=pixie).channel == open_assistant(pixie, by=by(nok))


def test_what_is_asked_is_understood_and_answered_with_the_rights_of_who_scheduled_it(later, clock, ben, milk):
    later("18:00", "What is on the list?", by=by(ben))
    clock("2026-03-29 18:00")
    pass_time()
    assert said_by_pixie() == ["1 thing is on Weekly shop: Milk (1 liter)."]


def test_what_is_to_be_done_is_done_and_can_be_taken_back(later, clock, ben, weekly):
    later("18:00", "add eggs", by=by(ben))
    clock("2026-03-29 18:00")
    pass_time()
    entry = weekly.entries.get()
    assert (str(entry.item), entry.added_by) == ("Eggs", ben.user)
    assert Message.objects.get(author_agent__isnull=False).metadata["receipt"]["events"]


def test_somebody_who_is_named_is_called(later, clock, ben):
    later("18:00", "Remind Ben: take the bins out")
    clock("2026-03-29 18:00")
    pass_time()
    assert said_by_pixie() == ["Reminder for @Ben: take the bins out"]


# Again and again


def test_a_rule_goes_on(later, clock):
    scheduled = later("08:00", rrule=MONDAYS)
    for day in ("03-30", "04-06", "04-13"):
        scheduled.refresh_from_db()
        assert scheduled.trigger_at == datetime.fromisoformat(f"2026-{day}T08:00+07:00")
        clock(f"2026-{day} 08:01")
        assert pass_time() == 1
    assert said_by_pixie() == ["Reminder: take the bins out"] * 3
    assert scheduled.is_pending


def test_what_was_missed_for_days_is_made_up_for_once(later, clock):
    scheduled = later("08:00", rrule="FREQ=DAILY")
    clock("2026-04-09 12:00")
    assert pass_time() == 1
    assert pass_time() == 0
    assert said_by_pixie() == ["Reminder: take the bins out (for Monday 30 March, 08:00: I was away then)"]
    scheduled.refresh_from_db()
    assert scheduled.trigger_at == datetime.fromisoformat("2026-04-10T08:00+07:00")


def test_a_rule_that_runs_out_is_done(later, clock):
    scheduled = later("13:00", rrule="FREQ=DAILY;COUNT=2")
    for day in (29, 30):
        clock(f"2026-03-{day} 13:00")
        assert pass_time() == 1
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.FIRED


def test_it_keeps_its_hour_across_daylight_saving(later, clock, nok):
    Home.objects.filter(pk=nok.home_id).update(timezone="Europe/Berlin")
    nok.home.refresh_from_db()
    begin = datetime(2026, 10, 24, 8, tzinfo=ZoneInfo("Europe/Berlin"))
    scheduled = schedule_message(BINS, begin, by=by(nok), rrule="FREQ=DAILY")
    seen = []
    for _day in range(3):
        scheduled.refresh_from_db()
        seen.append(scheduled.trigger_at.astimezone(UTC).hour)
        fire_scheduled(scheduled, scheduled.trigger_at)
    assert seen == [6, 7, 7]


def test_an_hour_that_the_clock_leaves_out_comes_later_on_that_day_alone():
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 3, 28, 2, 30, tzinfo=berlin)
    seen, moment = [], begin
    for _day in range(3):
        moment = next_time("FREQ=DAILY", begin, berlin, moment)
        seen.append(f"{moment.astimezone(berlin):%d %H:%M}")
    assert seen == ["29 03:30", "30 02:30", "31 02:30"]


def test_an_hour_that_the_clock_shows_twice_counts_once():
    berlin = ZoneInfo("Europe/Berlin")
    begin = datetime(2026, 10, 20, 2, 30, tzinfo=berlin)
    again = datetime(2026, 10, 25, 2, 15, tzinfo=berlin, fold=1)  # a quarter of an hour before it is shown again
    assert next_time("FREQ=DAILY", begin, berlin, again).astimezone(berlin).day == 26


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "on weekdays"),
        ("FREQ=WEEKLY;BYDAY=SU,SA", "every Saturday and Sunday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month"),
        ("FREQ=HOURLY", "every hour"),
    ],
)
def test_a_rule_in_words(rule, words):
    assert is_rule(rule)
    assert describe_rule(rule) == words


@pytest.mark.parametrize(
    "rule",
    [
        "", "daily", "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY;BYHOUR=1,2", "FREQ=HOURLY;BYDAY=TU",
        "FREQ=YEARLY;BYMONTH=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY\nRDATE:20260101", "FREQ=DAILY;X=" + "1" * 300,
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused(nok, rule):
    assert not is_rule(rule)
    if rule:
        with pytest.raises(ActionError, match="not a rule"):
            schedule_message(BINS, timezone.now() + timedelta(hours=1), by=by(nok), rrule=rule)
    assert not ScheduledMessage.objects.exists()


# Once, whatever crashes


@pytest.mark.django_db(transaction=True)
def test_workers_who_fire_at_once_fire_once(later, clock):
    scheduled = later("18:00", rrule="FREQ=DAILY")
    clock("2026-03-29 18:00")
    runs = at_once(*[partial(fire_scheduled, scheduled, timezone.now())] * 4)
    assert sum(run is not None for run in runs) == Run.objects.count() == 1


def test_a_worker_may_die_at_any_line_and_it_is_said_once(later, clock, nok):
    """Of firing, of the mailbox, and of the run."""
    later("18:00", rrule="FREQ=DAILY")
    clock("2026-03-29 18:00")
    files = {module.__file__ for module in (schedules, due, queue, runner)}
    for number in range(1, 1000):
        count = 0

        def lines(_frame, event, _argument, number=number):
            nonlocal count
            if event == "line":
                count += 1
                if count == number:
                    raise Died
            return lines

        traced = sys.gettrace()
        sys.settrace(lambda frame, _event, _argument: lines if frame.f_code.co_filename in files else None)
        try:
            with timezone.override("UTC"), translation.override("en"):
                pass_time()
        except Died:
            pass
        finally:
            sys.settrace(traced)
        assert Run.objects.count() <= 1
        if said_by_pixie():
            break
        assert not RunStep.objects.exists()
        let_leases_run_out()
        Run.objects.update(attempts=0)
    assert number > 60
    let_leases_run_out()
    for home_id in queue.waiting_homes():
        queue.read(home_id)
    assert said_by_pixie() == ["Reminder: take the bins out"]
    assert (Run.objects.get().status, pass_time()) == (RunStatus.COMPLETED, 0)


def test_a_run_that_was_begun_and_lost_its_worker_is_found(later, clock, nok, monkeypatch):
    monkeypatch.setattr(tasks.read_mail, "delay", tasks.read_mail)
    scheduled = later("18:00")
    clock("2026-03-29 18:00")
    fire_scheduled(scheduled, timezone.now())
    assert queue.waiting_homes() == {nok.home_id}
    assert tasks.sweep() == 1
    assert said_by_pixie() == ["Reminder: take the bins out"]


def test_the_database_knows_one_run_a_time(later, clock):
    scheduled = later("18:00")
    clock("2026-03-29 18:00")
    run = fire_scheduled(scheduled, timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        again = {"scheduled_message": scheduled, "scheduled_for": run.scheduled_for}
        Run.objects.create(home=run.home, agent=run.agent, channel=run.channel, **again)


def test_one_that_cannot_be_fired_does_not_hold_up_the_next(later, clock, monkeypatch):
    broken, _sound = later("17:00"), later("18:00")
    fire = schedules.fire_scheduled

    def fails(scheduled, now):
        if scheduled == broken:
            raise RuntimeError("the disk is full")
        return fire(scheduled, now)

    monkeypatch.setattr(due, "fire_scheduled", fails)
    clock("2026-03-29 18:00")
    assert pass_time() == 1
    assert Run.objects.count() == 1


def test_the_task_nudges_the_mailbox(later, clock):
    later("18:00")
    clock("2026-03-29 18:00")
    assert tasks.fire_scheduled() == 1
    assert tasks.fire_scheduled() == 0
    assert Run.objects.count() == 1


# Who, and where


def test_an_agent_that_sleeps_makes_up_for_it_once(later, clock):
    later("13:00", rrule="FREQ=DAILY")
    Agent.objects.update(is_active=False)
    clock("2026-04-02 13:00")
    assert pass_time() == 0
    Agent.objects.update(is_active=True)
    assert pass_time() == 1
    assert len(said_by_pixie()) == 1


def test_who_leaves_lends_no_rights_any_more(later, clock, nok, ben):
    scheduled = later("18:00", by=by(ben))
    remove_member(ben, by=by(nok))
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.CANCELLED


def test_who_is_gone_when_its_time_comes_says_nothing(later, clock, ben):
    scheduled = later("18:00", by=by(ben))
    ben.delete()
    clock("2026-03-29 18:00")
    assert pass_time() == 0
    scheduled.refresh_from_db()
    assert (scheduled.status, said_by_pixie()) == (ScheduleStatus.CANCELLED, [])


def test_out_of_the_room_it_is_said_in_ones_own_talk(later, clock, nok, ben, pixie):
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ben.user, by=by(nok))
    scheduled = later("18:00", by=by(ben), channel=room)
    leave_channel(room, ben.user, by=by(ben))
    clock("2026-03-29 18:00")
    pass_time()
    talk = open_assistant(pixie, by=by(ben))
    assert Message.objects.get(author_agent=pixie).channel == talk
    assert Event.objects.filter(subject_id=scheduled.pk).latest("seq").channel_id == talk.pk


def test_what_is_for_a_private_room_is_told_there_alone(later, nok, ben):
    room = create_channel("presents", by=by(nok), is_private=True)
    scheduled = later("18:00", channel=room)
    assert Event.objects.get(subject_id=scheduled.pk).channel_id == room.pk
    assert list(ScheduledMessage.objects.visible_to(nok)) == [scheduled]
    assert list(ScheduledMessage.objects.visible_to(ben)) == []


def test_only_where_one_may_speak_with_an_agent(later, nok, ben, pixie):
    private = create_channel("presents", by=by(ben), is_private=True)
    closed = create_channel("old", by=by(nok))
    closed = update_channel(closed, by=by(nok), archived=True)
    for channel in (private, closed, open_dm(ben.user, by=by(nok)), open_assistant(pixie, by=by(ben))):
        with pytest.raises(ActionError, match="in a room that you are in"):
            later("18:00", channel=channel)


# Cancelled, and back again


def test_what_is_cancelled_is_not_said(later, clock, nok):
    cancel_scheduled(later("18:00"), by=by(nok))
    clock("2026-03-29 18:00")
    assert pass_time() == 0


def test_cancelling_is_undone(later, clock, nok, ben, events):
    scheduled = later("18:00")
    for _time in range(2):
        cancel_scheduled(scheduled, by=by(ben))
    assert events(nok.home)[-2:] == ["schedule_created", "schedule_cancelled"]
    undo_event(Event.objects.get(subject_id=scheduled.pk, type="schedule_cancelled"), by=by(ben))
    clock("2026-03-29 18:00")
    assert pass_time() == 1


def test_what_is_over_cannot_be_brought_back_and_a_rule_goes_on_from_now(later, clock, nok):
    once, often = later("18:00"), later("18:00", rrule="FREQ=DAILY")
    for each in (once, often):
        cancel_scheduled(each, by=by(nok))
    clock("2026-03-31 12:00")
    with pytest.raises(ActionError, match="has passed"):
        resume_scheduled(once, by=by(nok))
    assert resume_scheduled(often, by=by(nok)).trigger_at == datetime.fromisoformat("2026-03-31T18:00+07:00")


def test_undoing_its_making_cancels_it(later, nok):
    scheduled = later("18:00")
    undo_event(Event.objects.get(subject_id=scheduled.pk), by=by(nok))
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.CANCELLED
