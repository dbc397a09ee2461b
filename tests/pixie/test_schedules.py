"""Tests of scheduled messages."""

import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone, translation

from chat.actions import create_channel, join_channel, leave_channel, open_assistant, open_dm, update_channel
from chat.models import Message
from homes.actions import remove_member, update_home
from homes.events.models import Event
from homes.events.undo import undo_event
from homes.models import Agent, Home
from pantry.errors import ActionError
from pantry.recurrence import describe_rule, is_rule, next_time
from pixie import tasks
from pixie.actions import cancel_scheduled, fire_scheduled, resume_scheduled, schedule_message, schedules
from pixie.models import Run, RunStatus, RunStep, ScheduledMessage, ScheduleStatus
from pixie.runs import queue, runner
from tests.factories import by, run_concurrently
from tests.pixie.conftest import BINS, run_due_schedules
from tests.pixie.runs import WorkerDied, agent_messages, expire_leases

MONDAYS = "FREQ=WEEKLY;BYDAY=MO"


pytestmark = pytest.mark.usefixtures("sunday")


# One-time schedules


def test_schedule_fires_at_its_time(later, freeze_time, general):
    scheduled = later("18:00")
    freeze_time("2026-03-29 17:59")
    assert run_due_schedules() == 0
    freeze_time("2026-03-29 18:00")
    assert run_due_schedules() == 1
    assert agent_messages() == ["Reminder: take the bins out"]
    assert Message.objects.get(author_agent__isnull=False).channel == general
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.FIRED
    freeze_time("2026-04-05 18:00")
    assert run_due_schedules() == 0
    assert len(agent_messages()) == 1


def test_run_refers_to_its_schedule(later, freeze_time):
    scheduled = later("18:00")
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    run = Run.objects.get()
    assert (run.scheduled_message, run.scheduled_for, run.trigger_message) == (scheduled, scheduled.trigger_at, None)
    assert (run.status, run.route, run.steps.count()) == (RunStatus.COMPLETED, "local", 1)


def test_schedule_without_a_channel_posts_in_the_members_chat(nok, later, freeze_time, pixie):
    later("18:00", channel=None)
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    assert Message.objects.get(author_agent=pixie).channel == open_assistant(pixie, by=by(nok))


def test_scheduled_question_is_answered(later, freeze_time, ben, milk):
    later("18:00", "What is on the list?", by=by(ben))
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    assert agent_messages() == ["1 item is on Weekly shop: Milk (1 liter)."]


def test_scheduled_command_acts_as_its_creator_and_has_a_receipt(later, freeze_time, ben, weekly):
    later("18:00", "add eggs", by=by(ben))
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    entry = weekly.entries.get()
    assert (str(entry.item), entry.added_by) == ("Eggs", ben.user)
    assert Message.objects.get(author_agent__isnull=False).metadata["receipt"]["events"]


def test_reminder_mentions_the_named_member(later, freeze_time, ben):
    later("18:00", "Remind Ben: take the bins out")
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    assert agent_messages() == ["Reminder for @Ben: take the bins out"]


# Recurring schedules


def test_recurring_schedule_fires_each_time(later, freeze_time):
    scheduled = later("08:00", rrule=MONDAYS)
    for day in ("03-30", "04-06", "04-13"):
        scheduled.refresh_from_db()
        assert scheduled.trigger_at == datetime.fromisoformat(f"2026-{day}T08:00+07:00")
        freeze_time(f"2026-{day} 08:01")
        assert run_due_schedules() == 1
    assert agent_messages() == ["Reminder: take the bins out"] * 3
    assert scheduled.is_pending


def test_missed_occurrences_fire_once(later, freeze_time):
    scheduled = later("08:00", rrule="FREQ=DAILY")
    freeze_time("2026-04-09 12:00")
    assert run_due_schedules() == 1
    assert run_due_schedules() == 0
    assert agent_messages() == ["Reminder: take the bins out (Sorry, this is late: it was due Monday 30 March, 08:00.)"]
    scheduled.refresh_from_db()
    assert scheduled.trigger_at == datetime.fromisoformat("2026-04-10T08:00+07:00")


