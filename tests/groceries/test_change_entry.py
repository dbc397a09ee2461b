from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import add_entry, change_entry, change_list_state, create_list, purchase_entry, step_entry
from pantry.errors import ActionError, StaleVersion
from tests.factories import by


def test_change_entry_saves_and_records_the_amount(nok, rice, events):
    changed = change_entry(rice, by=by(nok), quantity=Decimal("2.5"), note="jasmine")
    assert (changed.quantity, changed.note, changed.version) == (Decimal("2.5"), "jasmine", rice.version + 1)
    (event,) = events.of(nok.home)
    assert event.type == "list_item_updated"
    assert event.changes == {"quantity": ["5", "2.5"], "note": ["", "jasmine"]}


def test_change_entry_without_changes_records_nothing(nok, rice, events):
    unchanged = change_entry(rice, by=by(nok), quantity=Decimal(5), unit="kg")
    assert (events(nok.home), unchanged.version) == ([], rice.version)


def test_change_entry_with_a_stale_version_raises_with_the_current_entry(nok, ben, rice):
    change_entry(rice, by=by(nok), quantity=Decimal(2))
    with pytest.raises(StaleVersion) as refusal:
        change_entry(rice, by=by(ben), version=rice.version, quantity=Decimal(9))
    assert refusal.value.current.quantity == 2


def test_change_entry_to_the_unit_of_another_entry_merges_both(nok, weekly, events):
    pieces, _ = add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(3), unit="piece")
    kilos, _ = add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(1), unit="kg")
    whole = change_entry(pieces, by=by(nok), quantity=Decimal(2), unit="kg")
    assert whole == kilos
    assert [str(entry) for entry in weekly.entries.pending()] == ["Tomatoes (3 kg)"]
    assert events(nok.home)[2:] == ["list_item_removed", "list_item_updated"]


def test_change_entry_moves_it_to_another_list(nok, weekly, milk, events):
    party = create_list("Party", by=by(nok))
    change_entry(milk, by=by(nok), list=party)
    assert [str(entry) for entry in party.entries.pending()] == ["Milk (1 liter)"]
    assert not weekly.entries.pending().exists()
    assert events(nok.home)[-1] == "list_item_updated"


def test_change_entry_to_a_list_with_the_same_item_merges_both(nok, weekly, milk):
    party = create_list("Party", by=by(nok))
    twin, _ = add_entry(party, "Milk", by=by(nok), quantity=Decimal(2), unit="liter")
    assert change_entry(milk, by=by(nok), list=party) == twin
    assert [str(entry) for entry in party.entries.pending()] == ["Milk (3 liter)"]
    milk.refresh_from_db()
    assert (milk.list, milk.state) == (weekly, "removed")


def test_change_entry_to_a_completed_list_or_that_of_another_home_is_refused(nok, mai, milk, events):
    done = change_list_state(create_list("Party", by=by(nok)), "completed", by=by(nok))
    before = events(nok.home)
    for grocery_list in (done, create_list("Mine", by=by(mai))):
        with pytest.raises(ActionError):
            change_entry(milk, by=by(nok), list=grocery_list)
    assert events(nok.home) == before


@pytest.mark.parametrize("quantity", ["0", "-2", "100000", "0.0004"])
def test_invalid_amount_is_refused(nok, rice, quantity):
    with pytest.raises(ActionError):
        change_entry(rice, by=by(nok), quantity=Decimal(quantity))
    rice.refresh_from_db()
    assert rice.quantity == 5


def test_completed_list_is_not_changed(nok, weekly, rice):
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError):
        change_entry(rice, by=by(nok), quantity=Decimal(1))


def test_change_entry_corrects_the_price_of_a_purchase(nok, rice, events):
    purchase_entry(rice, by=by(nok), price=Decimal("180.00"))
    changed = change_entry(rice, by=by(nok), price_paid=Decimal("175.50"))
    assert changed.price_paid == Decimal("175.50")
    assert events(nok.home) == ["list_item_purchased", "list_item_updated"]


def test_step_entry_never_goes_below_one_step(nok, eggs):
    assert step_entry(eggs, 2, by=by(nok)).quantity == 8
    assert step_entry(eggs, -100, by=by(nok)).quantity == 1
    assert step_entry(eggs, -1, by=by(nok)).quantity == 1


def test_step_entry_in_grams_changes_by_100(nok, weekly):
    butter, _ = add_entry(weekly, "butter", by=by(nok), quantity=Decimal(250), unit="g")
    assert step_entry(butter, 1, by=by(nok)).quantity == 350


def test_step_entry_down_never_raises_an_amount_below_one_step(nok, weekly):
    butter, _ = add_entry(weekly, "butter", by=by(nok), quantity=Decimal("0.5"), unit="kg")
    assert step_entry(butter, -1, by=by(nok)).quantity == Decimal("0.5")


def test_step_entry_with_the_same_op_id_is_idempotent(nok, eggs, events):
    press = by(nok, op_id=uuid4())
    step_entry(eggs, 1, by=press)
    assert step_entry(eggs, 1, by=press).quantity == 7
    assert events(nok.home) == ["list_item_updated"]
