from dataclasses import replace
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry, update_item
from groceries.models import Item, ListEntry
from pantry.errors import ActionError
from tests.cast import at_once, by

pytestmark = pytest.mark.both_databases


def on(grocery_list):
    """What is still to get, as people read it."""
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_something_new_is_put_on_the_list(nok, weekly, events):
    entry, is_new = add_entry(weekly, "oat milk", by=by(nok), quantity=Decimal(2), unit="litres", note="the  blue one")
    assert is_new
    assert on(weekly) == ["Oat milk (2 liter)"]
    assert (entry.note, entry.added_by, entry.state) == ("the blue one", nok.user, "pending")
    assert events(nok.home) == ["list_item_added"]


def test_two_eggs_and_three_eggs_are_five(nok, ben, weekly, events):
    add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(2))
    entry, is_new = add_entry(weekly, "Egg", by=by(ben), quantity=Decimal(3))
    assert not is_new
    assert entry.quantity == 5
    assert on(weekly) == ["Eggs (5 piece)"]
    assert events(nok.home) == ["list_item_added", "list_item_updated"]


def test_what_changed_is_told_with_both_amounts(nok, weekly, milk, events):
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
def test_units_that_fit_add_up(nok, weekly, first, second, total):
    for quantity, unit in (first, second):
        add_entry(weekly, "rice", by=by(nok), quantity=Decimal(quantity), unit=unit)
    assert on(weekly) == [f"Rice ({total})"]


def test_units_that_do_not_fit_stay_two_entries(nok, weekly):
    add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(3), unit="piece")
    add_entry(weekly, "tomatoes", by=by(nok), quantity=Decimal(1), unit="kg")
    assert on(weekly) == ["Tomatoes (1 kg)", "Tomatoes (3 piece)"]


amounts = st.lists(
    st.tuples(st.integers(min_value=1, max_value=5000).map(Decimal), st.sampled_from(["g", "kg"])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(amounts)
def test_no_order_of_adding_loses_a_gram(nok, said):
    a_list, another = create_list("One", by=by(nok)), create_list("Another", by=by(nok))
    for quantity, unit in said:
        add_entry(a_list, "flour", by=by(nok), quantity=quantity, unit=unit)
    for quantity, unit in reversed(said):
        add_entry(another, "flour", by=by(nok), quantity=quantity, unit=unit)
    grams = sum(quantity * (1000 if unit == "kg" else 1) for quantity, unit in said)
    for each in (a_list, another):
        (entry,) = each.entries.all()
        assert entry.quantity * {"kg": 1000, "g": 1}[entry.unit] == grams


def test_without_an_amount_it_is_the_usual_one(nok, weekly, eggs):
    update_item(eggs.item, by=by(nok), default_quantity=Decimal(10), default_unit="piece")
    another = create_list("Party", by=by(nok))
    add_entry(another, "eggs", by=by(nok))
    assert on(another) == ["Eggs (10 piece)"]


def test_without_any_word_of_how_much_it_is_one(nok, weekly):
    add_entry(weekly, "lamp", by=by(nok))
    assert on(weekly) == ["Lamp (1 piece)"]


def test_a_bare_number_goes_on_in_the_unit_that_was_asked_for(nok, weekly, milk):
    add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2))
    assert on(weekly) == ["Milk (3 liter)"]


def test_a_note_of_the_second_replaces_that_of_the_first_and_silence_keeps_it(nok, weekly):
    add_entry(weekly, "eggs", by=by(nok), note="large")
    add_entry(weekly, "eggs", by=by(nok))
    assert weekly.entries.get().note == "large"
    add_entry(weekly, "eggs", by=by(nok), note="free range")
    assert weekly.entries.get().note == "free range"


def test_what_is_in_the_basket_is_not_added_to(nok, weekly, milk):
    purchase_entry(milk, by=by(nok))
    _entry, is_new = add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    assert is_new
    assert on(weekly) == ["Milk (2 liter)"]


def test_a_thing_finds_its_aisle(nok, weekly, milk):
    assert milk.item.category.name == "dairy"


