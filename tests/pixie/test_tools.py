"""Pixie's tools: results, refusals and confirmations."""

import json
from decimal import Decimal
from uuid import uuid4

import jsonschema
import pytest

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry
from groceries.models import GroceryList, Item, ListEntry, RecurringItem
from homes.accounts.models import ApiToken
from homes.events.undo import undo_handlers
from pixie.models import LOCAL, Run, RunMessage, RunStep
from pixie.nlu.outcome import SURE, Proposal
from pixie.replies import answers
from pixie.runs.outcomes import Doubt, Refusal
from pixie.runs.tool_calls import call_tool, try_tool
from pixie.tools import TOOLS, Result
from tests.factories import by

WRITES = {
    "add_item": ("list_item_added", "list_item_updated"),
    "mark_purchased": ("list_item_added", "list_item_updated", "list_item_purchased"),
    "remove_item": ("list_item_removed",),
    "change_item": ("list_item_updated",),
    "set_recurring": ("recurring_set",),
    "change_recurring": ("recurring_updated", "recurring_stopped"),
    "answer_forecast": ("item_updated",),
    "post_message": ("chat_message",),
    "add_reaction": ("reaction_added",),
    "schedule_message": ("schedule_created",),
    "cancel_scheduled": ("schedule_cancelled",),
    "clear_list": ("list_item_removed",),
    "mark_all_purchased": ("list_item_purchased",),
    "have_at_home": ("list_item_removed",),
    "put_back": ("list_item_put_back", "list_item_removed", "list_item_updated"),
    "move_item": ("list_item_updated", "list_item_removed"),
    "swap_item": ("list_item_updated", "list_item_removed"),
    "set_aisle": ("item_updated",),
    "approve_list": ("list_state_changed",),
    "complete_list": ("list_state_changed",),
    "start_list": ("list_created", "list_item_added"),
    "rename_list": ("list_updated",),
    "archive_list": ("list_updated",),
    "delete_list": ("list_deleted",),
    "add_expense": ("expense_created",),
    "add_to_pantry": ("pantry_added",),
    "use_from_pantry": ("pantry_updated", "pantry_removed", "list_item_added"),
    "keep_in_stock": ("item_updated", "list_item_added"),
    "correct_price": ("list_item_updated",),
    "set_trip_total": ("shopping_ended", "shopping_total_changed"),
    "rename_item": ("item_updated",),
    "merge_items": ("items_merged",),
    "create_task": ("task_created",),
    "complete_task": ("task_updated", "task_created"),
    "add_text": ("list_item_added", "list_item_updated"),
}


@pytest.fixture
def use(nok, pixie, general):
    """Call a tool as Pixie for Nok and return the outcome: `use("add_item", name="eggs")`."""
    run = Run.objects.create(home=nok.home, agent=pixie, channel=general)

    def use_tool(tool, *, confidence=1.0, confirmed=False, op_id=None, who=nok, **arguments):
        actor, proposal = by(who).as_agent(pixie), Proposal(tool, arguments, confidence)
        step = RunStep.objects.create(run=run, step_number=run.steps.count() + 1, model=LOCAL)
        return call_tool(actor, proposal, step, op_id=op_id or uuid4(), is_confirmed=confirmed)

    return use_tool


