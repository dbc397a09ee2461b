"""What people did to a list without a signal, when it comes in. docs/offline.md has the same rules as a table.

In these tests Nok was away: what she meant some minutes ago arrives after what the others did. She had seen version
1 of everything.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

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
    purchase_entry,
    put_back_entry,
    remove_entry,
    start_next_list,
    step_entry,
    update_item,
)
from groceries.models import Category, GroceryList, ListEntry
from groceries.parsing.entries import Line, parse_lines
from homes.events.models import Event
from homes.events.offline import MergeResult
from pantry.errors import ActionError
from tests.cast import by

pytestmark = pytest.mark.both_databases

DONE = MergeResult()


def ago(member, minutes, op_id=None):
    return replace(by(member, op_id=op_id or uuid4()), meant_at=timezone.now() - timedelta(minutes=minutes))


def fresh(entry):
    return ListEntry.objects.select_related("item__category").get(pk=entry.pk)


def on(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def overtaken(home):
    """(verb, what was meant, what of it was lost), of all that did not stand."""
    events = Event.objects.filter(home=home, type="list_item_overtaken").order_by("seq")
    return [(event.data["verb"], event.data["meant"], event.data["lost"]) for event in events]


# Fields


def test_different_fields_both_stand(nok, ben, milk):
    change_entry(milk, by=by(ben), note="oat")
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3)) == DONE
    assert (fresh(milk).note, fresh(milk).quantity) == ("oat", 3)


@pytest.mark.parametrize(
    ("name", "hers", "his", "told"),
    [
        ("quantity", Decimal(2), Decimal(3), "Ben changed the amount to 3 liters after you."),
        ("note", "soy", "oat", "Ben changed the note to “oat” after you."),
        ("name", "Cream", "Kefir", "Ben renamed it to “Kefir” after you."),
    ],
)
def test_on_one_field_the_later_meant_stands(nok, ben, milk, name, hers, his, told):
    change_entry(milk, by=by(ben), **{name: his})
    stands = str(fresh(milk)), fresh(milk).note
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, **{name: hers}) == MergeResult((name,), told)
    assert (str(fresh(milk)), fresh(milk).note) == stands
    assert overtaken(nok.home) == [("change_entry", {name: str(hers)}, [name])]


def test_what_was_meant_later_and_came_first_stands_too(nok, ben, milk):
    """Both were away: Ben is back first, though he changed it later."""
    merge_change(milk.pk, by=ago(ben, 5), seen=1, note="oat")
    assert merge_change(milk.pk, by=ago(nok, 10), seen=1, note="soy").lost == ("note",)
    assert merge_change(milk.pk, by=ago(nok, 2), seen=1, note="almond") == DONE
    assert fresh(milk).note == "almond"


def test_what_was_seen_is_overtaken_by_nobody(nok, ben, milk):
    """A device's clock may be wrong by more than its skew says; what it had on its screen, it knew."""
    change_entry(milk, by=by(ben), note="oat")
    assert merge_change(milk.pk, by=ago(nok, 5), seen=2, note="soy") == DONE
    assert fresh(milk).note == "soy"


def test_ones_own_other_device_is_told_apart(nok, milk):
    change_entry(milk, by=by(nok), note="oat")
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, note="soy").message == "You changed Milk again after that."


def test_pixie_is_called_by_its_name(nok, ben, milk, pixie):
    change_entry(milk, by=by(ben).as_agent(pixie), note="oat")
    told = merge_change(milk.pk, by=ago(nok, 5), seen=1, note="soy").message
    assert told == "Pixie changed the note to “oat” after you."


def test_the_note_that_was_taken_away_is_told_so(nok, ben, weekly):
    entry, _is_new = add_entry(weekly, "ham", by=by(nok), note="smoked")
    change_entry(entry, by=by(ben), note="")
    told = merge_change(entry.pk, by=ago(nok, 5), seen=1, note="cooked").message
    assert told == "Ben removed the note after you."


