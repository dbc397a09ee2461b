from datetime import date
from decimal import Decimal

import pytest

from groceries.actions import add_entry, purchase_entry
from groceries.reports import (
    Period,
    average_by_category,
    by_category,
    cached_totals,
    count_unpriced,
    remaining_budget,
    total_spent,
)
from homes.actions import update_home
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def buy(weekly, freeze_time):
    def buy(member, what, price, moment):
        freeze_time(moment)
        entry, _ = add_entry(weekly, what, by=by(member))
        return purchase_entry(entry, by=by(member), price=None if price is None else Decimal(price))

    return buy


def month(nok, day):
    return Period.month(nok.home, date.fromisoformat(day))


def test_month_uses_the_homes_time_zone(nok, buy):
    """A purchase at 23:30 in Bangkok counts for that month, whatever the date in UTC."""
    buy(nok, "milk", "10", "2026-03-31 23:30")
    buy(nok, "eggs", "20", "2026-04-01 00:30")
    assert total_spent(month(nok, "2026-03-15")) == 10
    assert total_spent(month(nok, "2026-04-15")) == 20


def test_totals_by_category_and_member_are_sorted_by_amount(nok, ben, buy):
    buy(nok, "milk", "52", "2026-03-02 10:00")
    buy(ben, "cheese", "120.50", "2026-03-03 10:00")
    buy(ben, "bleach", "45", "2026-03-04 10:00")
    march = month(nok, "2026-03-01")
    assert list(by_category(march).items()) == [("dairy", Decimal("172.50")), ("household", Decimal(45))]
    members = cached_totals(march, "member").groups
    assert list(members.items()) == [
        (ben.user_id, Decimal("165.50")),
        (nok.user_id, Decimal(52)),
    ]
    assert total_spent(march, "household") == 45


def test_purchases_without_a_price_are_counted_separately(nok, buy):
    buy(nok, "milk", None, "2026-03-02 10:00")
    march = month(nok, "2026-03-01")
    assert (total_spent(march), count_unpriced(march), by_category(march)) == (0, 1, {})


def test_purchases_of_other_homes_are_excluded(nok, mai, buy):
    buy(nok, "milk", "52", "2026-03-02 10:00")
    assert total_spent(month(mai, "2026-03-01")) == 0


def test_remaining_budget_can_be_negative(nok, buy, freeze_time):
    assert remaining_budget(nok.home) is None
    home = update_home(nok.home, by=by(nok), monthly_budget=Decimal(100))
    buy(nok, "milk", "130", "2026-03-02 10:00")
    assert remaining_budget(home) == -30


def test_average_ignores_months_without_spending(nok, buy):
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
def test_named_period_has_its_bounds(nok, freeze_time, name, first, last, left):
    freeze_time("2026-03-11 00:30")
    period = Period.named(nok.home, name)
    assert (period.first.isoformat(), period.last.isoformat(), period.days_left()) == (first, last, left)


def test_previous_and_following_month_cross_years(nok):
    january = month(nok, "2026-01-31")
    assert january.previous_month().first == date(2025, 12, 1)
    assert january.following_month().last == date(2026, 2, 28)


def test_spending_of_a_year_takes_one_query(nok, buy, django_assert_num_queries):
    for day in range(1, 6):
        buy(nok, f"thing {day}", "10", f"2026-03-0{day} 10:00")
    march = month(nok, "2026-03-01")
    with django_assert_num_queries(1):
        by_category(march)
