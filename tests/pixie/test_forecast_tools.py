"""What Pixie says about what the home runs out of."""

from datetime import timedelta

import pytest

from groceries.actions import add_entry, create_item, create_list, purchase_entry
from groceries.models import Item, ListEntry
from homes.events.models import Event
from homes.events.undo import undo_event
from pixie.nlu import understand
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.runs.tool_calls import try_tool
from tests.factories import by


@pytest.fixture
def ask(nok, pixie):
    """Call a tool as Pixie for Nok and return the answer: `ask("running_low", name="milk")`."""

    def call(tool, **payload):
        outcome = try_tool(by(nok).as_agent(pixie), Proposal(tool, payload, 1.0), is_confirmed=True)
        return answers.describe_outcomes([outcome])

    return call


@pytest.fixture
def milk_item(nok, weekly, freeze_time):
    """Milk, which was bought every six days, seven days ago at last, on a list that is archived."""
    freeze_time("2026-03-30 08:00")
    shop = create_list("Last week", by=by(nok))
    for days in (25, 19, 13, 7):
        entry = purchase_entry(add_entry(shop, "Milk", by=by(nok))[0], by=by(nok))
        ListEntry.objects.filter(pk=entry.pk).update(purchased_at=nok.home.now() - timedelta(days=days))
    type(shop).objects.filter(pk=shop.pk).update(archived_at=nok.home.now())
    return Item.objects.get(name="Milk")


MILK = "Milk: probably out by Tuesday. Every 6 ± 1 days, last bought on Monday 23 March."


def test_what_runs_out_is_named_with_its_reason(ask, milk_item):
    reason = "every 6 ± 1 days, last bought on Monday 23 March"
    assert ask("running_low") == f"Probably running out: Milk ({reason})."


def test_nothing_runs_out(ask, weekly):
    assert ask("running_low") == "Nothing seems to be running out in the next days."


def test_named_item_is_forecast_also_if_it_is_on_the_list(nok, weekly, ask, milk_item):
    add_entry(weekly, "Milk", by=by(nok))
    assert ask("running_low") == "Nothing seems to be running out in the next days."
    assert ask("running_low", name="milk") == MILK


def test_item_without_a_forecast_is_said_to_have_none(ask, weekly):
    assert ask("running_low", name="tea") == "I can't tell when tea runs out: it isn't bought regularly."


def test_question_about_an_item_tells_when_it_runs_out(nok, weekly, ask, milk_item):
    assert ask("item_on_list", name="milk") == f"No, milk is not on Weekly shop. {MILK}"
    add_entry(weekly, "Milk", by=by(nok))
    assert "probably out" not in ask("item_on_list", name="milk")


@pytest.mark.both_databases
def test_answers_can_be_undone(nok, ask, milk_item):
    assert ask("answer_forecast", name="milk", answer="not_yet") == "Milk comes up again on Wednesday 1 April."
    assert ask("answer_forecast", name="milk", answer="never") == "Milk won't be suggested again."
    undo_event(Event.objects.filter(home=nok.home).latest("seq"), by=by(nok))
    assert ask("answer_forecast", name="milk", answer="again") == "Milk will be suggested again."
    milk_item.refresh_from_db()
    assert (milk_item.has_forecasts, milk_item.snoozed_until) == (True, None)


def test_unknown_item_is_refused(ask, weekly):
    assert ask("answer_forecast", name="unicorn", answer="never") == "I don't know any “unicorn” here."


@pytest.mark.parametrize(
    "text",
    [
        "what are we running low on?", "what's running low", "What is running out?", "what will we run out of soon?",
        "what are we about to run out of", "what are we almost running out of this week?", "anything running low?",
        "are we running low on anything?", "was geht uns bald aus?", "was wird knapp?", "¿qué se nos está acabando?",
        "อะไรใกล้หมดบ้าง",
    ],
)  # fmt: skip
def test_question_what_runs_low_is_understood(text):
    (action,) = understand(text).actions
    assert (action.type, action.payload) == ("running_low", {})


@pytest.mark.parametrize("text", ["running low on rice", "we are running low on milk", "what runs in the family"])
def test_statement_that_an_item_runs_low_is_no_such_question(text):
    assert "running_low" not in [action.type for action in understand(text).actions]


def test_item_is_found_by_its_other_name_and_not_by_a_part_of_another(nok, ask):
    create_item("Orange juice", by=by(nok), aliases=["Milk"])
    create_item("Milk chocolate", by=by(nok))
    ask("answer_forecast", name="Milk", answer="never")
    assert dict(Item.objects.values_list("name", "has_forecasts")) == {"Orange juice": False, "Milk chocolate": True}