def test_schedule_is_done_when_its_rule_ends(later, freeze_time):
    scheduled = later("13:00", rrule="FREQ=DAILY;COUNT=2")
    for day in (29, 30):
        freeze_time(f"2026-03-{day} 13:00")
        assert run_due_schedules() == 1
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.FIRED


def test_schedule_keeps_its_local_hour_across_daylight_saving(later, freeze_time, nok):
    Home.objects.filter(pk=nok.home_id).update(timezone="Europe/Berlin")
    nok.home.refresh_from_db()
    start = datetime(2026, 10, 24, 8, tzinfo=ZoneInfo("Europe/Berlin"))
    scheduled = schedule_message(BINS, start, by=by(nok), rrule="FREQ=DAILY")
    hours = []
    for _day in range(3):
        scheduled.refresh_from_db()
        hours.append(scheduled.trigger_at.astimezone(UTC).hour)
        fire_scheduled(scheduled, scheduled.trigger_at)
    assert hours == [6, 7, 7]


def test_skipped_local_hour_moves_later_on_that_day_only():
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 3, 28, 2, 30, tzinfo=berlin)
    times, moment = [], start
    for _day in range(3):
        moment = next_time("FREQ=DAILY", start, berlin, moment)
        times.append(f"{moment.astimezone(berlin):%d %H:%M}")
    assert times == ["29 03:30", "30 02:30", "31 02:30"]


def test_repeated_local_hour_counts_once():
    berlin = ZoneInfo("Europe/Berlin")
    start = datetime(2026, 10, 20, 2, 30, tzinfo=berlin)
    moment = datetime(2026, 10, 25, 2, 15, tzinfo=berlin, fold=1)  # 15 minutes before the repeated hour
    assert next_time("FREQ=DAILY", start, berlin, moment).astimezone(berlin).day == 26


def test_schedules_keep_their_local_time_in_another_time_zone(nok, later, freeze_time):
    once, daily = later("18:00"), later("18:00", rrule="FREQ=DAILY")
    update_home(nok.home, by=by(nok), timezone="America/Sao_Paulo")
    sao_paulo = ZoneInfo("America/Sao_Paulo")
    for scheduled in ScheduledMessage.objects.all():
        assert f"{scheduled.trigger_at.astimezone(sao_paulo):%d %H:%M}" == "29 18:00"
    daily.refresh_from_db()
    following = daily.due_after(daily.trigger_at)
    assert f"{following.astimezone(sao_paulo):%d %H:%M}" == "30 18:00"
    cancel_scheduled(once, by=by(nok))


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "every day"),
        ("FREQ=WEEKLY;BYDAY=MO", "every Monday"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "on weekdays"),
        ("FREQ=WEEKLY;BYDAY=SU,SA", "every Saturday and Sunday"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "on the last day of every month"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "on day 31 of every month"),
        ("FREQ=MONTHLY;BYDAY=1MO", "on the first Monday of every month"),
        ("FREQ=MONTHLY;BYDAY=-1FR", "on the last Friday of every month"),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "every month"),
        ("FREQ=YEARLY;BYMONTH=3,9", "every year, in March and September"),
        ("FREQ=WEEKLY;COUNT=3", "every week, 3 times"),
        ("FREQ=WEEKLY;COUNT=1", "once"),
        ("FREQ=WEEKLY;UNTIL=20270505", "every week, until 5 May 2027"),
        ("FREQ=HOURLY", "every hour"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU", "every 2 weeks (Monday, Tuesday)"),
        ("FREQ=MONTHLY;BYMONTHDAY=1,2,-1", "every month (1, 2, -1)"),
        ("FREQ=MONTHLY;BYDAY=1MO,3MO", "every month (1MO, 3MO)"),
        ("FREQ=MONTHLY;BYDAY=MO", "every Monday"),
        ("FREQ=MONTHLY;INTERVAL=2;BYDAY=MO", "every 2 months (Monday)"),
        ("FREQ=YEARLY;BYDAY=MO,TU", "every Monday and Tuesday"),
        ("FREQ=YEARLY;BYMONTHDAY=1", "on day 1 of every month"),
        ("FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=1", "every 2 years (1)"),
        ("FREQ=DAILY;BYMONTHDAY=1,2", "every day"),
    ],
)
def test_rule_in_words(rule, words):
    assert is_rule(rule)
    assert describe_rule(rule) == words