def test_a_part_may_stand_and_a_part_be_lost(nok, ben, milk):
    change_entry(milk, by=by(ben), note="oat")
    settled = merge_change(milk.pk, by=ago(nok, 5), seen=1, note="soy", quantity=Decimal(2), name="Drink")
    assert settled.lost == ("note",)
    assert (str(fresh(milk)), fresh(milk).note) == ("Drink (2 liter)", "oat")
    assert overtaken(nok.home)[0][1] == {"note": "soy", "quantity": "2", "name": "Drink"}


def test_of_two_aisles_the_later_meant_stands(nok, ben, milk):
    household, other = (Category.objects.get(home=nok.home, name=name) for name in ("household", "other"))
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, category=other) == DONE
    update_item(milk.item, by=by(ben), category=household)
    told = merge_change(milk.pk, by=ago(nok, 3), seen=1, category=other)
    assert told == MergeResult(("category",), f"Ben moved Milk to {household.label} after you.")
    assert fresh(milk).item.category == household


# Amounts


def test_the_same_thing_added_by_two_adds_up(nok, ben, weekly):
    for who in (nok, ben):
        merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(who, 5))
    assert on(weekly) == ["Eggs (4 piece)"]


def test_steps_of_two_add_up(nok, ben, eggs):
    for who in (nok, ben):
        assert merge_step(eggs.pk, 1, by=ago(who, 5), seen=1) == DONE
    step_entry(eggs, -1, by=by(ben))
    assert fresh(eggs).quantity == 7


@pytest.mark.parametrize("minutes", [20, 1])
def test_what_others_added_unseen_adds_up_with_what_was_typed(nok, ben, weekly, eggs, minutes):
    """She saw 6 and typed 12; they wanted two more, whenever that was."""
    merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(ben, minutes))
    assert merge_change(eggs.pk, by=ago(nok, 5), seen=1, quantity=Decimal(12)) == DONE
    assert fresh(eggs).quantity == 14


def test_an_amount_is_of_the_unit_that_was_seen(nok, ben, weekly):
    """She saw 500 g and typed 600; half a kilo more came to it, and it is counted in kilos by now."""
    flour, _is_new = add_entry(weekly, "flour", by=by(nok), quantity=Decimal(500), unit="g")
    add_entry(weekly, "flour", by=by(ben), quantity=Decimal(1), unit="kg")
    assert merge_change(flour.pk, by=ago(nok, 5), seen=1, quantity=Decimal(600)) == DONE
    assert on(weekly) == ["Flour (1.6 kg)"]


def test_a_number_and_its_unit_are_one_field(nok, ben, milk):
    change_entry(milk, by=by(ben), unit="bottle")
    settled = merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3))
    assert settled == MergeResult(("quantity",), "Ben changed the amount to 1 bottle after you.")
    assert str(fresh(milk)) == "Milk (1 bottle)"


def test_who_added_to_what_was_there_changes_their_own_part(nok, ben, weekly):
    """Ben asks for 4. Nok, who does not know, for 2, then makes it 3, then one more, then 5."""
    add_entry(weekly, "eggs", by=by(ben), quantity=Decimal(4))
    mine = uuid4()
    merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(nok, 9, mine))
    merge_change(mine, by=ago(nok, 8), quantity=Decimal(3))
    assert on(weekly) == ["Eggs (7 piece)"]
    merge_step(mine, 1, by=ago(nok, 7))
    assert on(weekly) == ["Eggs (8 piece)"]
    merge_change(mine, by=ago(nok, 6), quantity=Decimal(5))
    assert on(weekly) == ["Eggs (9 piece)"]
    merge_remove(mine, by=ago(nok, 5))
    assert on(weekly) == ["Eggs (4 piece)"]


def test_a_change_of_what_became_part_of_another_is_a_change_of_that_part(nok, ben, weekly, rice):
    """Nok makes 3 bags of her 1; meanwhile Ben counted it in kilos, and it became part of the 5 kg."""
    bags, _is_new = add_entry(weekly, "rice", by=by(nok), quantity=Decimal(1), unit="bag")
    change_entry(bags, by=by(ben), unit="kg")
    assert on(weekly) == ["Rice (6 kg)"]
    assert merge_change(bags.pk, by=ago(nok, 5), seen=1, note="basmati") == DONE
    assert fresh(rice).note == "basmati"
    assert merge_change(bags.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3), unit="kg") == DONE
    assert on(weekly) == ["Rice (8 kg)"]


