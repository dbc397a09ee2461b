from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from groceries.actions import (
    change_list_state,
    fire_due,
    pause_recurring,
    resume_recurring,
    set_recurring,
    stop_recurring,
)
from groceries.models import GroceryList, ListEntry, RecurringItem
from groceries.tasks import fire_recurring
from pantry.errors import ActionError
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases


@pytest.fixture
def rice_weekly(nok, weekly, freeze_time):
    freeze_time("2026-03-11 12:00")
    return set_recurring("Rice", "weekly", by=by(nok), quantity=Decimal(5), unit="kg")


def due(recurring):
    return recurring.next_due_at.astimezone(recurring.home.zone).strftime("%a %d %b %H:%M")


@pytest.mark.parametrize(
    ("frequency", "rrule", "first", "second"),
    [
        ("weekly", "", "Wed 18 Mar 08:00", "Wed 25 Mar 08:00"),
        ("biweekly", "", "Wed 25 Mar 08:00", "Wed 08 Apr 08:00"),
        ("monthly", "", "Sat 11 Apr 08:00", "Mon 11 May 08:00"),
        ("weekly", "FREQ=WEEKLY;BYDAY=MO", "Mon 16 Mar 08:00", "Mon 23 Mar 08:00"),
        ("monthly", "FREQ=MONTHLY;BYMONTHDAY=-1", "Tue 31 Mar 08:00", "Thu 30 Apr 08:00"),
    ],
)
def test_recurring_item_is_due_in_the_morning_of_the_home(nok, freeze_time, frequency, rrule, first, second):
    freeze_time("2026-03-11 12:00")
    recurring = set_recurring("Rice", frequency, by=by(nok), rrule=rrule)
    assert due(recurring) == first
    assert fire_due(recurring, recurring.next_due_at)
    recurring.refresh_from_db()
    assert due(recurring) == second


def test_set_recurring_twice_changes_the_existing_rule(nok, rice_weekly, events):
    again = set_recurring("rice", "monthly", by=by(nok), quantity=Decimal(10), unit="kg")
    assert again == rice_weekly
    assert (again.frequency, again.quantity, due(again)) == ("monthly", 10, "Sat 11 Apr 08:00")
    assert events(nok.home) == ["recurring_set"]


def test_set_recurring_without_changes_records_nothing(nok, rice_weekly, events):
    set_recurring("rice", "weekly", by=by(nok), quantity=Decimal(5), unit="kg")
    assert events(nok.home) == []


@pytest.mark.parametrize(
    ("frequency", "rrule"),
    [
        ("sometimes", ""),
        ("weekly", "FREQ=NEVER"),
        ("weekly", "whenever"),
        ("weekly", "FREQ=DAILY;UNTIL=20200101T000000"),
        ("weekly", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),  # a search for its occurrences would not end
        ("weekly", "FREQ=HOURLY;BYMONTH=2"),
    ],
)
def test_set_recurring_with_an_invalid_rule_is_refused(nok, freeze_time, frequency, rrule):
    freeze_time("2026-03-11 12:00")
    with pytest.raises(ActionError):
        set_recurring("Rice", frequency, by=by(nok), rrule=rrule)
    assert not RecurringItem.objects.exists()


def test_due_item_is_added_to_the_current_list(nok, weekly, rice_weekly, freeze_time, events):
    freeze_time("2026-03-18 08:00")
    assert fire_recurring() == 1
    (entry,) = weekly.entries.all()
    assert (str(entry), entry.added_by) == ("Rice (5 kg)", None)
    assert events(nok.home) == ["list_item_added", "recurring_updated"]
    assert {event.origin for event in events.of(nok.home)} == {"task"}


def test_item_before_its_due_time_is_not_added(rice_weekly, freeze_time):
    freeze_time("2026-03-18 07:59")
    assert fire_recurring() == 0
    assert not ListEntry.objects.exists()


def test_due_item_raises_the_amount_of_a_pending_entry(nok, weekly, rice, freeze_time):
    freeze_time("2026-03-11 12:00")
    set_recurring("rice", "weekly", by=by(nok), quantity=Decimal(500), unit="g")
    freeze_time("2026-03-18 08:00")
    fire_recurring()
    assert [str(entry) for entry in weekly.entries.all()] == ["Rice (5.5 kg)"]


