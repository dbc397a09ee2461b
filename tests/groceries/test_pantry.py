"""What is at home: put in, used, kept at a minimum, and filled by what is bought on lists."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import (
    add_entry,
    add_to_pantry,
    change_batch,
    change_entry,
    delete_list,
    get_or_create_item,
    keep_in_stock,
    merge_items,
    purchase_entry,
    put_back_entry,
    remove_entry,
    set_entry_states,
    update_item,
    use_batch,
    use_from_pantry,
    use_up,
)
from groceries.actions.batches import MAX_BATCHES
from groceries.models import Item, ListEntry, PantryBatch
from groceries.stock import Stock, UseSoon, add_up, describe_amounts
from homes.actions import update_home
from homes.events.log import home_lock
from homes.events.models import Event
from homes.events.undo import undo_event, undo_operation
from pantry.errors import ActionError, Forbidden
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases


@pytest.fixture
def have(nok):
    """`have("Rice", "2 kg", day)`: put it into the pantry."""

    def put(name, amount="1 piece", best_before=None, **fields):
        quantity, _space, unit = amount.partition(" ")
        day = None if best_before is None else nok.home.now().date() + timedelta(days=best_before)
        return add_to_pantry(name, by=by(nok), quantity=Decimal(quantity), unit=unit, best_before=day, **fields)

    return put


@pytest.fixture
def filled(nok):
    """A home whose purchases are put into the pantry."""
    return update_home(nok.home, by=by(nok), fills_pantry=True)


def at_home(item):
    return describe_amounts(Stock.of(Item.objects.get(name=str(item))).amounts)


def to_get(nok):
    return [str(entry) for entry in ListEntry.objects.pending().filter(home=nok.home).order_by("created_at")]


# Putting in


def test_an_item_without_an_amount_is_one_piece_or_its_usual_amount(nok, milk):
    assert str(add_to_pantry("Tofu", by=by(nok))) == "Tofu (1 piece)"
    update_item(milk.item, by=by(nok), default_quantity=Decimal(2), default_unit="liter")
    assert str(add_to_pantry("milk", by=by(nok))) == "Milk (2 liter)"


def test_adding_is_idempotent(nok):
    me = by(nok, op_id=uuid4())
    assert add_to_pantry("Tofu", by=me) == add_to_pantry("Tofu", by=me)
    assert PantryBatch.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"quantity": Decimal(0)}, "greater than zero"),
        ({"quantity": Decimal(100_000)}, "maximum"),
        ({"best_before": date(2300, 1, 1)}, "too far away"),
        ({"place": "garage"}, "fridge"),
    ],
)
def test_invalid_batch_is_refused(nok, have, fields, message):
    with pytest.raises(ActionError, match=message):
        add_to_pantry("Tofu", by=by(nok), **fields)
    with pytest.raises(ActionError, match=message):
        change_batch(have("Rice"), by=by(nok), **fields)


def test_full_pantry_refuses_and_ticking_goes_on(nok, have, milk, filled):
    assert limit("Batches in the pantry of a home") == MAX_BATCHES
    item = have("Rice").item
    fields = {"home": nok.home, "item": item, "quantity": 1}
    PantryBatch.objects.bulk_create(PantryBatch(**fields) for _number in range(MAX_BATCHES - 1))
    with pytest.raises(ActionError, match="2000 batches"):
        have("Tofu")
    assert purchase_entry(milk, by=by(nok)).is_purchased
    assert PantryBatch.objects.count() == MAX_BATCHES


def test_items_of_another_home_are_refused(nok, mai, milk):
    with pytest.raises(Forbidden):
        add_to_pantry(milk.item, by=by(mai))


# Adding up


def test_amounts_add_up_where_units_can_be_converted():
    amounts = [(Decimal(500), "g"), (Decimal(2), "pack"), (Decimal(1), "kg"), (Decimal(1), "pack")]
    assert describe_amounts(add_up(amounts)) == "1.5 kg, 3 packs"


def test_batches_to_use_soon_are_told_apart_by_day(nok, have):
    for name, days in {"Ham": -1, "Yogurt": 0, "Milk": 3, "Cream": 4, "Cheese": 7, "Butter": 8}.items():
        have(name, best_before=days)
    use_soon = UseSoon.of(nok.home)
    names = [[str(batch.item) for batch in rows] for rows in (use_soon.expired, use_soon.soon, use_soon.this_week)]
    assert names == [["Ham"], ["Yogurt", "Milk"], ["Cream", "Cheese"]]
    assert len(use_soon) == 5


# Using


def test_the_batch_with_the_first_day_is_used_first(nok, have):
    undated, later, first = have("Milk", "1 liter"), have("Milk", "1 liter", 9), have("Milk", "500 ml", 2)
    use = use_from_pantry(first.item, Decimal(750), "ml", by=by(nok))
    assert [str(batch) for batch in use.stock.batches] == ["Milk (0.75 liter)", "Milk (1 liter)"]
    assert [batch.pk for batch in use.stock.batches] == [later.pk, undated.pk]


def test_more_than_there_is_is_refused_and_nothing_is_used(nok, have):
    item = have("Eggs", "2 piece").item
    have("Eggs", "1 pack")
    with pytest.raises(ActionError, match=r"Eggs: only 2, 1 pack at home\."):
        use_from_pantry(item, Decimal(3), by=by(nok))
    with pytest.raises(ActionError, match="can't be counted in kg"):
        use_from_pantry(item, Decimal(1), "kg", by=by(nok))
    assert at_home("Eggs") == "2, 1 pack"
    with pytest.raises(ActionError, match="only 2 at home"):
        use_batch(PantryBatch.objects.get(unit="piece"), Decimal(3), by=by(nok))


def test_using_all_of_it_leaves_nothing(nok, have):
    item = have("Flour", "0.333 cup").item
    have("Flour", "0.333 cup")
    have("Flour", "0.333 cup")
    assert use_from_pantry(item, Decimal(1), "cup", by=by(nok)).stock.batches == []
    have("Flour", "1 kg")
    have("Flour", "2 pack")
    assert use_up(item, by=by(nok)).stock.batches == []
    with pytest.raises(ActionError, match="no Flour in the pantry"):
        use_up(item, by=by(nok))


@pytest.mark.parametrize("quantity", [Decimal(1), None])
def test_using_a_batch_is_idempotent(nok, have, quantity):
    batch, me = have("Eggs", "6 piece"), by(nok, op_id=uuid4())
    for _time in range(2):
        use_batch(batch, quantity, by=me)
    assert at_home("Eggs") == ("5" if quantity else "")
    for _time in range(2):
        use_from_pantry(batch.item, Decimal(1), by=by(nok, op_id=me.op_id))


def test_a_dozen_less_one_is_eleven(nok, have):
    assert str(use_from_pantry(have("Eggs", "1 dozen").item, Decimal(1), by=by(nok)).stock.amounts[0]) == "11"


def test_undoing_a_use_puts_all_of_it_back(nok, have):
    first, second = have("Milk", "1 liter", 2), have("Milk", "1 liter", 9)
    me = by(nok, op_id=uuid4())
    use_from_pantry(first.item, Decimal("1.5"), "liter", by=me)
    undo_operation(me.op_id, by=by(nok))
    assert [batch.pk for batch in Stock.of(first.item).batches] == [first.pk, second.pk]
    assert at_home("Milk") == "2 liters"


def test_undoing_a_use_keeps_what_others_used_since(nok, ben, have):
    batch = have("Eggs", "6 piece")
    use_batch(batch, Decimal(2), by=by(nok))
    use_batch(batch, Decimal(1), by=by(ben))
    undo_event(Event.objects.filter(type="pantry_updated").order_by("seq")[0], by=by(nok))
    assert at_home("Eggs") == "5"


# A minimum


def test_item_below_its_minimum_is_put_on_the_current_list_once(nok, weekly, have):
    batch = have("Eggs", "6 piece")
    keep_in_stock(batch.item, Decimal(4), by=by(nok))
    assert use_batch(batch, Decimal(2), by=by(nok)).entry is None
    entry = use_batch(batch, Decimal(1), by=by(nok)).entry
    assert (str(entry), entry.list, entry.added_by_agent.slug) == ("Eggs (1 piece)", weekly, "pixie")
    assert use_batch(batch, Decimal(2), by=by(nok)).entry is None
    assert to_get(nok) == ["Eggs (1 piece)"]


def test_usual_amount_is_added_if_it_reaches_the_minimum(nok, have):
    item = have("Milk", "1 liter").item
    update_item(item, by=by(nok), default_quantity=Decimal(2), default_unit="liter")
    keep_in_stock(item, Decimal(500), "ml", by=by(nok))
    assert str(use_up(item, by=by(nok)).entry) == "Milk (2 liter)"
    remove_entry(ListEntry.objects.get(), by=by(nok))
    keep_in_stock(item, Decimal(3), "liter", by=by(nok))
    assert to_get(nok) == ["Milk (3 liter)"]


def test_amounts_that_cannot_be_converted_do_not_count_towards_the_minimum(nok, have):
    item = have("Milk", "3 bottle").item
    have("Milk", "500 ml")
    stock = Stock.of(keep_in_stock(item, Decimal(1), "liter", by=by(nok)))
    assert stock.is_below_minimum
    assert describe_amounts(stock.uncounted) == "3 bottles"
    assert to_get(nok) == ["Milk (0.5 liter)"]


def test_item_on_any_open_list_is_not_added_again(nok, milk):
    keep_in_stock(milk.item, Decimal(2), "liter", by=by(nok))
    assert to_get(nok) == ["Milk (1 liter)"]


def test_undoing_a_use_takes_the_item_off_the_list_again(nok, weekly, have):
    batch, me = have("Eggs", "6 piece"), by(nok, op_id=uuid4())
    keep_in_stock(batch.item, Decimal(6), by=by(nok))
    use_batch(batch, Decimal(1), by=me)
    assert undo_operation(me.op_id, by=by(nok)) is True
    assert (at_home("Eggs"), to_get(nok)) == ("6", [])


def test_minimum_is_cleared_with_its_unit(nok, milk):
    keep_in_stock(milk.item, Decimal(1), "liter", by=by(nok))
    item = keep_in_stock(milk.item, None, "liter", by=by(nok))
    assert (item.min_quantity, item.min_unit) == (None, "")


def test_a_use_by_an_agent_is_added_by_that_agent(nok, pixie, weekly, have):
    batch = have("Eggs", "2 piece")
    keep_in_stock(batch.item, Decimal(2), by=by(nok))
    assert use_batch(batch, by=by(nok).as_agent(pixie)).entry.added_by_agent == pixie


def test_home_whose_agents_are_asleep_has_the_member_add_it(nok, pixie, weekly, have):
    type(pixie).objects.update(is_active=False)
    batch = have("Eggs", "2 piece")
    keep_in_stock(batch.item, Decimal(2), by=by(nok))
    assert use_batch(batch, by=by(nok)).entry.added_by_agent is None


# Purchases


def test_purchases_stay_out_unless_the_home_wants_them(nok, milk):
    purchase_entry(milk, by=by(nok))
    assert not PantryBatch.objects.exists()


def test_ticking_puts_the_amount_in_and_unticking_takes_it_out(nok, milk, filled):
    have_other = add_to_pantry("Milk", by=by(nok), quantity=Decimal(1), unit="liter")
    purchase_entry(milk, by=by(nok))
    purchase_entry(milk, by=by(nok), price=Decimal(9))
    assert at_home("Milk") == "2 liters"
    put_back_entry(milk, by=by(nok))
    assert list(PantryBatch.objects.all()) == [have_other]


def test_removing_a_purchase_takes_it_out(nok, milk, filled):
    purchase_entry(milk, by=by(nok))
    remove_entry(milk, by=by(nok))
    assert at_home("Milk") == ""


def test_unticking_leaves_used_what_was_used(nok, eggs, filled):
    purchase_entry(eggs, by=by(nok))
    use_from_pantry(eggs.item, Decimal(2), by=by(nok))
    put_back_entry(eggs, by=by(nok))
    assert at_home("Eggs") == ""


@pytest.mark.parametrize("verb", ["purchase", "put back"])
def test_undoing_a_tick_or_its_undoing_undoes_the_pantry(nok, milk, filled, verb):
    purchase_entry(milk, by=by(nok))
    change_batch(PantryBatch.objects.get(), by=by(nok), place="fridge")
    if verb == "purchase":
        put_back_entry(milk, by=by(nok))
    me = by(nok, op_id=uuid4())
    (purchase_entry if verb == "purchase" else put_back_entry)(milk, by=me)
    undo_operation(me.op_id, by=by(nok))
    assert [batch.place for batch in PantryBatch.objects.all()] == ([] if verb == "purchase" else ["fridge"])


def test_undoing_only_the_putting_back_of_a_purchase_puts_it_in_again(nok, milk, filled):
    purchase_entry(milk, by=by(nok))
    put_back_entry(milk, by=by(nok))
    undo_event(Event.objects.get(type="list_item_put_back"), by=by(nok))
    assert at_home("Milk") == "1 liter"
    undo_event(Event.objects.get(type="pantry_removed"), by=by(nok))
    assert at_home("Milk") == "1 liter"


def test_correcting_a_purchase_corrects_the_pantry(nok, milk, eggs, filled):
    purchase_entry(milk, by=by(nok))
    change_entry(milk, by=by(nok), quantity=Decimal(3), unit="bottle", name="Oat milk")
    assert at_home("Oat milk") == "3 bottles"
    purchase_entry(eggs, by=by(nok))
    use_from_pantry(eggs.item, Decimal(4), by=by(nok))
    change_entry(eggs, by=by(nok), quantity=Decimal(10))
    assert at_home("Eggs") == "6"
    change_entry(eggs, by=by(nok), quantity=Decimal(2))
    assert at_home("Eggs") == ""
    change_entry(eggs, by=by(nok), quantity=Decimal(9))
    assert at_home("Eggs") == ""


@pytest.mark.parametrize(
    "change",
    [
        {"quantity": Decimal(5)},
        {"quantity": Decimal("0.25")},
        {"quantity": Decimal(2), "name": "Oat milk"},
        {"quantity": Decimal(500), "unit": "ml"},
    ],
)
def test_undoing_a_correction_corrects_the_pantry_once(nok, milk, filled, change):
    purchase_entry(milk, by=by(nok))
    me = by(nok, op_id=uuid4())
    change_entry(milk, by=me, **change)
    undo_operation(me.op_id, by=by(nok))
    assert str(PantryBatch.objects.get()) == "Milk (1 liter)"
    milk.refresh_from_db()
    assert str(milk) == "Milk (1 liter)"


@pytest.mark.parametrize("new", [Decimal(7), Decimal(2)])
def test_undoing_a_correction_keeps_what_was_used(nok, eggs, filled, new):
    purchase_entry(eggs, by=by(nok))
    use_from_pantry(eggs.item, Decimal(4), by=by(nok))
    me = by(nok, op_id=uuid4())
    change_entry(eggs, by=me, quantity=new)
    assert at_home("Eggs") == ("3" if new == 7 else "")
    undo_operation(me.op_id, by=by(nok))
    assert at_home("Eggs") == "2"


@pytest.mark.parametrize("first", ["list_item_updated", "pantry_updated"])
def test_undoing_the_parts_of_a_correction_one_by_one_corrects_the_pantry_once(nok, milk, filled, first):
    purchase_entry(milk, by=by(nok))
    me = by(nok, op_id=uuid4())
    change_entry(milk, by=me, quantity=Decimal(5))
    for event in sorted(Event.objects.filter(op_id=me.op_id), key=lambda event: event.type != first):
        undo_event(event, by=by(nok))
        assert str(PantryBatch.objects.get()) == "Milk (1 liter)"


def test_correction_beyond_what_a_batch_can_hold_is_refused(nok, milk, filled):
    purchase_entry(milk, by=by(nok))
    change_batch(PantryBatch.objects.get(), by=by(nok), quantity=Decimal(99_999))
    with pytest.raises(ActionError, match="maximum"):
        change_entry(milk, by=by(nok), quantity=Decimal(5))
    assert str(PantryBatch.objects.get()) == "Milk (99999 liter)"


def test_undoing_a_use_beyond_what_a_batch_can_hold_is_refused(nok, have):
    batch, me = have("Eggs", "60000 piece"), by(nok, op_id=uuid4())
    use_batch(batch, Decimal(50_000), by=me)
    change_batch(batch, by=by(nok), quantity=Decimal(60_000))
    with pytest.raises(ActionError, match="maximum"):
        undo_operation(me.op_id, by=by(nok))
    assert str(PantryBatch.objects.get()) == "Eggs (60000 piece)"


@pytest.mark.parametrize(
    ("amount", "used", "left"),
    [
        ("9000 dozen", ("1", "piece"), "Eggs (8999.917 dozen)"),
        ("90000 kg", ("400", "mg"), "Eggs (90000 kg)"),
        ("90000 kg", ("2000", "g"), "Eggs (89998 kg)"),
    ],
)
def test_a_batch_too_large_for_the_smaller_unit_keeps_its_own(nok, have, amount, used, left):
    batch = have("Eggs", amount)
    use_from_pantry(batch.item, Decimal(used[0]), used[1], by=by(nok))
    assert str(PantryBatch.objects.get()) == left


def test_several_purchases_at_once_fill_the_pantry(nok, milk, eggs, filled):
    me = by(nok, op_id=uuid4())
    set_entry_states([milk, eggs], "purchased", by=me)
    assert (at_home("Milk"), at_home("Eggs")) == ("1 liter", "6")
    undo_operation(me.op_id, by=by(nok))
    assert not PantryBatch.objects.exists()


def test_what_was_bought_stays_when_its_list_is_deleted(nok, milk, filled):
    add_entry(milk.list, "Tea", by=by(nok))
    purchase_entry(milk, by=by(nok))
    with pytest.raises(ActionError):
        delete_list(milk.list, by=by(nok))
    assert at_home("Milk") == "1 liter"


def test_merging_items_merges_what_is_at_home(nok, have):
    cow, oat = have("Milk", "1 liter").item, have("Oat milk", "1 liter").item
    keep_in_stock(cow, Decimal(1), "liter", by=by(nok))
    merged = merge_items(cow, oat, by=by(nok))
    assert (at_home("Oat milk"), merged.min_quantity, merged.min_unit) == ("2 liters", Decimal(1), "liter")


def test_item_is_found_by_its_other_name(nok, have):
    item = have("Orange juice", "1 liter").item
    update_item(item, by=by(nok), aliases=["OJ"])
    with home_lock(nok.home_id):
        assert get_or_create_item("OJ", by=by(nok)) == item
    have("OJ", "1 liter")
    assert at_home("Orange juice") == "2 liters"
