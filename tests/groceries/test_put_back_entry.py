from decimal import Decimal

import pytest

from groceries.actions import add_entry, change_list_state, purchase_entry, put_back_entry, remove_entry
from pantry.errors import ActionError
from tests.factories import by


def test_put_back_entry_makes_a_purchased_entry_pending(nok, milk, events):
    purchase_entry(milk, by=by(nok), price=Decimal(52))
    back = put_back_entry(milk, by=by(nok))
    assert back.is_pending
    assert (back.purchased_by, back.purchased_at, back.price_paid) == (None, None, None)
    assert events(nok.home) == ["list_item_purchased", "list_item_put_back"]


def test_put_back_entry_makes_a_removed_entry_pending(nok, milk):
    remove_entry(milk, by=by(nok))
    assert put_back_entry(milk, by=by(nok)).is_pending


def test_put_back_entry_of_a_pending_entry_changes_nothing(nok, milk, events):
    put_back_entry(milk, by=by(nok))
    assert events(nok.home) == []


def test_put_back_entry_merges_with_a_pending_entry(nok, ben, weekly, milk, events):
    purchase_entry(milk, by=by(nok))
    anew, _ = add_entry(weekly, "milk", by=by(ben), quantity=Decimal(2), unit="liter")
    assert put_back_entry(milk, by=by(nok)) == anew
    assert [str(entry) for entry in weekly.entries.pending()] == ["Milk (3 liter)"]
    assert events(nok.home)[2:] == ["list_item_removed", "list_item_updated"]


def test_completed_list_is_not_changed(nok, weekly, milk):
    purchase_entry(milk, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError):
        put_back_entry(milk, by=by(nok))
