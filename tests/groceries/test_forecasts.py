"""Forecasts of what a home runs out of."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from groceries import forecasts
from groceries.actions import (
    add_entry,
    allow_forecasts,
    create_list,
    pause_recurring,
    purchase_entry,
    refuse_forecasts,
    set_recurring,
    snooze_forecast,
)
from groceries.forecasts import MAX_PURCHASES, MAX_ROWS, Purchase, Rhythm, cached_forecasts, forecast, forecast_items
from groceries.models import Item, ListEntry
from tests.counting import queries_of
from tests.factories import by
from tests.limits import limit

TODAY = date(2026, 3, 30)  # a Monday
MILK = (25, 19, 13, 7)
intervals = st.lists(st.integers(3, 20), min_size=3, max_size=20)


def ago(days):
    return TODAY - timedelta(days=days)


def bought(days_ago, amounts=(), unit="liter"):
    amounts = [*amounts, *["1"] * len(days_ago)]
    return [Purchase(ago(days), Decimal(amount), unit) for days, amount in zip(days_ago, amounts, strict=False)]


def forecast_of(purchases, trips=(), today=TODAY, snoozed_until=None):
    days = [*(purchase.day for purchase in purchases), *(ago(days) for days in trips)]
    return forecast(purchases, Rhythm(days, today), snoozed_until)


def after(lengths, last=2):
    """Return purchases with these intervals between them, the last one so many days ago."""
    return bought([last + length for length in accumulate(reversed(lengths), initial=0)][::-1])


def rounded(expected):
    figures = (
        {"chance": round(expected.chance, 6), "times_as_much": round(expected.times_as_much, 6)} if expected else {}
    )
    return expected and replace(expected, **figures)


# Properties


@given(lengths=intervals, chance=st.randoms(use_true_random=False))
def test_order_of_the_purchases_does_not_matter(lengths, chance):
    purchases = after(lengths)
    shuffled = chance.sample(purchases, len(purchases))
    assert forecast_of(shuffled) == forecast_of(purchases)


@given(lengths=intervals, parts=st.integers(2, 4))
def test_purchases_of_one_day_are_one(lengths, parts):
    purchases = after(lengths)
    parted = [Purchase(each.day, each.quantity / parts, each.unit) for each in purchases for _part in range(parts)]
    assert rounded(forecast_of(parted)) == rounded(forecast_of(purchases))


@given(lengths=intervals, factor=st.sampled_from(["0.5", "2", "10"]))
def test_scale_of_all_amounts_does_not_matter(lengths, factor):
    purchases = after(lengths)
    scaled = [Purchase(each.day, each.quantity * Decimal(factor), each.unit) for each in purchases]
    assert rounded(forecast_of(scaled)) == rounded(forecast_of(purchases))


@given(lengths=intervals, factor=st.integers(2, 3))
def test_intervals_and_what_is_left_grow_with_the_days(lengths, factor):
    short = forecast_of(after(lengths, last=0), trips=range(0, 400, 2))
    long = forecast_of(after([length * factor for length in lengths], last=0), trips=range(0, 1300, 2))
    assert (short is None) == (long is None)
    if short and long:
        assert abs(long.interval_days - factor * short.interval_days) <= factor
        assert abs((long.runs_out_on - TODAY).days - factor * (short.runs_out_on - TODAY).days) <= factor


@given(lengths=intervals)
def test_a_day_without_a_purchase_never_brings_the_end_nearer(lengths):
    purchases, ends = after(lengths, last=0), []
    for days in range(20):
        today = TODAY + timedelta(days=days)
        expected = forecast(purchases, Rhythm(map(ago, range(-20, 400, 2)), today))
        ends += [expected.runs_out_on] if expected else []
    assert ends == sorted(ends)


# Intervals


@pytest.mark.parametrize(
    ("days_ago", "interval", "out_in"),
    [
        (MILK, 6, 0),
        ((26, 19, 13, 7), 6, 0),
        ((19, 13, 7, 1), 6, 5),
        ((94, 64, 34, 4), 30, 26),
        ((13, 7, 1), 6, 5),
    ],
)
def test_regular_purchases_have_a_forecast(days_ago, interval, out_in):
    expected = forecast_of(bought(days_ago), trips=range(0, 100, 3))
    assert (expected.interval_days, (expected.runs_out_on - TODAY).days) == (interval, pytest.approx(out_in, abs=1))
    assert expected.last_on == ago(days_ago[-1])


@pytest.mark.parametrize(
    "days_ago",
    [
        (7, 1),  # too few purchases
        (90, 89, 60, 59, 30, 29, 1),  # irregular
        (80, 74, 68, 62),  # no longer bought
    ],
)
def test_history_that_says_too_little_has_no_forecast(days_ago):
    assert forecast_of(bought(days_ago), trips=range(0, 100, 3)) is None


def test_recent_intervals_weigh_more():
    slower = after([4] * 12 + [8] * 12)
    faster = after([8] * 12 + [4] * 12)
    assert forecast_of(slower).interval_days > 6 > forecast_of(faster).interval_days


def test_single_outlier_hardly_changes_the_interval():
    trips = range(0, 100, 3)
    regular, once = after([6] * 10), after([6] * 6 + [25] + [6] * 3)
    assert abs(forecast_of(once, trips).interval_days - forecast_of(regular, trips).interval_days) <= 1


def test_absence_of_the_home_is_no_part_of_an_interval():
    before, back = [*range(90, 40, -3)], [*range(19, 0, -3)]
    rhythm = Rhythm(map(ago, before + back), TODAY)
    assert rhythm.absences == [(ago(42), ago(19))]
    milk = [Purchase(ago(day), Decimal(1), "liter") for day in (66, 60, 54, 48, 42, 19, 13, 7, 1)]
    expected = forecast(milk, rhythm)
    assert (expected.interval_days, expected.runs_out_on) == (6, ago(-5))


def test_home_that_is_absent_has_no_forecasts():
    assert forecast_of(after([3] * 10, last=3)) is not None
    assert forecast_of(after([3] * 10, last=12)) is None


# Amounts


@pytest.mark.parametrize(("amount", "out_in"), [("1", 5), ("2", 11), ("0.5", 2)])
def test_twice_the_amount_lasts_twice_as_long(amount, out_in):
    purchases = [*bought((25, 19, 13, 7)), Purchase(ago(1), Decimal(amount), "liter")]
    expected = forecast_of(purchases, trips=range(0, 40, 3))
    assert (expected.runs_out_on - TODAY).days == pytest.approx(out_in, abs=1)
    assert expected.interval_days == 6


def test_former_larger_purchases_count_for_their_amount():
    even = forecast_of(bought((31, 25, 19, 13, 7, 1)), trips=range(0, 40, 3))
    larger = forecast_of(bought((31, 25, 13, 7, 1), ("1", "2")), trips=range(0, 40, 3))
    assert (larger.interval_days, larger.runs_out_on) == (even.interval_days, even.runs_out_on)


def test_amounts_in_other_units_are_converted_and_incomparable_ones_ignored():
    liters = bought((25, 19, 13, 7))
    milliliters = [*liters[:2], *(Purchase(each.day, Decimal(1000), "ml") for each in liters[2:])]
    bottles = [*liters[:2], *(Purchase(each.day, Decimal(9), "bottle") for each in liters[2:])]
    assert forecast_of(milliliters) == forecast_of(bottles) == forecast_of(liters)


# Days of shopping


SATURDAYS = [2 + 7 * week for week in range(12)]


def test_home_with_a_fixed_day_buys_on_the_last_one_before_it_runs_out():
    rhythm = Rhythm(map(ago, SATURDAYS), TODAY)
    assert rhythm.weekdays == {5}
    saturday = ago(-5)
    assert rhythm.trip_by(ago(-8)) == rhythm.trip_by(saturday) == saturday
    assert rhythm.trip_by(TODAY) == saturday  # it cannot shop before


def test_needed_item_waits_for_the_day_of_shopping():
    milk = [Purchase(ago(day), Decimal(1), "liter") for day in SATURDAYS[1:]]
    for days, is_soon in ((0, False), (1, False), (2, True), (5, True)):
        today = TODAY + timedelta(days=days)
        assert forecast(milk, Rhythm(map(ago, SATURDAYS), today)).is_soon is is_soon, days


def test_home_that_shops_on_any_day_has_no_fixed_ones():
    assert Rhythm(map(ago, range(0, 80, 3)), TODAY).weekdays == set()
    assert Rhythm(map(ago, [1, 8, 15]), TODAY).weekdays == set()  # too short


# Put off


def test_item_that_is_snoozed_is_not_soon_until_that_day():
    milk, trips = bought(MILK), range(0, 30, 3)
    assert forecast_of(milk, trips).is_soon
    until = ago(-2)
    snoozed = forecast_of(milk, trips, snoozed_until=until)
    assert not snoozed.is_soon
    assert snoozed.runs_out_on >= until
    assert forecast(milk, Rhythm(map(ago, trips), until), until).is_soon


def test_forecast_learns_that_what_is_snoozed_lasts_longer():
    milk, trips = bought(MILK), range(0, 30, 3)
    snoozed = forecast_of(milk, trips, snoozed_until=ago(-4))
    assert snoozed.interval_days > forecast_of(milk, trips).interval_days


def test_purchase_before_that_day_counts_as_it_is():
    milk, trips = bought((25, 19, 13, 7, 0)), range(0, 30, 3)
    snoozed = forecast_of(milk, trips, snoozed_until=ago(-1))
    assert snoozed.interval_days == forecast_of(milk, trips).interval_days


# A home's forecasts


@pytest.fixture
def buy(nok, weekly):
    """`buy("Milk", 24, 18)` buys milk 24 and 18 days ago, at noon in the home."""

    def purchase(name, *days_ago):
        for days in days_ago:
            entry, _new = add_entry(weekly, name, by=by(nok))
            purchase_entry(entry, by=by(nok))
            at = nok.home.now().replace(hour=12) - timedelta(days=days)
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=at)
        return Item.objects.get(pk=entry.item_id)

    return purchase


@pytest.fixture
def milk_forecast(nok, buy, freeze_time):
    """Return a function that returns the forecast of milk, bought every six days, seven days ago at last."""
    freeze_time("2026-03-30 08:00")
    buy("Milk", *MILK)
    return lambda: forecast_items(nok.home)[0]


@pytest.mark.both_databases
def test_reason_says_how_often_and_when_it_was_bought(milk_forecast):
    milk = milk_forecast()
    assert (milk.name, milk.is_offered) == ("Milk", True)
    assert milk.reason == "Every 6 ± 1 days, last bought on Monday 23 March"
    assert milk.runs_out == "Probably out by Tuesday"


def test_reason_is_in_the_readers_language(milk_forecast):
    with translation.override("de"):
        assert "23." in milk_forecast().reason


def test_reason_says_that_more_was_bought_than_usual(nok, buy, milk_forecast):
    milk = buy("Milk", 1)
    ListEntry.objects.filter(item=milk, purchased_at__gte=nok.home.now() - timedelta(days=2)).update(quantity=3)
    assert milk_forecast().reason == "Every 6 ± 1 days, last bought on Sunday, more than usual"


def test_days_are_those_of_the_homes_time_zone(nok, buy, freeze_time):
    """23:30 UTC is the next day in Bangkok."""
    freeze_time("2026-03-30 08:00")
    buy("Milk", *MILK)
    late = datetime.fromisoformat("2026-03-28T23:30+00:00")
    newest = ListEntry.objects.order_by("-purchased_at")[0]
    ListEntry.objects.filter(pk=newest.pk).update(purchased_at=late)
    assert forecast_items(nok.home)[0].forecast.last_on == date(2026, 3, 29)


@pytest.mark.both_databases
def test_item_on_an_open_list_or_with_a_rule_is_not_offered(nok, weekly, milk_forecast):
    rule = set_recurring("Milk", "monthly", by=by(nok))
    assert not milk_forecast().is_offered
    pause_recurring(rule, by=by(nok))
    assert milk_forecast().is_offered
    add_entry(create_list("Party", by=by(nok)), "Milk", by=by(nok))
    assert not milk_forecast().is_offered


@pytest.mark.both_databases
def test_refused_item_is_listed_and_not_offered(nok, milk_forecast):
    item = Item.objects.get(pk=milk_forecast().item_id)
    refuse_forecasts(item, by=by(nok))
    assert (milk_forecast().is_refused, milk_forecast().is_offered) == (True, False)
    ListEntry.objects.all().delete()
    assert (milk_forecast().forecast, milk_forecast().reason, milk_forecast().runs_out) == (None, "", "")
    allow_forecasts(item, by=by(nok))
    assert forecast_items(nok.home) == []


@pytest.mark.both_databases
def test_forecasts_are_those_of_the_home(mai, milk_forecast):
    assert forecast_items(mai.home) == []


def test_cached_forecasts_change_with_the_next_event(nok, milk_forecast):
    def offered():
        nok.home.refresh_from_db()
        return [each.is_offered for each in cached_forecasts(nok.home)]

    assert (offered(), queries_of(lambda: cached_forecasts(nok.home))) == ([True], 0)
    snooze_forecast(Item.objects.get(name="Milk"), by=by(nok))
    assert offered() == [False]


@pytest.mark.both_databases
def test_number_of_queries_is_constant(nok, buy, milk_forecast):
    before = queries_of(lambda: forecast_items(nok.home))
    for number in range(5):
        buy(f"Thing {number}", *MILK)
    assert queries_of(lambda: forecast_items(nok.home)) == before == 2
    assert len(forecast_items(nok.home)) == 6


def test_only_the_latest_purchases_are_read(nok, milk_forecast, monkeypatch):
    assert limit("Purchases of a home that forecasts are computed from") == MAX_ROWS
    monkeypatch.setattr(forecasts, "MAX_ROWS", 2)
    assert forecast_items(nok.home) == []


def test_only_the_latest_purchases_of_an_item_count():
    assert limit("Days of purchases of an item that its forecast is computed from") == MAX_PURCHASES
    recent = after([6] * (MAX_PURCHASES - 1))
    assert forecast_of([*after([2] * 90, last=250), *recent]) == forecast_of(recent)


def test_what_is_put_off_for_long_comes_up_again_on_its_day():
    milk = bought((25, 19, 13, 7))
    until = TODAY + timedelta(days=14)
    trips = [*map(ago, range(0, 30, 3)), until - timedelta(days=1)]
    for today in (TODAY, until):
        expected = forecast(milk, Rhythm([day for day in trips if day <= today], today), until)
        assert expected is not None
        assert expected.is_soon is (today == until)


def test_snooze_before_the_last_purchase_is_over():
    milk, trips = bought((31, 25, 19, 13, 7)), range(0, 36, 3)
    assert forecast_of(milk, trips, snoozed_until=ago(12)) == forecast_of(milk, trips)


def test_absurd_amount_has_a_day_all_the_same():
    flour = bought((90, 60, 30, 0), ("1", "1", "1", "99999.999"), "kg")
    assert forecast_of(flour, range(0, 91, 7)).runs_out_on > TODAY
