"""Tools that correct prices and totals, rename and merge items, and take a text onto a list."""

from decimal import Decimal

import pytest

from groceries.actions import add_entry, change_list_state, end_shopping, purchase_entry, start_shopping
from groceries.models import Item, ListEntry, Trip
from groceries.paste import MAX_CHARS
from pixie.nlu import understand
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.replies.calls import describe_call
from pixie.runs.tool_calls import try_tool
from pixie.tools import TOOLS
from tests.factories import by


@pytest.fixture
def ask(nok, ben, pixie):
    """Call a tool as Pixie for Nok and return the answer: `ask("rename_item", name="milk", new="Oat milk")`."""

    def call(tool, *, who=nok, is_confirmed=True, **payload):
        outcome = try_tool(by(who).as_agent(pixie), Proposal(tool, payload, 1.0), is_confirmed=is_confirmed)
        return answers.describe_outcomes([outcome])

    return call


def described(tool, member, **payload):
    """Return the question about a call, with what its arguments stand for."""
    arguments = dict(TOOLS[tool].arguments.model_validate(payload))
    return describe_call(Proposal(tool, {**arguments, **TOOLS[tool].resolve(by(member), **arguments)}, 1.0))


# Prices


@pytest.fixture
def bought(nok, weekly, milk):
    purchase_entry(milk, by=by(nok), price=Decimal(54))
    change_list_state(weekly, "completed", by=by(nok))
    return milk


def test_price_of_the_last_purchase_is_corrected(ask, nok, bought):
    assert described("correct_price", nok, name="milk", price=45) == "say that Milk was bought for ฿45"
    assert ask("correct_price", name="mlik", price="45 baht") == "Milk cost ฿45, not ฿54."
    bought.refresh_from_db()
    assert bought.price_paid == 45


def test_message_about_a_price_corrects_the_purchase(ask, bought):
    (proposal,) = understand("milk was 45, not 54").actions
    assert ask(proposal.type, **proposal.payload) == "Milk cost ฿45, not ฿54."
    bought.refresh_from_db()
    assert bought.price_paid == 45


def test_message_about_a_price_of_what_is_to_get_is_what_it_should_cost(ask, nok, milk):
    assert "should cost about ฿45" in ask("change_item", name="milk", price=45)
    milk.refresh_from_db()
    assert (milk.price_paid, Item.objects.get(pk=milk.item_id).estimated_price) == (None, 45)


def test_amount_of_what_is_bought_is_not_changed_with_its_price(ask, bought):
    assert ask("change_item", name="milk", price=45, quantity=2) == "Milk is not on the list."


def test_unusual_price_is_asked_about(ask, bought):
    assert "that is a lot" in ask("correct_price", name="milk", price=9999, is_confirmed=False)
    assert "isn't" not in ask("correct_price", name="milk", price=50, is_confirmed=False)


def test_price_of_what_was_never_bought_is_refused(ask, milk, mai):
    assert ask("correct_price", name="milk", price=45) == "Milk wasn't bought yet."
    assert ask("change_item", name="tea", price=45) == "Tea is not on the list."


# Totals


def test_total_of_the_last_shopping_is_set(ask, nok, weekly):
    start_shopping(weekly, by=by(nok))
    end_shopping(weekly, by=by(nok))
    assert described("set_trip_total", nok, total=412) == "set the total of the shopping with Weekly shop to ฿412"
    assert ask("set_trip_total", total=412) == "The shopping with Weekly shop came to ฿412."
    assert Trip.objects.get().total == 412


def test_total_ends_a_shopping_that_is_under_way(ask, nok, ben, weekly):
    start_shopping(weekly, by=by(nok))
    start_shopping(weekly, by=by(ben))
    ask("set_trip_total", total="412.50", list="weekly")
    assert [(trip.user, trip.total) for trip in Trip.objects.exclude(ended_at=None)] == [(nok.user, Decimal("412.5"))]


def test_total_without_a_shopping_is_refused(ask, ben, weekly):
    start_shopping(weekly, by=by(ben))
    assert "You haven't been shopping yet" in ask("set_trip_total", total=412)


# Items


def test_item_is_renamed_everywhere(ask, nok, milk):
    assert described("rename_item", nok, name="milk", new="Cow milk") == "rename Milk to Cow milk"
    assert ask("rename_item", name="milk", new="Cow milk") == "Milk is called Cow milk now."
    milk.refresh_from_db()
    assert milk.item.name == "Cow milk"
    assert ask("rename_item", name="dragon fruit", new="Fruit") == "Dragon fruit was never on a list here."


def test_items_are_merged_after_a_question(ask, nok, weekly, milk):
    add_entry(weekly, "Cow juice", by=by(nok), quantity=Decimal(2), unit="liter")
    assert described("merge_items", nok, name="cow juice", into="milk") == "merge Cow juice into Milk"
    question = ask("merge_items", name="cow juice", into="milk", is_confirmed=False)
    assert question.startswith("Merge Cow juice into Milk?")
    assert Item.objects.filter(name="Cow juice").exists()
    assert ask("merge_items", name="cow juice", into="milk") == "Cow juice and Milk are one now: Milk."
    assert [entry.quantity for entry in weekly.entries.pending()] == [3]
    assert "Choose another one" in ask("merge_items", name="milk", into="milk")


# A text


def test_lines_of_a_text_come_onto_the_list(ask, nok, weekly):
    text = "2 l milk\n6 eggs\nbread"
    assert described("add_text", nok, text=text, list="weekly") == "add 3 items to Weekly shop: milk, eggs, bread"
    assert ask("add_text", text=text, is_confirmed=False) == "Add 3 items: milk, eggs, bread?"
    assert ask("add_text", text=text) == "Added 3 items to Weekly shop."
    assert sorted(entry.item.name for entry in weekly.entries.pending()) == ["Bread", "Eggs", "Milk"]


def test_what_is_bought_in_a_table_is_left_out(ask, weekly):
    ask("add_text", text="Item,Quantity,Unit,Done\nMilk,2,l,no\nEggs,6,,yes")
    assert [entry.item.name for entry in weekly.entries.pending()] == ["Milk"]


def test_text_that_makes_no_sense_adds_nothing(ask, nok, weekly):
    many = "\n".join(f"thing {number}" for number in range(600))
    for text in ("Item,Done\nMilk,yes", many, "x" * (MAX_CHARS + 1)):
        assert "Added" not in ask("add_text", text=text)
    assert not ListEntry.objects.exists()


def test_tools_reach_no_other_home(ask, nok, mai, bought, weekly):
    for tool, payload in (
        ("correct_price", {"name": "milk", "price": 1}),
        ("rename_item", {"name": "milk", "new": "Tea"}),
        ("merge_items", {"name": "milk", "into": "milk"}),
        ("add_text", {"text": "milk", "list": "Weekly shop"}),
    ):
        ask(tool, who=mai, **payload)
    bought.refresh_from_db()
    assert (bought.price_paid, bought.item.name, ListEntry.objects.filter(list=weekly).count()) == (54, "Milk", 1)
