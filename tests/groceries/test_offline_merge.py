"""Merging offline changes of fields, amounts and lists."""

from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from groceries.actions import (
    add_entry,
    archive_list,
    change_entry,
    change_list_state,
    merge_add,
    merge_change,
    merge_purchase,
    merge_put_back,
    merge_remove,
    merge_step,
    start_next_list,
    step_entry,
    update_item,
)
from groceries.models import Category, GroceryList
from groceries.parsing.entries import Line, parse_lines
from homes.events.offline import MergeResult
from pantry.errors import ActionError
from tests.factories import by
from tests.groceries.offline_merge import APPLIED, ago, overtaken_changes, pending_entries, reload

pytestmark = pytest.mark.both_databases


# Fields


def test_changes_of_different_fields_are_both_applied(nok, ben, milk):
    change_entry(milk, by=by(ben), note="oat")
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3)) == APPLIED
    assert (reload(milk).note, reload(milk).quantity) == ("oat", 3)


@pytest.mark.parametrize(
    ("name", "offline_value", "online_value", "message"),
    [
        ("quantity", Decimal(2), Decimal(3), "Ben changed the amount to 3 liters after you."),
        ("note", "soy", "oat", "Ben changed the note to “oat” after you."),
        ("name", "Cream", "Kefir", "Ben renamed it to “Kefir” after you."),
    ],
)
def test_later_change_of_the_same_field_prevails(nok, ben, milk, name, offline_value, online_value, message):
    change_entry(milk, by=by(ben), **{name: online_value})
    expected = str(reload(milk)), reload(milk).note
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, **{name: offline_value}) == MergeResult((name,), message)
    assert (str(reload(milk)), reload(milk).note) == expected
    assert overtaken_changes(nok.home) == [("change_entry", {name: str(offline_value)}, [name])]


def test_later_change_prevails_even_if_it_arrives_first(nok, ben, milk):
    """Both were offline; Ben changed it later, but his change arrives first."""
    merge_change(milk.pk, by=ago(ben, 5), seen=1, note="oat")
    assert merge_change(milk.pk, by=ago(nok, 10), seen=1, note="soy").lost == ("note",)
    assert merge_change(milk.pk, by=ago(nok, 2), seen=1, note="almond") == APPLIED
    assert reload(milk).note == "almond"


def test_change_that_was_seen_does_not_conflict(nok, ben, milk):
    """A wrong clock does not matter: the device had loaded the change."""
    change_entry(milk, by=by(ben), note="oat")
    assert merge_change(milk.pk, by=ago(nok, 5), seen=2, note="soy") == APPLIED
    assert reload(milk).note == "soy"


def test_conflict_with_ones_own_other_device_says_so(nok, milk):
    change_entry(milk, by=by(nok), note="oat")
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, note="soy").message == "You changed Milk again after that."


def test_conflict_with_an_agent_names_the_agent(nok, ben, milk, pixie):
    change_entry(milk, by=by(ben).as_agent(pixie), note="oat")
    message = merge_change(milk.pk, by=ago(nok, 5), seen=1, note="soy").message
    assert message == "Pixie changed the note to “oat” after you."


def test_conflict_with_a_removed_note_says_so(nok, ben, weekly):
    entry, _is_new = add_entry(weekly, "ham", by=by(nok), note="smoked")
    change_entry(entry, by=by(ben), note="")
    message = merge_change(entry.pk, by=ago(nok, 5), seen=1, note="cooked").message
    assert message == "Ben removed the note after you."


def test_change_can_be_applied_in_part(nok, ben, milk):
    change_entry(milk, by=by(ben), note="oat")
    result = merge_change(milk.pk, by=ago(nok, 5), seen=1, note="soy", quantity=Decimal(2), name="Drink")
    assert result.lost == ("note",)
    assert (str(reload(milk)), reload(milk).note) == ("Drink (2 liter)", "oat")
    assert overtaken_changes(nok.home)[0][1] == {"note": "soy", "quantity": "2", "name": "Drink"}