def test_two_homes_have_items_of_their_own(nok, mai, weekly, milk):
    add_entry(create_list("Mai's", by=by(mai)), "milk", by=by(mai))
    assert sorted(Item.objects.named("milk").values_list("home__name", flat=True)) == ["Apartment 42", "Mai's place"]


def test_the_same_press_sent_twice_is_done_once(nok, weekly, events):
    press = by(nok, op_id=uuid4())
    first, _ = add_entry(weekly, "eggs", by=press, quantity=Decimal(2))
    again, is_new = add_entry(weekly, "eggs", by=press, quantity=Decimal(2))
    assert (again, is_new) == (first, False)
    assert on(weekly) == ["Eggs (2 piece)"]
    assert events(nok.home) == ["list_item_added"]


def test_what_the_agent_adds_is_the_same_event_as_a_hand_would_write(nok, weekly, pixie, events):
    """The others are shown it the same way, and see who did it for whom."""
    add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(2))
    add_entry(weekly, "rice", by=by(nok).as_agent(pixie), quantity=Decimal(2))
    by_hand, by_agent = events.of(nok.home)
    assert by_agent.type == by_hand.type == "list_item_added"
    assert by_agent.data["entry"].keys() == by_hand.data["entry"].keys()
    assert (by_agent.actor_user, by_agent.actor_agent, by_agent.origin) == (nok.user, pixie, "agent")
    assert weekly.entries.get(item__name="Rice").added_by_agent == pixie


@pytest.mark.parametrize("name", ["", "   ", "\x00\x07", "x" * 101])
def test_a_name_that_is_none_is_refused(nok, weekly, events, name):
    with pytest.raises(ActionError):
        add_entry(weekly, name, by=by(nok))
    assert (on(weekly), events(nok.home)) == ([], [])


@pytest.mark.parametrize("quantity", ["-1", "0.0001", "100000", "NaN", "Infinity"])
def test_an_amount_that_no_list_can_hold_is_refused(nok, weekly, quantity):
    with pytest.raises(ActionError):
        add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(quantity))
    assert on(weekly) == []


def test_a_sum_past_all_bounds_is_refused_and_the_first_amount_stays(nok, weekly):
    add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(99_999))
    with pytest.raises(ActionError):
        add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(99_999))
    assert on(weekly) == ["Eggs (99999 piece)"]


def test_nothing_is_added_to_a_list_that_is_done(nok, weekly):
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError, match="done"):
        add_entry(weekly, "eggs", by=by(nok))


@pytest.mark.django_db(transaction=True)
def test_eight_people_adding_one_milk_at_once_make_eight(nok, weekly):
    one_milk = partial(add_entry, weekly, "milk", by=by(nok), quantity=Decimal(1), unit="liter")
    at_once(*[one_milk] * 8)
    assert on(weekly) == ["Milk (8 liter)"]


@pytest.mark.django_db(transaction=True)
def test_eight_people_naming_the_same_new_thing_at_once_on_as_many_lists_is_no_error(nok):
    lists = [create_list(f"List {number}", by=by(nok)) for number in range(8)]
    at_once(*[partial(add_entry, each, "Dragon fruit", by=by(nok)) for each in lists])
    assert Item.objects.named("dragon fruit").count() == 1
    assert ListEntry.objects.count() == 8


@pytest.mark.django_db(transaction=True)
def test_many_new_things_at_once_are_no_error(nok, weekly, events):
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
    at_once(*[partial(add_entry, weekly, fruit, by=by(nok)) for fruit in fruits])
    assert on(weekly) == [f"{fruit} (1 piece)" for fruit in fruits]
    assert events(nok.home) == ["list_item_added"] * len(fruits)


@pytest.mark.django_db(transaction=True)
def test_one_press_arriving_eight_times_at_once_counts_once(nok, weekly):
    press = replace(by(nok), op_id=uuid4())
    at_once(*[partial(add_entry, weekly, "eggs", by=press, quantity=Decimal(2))] * 8)
    assert on(weekly) == ["Eggs (2 piece)"]
