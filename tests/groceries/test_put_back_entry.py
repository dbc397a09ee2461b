from decimal import Decimal

import pytest

from groceries.actions import add_entry, change_list_state, purchase_entry, put_back_entry, remove_entry
from pantry.errors import ActionError
from tests.cast import by


def test_out_of_the_basket_it_is_to_get_again(nok, milk, events):
    purchase_entry(milk, by=by(nok), price=Decimal(52))
    back = put_back_entry(milk, by=by(nok))
    assert back.is_pending
    assert (back.purchased_by, back.purchased_at, back.price_paid) == (None, None, None)
    assert events(nok.home) == ["list_item_purchased", "list_item_put_back"]


def test_what_was_removed_comes_back(nok, milk):
    remove_entry(milk, by=by(nok))
    assert put_back_entry(milk, by=by(nok)).is_pending


def test_what_is_still_to_get_is_left_alone(nok, milk, events):
    put_back_entry(milk, by=by(nok))
    assert events(nok.home) == []


def test_asked_for_again_meanwhile_both_add_up(nok, ben, weekly, milk, events):
    purchase_entry(milk, by=by(nok))
    anew, _ = add_entry(weekly, "milk", by=by(ben), quantity=Decimal(2), unit="liter")
    assert put_back_entry(milk, by=by(nok)) == anew
    assert [str(entry) for entry in weekly.entries.pending()] == ["Milk (3 liter)"]
    assert events(nok.home)[2:] == ["list_item_removed", "list_item_updated"]


def test_a_list_that_is_done_stays_as_it_was(nok, weekly, milk):
    purchase_entry(milk, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError):
        put_back_entry(milk, by=by(nok))
