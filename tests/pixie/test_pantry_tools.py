"""What Pixie says about what is at home, and does with it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from groceries.actions import add_to_pantry
from groceries.models import Item, ListEntry, PantryBatch
from homes.events.models import Event
from homes.events.undo import undo_event
from pixie.nlu import understand
from pixie.nlu.outcome import SURE, Proposal
from pixie.nlu.vocabulary import Vocabulary
from pixie.replies import answers
from pixie.runs.tool_calls import try_tool
from tests.factories import by


@pytest.fixture
def ask(nok, pixie):
    """Call a tool as Pixie for Nok and return the answer: `ask("list_pantry", name="milk")`."""

    def call(tool, who=nok, confirmed=True, confidence=1.0, **payload):
        outcome = try_tool(by(who).as_agent(pixie), Proposal(tool, payload, confidence), is_confirmed=confirmed)
        return answers.describe_outcomes([outcome])

    return call


@pytest.fixture
def rice(nok, freeze_time):
    freeze_time("2026-11-30 08:00")
    day = nok.home.now().date() + timedelta(days=3)
    return add_to_pantry("Rice", by=by(nok), quantity=Decimal(2), unit="kg", best_before=day)


def test_what_is_at_home_is_listed(nok, ask, rice):
    add_to_pantry("Tea", by=by(nok), quantity=Decimal(3))
    assert ask("list_pantry") == "At home: Rice (2 kg, best before 3 December 2026) and Tea (3)."
    assert ask("list_pantry", name="rice") == "At home: Rice (2 kg, best before 3 December 2026)."
    assert ask("list_pantry", use_soon=True) == "Use soon: Rice (2 kg, best before 3 December 2026)."


def test_empty_pantry_says_how_to_fill_it(ask, weekly):
    assert ask("list_pantry").startswith("The pantry is empty. Say “put 2 l milk into the pantry”")
    assert ask("list_pantry", use_soon=True) == "Nothing has to be used within a week."
    assert ask("list_pantry", name="beer") == "There's no beer in the pantry."


def test_something_is_put_in_used_and_used_up(ask, rice):
    assert (
        ask("add_to_pantry", name="rice", quantity="500", unit="g", place="cupboard")
        == "In the pantry now: 500 g Rice."
    )
    assert ask("use_from_pantry", name="rice", quantity="250", unit="g") == "Rice: 2.25 kg left."
    assert ask("use_from_pantry", name="rice", quantity="9", unit="kg") == "Rice: only 2.25 kg at home."
    assert ask("use_from_pantry", name="rice") == "Rice is used up."
    assert ask("use_from_pantry", name="rice") == "There's no Rice in the pantry."
    assert not PantryBatch.objects.exists()


def test_minimum_is_kept(ask, weekly, rice):
    sentence = "I'll put Rice on the list when less than 2 kg is at home."
    assert ask("keep_in_stock", name="rice", quantity="2", unit="kg") == sentence
    assert ask("use_from_pantry", name="rice", quantity="1", unit="kg") == "Rice: 1 kg left. It's on “Weekly shop”."
    assert str(ListEntry.objects.get()) == "Rice (1 kg)"
    assert ask("keep_in_stock", name="rice") == "I no longer watch how much Rice is at home."
    assert Item.objects.get(name="Rice").min_quantity is None


def test_minimum_says_that_the_item_is_on_the_list_already(ask, weekly):
    sentence = "Tea is on “Weekly shop”, and I'll put it there again whenever less than 4 is at home."
    assert ask("keep_in_stock", name="tea", quantity="4") == sentence


def test_another_item_than_was_said_is_asked_about(ask, nok):
    add_to_pantry("Oat milk", by=by(nok), quantity=Decimal(3), unit="liter")
    question = "There's no Milk in the pantry, but Oat milk. "
    assert ask("use_from_pantry", confirmed=False, name="milk") == f"{question}Is that used up?"
    assert ask("use_from_pantry", confirmed=False, name="milk", quantity="1") == f"{question}Did you mean that?"
    assert str(PantryBatch.objects.get()) == "Oat milk (3 liter)"
    assert ask("use_from_pantry", confirmed=False, name="oat milks", quantity="1") == "Oat milk: 2 liters left."


@pytest.mark.parametrize("text", ["we used some rice from the pantry", "take the rice out of the pantry"])
def test_without_an_amount_it_is_asked_whether_all_is_used_up(ask, rice, text):
    (action,) = understand(text).actions
    assert (action.payload, action.confidence < SURE) == ({"name": "rice"}, True)
    answer = ask("use_from_pantry", confirmed=False, confidence=action.confidence, **action.payload)
    assert answer == "Did you mean: say that Rice is used up?"
    assert PantryBatch.objects.exists()
    (action,) = understand("use all the rice from the pantry").actions
    assert action.confidence >= SURE


def test_several_things_are_several(nok):
    actions = understand("put 2 kg rice and 3 eggs into the pantry").actions
    assert [action.payload for action in actions] == [
        {"name": "rice", "quantity": "2", "unit": "kg"},
        {"name": "eggs", "quantity": "3"},
    ]
    assert [action.payload for action in understand("put milk and eggs into the pantry").actions] == [
        {"name": "milk"},
        {"name": "eggs"},
    ]
    (action,) = understand("put salt and pepper into the pantry", Vocabulary(items=("Salt and pepper",))).actions
    assert action.payload == {"name": "salt and pepper"}


def test_pantry_of_another_home_stays_unknown(mai, ask, rice):
    assert ask("list_pantry", who=mai).startswith("The pantry is empty.")
    assert ask("use_from_pantry", who=mai, name="rice") == "There's no Rice in the pantry."


def test_use_by_pixie_can_be_undone(nok, ask, rice):
    ask("use_from_pantry", name="rice", quantity="1", unit="kg")
    undo_event(Event.objects.get(type="pantry_updated"), by=by(nok))
    assert str(PantryBatch.objects.get()) == "Rice (2 kg)"


@pytest.mark.parametrize(
    ("text", "tool", "payload"),
    [
        ("use all the rice from the pantry", "use_from_pantry", {"name": "rice"}),
        ("What's in the pantry?", "list_pantry", {}),
        ("was haben wir noch im Vorrat", "list_pantry", {}),
        ("¿Qué hay en la despensa?", "list_pantry", {}),
        ("what should we use up soon?", "list_pantry", {"use_soon": True}),
        ("what expires soon", "list_pantry", {"use_soon": True}),
        ("อะไรใกล้หมดอายุบ้าง", "list_pantry", {"use_soon": True}),
        ("put 2 l milk into the pantry", "add_to_pantry", {"name": "milk", "quantity": "2", "unit": "liter"}),
        ("we used 500 g of rice from the pantry", "use_from_pantry", {"name": "rice", "quantity": "500", "unit": "g"}),
        ("take the milk out of our pantry", "use_from_pantry", {"name": "milk"}),
    ],
)
def test_requests_about_the_pantry_are_understood(text, tool, payload):
    (action,) = understand(text).actions
    assert (action.type, action.payload) == (tool, payload)


@pytest.mark.parametrize(
    "text", ["Was geht ab?", "add milk", "we need a pantry shelf", "put milk on the list", "what's on the list?"]
)
def test_other_requests_are_none_about_the_pantry(text):
    tools = {action.type for action in understand(text).actions}
    assert not tools & {"list_pantry", "add_to_pantry", "use_from_pantry"}
