"""Pixie means the item by each of its names."""

import pytest

from groceries.actions import create_item, set_recurring, update_item
from groceries.models import RecurringItem
from pixie.tools import lookup
from tests.factories import by
from tests.pixie.runs import pending_entries


@pytest.fixture
def juice(nok):
    item, _is_new = create_item("Orange juice", by=by(nok), aliases=["OJ", "Brekkie drink"])
    return item


@pytest.mark.parametrize(
    ("messages", "listed"),
    [
        (("add 2 l of OJ",), ["Orange juice (2 liter)"]),
        (("add orange juice", "take oj off the list"), []),
        (("add 2 bottles brekkie drink and milk", "got the OJ"), ["Milk (1 piece)"]),
        (("add milk", "swap milk for OJ"), ["Orange juice (1 piece)"]),
        (("add OJ", "swap OJ for milk"), ["Milk (1 piece)"]),
    ],
)
def test_message_with_an_alias_means_the_item(weekly, juice, tell, messages, listed):
    for message in messages:
        tell(message)
    assert sorted(pending_entries(weekly)) == listed


def test_recurring_item_is_stopped_by_an_alias(nok, weekly, juice, tell):
    set_recurring("Orange juice", "weekly", by=by(nok))
    tell("stop buying OJ every week")
    assert not RecurringItem.objects.exists()


def test_tools_find_items_and_entries_by_an_alias(nok, weekly, milk, juice):
    update_item(milk.item, by=by(nok), aliases=["Moo"])
    assert lookup.find_entry(by(nok), "moo") == milk
    assert lookup.match_entries(lookup.find_entries(by(nok)), "Moo") == [milk]
    assert lookup.find_item_name(by(nok), "oj") == "Orange juice"
    assert lookup.matching_items(by(nok), "oj") == [juice]
