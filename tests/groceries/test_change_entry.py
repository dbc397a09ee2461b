from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import add_entry, change_entry, change_list_state, purchase_entry, step_entry
from pantry.errors import ActionError, StaleVersion
from tests.cast import by


def test_a_new_amount_is_kept_and_told(nok, rice, events):
    changed = change_entry(rice, by=by(nok), quantity=Decimal("2.5"), note="jasmine")
    assert (changed.quantity, changed.note, changed.version) == (Decimal("2.5"), "jasmine", rice.version + 1)
    (event,) = events.of(nok.home)
    assert event.type == "list_item_updated"
    assert event.changes == {"quantity": ["5", "2.5"], "note": ["", "jasmine"]}


def test_what_is_so_already_is_told_to_nobody(nok, rice, events):
    unchanged = change_entry(rice, by=by(nok), quantity=Decimal(5), unit="kg")
    assert (events(nok.home), unchanged.version) == ([], rice.version)


def test_who_saw_an_older_version_is_told_how_it_is_now(nok, ben, rice):
    change_entry(rice, by=by(nok), quantity=Decimal(2))
    with pytest.raises(StaleVersion) as refusal:
        change_entry(rice, by=by(ben), version=rice.version, quantity=Decimal(9))
    assert refusal.value.current.quantity == 2


def test_asking_for_the_same_unit_as_another_entry_makes_one_of_both(nok, weekly, events):
    pieces, _ = add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(3), unit="piece")
    kilos, _ = add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(1), unit="kg")
    whole = change_entry(pieces, by=by(nok), quantity=Decimal(2), unit="kg")
    assert whole == kilos
    assert [str(entry) for entry in weekly.entries.pending()] == ["Tomatoes (3 kg)"]
    assert events(nok.home)[2:] == ["list_item_removed", "list_item_updated"]


@pytest.mark.parametrize("quantity", ["0", "-2", "100000", "0.0004"])
def test_an_amount_that_no_list_can_hold_is_refused(nok, rice, quantity):
    with pytest.raises(ActionError):
        change_entry(rice, by=by(nok), quantity=Decimal(quantity))
    rice.refresh_from_db()
    assert rice.quantity == 5


def test_a_list_that_is_done_stays_as_it_was(nok, weekly, rice):
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError):
        change_entry(rice, by=by(nok), quantity=Decimal(1))


def test_a_price_can_be_put_right_afterwards(nok, rice, events):
    purchase_entry(rice, by=by(nok), price=Decimal("180.00"))
    changed = change_entry(rice, by=by(nok), price_paid=Decimal("175.50"))
    assert changed.price_paid == Decimal("175.50")
    assert events(nok.home) == ["list_item_purchased", "list_item_updated"]


def test_more_and_less_go_by_steps_and_never_under_one(nok, eggs):
    assert step_entry(eggs, 2, by=by(nok)).quantity == 8
    assert step_entry(eggs, -100, by=by(nok)).quantity == 1
    assert step_entry(eggs, -1, by=by(nok)).quantity == 1


def test_a_step_of_grams_is_a_hundred(nok, weekly):
    butter, _ = add_entry(weekly, "butter", by=by(nok), quantity=Decimal(250), unit="g")
    assert step_entry(butter, 1, by=by(nok)).quantity == 350


def test_half_a_kilo_does_not_become_more_by_asking_for_less(nok, weekly):
    butter, _ = add_entry(weekly, "butter", by=by(nok), quantity=Decimal("0.5"), unit="kg")
    assert step_entry(butter, -1, by=by(nok)).quantity == Decimal("0.5")


def test_the_same_press_sent_twice_is_one_step(nok, eggs, events):
    press = by(nok, op_id=uuid4())
    step_entry(eggs, 1, by=press)
    assert step_entry(eggs, 1, by=press).quantity == 7
    assert events(nok.home) == ["list_item_updated"]