def test_missed_occurrences_are_added_once(weekly, rice_weekly, freeze_time):
    freeze_time("2026-05-01 09:00")
    assert (fire_recurring(), fire_recurring()) == (1, 0)
    rice_weekly.refresh_from_db()
    assert due(rice_weekly) == "Wed 06 May 08:00"
    assert [str(entry) for entry in weekly.entries.all()] == ["Rice (5 kg)"]


def test_due_item_without_an_open_list_creates_one(nok, weekly, rice_weekly, freeze_time):
    change_list_state(weekly, "completed", by=by(nok))
    freeze_time("2026-03-18 08:00")
    fire_recurring()
    assert [str(entry) for entry in GroceryList.objects.get(state="draft").entries.all()] == ["Rice (5 kg)"]


def test_ending_rule_fires_a_last_time_and_is_deleted(nok, weekly, freeze_time, events):
    freeze_time("2026-03-11 12:00")
    set_recurring("Rice", "weekly", by=by(nok), rrule="FREQ=WEEKLY;BYDAY=MO;UNTIL=20260320T000000")
    freeze_time("2026-03-16 08:00")
    assert fire_recurring() == 1
    assert not RecurringItem.objects.exists()
    assert events(nok.home) == ["recurring_set", "list_item_added", "recurring_stopped"]


def test_item_that_cannot_be_added_does_not_block_the_others(nok, weekly, rice_weekly, freeze_time):
    set_recurring("Eggs", "weekly", by=by(nok), quantity=Decimal(60_000), unit="piece")
    freeze_time("2026-03-18 08:00")
    fire_recurring()
    RecurringItem.objects.update(next_due_at=rice_weekly.next_due_at)
    fire_recurring()
    assert sorted(str(entry) for entry in weekly.entries.all()) == ["Eggs (60000 piece)", "Rice (10 kg)"]


def test_paused_item_skips_occurrences_during_the_pause(nok, rice_weekly, freeze_time, events):
    pause_recurring(rice_weekly, by=by(nok))
    freeze_time("2026-04-02 09:00")
    assert fire_recurring() == 0
    resumed = resume_recurring(rice_weekly, by=by(nok))
    assert (resumed.paused_at, due(resumed)) == (None, "Wed 08 Apr 08:00")
    assert fire_recurring() == 0
    assert events(nok.home) == ["recurring_updated", "recurring_updated"]


def test_pause_without_an_occurrence_keeps_the_due_time(nok, rice_weekly, freeze_time):
    pause_recurring(rice_weekly, by=by(nok))
    freeze_time("2026-03-12 09:00")
    assert due(resume_recurring(rice_weekly, by=by(nok))) == "Wed 18 Mar 08:00"


def test_pausing_twice_records_one_event(nok, rice_weekly, events):
    pause_recurring(pause_recurring(rice_weekly, by=by(nok)), by=by(nok))
    assert events(nok.home) == ["recurring_updated"]


def test_stopping_deletes_the_rule_and_is_idempotent(nok, rice_weekly, freeze_time, events):
    stop_recurring(rice_weekly, by=by(nok))
    stop_recurring(rice_weekly, by=by(nok))
    freeze_time("2026-03-18 08:00")
    assert fire_recurring() == 0
    assert events(nok.home) == ["recurring_stopped"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_fire_a_rule_once(nok, weekly, rice_weekly):
    moment = rice_weekly.next_due_at + timedelta(hours=1)
    fired = run_concurrently(*[partial(fire_due, rice_weekly, moment)] * 4)
    assert fired.count(True) == 1
    assert [str(entry) for entry in weekly.entries.all()] == ["Rice (5 kg)"]


@pytest.mark.django_db(transaction=True)
def test_changing_a_rule_while_it_fires_succeeds(nok, weekly, rice_weekly):
    moment = rice_weekly.next_due_at + timedelta(hours=1)
    for quantity in range(1, 6):
        RecurringItem.objects.update(next_due_at=rice_weekly.next_due_at)
        change = partial(set_recurring, "Rice", "weekly", by=by(nok), quantity=Decimal(quantity), unit="kg")
        run_concurrently(partial(fire_due, rice_weekly, moment), change)
    assert RecurringItem.objects.get().quantity == 5