def test_a_tick_of_what_became_part_of_another_buys_that_part(nok, ben, weekly, rice):
    bags, _is_new = add_entry(weekly, "rice", by=by(nok), quantity=Decimal(1), unit="bag")
    change_entry(bags, by=by(ben), unit="kg")
    assert merge_purchase(bags.pk, by=ago(nok, 5), seen=1).lost == ()
    assert (fresh(rice).state, fresh(rice).quantity) == ("purchased", 1)
    assert on(weekly) == ["Rice (5 kg)"]


# Taking off


def test_a_removal_that_nobody_contradicts_is_done(nok, milk):
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == DONE
    assert merge_remove(milk.pk, by=ago(nok, 4), seen=1) == DONE
    assert fresh(milk).is_removed


def test_what_somebody_changed_later_is_not_taken_off(nok, ben, milk):
    change_entry(milk, by=by(ben), note="oat")
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(("state",), "Ben changed Milk after you.")
    assert fresh(milk).is_pending
    assert overtaken(nok.home) == [("remove_entry", {}, ["state"])]


def test_what_somebody_changed_before_is_taken_off(nok, ben, milk):
    merge_change(milk.pk, by=ago(ben, 9), seen=1, note="oat")
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == DONE
    assert fresh(milk).is_removed


@pytest.mark.parametrize("order", [["remove", "add"], ["add", "remove"]])
def test_adding_beats_a_removal_that_was_meant_before_whoever_comes_first(nok, ben, weekly, eggs, order):
    does = {
        "remove": lambda: merge_remove(eggs.pk, by=ago(nok, 9), seen=1),
        "add": lambda: merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(ben, 5)),
    }
    for each in order:
        settled = does[each]()
    assert on(weekly) == ["Eggs (2 piece)"]
    if order[-1] == "remove":
        assert settled == MergeResult(("state",), "Others asked for Eggs too, so theirs stays on the list.")


def test_what_was_bought_is_not_taken_off(nok, ben, milk):
    """Though the tick was before: she did not know of it."""
    merge_purchase(milk.pk, by=ago(ben, 9), seen=1)
    assert merge_remove(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(("state",), "Ben put Milk in the basket.")
    assert fresh(milk).is_purchased
    assert merge_remove(milk.pk, by=ago(nok, 4), seen=2) == DONE


def test_who_changes_what_was_taken_off_before_wants_it_back(nok, ben, milk):
    merge_remove(milk.pk, by=ago(ben, 9), seen=1)
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3)) == DONE
    assert (fresh(milk).state, fresh(milk).quantity) == ("pending", 3)


def test_what_comes_back_adds_up_with_what_was_asked_for_meanwhile(nok, ben, weekly, milk):
    merge_remove(milk.pk, by=ago(ben, 9), seen=1)
    add_entry(weekly, "milk", by=by(ben), quantity=Decimal(2), unit="liter")
    merge_change(milk.pk, by=ago(nok, 5), seen=1, quantity=Decimal(3))
    assert on(weekly) == ["Milk (5 liter)"]


