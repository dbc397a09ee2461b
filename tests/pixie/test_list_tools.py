"""Tools for lists, called by a run: their answers, receipts, questions and undo."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest

from chat.models import Message
from groceries.actions import (
    add_entry,
    change_entry,
    change_list_state,
    create_category,
    create_list,
    purchase_entry,
    remove_entry,
    start_shopping,
)
from groceries.models import GroceryList, Item, ListEntry
from homes.events.actor import Actor
from homes.events.models import Origin
from pixie.nlu.outcome import Proposal, Understanding
from pixie.replies import answers
from pixie.runs import runner, undo
from pixie.runs.tool_calls import try_tool
from tests.factories import by
from tests.limits import limit
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, pending_entries


@pytest.fixture
def call(tell, monkeypatch):
    """Send a message that is understood as one call and return the answer: `call("clear_list")`."""

    def send(tool, *, who=None, **payload):
        proposal = Proposal(tool, payload, 1.0)
        with monkeypatch.context() as patch:
            patch.setattr(runner, "understand", lambda text, _words: Understanding(text, tool, 1.0, (), (proposal,)))
            return tell(tool, **({"who": who} if who else {}))

    return send


@pytest.fixture
def party(nok, weekly):
    """A second, newer list, with tea on it."""
    grocery_list = create_list("Party", by=by(nok))
    add_entry(grocery_list, "Tea", by=by(nok))
    return grocery_list


@pytest.fixture
def theirs(mai):
    """The list of another home, with milk, caviar and a purchase of truffles."""
    grocery_list = create_list("Mine", by=by(mai))
    for name in ("Milk", "Caviar"):
        add_entry(grocery_list, name, by=by(mai))
    purchase_entry(add_entry(grocery_list, "Truffles", by=by(mai))[0], by=by(mai), price=Decimal(900))
    return grocery_list


def lines(answer):
    return [(line["name"], line["amount"]) for line in answer.metadata["receipt"]["lines"]]


def title(answer):
    return answer.metadata["receipt"]["title"]


ALL = ["Eggs (6 piece)", "Milk (1 liter)", "Rice (5 kg)"]


# Whole lists


def test_clear_list_asks_then_removes_all_and_one_undo_brings_all_back(weekly, milk, eggs, rice, call, tell):
    question = call("clear_list")
    assert question.body == "Take 3 items off Weekly shop?"
    assert pending_entries(weekly) == ALL
    answer = tell("yes")
    assert answer.body == "Off Weekly shop: Milk, Eggs and Rice."
    assert title(answer) == "Removed 3 items"
    assert lines(answer) == [("Milk", "1 liter"), ("Eggs", "6"), ("Rice", "5 kg")]
    assert pending_entries(weekly) == []
    assert call("undo").body == "Undone: Milk, Eggs and Rice."
    assert pending_entries(weekly) == ALL


def test_clear_list_keeps_the_excepted_items(weekly, milk, eggs, rice, call, tell):
    assert call("clear_list", keep=["milks", "rice"]).body == (
        "Take 1 item off Weekly shop? I would leave: milks, rice."
    )
    tell("yes")
    assert pending_entries(weekly) == ["Milk (1 liter)", "Rice (5 kg)"]


def test_clear_list_with_an_unknown_exception_is_refused(weekly, milk, call):
    answer = call("clear_list", keep=["caviar"])
    assert (answer.body, answer.metadata["question"]) == ("Caviar is not on Weekly shop.", None)


def test_clear_list_leaves_all_if_the_list_has_changed_since_the_question(nok, weekly, milk, call, tell):
    call("clear_list")
    remove_entry(milk, by=by(nok))
    add_entry(weekly, "Bread", by=by(nok))
    assert tell("yes").body == "This has changed since I asked, so I left it: take 1 item off Weekly shop: Milk."
    assert pending_entries(weekly) == ["Bread (1 piece)"]


@pytest.mark.parametrize("tool", ["clear_list", "mark_all_purchased"])
def test_more_exceptions_than_allowed_are_refused(weekly, milk, call, tool):
    most = limit("Items to keep when a tool clears or buys a whole list")
    assert call(tool, keep=["milk"] * most).body == "There's nothing left to get on Weekly shop."
    answer = call(tool, keep=["milk"] * (most + 1))
    assert (f"{most}" in answer.body, answer.metadata["question"]) == (True, None)
    assert pending_entries(weekly) == ["Milk (1 liter)"]


def test_clear_list_of_an_empty_list_is_refused(weekly, call):
    assert call("clear_list").body == "There's nothing left to get on Weekly shop."


def test_clear_list_that_a_model_wants_is_asked_first(weekly, milk, tell, provider):
    provider.enqueue(Reply(calls=(Call("clear_list"),)), Reply("Done."))
    answer = tell(MODEL_REQUEST)
    assert "Take 1 item off Weekly shop?" in answer.body
    assert pending_entries(weekly) == ["Milk (1 liter)"]


def test_mark_all_purchased_asks_then_ticks_all_and_undo_unticks_all(weekly, milk, eggs, rice, call, tell):
    assert call("mark_all_purchased", list="weekly", keep=["eggs"]).body == (
        "Tick off 2 items on Weekly shop? I would leave: eggs."
    )
    answer = tell("yes")
    assert answer.body == "In the basket, from Weekly shop: Milk and Rice."
    assert title(answer) == "Ticked off 2 items"
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
    call("undo")
    assert pending_entries(weekly) == ALL


@pytest.mark.parametrize("tool", ["clear_list", "mark_all_purchased"])
def test_question_about_a_whole_list_needs_no_yes_for_a_no(weekly, milk, call, tell, tool):
    call(tool)
    assert tell("no").body == "Nothing changed."
    assert pending_entries(weekly) == ["Milk (1 liter)"]


def test_approve_list_and_undo(weekly, milk, call):
    answer = call("approve_list")
    assert (answer.body, title(answer)) == ("Weekly shop is approved.", "Approved 1 list")
    weekly.refresh_from_db()
    assert weekly.state == "approved"
    call("undo")
    weekly.refresh_from_db()
    assert weekly.state == "draft"


def test_complete_list_with_items_left_asks_first(nok, weekly, milk, eggs, call, tell):
    change_list_state(weekly, "approved", by=by(nok))
    purchase_entry(eggs, by=by(nok))
    start_shopping(weekly, by=by(nok))
    assert call("complete_list").body == "1 item on Weekly shop is not bought yet. Complete the list?"
    assert tell("yes").body == "Weekly shop is complete. 1 item was not bought."
    weekly.refresh_from_db()
    assert weekly.state == "completed"
    call("undo")
    weekly.refresh_from_db()
    assert (weekly.state, weekly.completed_at) == ("approved", None)


def test_complete_list_without_items_left_is_done_at_once(nok, weekly, milk, call):
    purchase_entry(milk, by=by(nok))
    assert call("complete_list").body == "Weekly shop is complete."


# Whole lists


def test_start_list_with_the_items_of_a_completed_one_and_undo(nok, weekly, milk, eggs, call):
    change_list_state(weekly, "completed", by=by(nok))
    answer = call("start_list", like="weekly shop", name="Party")
    assert (answer.body, title(answer)) == ("Party is a new list with 2 items.", "Started 1 list")
    call("undo")
    assert GroceryList.objects.get() == weekly


def test_start_list_without_items(weekly, call):
    assert call("start_list", name="Party").body == "Party is a new list."


def test_rename_list_and_undo(weekly, call):
    assert call("rename_list", list="weekly", name="Big shop").body == "Weekly shop is called Big shop now."
    call("undo")
    weekly.refresh_from_db()
    assert weekly.name == "Weekly shop"


def test_archive_list_and_undo(nok, weekly, party, call):
    assert call("archive_list", list="weekly").body == "Weekly shop is in the archive."
    assert list(GroceryList.objects.visible_to(nok)) == [party]
    call("undo")
    assert GroceryList.objects.visible_to(nok).count() == 2


def test_delete_list_asks_and_undo_brings_it_back(weekly, milk, call, tell):
    assert call("delete_list", list="weekly").body == "Delete Weekly shop, with 1 item?"
    assert tell("yes").body == "Weekly shop is deleted."
    assert not GroceryList.objects.exists()
    call("undo")
    assert pending_entries(GroceryList.objects.get()) == ["Milk (1 liter)"]


def test_delete_list_of_which_something_was_bought_is_refused(nok, weekly, milk, call, tell):
    purchase_entry(milk, by=by(nok))
    call("delete_list", list="weekly")
    assert "Archive it instead." in tell("yes").body
    assert GroceryList.objects.exists()


# Names of lists


@pytest.mark.parametrize("name", ["Weekly shop", "weekly", "the weekly shop", "WEEKLY SHPO", "weekly list"])
def test_list_is_found_by_its_name(weekly, party, call, name):
    assert call("add_item", name="bread", list=name).body == "Added Bread to Weekly shop, under Staple."


def test_unknown_list_is_refused_with_the_names_of_the_lists(weekly, party, call):
    for tool in ("add_item", "remove_item", "mark_purchased", "change_item", "put_back", "item_on_list"):
        assert call(tool, name="milk", list="Mine").body == "There is no list “Mine”. There are: Party, Weekly shop."


def test_list_of_another_home_or_that_is_completed_or_archived_is_unknown(nok, weekly, milk, theirs, call):
    change_list_state(create_list("Old", by=by(nok)), "completed", by=by(nok))
    for name in ("Mine", "Old"):
        for tool, payload in (("clear_list", {"list": name}), ("move_item", {"name": "milk", "to_list": name})):
            assert call(tool, **payload).body == f"There is no list “{name}”. There are: Weekly shop."
    assert sorted(str(entry) for entry in theirs.entries.pending()) == ["Caviar (1 piece)", "Milk (1 piece)"]


def test_two_lists_of_one_name_are_asked_about_and_chosen_by_their_day(freeze_time, nok, weekly, milk, call):
    GroceryList.objects.filter(pk=weekly.pk).update(name="Party", created_at=freeze_time("2026-03-01 09:00"))
    second = create_list("Party", by=by(nok))
    GroceryList.objects.filter(pk=second.pk).update(created_at=freeze_time("2026-03-02 10:30"))
    answer = call("add_item", name="tea", list="party")
    first_name, second_name = "Party of 03/01/2026 9 a.m.", "Party of 03/02/2026 10:30 a.m."
    assert answer.body == f"Which list: “{second_name}”, “{first_name}”?"
    call("add_item", name="tea", list=first_name)
    assert pending_entries(weekly) == ["Milk (1 liter)", "Tea (1 piece)"]


def test_items_on_two_lists_are_answered_by_list(weekly, party, tell, monkeypatch):
    proposals = tuple(
        Proposal("add_item", {"name": name, "list": where}, 1.0)
        for name, where in (("bread", "party"), ("butter", "weekly"))
    )
    monkeypatch.setattr(runner, "understand", lambda text, _words: Understanding(text, "add_item", 1.0, (), proposals))
    assert tell("add both").body == "Added Bread to Party, under Staple. Added Butter to Weekly shop, under Dairy."


def test_first_list_is_created_for_an_item_without_a_list_name_and_undone_with_it(nok, tell):
    tell("add eggs")
    assert pending_entries(GroceryList.objects.get(home=nok.home)) == ["Eggs (1 piece)"]
    assert tell("undo").body == "Undone: Eggs."
    assert not GroceryList.objects.filter(home=nok.home).exists()


# Moving and swapping


def test_move_item_moves_it_and_undo_moves_it_back(weekly, milk, party, call):
    answer = call("move_item", name="mlik", to_list="party")
    assert answer.body == "Moved Milk from Weekly shop to Party: 1 liter."
    assert title(answer) == "Moved 1 item"
    assert pending_entries(party) == ["Milk (1 liter)", "Tea (1 piece)"]
    call("undo")
    assert (pending_entries(weekly), pending_entries(party)) == (["Milk (1 liter)"], ["Tea (1 piece)"])


def test_move_item_adds_to_the_same_item_on_the_other_list(nok, weekly, milk, party, call):
    add_entry(party, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    assert call("move_item", name="milk", to_list="party").body == "Moved Milk from Weekly shop to Party: 3 liters."
    call("undo")
    assert (pending_entries(weekly), pending_entries(party)) == (
        ["Milk (1 liter)"],
        ["Milk (2 liter)", "Tea (1 piece)"],
    )


def test_move_item_that_is_there_already_or_on_no_list_is_refused(weekly, milk, party, call):
    assert call("move_item", name="tea", to_list="party").body == "Tea is on Party already."
    assert call("move_item", name="caviar", to_list="party").body == "Caviar is not on the list."
    assert call("move_item", name="tea", to_list="weekly", from_list="weekly").body == "Tea is not on Weekly shop."


def test_swap_item_replaces_it_and_one_undo_brings_it_back(weekly, milk, call):
    answer = call("swap_item", name="milk", new="oat milk")
    assert answer.body == "Oat milk (1 liter) is on Weekly shop instead of Milk."
    assert (title(answer), lines(answer)) == ("Swapped 1 item", [("Oat milk", "1 liter")])
    assert pending_entries(weekly) == ["Oat milk (1 liter)"]
    call("undo")
    assert pending_entries(weekly) == ["Milk (1 liter)"]


def test_swap_item_with_an_amount_and_an_unusual_one(weekly, milk, call):
    assert call("swap_item", name="milk", new="eggs", quantity="500").body == (
        "Eggs, 500: that is a lot. Did you mean it?"
    )
    call("swap_item", name="milk", new="eggs", quantity="10", unit="piece")
    assert pending_entries(weekly) == ["Eggs (10 piece)"]


def test_swap_item_for_itself_is_refused(weekly, milk, call):
    assert call("swap_item", name="milk", new="Milk").body == "Milk is on Weekly shop already."


# Putting back, and having at home


def test_put_back_unticks_and_undo_ticks_again(nok, weekly, milk, call):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    answer = call("put_back", name="milk")
    assert (answer.body, title(answer)) == ("Back on Weekly shop: Milk (1 liter).", "Put back 1 item")
    milk.refresh_from_db()
    assert (milk.is_pending, milk.price_paid) == (True, None)
    call("undo")
    milk.refresh_from_db()
    assert (milk.is_purchased, milk.price_paid, milk.purchased_by) == (True, 45, nok.user)


def test_put_back_restores_an_item_that_was_removed_lately(freeze_time, nok, weekly, milk, call):
    remove_entry(milk, by=by(nok))
    assert call("put_back", name="milk").body == "Back on Weekly shop: Milk (1 liter)."
    remove_entry(milk, by=by(nok))
    ListEntry.objects.update(updated_at=freeze_time("2026-03-01 09:00"))
    freeze_time("2026-03-04 09:00")
    assert call("put_back", name="milk").body == "Milk was neither ticked off nor taken off a list lately."


def test_put_back_of_an_item_that_is_on_the_list_is_refused(weekly, milk, call):
    assert call("put_back", name="milk").body == "Milk is on Weekly shop already."


def test_put_back_of_a_purchase_of_another_home_is_refused(weekly, theirs, call):
    assert call("put_back", name="truffles").body == "Truffles was neither ticked off nor taken off a list lately."


def test_have_at_home_takes_it_off_the_list(weekly, milk, eggs, call):
    answer = call("have_at_home", name="milk")
    assert answer.body == "Off the list, because you have it: Milk."
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
    call("undo")
    assert call("have_at_home", name="sugar").body == "Sugar is not on the list."


# Aisles, prices and shops


def test_set_aisle_changes_the_item_and_undo_restores_it(nok, weekly, milk, call):
    create_category("Freezer", by=by(nok))
    answer = call("set_aisle", name="milk", category="freezer")
    assert (answer.body, title(answer)) == ("Milk is now under Freezer.", "Changed the aisle of 1 item")
    milk.item.refresh_from_db()
    assert milk.item.category.name == "Freezer"
    call("undo")
    assert Item.objects.get(pk=milk.item_id).category.name == "dairy"


def test_set_aisle_of_an_unknown_item_or_aisle_is_refused(mai, weekly, milk, theirs, call):
    create_category("Cellar", by=by(mai))
    assert call("set_aisle", name="milk", category="cellar").body == (
        "There is no aisle “cellar”. There are: Produce, Dairy, Staple, Protein, Household, Other."
    )
    assert call("set_aisle", name="caviar", category="dairy").body == "Caviar was never on a list here."


def test_add_item_with_price_and_shop(weekly, call):
    answer = call("add_item", name="rice", quantity="5", unit="kg", price="200", store="Lidl")
    assert answer.body == (
        "Added Rice to Weekly shop, under Staple. Rice should cost about ฿200. The note of Rice is “at Lidl”."
    )
    entry = ListEntry.objects.get()
    assert (entry.note, entry.item.estimated_price) == ("at Lidl", 200)
    call("undo")
    assert pending_entries(weekly) == []
    assert Item.objects.get().estimated_price is None


def test_shop_is_added_to_the_note_once(weekly, call):
    call("add_item", name="rice", note="brown")
    for _attempt in range(2):
        call("change_item", name="rice", store="Lidl")
    assert ListEntry.objects.get().note == "brown, at Lidl"


@pytest.mark.parametrize(
    ("tool", "arguments", "answer"),
    [
        ("add_item", {"name": "Spam"}, "Added Spam to Weekly shop, under Protein."),
        ("add_item", {"name": "Spam", "note": ""}, "Added Spam to Weekly shop, under Protein."),
        ("add_item", {"name": "Spam", "note": "tin"}, "Added Spam to Weekly shop, under Protein. {Spam: tin}"),
        (
            "add_item",
            {"name": "milk", "unit": "liter", "note": "oat"},
            "Milk: now 2 liters, on Weekly shop. {Milk: fresh, oat}",
        ),
        ("change_item", {"name": "milk", "quantity": "2"}, "Changed. Milk: 2 liters."),
        ("change_item", {"name": "milk", "note": "oat"}, "Changed. Milk: 1 liter. {Milk: oat}"),
        ("change_item", {"name": "milk", "store": "Lidl"}, "Changed. Milk: 1 liter. {Milk: fresh, at Lidl}"),
        ("change_item", {"name": "milk", "assigned_to": "me"}, "Changed. Milk: 1 liter. Nok gets Milk."),
        ("change_item", {"name": "milk", "assigned_to": "nobody"}, "Changed. Milk: 1 liter. Anybody can get Milk."),
        ("change_item", {"name": "milk", "note": ""}, "Changed. Milk: 1 liter. Milk has no note."),
        ("swap_item", {"name": "milk", "new": "Beer"}, "Beer (1 liter) is on Weekly shop instead of Milk."),
        (
            "swap_item",
            {"name": "milk", "new": "Beer", "note": "cold"},
            "Beer (1 liter) is on Weekly shop instead of Milk. {Beer: cold}",
        ),
        (
            "swap_item",
            {"name": "milk", "new": "Beer", "note": ""},
            "Beer (1 liter) is on Weekly shop instead of Milk. Beer has no note.",
        ),
    ],
)
def test_note_that_was_set_is_told(nok, weekly, milk, call, tool, arguments, answer):
    change_entry(milk, by=by(nok), note="fresh")
    expected = re.sub(r"{(\w+): (.+)}", r"The note of \1 is “\2”.", answer)
    assert call(tool, **arguments).body == expected


def test_unusual_expected_price_is_asked_about(nok, weekly, milk, call):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    assert call("add_item", name="milk", price="900").body == (
        "Milk for ฿900: that is a lot. You paid ฿45 at most. Did you mean it?"
    )
    assert pending_entries(weekly) == []


def test_change_item_with_price(weekly, milk, call):
    assert call("change_item", name="milk", price="50").body == ("Changed. Milk: 1 liter. Milk should cost about ฿50.")
    milk.item.refresh_from_db()
    assert milk.item.estimated_price == 50


# Undo


def test_undo_drops_the_open_question_before_it_undoes_anything(weekly, tell):
    tell("add milk")
    question = tell("add 5000 lemons")
    assert tell("undo").body == "Nothing changed."
    question.refresh_from_db()
    assert question.metadata["question"] == "declined"
    assert pending_entries(weekly) == ["Milk (1 piece)"]
    assert tell("undo").body == "Undone: Milk."
    assert tell("undo").body == "There is nothing to undo."


def test_undo_of_an_answer_that_has_acted_and_asked_undoes_what_it_did(weekly, tell):
    tell("add milk")
    question = tell("we need eggs and 5000 lemons")
    assert tell("undo").body == "Undone: Eggs."
    question.refresh_from_db()
    assert question.metadata["question"] == "expired"
    assert pending_entries(weekly) == ["Milk (1 piece)"]


def test_undo_in_another_channel_leaves_the_question_open(weekly, general, tell):
    tell("add milk")
    question = tell("add 5000 lemons")
    assert tell("Pixie, undo", where=general).body == "There is nothing to undo."
    question.refresh_from_db()
    assert question.metadata["question"] == "waiting"


def test_undo_goes_past_what_was_changed_back_by_hand(nok, weekly, tell):
    tell("add milk")
    tell("add eggs")
    remove_entry(ListEntry.objects.get(item__name="Eggs"), by=by(nok))
    assert tell("undo").body == "Eggs: that was changed back already."
    assert tell("undo").body == "Undone: Milk."


def test_undo_by_the_receipt_brings_back_all_that_clear_list_took(nok, weekly, milk, eggs, rice, call, tell):
    call("clear_list")
    undo.undo_message(tell("yes"), by=by(nok))
    assert pending_entries(weekly) == ALL
    assert Message.objects.filter(metadata__receipt__undone=True).count() == 1


@pytest.fixture
def over_mcp(nok):
    """Call a tool as an assistant of Nok's and return the answer: `over_mcp("add_item", name="milk")`."""

    def call(tool, **payload):
        actor = Actor.of(nok, Origin.MCP, uuid4())
        return answers.describe_outcomes([try_tool(actor, Proposal(tool, payload, 1.0), is_confirmed=True)])

    return call


def test_undo_over_mcp_goes_back_step_by_step_past_what_was_changed_back(nok, weekly, milk, party, over_mcp):
    over_mcp("add_item", name="rice", price="200", list="weekly")
    over_mcp("move_item", name="milk", to_list="party")
    over_mcp("add_item", name="eggs")
    remove_entry(ListEntry.objects.get(item__name="Eggs"), by=by(nok))
    over_mcp("complete_list", list="party")
    assert [over_mcp("undo") for _time in range(4)] == [
        "Undone: Party.", "Undone: Milk.", "Undone: Rice.", "There is nothing to undo.",
    ]  # fmt: skip
    assert (pending_entries(weekly), pending_entries(party)) == (["Milk (1 liter)"], ["Tea (1 piece)"])


def test_undo_over_mcp_brings_back_all_that_clear_list_took(weekly, milk, eggs, rice, over_mcp):
    assert over_mcp("clear_list") == "Off Weekly shop: Milk, Eggs and Rice."
    assert over_mcp("undo") == "Undone: Rice, Eggs and Milk."
    assert pending_entries(weekly) == ALL