def test_later_change_of_the_aisle_prevails(nok, ben, milk):
    household, other = (Category.objects.get(home=nok.home, name=name) for name in ("household", "other"))
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, category=other) == APPLIED
    update_item(milk.item, by=by(ben), category=household)
    result = merge_change(milk.pk, by=ago(nok, 3), seen=1, category=other)
    assert result == MergeResult(("category",), f"Ben moved Milk to {household.label} after you.")
    assert reload(milk).item.category == household


# Amounts


def test_adds_of_the_same_item_add_up(nok, ben, weekly):
    for member in (nok, ben):
        merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(member, 5))
    assert pending_entries(weekly) == ["Eggs (4 piece)"]


def test_steps_add_up(nok, ben, eggs):
    for member in (nok, ben):
        assert merge_step(eggs.pk, 1, by=ago(member, 5), seen=1) == APPLIED
    step_entry(eggs, -1, by=by(ben))
    assert reload(eggs).quantity == 7


@pytest.mark.parametrize("minutes", [20, 1])
def test_unseen_addition_is_added_to_a_typed_amount(nok, ben, weekly, eggs, minutes):
    """Nok saw 6 and typed 12, Ben added 2, before or after."""
    merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(ben, minutes))
    assert merge_change(eggs.pk, by=ago(nok, 5), seen=1, quantity=Decimal(12)) == APPLIED
    assert reload(eggs).quantity == 14


def test_typed_amount_is_in_the_unit_that_was_seen(nok, ben, weekly):
    """Nok saw 500 g and typed 600; meanwhile Ben added 1 kg, so the unit is kg."""
    flour, _is_new = add_entry(weekly, "flour", by=by(nok), quantity=Decimal(500), unit="g")
    add_entry(weekly, "flour", by=by(ben), quantity=Decimal(1), unit="kg")
    assert merge_change(flour.pk, by=ago(nok, 5), seen=1, quantity=Decimal(600)) == APPLIED
    assert pending_entries(weekly) == ["Flour (1.6 kg)"]


def test_quantity_and_unit_conflict_as_one_field(nok, ben, milk):
    change_entry(milk, by=by(ben), unit="bottle")
    result = merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3))
    assert result == MergeResult(("quantity",), "Ben changed the amount to 1 bottle after you.")
    assert str(reload(milk)) == "Milk (1 bottle)"


def test_changes_of_ones_own_add_change_only_that_part(nok, ben, weekly):
    """Ben added 4. Nok, who had not seen that, added 2, changed it to 3, then 4, then 5."""
    add_entry(weekly, "eggs", by=by(ben), quantity=Decimal(4))
    op_id = uuid4()
    merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(nok, 9, op_id))
    merge_change(op_id, by=ago(nok, 8), quantity=Decimal(3))
    assert pending_entries(weekly) == ["Eggs (7 piece)"]
    merge_step(op_id, 1, by=ago(nok, 7))
    assert pending_entries(weekly) == ["Eggs (8 piece)"]
    merge_change(op_id, by=ago(nok, 6), quantity=Decimal(5))
    assert pending_entries(weekly) == ["Eggs (9 piece)"]
    merge_remove(op_id, by=ago(nok, 5))
    assert pending_entries(weekly) == ["Eggs (4 piece)"]


def test_editing_a_merged_entry_edits_the_merge_target(nok, ben, weekly, rice):
    """Nok changed her 1 bag; meanwhile Ben changed its unit to kg, which merged it into the 5 kg."""
    bags, _is_new = add_entry(weekly, "rice", by=by(nok), quantity=Decimal(1), unit="bag")
    change_entry(bags, by=by(ben), unit="kg")
    assert pending_entries(weekly) == ["Rice (6 kg)"]
    assert merge_change(bags.pk, by=ago(nok, 5), seen=1, note="basmati") == APPLIED
    assert reload(rice).note == "basmati"
    assert merge_change(bags.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3), unit="kg") == APPLIED
    assert pending_entries(weekly) == ["Rice (8 kg)"]


def test_purchasing_a_merged_entry_purchases_its_part_of_the_merge_target(nok, ben, weekly, rice):
    bags, _is_new = add_entry(weekly, "rice", by=by(nok), quantity=Decimal(1), unit="bag")
    change_entry(bags, by=by(ben), unit="kg")
    assert merge_purchase(bags.pk, by=ago(nok, 5), seen=1).lost == ()
    assert (reload(rice).state, reload(rice).quantity) == ("purchased", 1)
    assert pending_entries(weekly) == ["Rice (5 kg)"]


