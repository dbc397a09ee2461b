"""Patterns of regular purchases."""

from datetime import timedelta

import pytest

from groceries.actions import add_entry, purchase_entry
from groceries.models import ListEntry
from groceries.reports import find_purchase_patterns
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def buy(nok, weekly):
    """`buy("Milk", 24, 18)` purchases milk 24 and 18 days ago."""

    def purchase(name, *days_ago):
        for days in days_ago:
            entry, _new = add_entry(weekly, name, by=by(nok))
            purchase_entry(entry, by=by(nok))
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=nok.home.now() - timedelta(days=days))

    return purchase


def patterns(home):
    return [(pattern.days, (home.now().date() - pattern.last_on).days) for pattern in find_purchase_patterns(home)]


@pytest.mark.parametrize(
    ("days_ago", "expected"),
    [
        ((25, 19, 13, 7), (6, 7)),
        ((26, 19, 13, 7), (6, 7)),
        ((21, 14, 7, 0), (7, 0)),
        ((100, 70, 40, 10), (30, 10)),
        ((19, 13, 7), None),  # too few purchases
        ((40, 19, 13, 7), None),  # an irregular interval
        ((3, 2, 1, 0), None),  # every day
        ((400, 300, 200, 190), None),  # too long ago
    ],
)
def test_regular_purchases_form_a_pattern(nok, buy, days_ago, expected):
    buy("Milk", *days_ago)
    assert patterns(nok.home) == ([expected] if expected else [])


def test_purchases_on_one_day_count_once(nok, buy):
    buy("Milk", 25, 25, 19, 13, 13, 7)
    assert patterns(nok.home) == [(6, 7)]


def test_patterns_are_separate_per_home(nok, mai, buy):
    buy("Milk", 25, 19, 13, 7)
    assert find_purchase_patterns(mai.home) == []
