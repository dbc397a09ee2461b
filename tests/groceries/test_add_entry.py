from dataclasses import replace
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry, update_item
from groceries.models import Item, ListEntry
from groceries.parsing.quantities import parse_quantity
from homes.events.undo import undo_event
from pantry.errors import ActionError
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases


def pending_entries(grocery_list):
    """Return the pending entries as text."""
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_add_entry_with_a_new_item_creates_an_entry(nok, weekly, events):
    entry, is_new = add_entry(weekly, "oat milk", by=by(nok), quantity=Decimal(2), unit="litres", note="the  blue one")
    assert is_new
    assert pending_entries(weekly) == ["Oat milk (2 liter)"]
    assert (entry.note, entry.added_by, entry.state) == ("the blue one", nok.user, "pending")
    assert events(nok.home) == ["list_item_added"]


def test_add_entry_with_a_pending_item_adds_up_amounts(nok, ben, weekly, events):
    add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(2))
    entry, is_new = add_entry(weekly, "Egg", by=by(ben), quantity=Decimal(3))
    assert not is_new
    assert entry.quantity == 5
    assert pending_entries(weekly) == ["Eggs (5 piece)"]
    assert events(nok.home) == ["list_item_added", "list_item_updated"]


def test_add_entry_to_a_pending_entry_records_both_amounts(nok, weekly, milk, events):
    add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    assert events.of(nok.home)[-1].changes == {"quantity": ["1", "3"]}


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        (("500", "g"), ("1", "kg"), "1.5 kg"),
        (("1", "kg"), ("500", "g"), "1.5 kg"),
        (("250", "ml"), ("750", "ml"), "1 liter"),
        (("1", "dozen"), ("6", "piece"), "1.5 dozen"),
        (("1", "Armful"), ("2", "armful"), "3 Armful"),
    ],
)
def test_add_entry_with_compatible_units_adds_up(nok, weekly, first, second, total):
    for quantity, unit in (first, second):
        add_entry(weekly, "rice", by=by(nok), quantity=Decimal(quantity), unit=unit)
    assert pending_entries(weekly) == [f"Rice ({total})"]


def test_add_entry_with_incompatible_units_keeps_two_entries(nok, weekly):
    add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(3), unit="piece")
    add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(1), unit="kg")
    assert pending_entries(weekly) == ["Tomatoes (1 kg)", "Tomatoes (3 piece)"]


amounts = st.lists(
    st.tuples(st.integers(min_value=1, max_value=5000).map(Decimal), st.sampled_from(["g", "kg"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts)
def test_add_entry_in_any_order_yields_the_same_total(nok, additions):
    a_list, another = create_list("One", by=by(nok)), create_list("Another", by=by(nok))
    for quantity, unit in additions:
        add_entry(a_list, "flour", by=by(nok), quantity=quantity, unit=unit)
    for quantity, unit in reversed(additions):
        add_entry(another, "flour", by=by(nok), quantity=quantity, unit=unit)
    grams = sum(quantity * (1000 if unit == "kg" else 1) for quantity, unit in additions)
    for grocery_list in (a_list, another):
        (entry,) = grocery_list.entries.all()
        assert entry.quantity * {"kg": 1000, "g": 1}[entry.unit] == grams


def test_add_entry_without_an_amount_uses_the_items_default(nok, weekly, eggs):
    update_item(eggs.item, by=by(nok), default_quantity=Decimal(10), default_unit="piece")
    another = create_list("Party", by=by(nok))
    add_entry(another, "eggs", by=by(nok))
    assert pending_entries(another) == ["Eggs (10 piece)"]


def test_add_entry_without_amount_and_default_adds_one(nok, weekly):
    add_entry(weekly, "lamp", by=by(nok))
    assert pending_entries(weekly) == ["Lamp (1 piece)"]


def test_add_entry_without_a_unit_uses_the_unit_of_the_pending_entry(nok, weekly, milk):
    add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2))
    assert pending_entries(weekly) == ["Milk (3 liter)"]


def test_add_entry_keeps_both_notes(nok, weekly):
    add_entry(weekly, "eggs", by=by(nok), note="large")
    add_entry(weekly, "eggs", by=by(nok))
    assert weekly.entries.get().note == "large"
    add_entry(weekly, "eggs", by=by(nok), note="free range")
    assert weekly.entries.get().note == "large, free range"
    add_entry(weekly, "eggs", by=by(nok), note="Large")
    assert weekly.entries.get().note == "large, free range"


def test_add_entry_refuses_notes_that_are_too_long_together(nok, weekly):
    add_entry(weekly, "eggs", by=by(nok), note="a" * 150)
    with pytest.raises(ActionError, match="200"):
        add_entry(weekly, "eggs", by=by(nok), note="b" * 150)
    assert (weekly.entries.get().note, weekly.entries.get().quantity) == ("a" * 150, 1)


def test_add_entry_in_another_unit_keeps_the_notes_of_both_entries(nok, weekly):
    for quantity, unit, note in [(500, "g", "ripe"), (1, "kg", "small"), (500, "g", "red")]:
        add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(quantity), unit=unit, note=note)
    (entry,) = weekly.entries.pending()
    assert entry.note == "ripe, small, red"