# Lists


@pytest.mark.parametrize("close", [partial(change_list_state, state="completed"), archive_list])
def test_add_to_a_completed_list_goes_to_the_open_one(nok, ben, weekly, close):
    close(weekly, by=by(ben))
    result = merge_add(weekly.pk, parse_lines("2 eggs and ham"), by=ago(nok, 5))
    assert result == MergeResult(message="“Weekly shop” is done, so it went onto “Groceries”.")
    assert pending_entries(GroceryList.objects.get(name="Groceries")) == ["Eggs (2 piece)", "Ham (1 piece)"]


def test_changes_on_a_list_completed_since_are_applied(nok, ben, weekly, milk, eggs):
    change_list_state(weekly, "completed", by=by(ben))
    assert merge_purchase(milk.pk, by=ago(nok, 5), seen=1, price=Decimal(45)) == APPLIED
    assert merge_change(eggs.pk, by=ago(nok, 5), seen=1, note="large") == APPLIED
    assert (reload(milk).state, reload(eggs).note) == ("purchased", "large")


def test_changes_follow_an_entry_to_the_next_list(nok, ben, weekly, milk):
    next_list = start_next_list(change_list_state(weekly, "completed", by=by(ben)), by=by(ben))
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, note="oat") == APPLIED
    assert merge_purchase(milk.pk, by=ago(nok, 4), seen=1) == APPLIED
    assert (reload(milk).list, reload(milk).note, reload(milk).state) == (next_list, "oat", "purchased")


def test_only_purchases_are_applied_on_an_archived_list(nok, ben, weekly, milk, eggs):
    archive_list(weekly, by=by(ben))
    assert merge_purchase(milk.pk, by=ago(nok, 5), seen=1) == APPLIED
    for merge in (merge_remove, merge_put_back):
        assert merge(milk.pk, by=ago(nok, 5), seen=2) == MergeResult(("state",), "“Weekly shop” was archived.")
    assert merge_change(eggs.pk, by=ago(nok, 5), seen=1, note="large").lost == ("note",)
    assert merge_step(eggs.pk, 1, by=ago(nok, 5), seen=1).lost == ("quantity",)
    assert reload(milk).is_purchased


# Adding


def test_note_of_an_add_does_not_replace_a_later_note(nok, ben, weekly, milk):
    change_entry(milk, by=by(ben), note="oat")
    result = merge_add(weekly.pk, parse_lines("1 l milk"), by=ago(nok, 5), note="soy")
    assert result == MergeResult(("note",), "Ben changed the note to “oat” after you.")
    assert (str(reload(milk)), reload(milk).note) == ("Milk (2 liter)", "oat")


def test_entries_of_one_add_are_purchased_together(nok, weekly):
    op_id = uuid4()
    merge_add(weekly.pk, parse_lines("milk and eggs"), by=ago(nok, 5, op_id))
    assert merge_purchase(op_id, by=ago(nok, 4)) == APPLIED
    assert {entry.state for entry in weekly.entries.all()} == {"purchased"}
    with pytest.raises(ActionError, match="Change them one by one"):
        merge_change(op_id, by=ago(nok, 3), note="large")


def test_op_id_of_another_member_is_not_found(nok, ben, weekly):
    op_id = uuid4()
    merge_add(weekly.pk, parse_lines("milk"), by=ago(nok, 5, op_id))
    with pytest.raises(ActionError, match="no longer exists"):
        merge_purchase(op_id, by=ago(ben, 4))


def test_add_with_an_invalid_line_adds_nothing(nok, weekly, events):
    with pytest.raises(ActionError):
        merge_add(weekly.pk, [Line("eggs", None, None), Line("x" * 200, None, None)], by=ago(nok, 5))
    with pytest.raises(ActionError, match="What should go on the list"):
        merge_add(weekly.pk, [], by=ago(nok, 5))
    assert events(nok.home) == []
