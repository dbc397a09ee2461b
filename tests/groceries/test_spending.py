from datetime import date
from decimal import Decimal

import pytest

from groceries.actions import add_entry, purchase_entry
from groceries.reports import (
    Period,
    average_by_category,
    by_category,
    by_member,
    count_unpriced,
    remaining_budget,
    total_spent,
)
from homes.actions import update_home
from tests.cast import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def buy(weekly, clock):
    def buy(member, what, price, moment):
        clock(moment)
        entry, _ = add_entry(weekly, what, by=by(member))
        return purchase_entry(entry, by=by(member), price=None if price is None else Decimal(price))

    return buy


def month(nok, day):
    return Period.month(nok.home, date.fromisoformat(day))


def test_a_month_is_counted_on_the_homes_calendar(nok, buy):
    """Half past eleven at night in Bangkok is still the same month, whatever the date is in Greenwich."""
    buy(nok, "milk", "10", "2026-03-31 23:30")
    buy(nok, "eggs", "20", "2026-04-01 00:30")
    assert total_spent(month(nok, "2026-03-15")) == 10
    assert total_spent(month(nok, "2026-04-15")) == 20


def test_sums_by_aisle_and_by_person_come_largest_first(nok, ben, buy):
    buy(nok, "milk", "52", "2026-03-02 10:00")
    buy(ben, "cheese", "120.50", "2026-03-03 10:00")
    buy(ben, "bleach", "45", "2026-03-04 10:00")
    march = month(nok, "2026-03-01")
    assert list(by_category(march).items()) == [("dairy", Decimal("172.50")), ("household", Decimal(45))]
    assert list(by_member(march).items()) == [(ben.user_id, Decimal("165.50")), (nok.user_id, Decimal(52))]
    assert total_spent(march, "household") == 45


def test_what_has_no_price_is_counted_apart(nok, buy):
    buy(nok, "milk", None, "2026-03-02 10:00")
    march = month(nok, "2026-03-01")
    assert (total_spent(march), count_unpriced(march), by_category(march)) == (0, 1, {})


def test_another_homes_purchases_are_not_ours(nok, mai, buy):
    buy(nok, "milk", "52", "2026-03-02 10:00")
    assert total_spent(month(mai, "2026-03-01")) == 0


def test_the_budget_may_be_overdrawn(nok, buy, clock):
    assert remaining_budget(nok.home) is None
    home = update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    buy(nok, "milk", "130", "2026-03-02 10:00")
    assert remaining_budget(home) == -30


def test_the_usual_is_the_mean_of_the_months_that_had_any(nok, buy):
    buy(nok, "milk", "100", "2026-01-10 10:00")
    buy(nok, "milk", "200", "2026-02-10 10:00")
    buy(nok, "milk", "999", "2026-04-10 10:00")
    assert average_by_category(month(nok, "2026-04-01")) == {"dairy": Decimal(150)}
    assert average_by_category(month(nok, "2026-01-01")) == {}


@pytest.mark.parametrize(
    ("name", "first", "last", "left"),
    [
        ("today", "2026-03-11", "2026-03-11", 1),
        ("yesterday", "2026-03-10", "2026-03-10", 0),
        ("week", "2026-03-09", "2026-03-15", 5),
        ("last_week", "2026-03-02", "2026-03-08", 0),
        ("month", "2026-03-01", "2026-03-31", 21),
        ("last_month", "2026-02-01", "2026-02-28", 0),
        ("year", "2026-01-01", "2026-12-31", 296),
        ("whenever", "2026-03-01", "2026-03-31", 21),
    ],
)
def test_periods_have_names(nok, clock, name, first, last, left):
    clock("2026-03-11 00:30")
    period = Period.named(nok.home, name)
    assert (period.first.isoformat(), period.last.isoformat(), period.days_left()) == (first, last, left)


def test_months_follow_one_another(nok):
    january = month(nok, "2026-01-31")
    assert january.previous_month().first == date(2025, 12, 1)
    assert january.following_month().last == date(2026, 2, 28)


def test_a_whole_years_purchases_cost_one_query(nok, buy, django_assert_num_queries):
    for day in range(1, 6):
        buy(nok, f"thing {day}", "10", f"2026-03-0{day} 10:00")
    march = month(nok, "2026-03-01")
    with django_assert_num_queries(1):
        by_category(march)