@pytest.mark.parametrize("unit", ["cup", "piece", "tablespoon"])
def test_three_thirds_are_one_and_can_be_undone_one_by_one(nok, weekly, unit, events):
    third = parse_quantity("1/3")
    for sum_ in ("0.333", "0.667", "1"):
        entry, _new = add_entry(weekly, "milk", by=by(nok), quantity=third, unit=unit)
        assert entry.quantity == Decimal(sum_)
    for event, left in zip(reversed(events.of(nok.home)), ("0.667", "0.333", None), strict=True):
        undo_event(event, by=by(nok))
        assert [entry.quantity for entry in weekly.entries.pending()] == ([Decimal(left)] if left else [])


def test_add_entry_does_not_change_a_purchased_entry(nok, weekly, milk):
    purchase_entry(milk, by=by(nok))
    _entry, is_new = add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    assert is_new
    assert pending_entries(weekly) == ["Milk (2 liter)"]


def test_add_entry_guesses_the_aisle_of_a_new_item(nok, weekly, milk):
    assert milk.item.category.name == "dairy"


def test_items_are_separate_per_home(nok, mai, weekly, milk):
    add_entry(create_list("Mai's", by=by(mai)), "milk", by=by(mai))
    homes = Item.objects.filter(normalized_name="milk").values_list("home__name", flat=True)
    assert sorted(homes) == ["Apartment 42", "Mai's place"]


def test_add_entry_with_the_same_op_id_is_idempotent(nok, weekly, events):
    press = by(nok, op_id=uuid4())
    first, _ = add_entry(weekly, "eggs", by=press, quantity=Decimal(2))
    again, is_new = add_entry(weekly, "eggs", by=press, quantity=Decimal(2))
    assert (again, is_new) == (first, False)
    assert pending_entries(weekly) == ["Eggs (2 piece)"]
    assert events(nok.home) == ["list_item_added"]


def test_add_entry_by_an_agent_records_the_same_event_as_by_a_member(nok, weekly, pixie, events):
    """The event also names the agent and the member it acted for."""
    add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(2))
    add_entry(weekly, "rice", by=by(nok).as_agent(pixie), quantity=Decimal(2))
    by_hand, by_agent = events.of(nok.home)
    assert by_agent.type == by_hand.type == "list_item_added"
    assert by_agent.data["entry"].keys() == by_hand.data["entry"].keys()
    assert (by_agent.actor_user, by_agent.actor_agent, by_agent.origin) == (nok.user, pixie, "agent")
    assert weekly.entries.get(item__name="Rice").added_by_agent == pixie


@pytest.mark.parametrize("name", ["", "   ", "\x00\x07", "x" * 101])
def test_add_entry_with_an_invalid_name_is_refused(nok, weekly, events, name):
    with pytest.raises(ActionError):
        add_entry(weekly, name, by=by(nok))
    assert (pending_entries(weekly), events(nok.home)) == ([], [])


@pytest.mark.parametrize("quantity", ["-1", "0.0001", "100000", "NaN", "Infinity"])
def test_invalid_amount_is_refused(nok, weekly, quantity):
    with pytest.raises(ActionError):
        add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(quantity))
    assert pending_entries(weekly) == []


def test_add_entry_with_a_sum_above_the_maximum_is_refused(nok, weekly):
    add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(99_999))
    with pytest.raises(ActionError):
        add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(99_999))
    assert pending_entries(weekly) == ["Eggs (99999 piece)"]


def test_add_entry_to_a_completed_list_is_refused(nok, weekly):
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError, match="done"):
        add_entry(weekly, "eggs", by=by(nok))


@pytest.mark.django_db(transaction=True)
def test_concurrent_adds_of_one_item_add_up(nok, weekly):
    one_milk = partial(add_entry, weekly, "milk", by=by(nok), quantity=Decimal(1), unit="liter")
    run_concurrently(*[one_milk] * 8)
    assert pending_entries(weekly) == ["Milk (8 liter)"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_adds_of_a_new_item_on_several_lists_create_one_item(nok):
    lists = [create_list(f"List {number}", by=by(nok)) for number in range(8)]
    run_concurrently(*[partial(add_entry, grocery_list, "Dragon fruit", by=by(nok)) for grocery_list in lists])
    assert Item.objects.named("dragon fruit", nok.home).count() == 1
    assert ListEntry.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_concurrent_adds_of_many_new_items_succeed(nok, weekly, events):
    fruits = [
        "Apple",
        "Banana",
        "Cherry",
        "Date",
        "Fig",
        "Grape",
        "Kiwi",
        "Lemon",
        "Mango",
        "Orange",
        "Papaya",
        "Quince",
    ]
    run_concurrently(*[partial(add_entry, weekly, fruit, by=by(nok)) for fruit in fruits])
    assert pending_entries(weekly) == [f"{fruit} (1 piece)" for fruit in fruits]
    assert events(nok.home) == ["list_item_added"] * len(fruits)


@pytest.mark.django_db(transaction=True)
def test_concurrent_adds_with_the_same_op_id_count_once(nok, weekly):
    press = replace(by(nok), op_id=uuid4())
    run_concurrently(*[partial(add_entry, weekly, "eggs", by=press, quantity=Decimal(2))] * 8)
    assert pending_entries(weekly) == ["Eggs (2 piece)"]
