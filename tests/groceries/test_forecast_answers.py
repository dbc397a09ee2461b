"""Answers to forecasts: add, put off, refuse and allow."""

from datetime import timedelta

import pytest

from groceries.actions import (
    add_entry,
    add_forecast,
    allow_forecasts,
    create_item,
    create_list,
    refuse_forecasts,
    snooze_forecast,
)
from groceries.actions.forecasts import DEFAULT_SNOOZE_DAYS, MAX_SNOOZE_DAYS
from groceries.models import ListEntry
from homes.events.undo import undo_event
from pantry.errors import ActionError
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases


@pytest.fixture
def tea(nok, weekly):
    return create_item("Tea", by=by(nok))[0]


def test_adding_puts_it_on_the_current_list_once(nok, ben, tea, weekly, events):
    first = add_forecast(tea, by=by(nok))
    assert (first.list, add_forecast(tea, by=by(ben))) == (weekly, first)
    assert events(nok.home) == ["list_item_added"]


def test_adding_what_is_on_another_open_list_changes_nothing(nok, tea, weekly, events):
    party = create_list("Party", by=by(nok))
    entry, _new = add_entry(weekly, tea, by=by(nok))
    before = events(nok.home)
    assert add_forecast(tea, by=by(nok), grocery_list=party) == entry
    assert events(nok.home) == before


def test_it_is_added_to_the_list_that_is_named(nok, tea, weekly):
    create_list("Party", by=by(nok))
    assert add_forecast(tea, by=by(nok), grocery_list=weekly).list == weekly


def test_putting_off_without_a_day_takes_a_week_for_an_item_without_a_forecast(nok, ben, tea, events):
    today = nok.home.now().date()
    for member in (nok, ben):
        assert snooze_forecast(tea, by=by(member)).snoozed_until == today + timedelta(days=DEFAULT_SNOOZE_DAYS)
    assert events(nok.home) == ["item_updated"]


def test_putting_off_without_a_day_takes_a_quarter_of_the_interval(nok, tea, weekly):
    today = nok.home.now()
    for number in range(5):
        at = today - timedelta(days=40 * number + 30)
        ListEntry.objects.create(home=nok.home, list=weekly, item=tea, state="purchased", purchased_at=at)
        for day in range(0, 40, 3):  # the home shops for other things, too
            other = create_item(f"Thing {day}", by=by(nok))[0]
            at = today - timedelta(days=40 * number + day)
            ListEntry.objects.create(home=nok.home, list=weekly, item=other, state="purchased", purchased_at=at)
    for _time in range(2):
        assert snooze_forecast(tea, by=by(nok)).snoozed_until == today.date() + timedelta(days=10)


@pytest.mark.parametrize("days", [-1, 0, MAX_SNOOZE_DAYS + 1])
def test_day_that_is_past_or_too_far_away_is_refused(nok, tea, days):
    assert limit("Days for which an item can be put off") == MAX_SNOOZE_DAYS
    with pytest.raises(ActionError, match="Choose a day after today, within a year."):
        snooze_forecast(tea, nok.home.now().date() + timedelta(days=days), by=by(nok))


def test_refusing_and_allowing_are_recorded_once(nok, tea, events):
    for _time in range(2):
        assert refuse_forecasts(tea, by=by(nok)).has_forecasts is False
    for _time in range(2):
        assert allow_forecasts(tea, by=by(nok)).has_forecasts is True
    assert events(nok.home) == ["item_updated"] * 2


def test_undoing_a_refusal_keeps_a_price_that_was_set_since(nok, tea):
    refuse_forecasts(tea, by=by(nok))
    refused = nok.home.events.latest("seq")
    create_item("Tea", by=by(nok), estimated_price=45)
    undo_event(refused, by=by(nok))
    tea.refresh_from_db()
    assert (tea.has_forecasts, tea.estimated_price) == (True, 45)