@pytest.mark.parametrize(
    "rule",
    [
        "", "daily", "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=DAILY;BYHOUR=1,2", "FREQ=HOURLY;BYDAY=TU",
        "FREQ=YEARLY;BYWEEKNO=2", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY\nRDATE:20260101", "FREQ=DAILY;X=" + "1" * 300,
    ],
)  # fmt: skip
def test_invalid_rule_is_rejected(nok, rule):
    assert not is_rule(rule)
    if rule:
        with pytest.raises(ActionError, match="isn.t a valid recurrence rule"):
            schedule_message(BINS, timezone.now() + timedelta(hours=1), by=by(nok), rrule=rule)
    assert not ScheduledMessage.objects.exists()


# Concurrency and crashes


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_fire_a_schedule_once(later, freeze_time):
    scheduled = later("18:00", rrule="FREQ=DAILY")
    freeze_time("2026-03-29 18:00")
    runs = run_concurrently(*[partial(fire_scheduled, scheduled, timezone.now())] * 4)
    assert sum(run is not None for run in runs) == Run.objects.count() == 1


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 11])
def test_crash_of_a_worker_at_any_line_posts_one_reminder(later, freeze_time, nok, step):
    """Covers firing, the queue and the run; with a step, every eleventh line of them."""
    later("18:00", rrule="FREQ=DAILY")
    freeze_time("2026-03-29 18:00")
    files = {module.__file__ for module in (schedules, queue, runner)}
    for number in range(1, 1000, step):
        count = 0

        def trace(_frame, event, _argument, number=number):
            nonlocal count
            if event == "line":
                count += 1
                if count == number:
                    raise WorkerDied
            return trace

        previous = sys.gettrace()
        sys.settrace(lambda frame, _event, _argument: trace if frame.f_code.co_filename in files else None)
        try:
            with timezone.override("UTC"), translation.override("en"):
                run_due_schedules()
        except WorkerDied:
            pass
        finally:
            sys.settrace(previous)
        assert Run.objects.count() <= 1
        if agent_messages():
            break
        assert not RunStep.objects.exists()
        expire_leases()
        Run.objects.update(attempts=0)
    assert number > 60
    expire_leases()
    for home_id in queue.homes_with_work():
        queue.process_home(home_id)
    assert agent_messages() == ["Reminder: take the bins out"]
    assert (Run.objects.get().status, run_due_schedules()) == (RunStatus.COMPLETED, 0)


def test_sweep_picks_up_a_run_that_lost_its_worker(later, freeze_time, nok, monkeypatch):
    monkeypatch.setattr(tasks.perform_runs, "delay", tasks.perform_runs)
    scheduled = later("18:00")
    freeze_time("2026-03-29 18:00")
    fire_scheduled(scheduled, timezone.now())
    assert queue.homes_with_work() == {nok.home_id}
    assert tasks.sweep() == 1
    assert agent_messages() == ["Reminder: take the bins out"]