@pytest.mark.parametrize(
    ("verb", "lost"),
    [
        (lambda pk, **said: merge_change(pk, quantity=Decimal(3), note="soy", **said), ("note", "quantity")),
        (lambda pk, **said: merge_step(pk, 1, **said), ("quantity",)),
        (merge_put_back, ("state",)),
    ],
)
def test_what_was_taken_off_later_is_off(nok, ben, milk, verb, lost):
    remove_entry(milk, by=by(ben))
    assert verb(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(lost, "Ben took Milk off the list.")
    assert fresh(milk).is_removed
    assert [lost for _verb, _meant, lost in overtaken(nok.home)] == [list(lost)]


@pytest.mark.parametrize(("steps", "amount"), [(1, 7), (-1, 5)])
def test_one_more_or_one_less_brings_back_what_was_taken_off_before(nok, ben, eggs, steps, amount):
    merge_remove(eggs.pk, by=ago(ben, 9), seen=1)
    assert merge_step(eggs.pk, steps, by=ago(nok, 5), seen=1) == DONE
    assert on(eggs.list) == [f"Eggs ({amount} piece)"]


# The basket


@pytest.mark.parametrize("minutes", [9, 1])
def test_what_was_bought_was_bought_though_it_was_taken_off(nok, ben, milk, minutes):
    merge_remove(milk.pk, by=ago(ben, minutes), seen=1)
    bought = ago(nok, 5)
    assert merge_purchase(milk.pk, by=bought, seen=1, price=Decimal(45)) == DONE
    entry = fresh(milk)
    assert (entry.state, entry.purchased_by, entry.purchased_at) == ("purchased", nok.user, bought.meant_at)
    assert entry.price_paid == 45


def test_ticking_twice_is_harmless(nok, ben, milk, events):
    assert merge_purchase(milk.pk, by=ago(ben, 5), seen=1) == DONE
    assert merge_purchase(milk.pk, by=ago(nok, 5), seen=1) == MergeResult(message="Ben just took Milk.")
    assert fresh(milk).purchased_by == ben.user
    assert events(nok.home) == ["list_item_purchased"]


def test_who_put_it_back_later_is_right(nok, ben, milk):
    purchase_entry(milk, by=by(ben))
    put_back_entry(milk, by=by(ben))
    settled = merge_purchase(milk.pk, by=ago(nok, 5), seen=1, price=Decimal(45))
    assert settled == MergeResult(("price_paid", "state"), "Ben put Milk back on the list after you.")
    assert fresh(milk).is_pending


def test_who_ticked_it_later_is_right(nok, ben, milk):
    merge_purchase(milk.pk, by=ago(ben, 9), seen=1)
    assert merge_put_back(milk.pk, by=ago(nok, 8), seen=2) == DONE
    merge_purchase(milk.pk, by=ago(ben, 2), seen=1)
    settled = merge_put_back(milk.pk, by=ago(nok, 5), seen=2)
    assert settled == MergeResult(("state",), "Ben put Milk in the basket.")
    assert fresh(milk).is_purchased


@pytest.mark.parametrize(("hers", "stands"), [(9, "52.00"), (2, "45.00")])
def test_of_two_prices_the_later_meant_stands(nok, ben, milk, hers, stands):
    merge_purchase(milk.pk, by=ago(ben, 5), seen=1, price=Decimal(52))
    settled = merge_purchase(milk.pk, by=ago(nok, hers), seen=1, price=Decimal(45))
    assert str(fresh(milk).price_paid) == stands
    assert settled.lost == (("price_paid",) if stands == "52.00" else ())


def test_the_price_of_what_was_put_back_is_told_to_be_lost(nok, ben, milk):
    purchase_entry(milk, by=by(nok))
    put_back_entry(milk, by=by(ben))
    settled = merge_change(milk.pk, by=ago(nok, 0), seen=2, price_paid=Decimal(45))
    assert settled == MergeResult(("price_paid",), "Milk is not in the basket, so it has no price.")


@pytest.mark.parametrize("order", [["buy", "add"], ["add", "buy"]])
def test_what_others_added_unseen_is_still_to_get(nok, ben, weekly, eggs, order):
    """She bought the six that she knew of."""
    does = {
        "buy": lambda: merge_purchase(eggs.pk, by=ago(nok, 5), seen=1, price=Decimal(45)),
        "add": lambda: merge_add(weekly.pk, parse_lines("2 eggs"), by=ago(ben, 9)),
    }
    told = {each: does[each]().message for each in order}
    assert on(weekly) == ["Eggs (2 piece)"]
    bought = fresh(eggs)
    assert (bought.state, bought.quantity, bought.price_paid) == ("purchased", 6, 45)
    expected = "Others asked for Eggs too, so theirs stays on the list." if order[0] == "add" else ""
    assert told["buy"] == expected


# Lists


@pytest.mark.parametrize("close", [lambda done, by: change_list_state(done, "completed", by=by), archive_list])
def test_adding_to_a_list_that_is_done_goes_onto_the_open_one(nok, ben, weekly, close):
    close(weekly, by=by(ben))
    settled = merge_add(weekly.pk, parse_lines("2 eggs and ham"), by=ago(nok, 5))
    assert settled == MergeResult(message="“Weekly shop” is done, so it went onto “Shopping list”.")
    assert on(GroceryList.objects.get(name="Shopping list")) == ["Eggs (2 piece)", "Ham (1 piece)"]


def test_what_was_done_to_a_list_counts_though_it_is_done_by_now(nok, ben, weekly, milk, eggs):
    change_list_state(weekly, "completed", by=by(ben))
    assert merge_purchase(milk.pk, by=ago(nok, 5), seen=1, price=Decimal(45)) == DONE
    assert merge_change(eggs.pk, by=ago(nok, 5), seen=1, note="large") == DONE
    assert (fresh(milk).state, fresh(eggs).note) == ("purchased", "large")


def test_what_moved_along_to_the_next_list_is_found_there(nok, ben, weekly, milk):
    following = start_next_list(change_list_state(weekly, "completed", by=by(ben)), by=by(ben))
    assert merge_change(milk.pk, by=ago(nok, 5), seen=1, note="oat") == DONE
    assert merge_purchase(milk.pk, by=ago(nok, 4), seen=1) == DONE
    assert (fresh(milk).list, fresh(milk).note, fresh(milk).state) == (following, "oat", "purchased")


def test_what_was_bought_counts_on_a_list_that_was_put_away_and_nothing_else_does(nok, ben, weekly, milk, eggs):
    archive_list(weekly, by=by(ben))
    assert merge_purchase(milk.pk, by=ago(nok, 5), seen=1) == DONE
    for settle in (merge_remove, merge_put_back):
        assert settle(milk.pk, by=ago(nok, 5), seen=2) == MergeResult(("state",), "“Weekly shop” was archived.")
    assert merge_change(eggs.pk, by=ago(nok, 5), seen=1, note="large").lost == ("note",)
    assert merge_step(eggs.pk, 1, by=ago(nok, 5), seen=1).lost == ("quantity",)
    assert fresh(milk).is_purchased


# Adding


def test_a_note_that_came_with_an_addition_replaces_no_later_one(nok, ben, weekly, milk):
    change_entry(milk, by=by(ben), note="oat")
    settled = merge_add(weekly.pk, parse_lines("1 l milk"), by=ago(nok, 5), note="soy")
    assert settled == MergeResult(("note",), "Ben changed the note to “oat” after you.")
    assert (str(fresh(milk)), fresh(milk).note) == ("Milk (2 liter)", "oat")


def test_what_one_text_added_is_ticked_together(nok, weekly):
    mine = uuid4()
    merge_add(weekly.pk, parse_lines("milk and eggs"), by=ago(nok, 5, mine))
    assert merge_purchase(mine, by=ago(nok, 4)) == DONE
    assert {entry.state for entry in weekly.entries.all()} == {"purchased"}
    with pytest.raises(ActionError, match="Change them one by one"):
        merge_change(mine, by=ago(nok, 3), note="large")


def test_nobody_speaks_of_what_somebody_else_added(nok, ben, weekly):
    hers = uuid4()
    merge_add(weekly.pk, parse_lines("milk"), by=ago(nok, 5, hers))
    with pytest.raises(ActionError, match="no longer exists"):
        merge_purchase(hers, by=ago(ben, 4))


def test_all_of_a_text_or_nothing_is_added(nok, weekly, events):
    with pytest.raises(ActionError):
        merge_add(weekly.pk, [Line("eggs", None, None), Line("x" * 200, None, None)], by=ago(nok, 5))
    with pytest.raises(ActionError, match="What should go on the list"):
        merge_add(weekly.pk, [], by=ago(nok, 5))
    assert events(nok.home) == []