def pending_items(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_every_tool_is_registered_with_scope_undo_and_answer(db):
    assert set(TOOLS) >= {
        "add_item", "change_item", "list_items", "mark_purchased", "remove_item", "set_recurring", "budget_query",
        "post_message", "add_reaction", "search", "undo", "search_memory", "remember", "forget",
        "sum_up",
    }  # fmt: skip
    for tool in TOOLS.values():
        assert tool.description.endswith(".")
        assert tool.scope in ApiToken.SCOPES
        assert tool.name in answers.DESCRIPTIONS
    assert set(WRITES) <= set(TOOLS)
    for name, event_types in WRITES.items():
        assert set(event_types) <= set(undo_handlers), name
        assert name in answers.TITLES


@pytest.mark.parametrize("name", TOOLS)
def test_schema_describes_every_argument(name):
    schema = TOOLS[name].schema()
    assert schema["type"] == "object"
    assert "title" not in schema
    jsonschema.Draft202012Validator.check_schema(schema)
    assert [query for query in schema["properties"].values() if not query.get("description")] == []
    assert not [text for text in ("pattern", '"title"') if text in json.dumps(schema)]


# Calling


@pytest.mark.parametrize("confidence", [0.0, 0.5, SURE - 0.01])
def test_call_below_the_confidence_threshold_needs_confirmation(weekly, use, confidence, nok, events):
    assert isinstance(use("add_item", name="eggs", confidence=confidence), Doubt)
    assert events(nok.home) == []
    assert not RunMessage.objects.exists()


def test_call_at_the_confidence_threshold_is_done(weekly, use):
    assert isinstance(use("add_item", name="eggs", confidence=SURE), Result)


def test_confirmed_call_is_done_at_any_confidence(weekly, use):
    assert isinstance(use("add_item", name="eggs", quantity="5000", confidence=0.1, confirmed=True), Result)
    assert pending_items(weekly) == ["Eggs (5000 piece)"]


def test_same_operation_is_done_once(weekly, use):
    op_id = uuid4()
    for _ in range(2):
        use("add_item", name="eggs", op_id=op_id)
    assert pending_items(weekly) == ["Eggs (1 piece)"]


def test_unknown_arguments_are_ignored(weekly, use):
    assert isinstance(use("add_item", name="eggs", colour="brown"), Result)


@pytest.mark.parametrize("tool", ["add_item", "mark_purchased", "remove_item", "set_recurring"])
def test_invalid_item_name_is_refused(weekly, use, tool, nok, events):
    for name in ("", None, "x" * 201):
        assert isinstance(use(tool, name=name, frequency="weekly"), Refusal)
    assert events(nok.home) == []


@pytest.mark.parametrize("tool", ["add_item", "mark_purchased", "set_recurring"])
@pytest.mark.parametrize("name", ["x" * 101, "\x00", "​", "   "])
def test_blank_or_too_long_item_name_is_refused(weekly, use, tool, name, nok, events):
    assert isinstance(use(tool, name=name, frequency="weekly"), Refusal)
    assert events(nok.home) == []


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN", "Infinity", "1e9", "lots", "100000", "0.00001"])
def test_invalid_quantity_is_refused_with_a_sentence(weekly, use, quantity, nok, events):
    for tool in ("add_item", "mark_purchased", "set_recurring"):
        refusal = use(tool, name="eggs", quantity=quantity, frequency="weekly")
        assert isinstance(refusal, Refusal)
        assert refusal.sentence.endswith(".")
        assert "Value error" not in refusal.sentence
    assert events(nok.home) == []


def test_refusal_is_stored_in_the_trace(weekly, use):
    use("remove_item", name="caviar")
    assert [message.content for message in RunMessage.objects.all()] == ["", "refused: Caviar is not on the list."]


# add_item


def test_add_item_creates_the_first_list(nok, use):
    use("add_item", name="eggs")
    assert pending_items(GroceryList.objects.get()) == ["Eggs (1 piece)"]


def test_add_item_returns_list_aisle_and_amount(weekly, use):
    result = use("add_item", name="eggs", quantity="6", note="brown ones")
    assert result.facts["list"] == "Weekly shop"
    assert result.facts["aisle"] == "Dairy"
    assert result.facts["is_new"] is True
    assert [(line.name, line.amount) for line in result.lines] == [("Eggs", "6")]
    assert ListEntry.objects.get().note == "brown ones"


def test_add_item_without_quantity_uses_the_default(weekly, milk, use, nok):
    Item.objects.filter(name="Milk").update(default_quantity=2, default_unit="liter")
    use("add_item", name="milk")
    assert pending_items(weekly) == ["Milk (3 liter)"]


def test_add_item_with_unknown_category_uses_other(weekly, use):
    use("add_item", name="zorkmids", category="treasure")
    assert Item.objects.get().category.name == "other"


@pytest.mark.parametrize(("quantity", "asks"), [("24", False), ("24.001", True), ("25", True)])
def test_add_item_over_four_times_the_largest_quantity_needs_confirmation(weekly, eggs, use, quantity, asks):
    assert isinstance(use("add_item", name="eggs", quantity=quantity), Doubt) is asks


@pytest.mark.parametrize(
    ("quantity", "unit", "asks"),
    [("48", None, False), ("49", None, True), ("49", "kg", True), ("500", "g", False), ("2000", "ml", False)],
)
def test_add_item_with_a_large_first_quantity_needs_confirmation(weekly, use, quantity, unit, asks):
    assert isinstance(use("add_item", name="lemons", quantity=quantity, unit=unit), Doubt) is asks


def test_quantities_of_another_home_do_not_count(nok, mai, weekly, use):
    add_entry(create_list("Mine", by=by(mai)), "Lemons", by=by(mai), quantity=Decimal(400))
    assert isinstance(use("add_item", name="lemons", quantity="400"), Doubt)


def test_question_names_new_and_usual_quantity(weekly, rice, use):
    assert use("add_item", name="rice", quantity="24", unit="kg").why == (
        "Rice, 24 kg: that is a lot. You buy 5 kg. Did you mean it?"
    )


# list_items


def test_list_items_filters_by_category(weekly, milk, rice, use):
    assert [line.name for line in use("list_items", category="staple").lines] == ["Rice"]
    assert use("list_items", category="treasure").facts["count"] == 0


def test_list_items_uses_the_newest_open_list(nok, weekly, milk, use):
    party = create_list("Party", by=by(nok))
    assert use("list_items").facts["list"] == "Party"
    change_list_state(party, "completed", by=by(nok))
    assert use("list_items").facts == {"list": "Weekly shop", "count": 1, "category": None, "aisles": ["Dairy"]}


def test_list_items_without_a_list_is_empty(use, mai):
    create_list("Mine", by=by(mai))
    assert use("list_items").facts == {"list": None, "count": 0}


# mark_purchased


def test_mark_purchased_finds_items_on_any_open_list(nok, weekly, milk, use):
    create_list("Party", by=by(nok))
    use("mark_purchased", name="milk", price="45")
    milk.refresh_from_db()
    assert (milk.is_purchased, milk.price_paid) == (True, 45)


@pytest.mark.parametrize(
    ("listed", "query"), [("Tomatoes", "tomatos"), ("Coriander", "corriander"), ("Cherry tomatoes", "tomatoes")]
)
def test_mark_purchased_matches_typos_and_partial_names(nok, weekly, use, listed, query):
    add_entry(weekly, listed, by=by(nok))
    use("mark_purchased", name=query)
    assert pending_items(weekly) == []


def test_mark_purchased_twice_keeps_the_first_price(weekly, milk, use):
    use("mark_purchased", name="milk", price="45")
    result = use("mark_purchased", name="milk")
    assert result.facts["was_listed"] is False
    assert ListEntry.objects.filter(price_paid=45).count() == 1


@pytest.mark.parametrize("price", ["-5", "NaN", "1e30", "free"])
def test_mark_purchased_with_an_invalid_price_is_refused(weekly, milk, use, price):
    assert isinstance(use("mark_purchased", name="milk", price=price), Refusal)
    milk.refresh_from_db()
    assert milk.is_pending


# remove_item


def test_remove_item_that_is_bought_is_refused(nok, weekly, milk, use):
    purchase_entry(milk, by=by(nok))
    assert isinstance(use("remove_item", name="milk"), Refusal)
    milk.refresh_from_db()
    assert milk.is_purchased


def test_remove_item_of_another_home_is_refused(nok, mai, use):
    entry, _new = add_entry(create_list("Mine", by=by(mai)), "Milk", by=by(mai))
    assert isinstance(use("remove_item", name="milk"), Refusal)
    entry.refresh_from_db()
    assert entry.is_pending


def test_remove_item_from_a_completed_list_is_refused(nok, weekly, milk, use):
    change_list_state(weekly, "completed", by=by(nok))
    assert isinstance(use("remove_item", name="milk"), Refusal)


# change_item


def test_change_item_returns_the_new_quantity(nok, weekly, milk, use, events):
    result = use("change_item", name="milk", quantity="3", unit="l", note="oat")
    milk.refresh_from_db()
    assert (milk.quantity, milk.unit, milk.note) == (3, "liter", "oat")
    assert answers.describe_outcomes([result]) == "Changed. Milk: 3 liters. The note of Milk is “oat”."
    assert events(nok.home)[-1] == "list_item_updated"


def test_change_item_keeps_omitted_fields(weekly, milk, use):
    before = milk.unit
    use("change_item", name="milk", quantity="7")
    milk.refresh_from_db()
    assert (milk.quantity, milk.unit) == (7, before)


def test_change_item_that_is_not_listed_is_refused(nok, weekly, milk, use, events):
    before = events(nok.home)
    assert isinstance(use("change_item", name="caviar", quantity="3"), Refusal)
    assert events(nok.home) == before


# set_recurring


def test_set_recurring_matches_an_existing_item(weekly, milk, use):
    use("set_recurring", name="milks", frequency="weekly", quantity="2", unit="l")
    rule = RecurringItem.objects.get()
    assert (rule.item.name, rule.quantity, rule.unit) == ("Milk", 2, "liter")
    assert Item.objects.count() == 1


@pytest.mark.parametrize("frequency", ["daily", "", None, "WEEKLY"])
def test_set_recurring_with_an_invalid_frequency_is_refused(use, frequency):
    assert isinstance(use("set_recurring", name="milk", frequency=frequency), Refusal)
    assert not RecurringItem.objects.exists()


@pytest.mark.parametrize(
    "rrule", ["nonsense", "FREQ=NEVER", "FREQ=WEEKLY;COUNT=0", "FREQ=WEEKLY;UNTIL=20010101T000000"]
)
def test_set_recurring_with_an_invalid_rule_is_refused(use, rrule):
    assert isinstance(use("set_recurring", name="milk", frequency="weekly", rrule=rrule), Refusal)
    assert not RecurringItem.objects.exists()
    assert not Item.objects.exists()


# budget_query


def test_budget_query_by_period_and_category(freeze_time, nok, weekly, milk, rice, use):
    freeze_time("2026-03-31 23:30")
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    freeze_time("2026-04-01 00:30")
    purchase_entry(rice, by=by(nok), price=Decimal(200))
    spent = {period: use("budget_query", period=period).facts["spent"] for period in ("month", "last_month", "today")}
    assert spent == {"month": 200, "last_month": 45, "today": 200}
    assert use("budget_query", period="year", category="dairy").facts["spent"] == 45


def test_budget_query_with_an_unknown_period_uses_the_month(freeze_time, nok, weekly, milk, use):
    freeze_time("2026-03-31 23:30")
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    assert use("budget_query", period="the stone age").facts["spent"] == 45


def test_budget_query_ignores_other_homes(freeze_time, nok, mai, use):
    freeze_time("2026-03-31 12:00")
    entry, _new = add_entry(create_list("Mine", by=by(mai)), "Milk", by=by(mai))
    purchase_entry(entry, by=by(mai), price=Decimal(45))
    facts = use("budget_query").facts
    assert (facts["spent"], facts["left"], facts["without_price"]) == (0, None, 0)


@pytest.mark.parametrize("zone", ["-14:00", "+14:00"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("tool", ["purchases", "schedule_message"])
def test_years_that_overflow_in_time_zones_are_refused(nok, pixie, agent_chat, tool, day, zone):
    nok.home.timezone = "Pacific/Kiritimati" if zone == "+14:00" else "Pacific/Pago_Pago"
    nok.home.save()
    payloads = {"purchases": {"since": day}, "schedule_message": {"prompt": "hi", "at": f"{day}T12:00:00{zone}"}}
    for is_confirmed in (False, True):
        outcome = try_tool(by(nok), Proposal(tool, payloads[tool], 1.0), is_confirmed=is_confirmed)
        assert isinstance(outcome, Refusal)
        assert "the year must be between 1900 and 2199" in outcome.detail
