"""The rhythm at which a home buys a thing."""

from datetime import timedelta

import pytest

from groceries.actions import add_entry, purchase_entry
from groceries.models import ListEntry
from groceries.purchase_patterns import find_purchase_patterns
from tests.cast import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def bought(nok, weekly):
    """`bought("Milk", 24, 18, 12, 7)`: so many days ago, each time by the home's clock."""

    def buy(name, *days_ago):
        for days in days_ago:
            entry, _new = add_entry(weekly, name, by=by(nok))
            purchase_entry(entry, by=by(nok))
            ListEntry.objects.filter(pk=entry.pk).update(purchased_at=nok.home.now() - timedelta(days=days))

    return buy


def found(home):
    return [(each.days, (home.now().date() - each.last_on).days) for each in find_purchase_patterns(home)]


@pytest.mark.parametrize(
    ("days_ago", "rhythm"),
    [
        ((25, 19, 13, 7), (6, 7)),
        ((26, 19, 13, 7), (6, 7)),
        ((21, 14, 7, 0), (7, 0)),
        ((100, 70, 40, 10), (30, 10)),
        ((19, 13, 7), None),  # three times are no rhythm
        ((40, 19, 13, 7), None),  # a pause that is none of it
        ((3, 2, 1, 0), None),  # every day: nobody needs to be told
        ((400, 300, 200, 190), None),  # another life
    ],
)
def test_what_is_a_rhythm(nok, bought, days_ago, rhythm):
    bought("Milk", *days_ago)
    assert found(nok.home) == ([rhythm] if rhythm else [])


def test_twice_on_a_day_is_once(nok, bought):
    bought("Milk", 25, 25, 19, 13, 13, 7)
    assert found(nok.home) == [(6, 7)]


def test_each_home_has_its_own(nok, mai, bought):
    bought("Milk", 25, 19, 13, 7)
    assert find_purchase_patterns(mai.home) == []
