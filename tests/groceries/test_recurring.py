from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from groceries.actions import (
    add_recurring_early,
    change_list_state,
    change_recurring,
    create_recurring,
    fire_due,
    pause_recurring,
    resume_recurring,
    set_recurring,
    skip_recurring,
    snooze_recurring,
    stop_recurring,
)
from groceries.models import GroceryList, ListEntry, RecurringItem
from groceries.tasks import fire_recurring
from homes.actions import update_home
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError
from tests.factories import by, run_concurrently
from tests.limits import limit

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
        ("", ""),
        ("weekly", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30"),  # a search for its occurrences would not end
        ("weekly", "FREQ=HOURLY;BYMONTH=2"),
        ("weekly", "FREQ=HOURLY"),  # it comes in the morning
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


# The first day, and where the rule counts from


def fired_on(freeze_time, rule, until):
    """Return the days on which the rule fires, with a sweep at nine every day."""
    days, day = [], rule.home.now().date()
    while str(day) <= until:
        freeze_time(f"{day} 09:00")
        if fire_recurring():
            days.append(f"{day:%d %b}")
        day += timedelta(days=1)
    return days


@pytest.mark.parametrize(
    ("rrule", "starts_on", "days"),
    [
        ("FREQ=WEEKLY;COUNT=3", None, ["18 Mar", "25 Mar", "01 Apr"]),
        ("FREQ=WEEKLY;COUNT=3", "2026-03-11", ["11 Mar", "18 Mar", "25 Mar"]),
        ("FREQ=WEEKLY;COUNT=2;BYDAY=MO", "2026-03-11", ["16 Mar", "23 Mar"]),
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20260401", "2026-03-04", ["18 Mar", "01 Apr"]),
        ("FREQ=DAILY;UNTIL=20260313", "2026-03-12", ["12 Mar", "13 Mar"]),
        ("FREQ=MONTHLY;UNTIL=20260531", "2026-01-31", ["31 Mar", "30 Apr", "31 May"]),
    ],
)
def test_rule_counts_from_its_first_day_and_ends(nok, weekly, freeze_time, rrule, starts_on, days):
    freeze_time("2026-03-11 07:00")
    rule = create_recurring("Rice", by=by(nok), rrule=rrule, starts_on=starts_on and date.fromisoformat(starts_on))
    assert fired_on(freeze_time, rule, "2026-06-10") == days
    assert not RecurringItem.objects.exists()


def test_first_day_is_today_also_after_the_due_hour(nok, weekly, freeze_time):
    freeze_time("2026-03-11 12:00")
    create_recurring("Rice", by=by(nok), frequency="weekly", starts_on=date(2026, 3, 11))
    assert (fire_recurring(), fire_recurring()) == (1, 0)


@pytest.mark.parametrize("day", [date(2036, 1, 1), date(1950, 1, 1), date.min, date.max])
def test_first_day_that_is_too_far_away_is_refused(nok, freeze_time, day):
    freeze_time("2026-03-11 12:00")
    with pytest.raises(ActionError, match="too far away"):
        create_recurring("Rice", by=by(nok), frequency="weekly", starts_on=day)


def test_first_day_is_as_far_away_as_documented(nok, rice_weekly):
    last = nok.home.now().date() + timedelta(days=limit("Days until the first day of a recurring item"))
    assert create_recurring("Tea", by=by(nok), frequency="weekly", starts_on=last).starts_on == last
    assert snooze_recurring(rice_weekly, last, by=by(nok)).next_due_at
    with pytest.raises(ActionError, match="too far away"):
        create_recurring("Tea", by=by(nok), frequency="weekly", starts_on=last + timedelta(days=1))
    with pytest.raises(ActionError, match="too far away"):
        snooze_recurring(rice_weekly, last + timedelta(days=1), by=by(nok))


def test_changed_rule_does_not_come_again_on_the_same_day(nok, weekly, freeze_time):
    freeze_time("2026-03-11 07:00")
    rule = create_recurring("Rice", by=by(nok), frequency="weekly", starts_on=date(2026, 3, 11))
    freeze_time("2026-03-11 09:00")
    assert fire_recurring() == 1
    rule = change_recurring(rule, by=by(nok), frequency="daily", starts_on=date(2026, 3, 11))
    assert due(rule) == "Thu 12 Mar 08:00"


def test_item_can_have_several_rules(nok, weekly, rice_weekly):
    create_recurring("rice", by=by(nok), rrule="FREQ=WEEKLY;BYDAY=SU")
    again = create_recurring("rice", by=by(nok), rrule="rrule:freq=weekly;byday=su")
    assert RecurringItem.objects.count() == 2
    assert again.rrule == "FREQ=WEEKLY;BYDAY=SU"
    assert set_recurring("rice", by=by(nok), rrule="FREQ=WEEKLY;BYDAY=SU", quantity=Decimal(3)) == again
    with pytest.raises(ActionError, match="every Sunday, every week"):
        set_recurring("rice", "monthly", by=by(nok))


# Adding early, skipping and snoozing


def test_item_that_was_added_early_does_not_come_again_for_that_time(nok, weekly, rice_weekly, freeze_time):
    freeze_time("2026-03-16 12:00")
    add_recurring_early(rice_weekly, by=by(nok))
    freeze_time("2026-03-18 09:00")
    assert fire_recurring() == 0
    rice_weekly.refresh_from_db()
    assert due(rice_weekly) == "Wed 25 Mar 08:00"
    assert [str(entry) for entry in weekly.entries.all()] == ["Rice (5 kg)"]


def test_adding_the_last_time_early_stops_the_item(nok, weekly, freeze_time):
    freeze_time("2026-03-11 12:00")
    rule = create_recurring("Rice", by=by(nok), rrule="FREQ=WEEKLY;COUNT=1")
    add_recurring_early(rule, by=by(nok))
    assert not RecurringItem.objects.exists()


def test_skipped_time_is_left_out(nok, weekly, rice_weekly, freeze_time):
    once = by(nok, op_id=uuid4())
    for _twice in range(2):
        rule = skip_recurring(rice_weekly, by=once)
    assert due(rule) == "Wed 25 Mar 08:00"
    freeze_time("2026-03-18 09:00")
    assert fire_recurring() == 0


def test_skipping_the_last_time_stops_the_item(nok, freeze_time, events):
    freeze_time("2026-03-11 12:00")
    skip_recurring(create_recurring("Rice", by=by(nok), rrule="FREQ=WEEKLY;COUNT=1"), by=by(nok))
    assert events(nok.home) == ["recurring_set", "recurring_stopped"]


def test_snoozed_item_comes_on_that_day_and_then_by_its_rule(nok, weekly, rice_weekly, freeze_time):
    assert due(snooze_recurring(rice_weekly, date(2026, 3, 20), by=by(nok))) == "Fri 20 Mar 08:00"
    assert fired_on(freeze_time, rice_weekly, "2026-03-27") == ["20 Mar", "25 Mar"]


@pytest.mark.parametrize(
    ("day", "message"),
    [(date(2026, 3, 10), "passed"), (date(2026, 3, 17), "comes on 18 March 2026 anyway"), (date.max, "too far away")],
)
def test_day_to_snooze_to_that_does_not_do_is_refused(nok, rice_weekly, day, message):
    with pytest.raises(ActionError, match=message):
        snooze_recurring(rice_weekly, day, by=by(nok))


def test_resuming_a_rule_that_has_ended_is_refused(nok, freeze_time):
    freeze_time("2026-03-11 12:00")
    rule = create_recurring("Rice", by=by(nok), rrule="FREQ=WEEKLY;COUNT=1")
    pause_recurring(rule, by=by(nok))
    freeze_time("2026-03-20 12:00")
    with pytest.raises(ActionError, match="last time"):
        resume_recurring(rule, by=by(nok))


def test_undoing_a_stop_after_the_due_time_makes_up_for_nothing(nok, weekly, rice_weekly, freeze_time):
    stop_recurring(rice_weekly, by=by(nok))
    freeze_time("2026-03-18 09:00")
    undo_event(nok.home.events.latest("seq"), by=by(nok))
    assert fire_recurring() == 0
    assert due(RecurringItem.objects.get()) == "Wed 25 Mar 08:00"


def test_undoing_an_operation_undoes_all_of_it(nok, weekly, rice_weekly):
    op_id = uuid4()
    add_recurring_early(rice_weekly, by=by(nok, op_id=op_id))
    assert undo_operation(op_id, by=by(nok)) is True
    assert undo_operation(op_id, by=by(nok)) is False
    rice_weekly.refresh_from_db()
    assert due(rice_weekly) == "Wed 18 Mar 08:00"
    assert not weekly.entries.pending()


def test_operation_of_another_person_is_not_undone(nok, ben, weekly, rice_weekly):
    op_id = uuid4()
    skip_recurring(rice_weekly, by=by(nok, op_id=op_id))
    with pytest.raises(ActionError):
        undo_operation(op_id, by=by(ben))


# Another time zone


def test_recurring_items_keep_their_local_time_in_another_time_zone(nok, rice_weekly):
    update_home(nok.home, by=by(nok), timezone="Europe/Berlin")
    rule = RecurringItem.objects.get()
    assert due(rule) == "Wed 18 Mar 08:00"
    assert due(skip_recurring(rule, by=by(nok))) == "Wed 25 Mar 08:00"


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