def test_database_allows_one_run_per_occurrence(later, freeze_time):
    scheduled = later("18:00")
    freeze_time("2026-03-29 18:00")
    run = fire_scheduled(scheduled, timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        occurrence = {"scheduled_message": scheduled, "scheduled_for": run.scheduled_for}
        Run.objects.create(home=run.home, agent=run.agent, channel=run.channel, **occurrence)


def test_failure_of_one_schedule_does_not_stop_the_others(later, freeze_time, monkeypatch):
    broken, _working = later("17:00"), later("18:00")
    fire = schedules.fire_scheduled

    def fails(scheduled, now):
        if scheduled == broken:
            raise RuntimeError("the disk is full")
        return fire(scheduled, now)

    monkeypatch.setattr(schedules, "fire_scheduled", fails)
    freeze_time("2026-03-29 18:00")
    assert run_due_schedules() == 1
    assert Run.objects.count() == 1


def test_task_fires_due_schedules_once(later, freeze_time):
    later("18:00")
    freeze_time("2026-03-29 18:00")
    assert tasks.fire_scheduled() == 1
    assert tasks.fire_scheduled() == 0
    assert Run.objects.count() == 1


# Members and channels


def test_schedules_of_a_sleeping_agent_fire_once_when_it_wakes(later, freeze_time):
    later("13:00", rrule="FREQ=DAILY")
    Agent.objects.update(is_active=False)
    freeze_time("2026-04-02 13:00")
    assert run_due_schedules() == 0
    Agent.objects.update(is_active=True)
    assert run_due_schedules() == 1
    assert len(agent_messages()) == 1


def test_schedules_of_a_removed_member_are_cancelled(later, freeze_time, nok, ben):
    scheduled = later("18:00", by=by(ben))
    remove_member(ben, by=by(nok))
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.CANCELLED


def test_schedule_of_a_deleted_membership_is_cancelled_when_due(later, freeze_time, ben):
    scheduled = later("18:00", by=by(ben))
    ben.delete()
    freeze_time("2026-03-29 18:00")
    assert run_due_schedules() == 0
    scheduled.refresh_from_db()
    assert (scheduled.status, agent_messages()) == (ScheduleStatus.CANCELLED, [])


def test_schedule_of_a_member_outside_the_room_posts_in_their_chat(later, freeze_time, nok, ben, pixie):
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ben.user, by=by(nok))
    scheduled = later("18:00", by=by(ben), channel=room)
    leave_channel(room, ben.user, by=by(ben))
    freeze_time("2026-03-29 18:00")
    run_due_schedules()
    agent_chat = open_assistant(pixie, by=by(ben))
    assert Message.objects.get(author_agent=pixie).channel == agent_chat
    assert Event.objects.filter(subject_id=scheduled.pk).latest("seq").channel_id == agent_chat.pk


def test_schedule_for_a_private_room_is_visible_only_there(later, nok, ben):
    room = create_channel("presents", by=by(nok), is_private=True)
    scheduled = later("18:00", channel=room)
    assert Event.objects.get(subject_id=scheduled.pk).channel_id == room.pk
    assert list(ScheduledMessage.objects.visible_to(nok)) == [scheduled]
    assert list(ScheduledMessage.objects.visible_to(ben)) == []


def test_channel_without_the_member_and_an_agent_is_rejected(later, nok, ben, pixie):
    private = create_channel("presents", by=by(ben), is_private=True)
    closed = create_channel("old", by=by(nok))
    closed = update_channel(closed, by=by(nok), archived=True)
    for channel in (private, closed, open_dm(ben.user, by=by(nok)), open_assistant(pixie, by=by(ben))):
        with pytest.raises(ActionError, match="a room that you're in"):
            later("18:00", channel=channel)


# Cancelling and resuming


def test_cancelled_schedule_does_not_fire(later, freeze_time, nok):
    cancel_scheduled(later("18:00"), by=by(nok))
    freeze_time("2026-03-29 18:00")
    assert run_due_schedules() == 0


def test_cancelling_can_be_undone(later, freeze_time, nok, ben, events):
    scheduled = later("18:00")
    for _time in range(2):
        cancel_scheduled(scheduled, by=by(ben))
    assert events(nok.home)[-2:] == ["schedule_created", "schedule_cancelled"]
    undo_event(Event.objects.get(subject_id=scheduled.pk, type="schedule_cancelled"), by=by(ben))
    freeze_time("2026-03-29 18:00")
    assert run_due_schedules() == 1


def test_resuming_needs_a_future_time_or_a_rule(later, freeze_time, nok):
    once, recurring = later("18:00"), later("18:00", rrule="FREQ=DAILY")
    for scheduled in (once, recurring):
        cancel_scheduled(scheduled, by=by(nok))
    freeze_time("2026-03-31 12:00")
    with pytest.raises(ActionError, match="has already passed"):
        resume_scheduled(once, by=by(nok))
    assert resume_scheduled(recurring, by=by(nok)).trigger_at == datetime.fromisoformat("2026-03-31T18:00+07:00")


def test_undoing_the_creation_cancels_the_schedule(later, nok):
    scheduled = later("18:00")
    undo_event(Event.objects.get(subject_id=scheduled.pk), by=by(nok))
    scheduled.refresh_from_db()
    assert scheduled.status == ScheduleStatus.CANCELLED
