"""Commands about lists, recurring items and spending: effect on the list, events and answer."""

from decimal import Decimal
from uuid import uuid5

from groceries.actions import add_entry, change_list_state, purchase_entry
from groceries.models import EntryState, GroceryList, Item, ListEntry, RecurringItem
from homes.actions import update_home
from homes.events.models import Origin
from pixie.models import Run
from tests.factories import by
from tests.pixie.runs import pending_entries


def test_adding_an_item_updates_list_log_and_receipt(nok, weekly, tell, events):
    answer = tell("We need eggs")
    assert answer.body == "Added Eggs to Weekly shop, under Dairy."
    assert pending_entries(weekly) == ["Eggs (1 piece)"]
    assert events(nok.home) == ["chat_message", "list_item_added", "chat_message"]
    assert answer.metadata["intent"] == "add_item"
    assert answer.metadata["requires_confirmation"] is False
    assert answer.metadata["question"] is None
    assert answer.metadata["receipt"] == {
        "title": "Added 1 item",
        "lines": [{"name": "Eggs", "amount": "1"}],
        "events": [events.of(nok.home)[1].seq],
    }


def test_changes_by_pixie_record_agent_and_requester(nok, pixie, weekly, tell, events):
    answer = tell("We need eggs")
    request, addition, answer_event = events.of(nok.home)
    assert (request.actor_user, request.actor_agent, request.origin) == (nok.user, None, Origin.BROWSER)
    assert (addition.actor_user, addition.actor_agent, addition.origin) == (nok.user, pixie, Origin.AGENT)
    assert (answer_event.actor_user, answer_event.actor_agent, answer_event.origin) == (None, pixie, Origin.AGENT)
    assert (answer.author_user, answer.author_agent) == (None, pixie)
    entry = ListEntry.objects.get()
    assert (entry.added_by, entry.added_by_agent) == (nok.user, pixie)


def test_op_ids_of_calls_derive_from_the_run(nok, weekly, tell, events):
    tell("eggs and milk please")
    run = Run.objects.get()
    op_ids = [event.op_id for event in events.of(nok.home) if event.type == "list_item_added"]
    assert op_ids == [uuid5(run.pk, "0"), uuid5(run.pk, "1")]


def test_adding_a_pending_item_sums_amounts(weekly, eggs, tell):
    answer = tell("We need 4 eggs")
    assert answer.body == "Eggs: now 10, on Weekly shop."
    assert pending_entries(weekly) == ["Eggs (10 piece)"]


def test_adding_without_a_list_creates_one(nok, tell):
    assert tell("We need eggs").body == "Added Eggs to Groceries, under Dairy."
    assert GroceryList.objects.get().home == nok.home


def test_adding_after_completion_uses_the_open_list(nok, weekly, tell):
    change_list_state(weekly, "completed", by=by(nok))
    tell("We need eggs")
    assert pending_entries(weekly) == []
    assert ListEntry.objects.get().list != weekly


def test_list_question_names_pending_items(weekly, milk, eggs, tell, events, nok):
    answer = tell("what's on the list?")
    assert answer.body == "2 items are on Weekly shop: Milk (1 liter) and Eggs (6)."
    assert answer.metadata["receipt"] is None
    assert events(nok.home) == ["chat_message", "chat_message"]


def test_list_question_without_a_list_offers_to_start_one(tell):
    assert tell("what's on the list?").body == "There is no list yet. Tell me what you need and I'll start one."


def test_list_question_with_everything_bought_says_so(nok, weekly, milk, tell):
    purchase_entry(milk, by=by(nok))
    assert tell("what's on the list?").body == "There's nothing left to get on Weekly shop."


def test_long_list_is_truncated_in_the_answer(nok, weekly, tell):
    for number in range(30):
        add_entry(weekly, f"Spice number {number}", by=by(nok))
    answer = tell("what's on the list?")
    assert answer.body.startswith("30 items are on Weekly shop:\nStaple: Spice number 0, Spice number 1, ")
    assert answer.body.endswith("\nand 5 more")


def test_long_list_is_grouped_by_aisle(nok, weekly, tell):
    for name in ("milk", "rice", "limes", "butter", "noodles", "basil", "yoghurt"):
        add_entry(weekly, name, by=by(nok))
    assert tell("what's on the list?").body.splitlines() == [
        "7 items are on Weekly shop:",
        "Produce: Limes, Basil",
        "Dairy: Milk, Butter, Yoghurt",
        "Staple: Rice, Noodles",
    ]


def test_purchase_message_ticks_the_entry(nok, pixie, weekly, eggs, milk, tell, events):
    answer = tell("I got the eggs")
    assert answer.body == "In the basket: Eggs."
    eggs.refresh_from_db()
    assert (eggs.state, eggs.purchased_by, eggs.price_paid) == (EntryState.PURCHASED, nok.user, None)
    assert pending_entries(weekly) == ["Milk (1 liter)"]
    assert events(nok.home) == ["chat_message", "list_item_purchased", "chat_message"]
    assert answer.metadata["receipt"]["title"] == "Ticked off 1 item"


def test_purchase_message_with_a_price_stores_it(nok, weekly, milk, tell):
    tell("bought milk for 45")
    milk.refresh_from_db()
    assert (milk.state, milk.price_paid) == (EntryState.PURCHASED, Decimal(45))
    assert Item.objects.get(name="Milk").estimated_price == 45


def test_purchase_of_an_unlisted_item_is_recorded(nok, weekly, milk, tell, events):
    purchase_entry(milk, by=by(nok))
    answer = tell("bought milk for 45")
    assert answer.body == "In the basket: Milk. Not on the list before: Milk."
    assert events(nok.home)[-3:] == ["list_item_added", "list_item_purchased", "chat_message"]
    assert ListEntry.objects.filter(price_paid=45).count() == 1


def test_recurring_request_creates_a_rule(freeze_time, nok, weekly, tell, events):
    freeze_time("2026-03-04 09:30")
    answer = tell("eggs every week")
    assert answer.body == "Eggs: 1, every week, first on Wednesday 11 March."
    assert RecurringItem.objects.get().frequency == "weekly"
    assert events(nok.home) == ["chat_message", "recurring_set", "chat_message"]
    assert answer.metadata["receipt"]["lines"] == [{"name": "Eggs", "amount": "1, every week"}]


def test_spending_question_counts_unpriced_purchases(freeze_time, nok, weekly, milk, eggs, tell):
    freeze_time("2026-03-04 09:30")
    purchase_entry(milk, by=by(nok), price=Decimal("45.50"))
    purchase_entry(eggs, by=by(nok))
    assert tell("how much did we spend?").body == "You spent ฿45.50 this month. One purchase has no price."


def test_spending_answer_includes_the_remaining_budget(freeze_time, nok, weekly, milk, tell):
    freeze_time("2026-03-30 09:30")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    purchase_entry(milk, by=by(nok), price=Decimal(100))
    assert tell("how much did we spend?").body == "You spent ฿100 this month. ฿900 is left for 2 more days."


def test_spending_answer_names_an_exceeded_budget(freeze_time, nok, weekly, milk, tell):
    freeze_time("2026-03-30 09:30")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(60))
    purchase_entry(milk, by=by(nok), price=Decimal(100))
    assert "That is ฿40 over the month's budget." in tell("how much did we spend?").body


def test_removal_request_removes_the_entry(nok, weekly, milk, eggs, tell, events):
    answer = tell("take milk off")
    assert answer.body == "Off the list: Milk."
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
    assert events(nok.home) == ["chat_message", "list_item_removed", "chat_message"]
    assert answer.metadata["receipt"]["title"] == "Removed 1 item"


def test_removing_an_unlisted_item_is_refused(nok, weekly, milk, tell, events):
    tell("take milk off")
    answer = tell("take milk off")
    assert answer.body == "Milk is not on the list."
    assert answer.metadata["receipt"] is None
    assert events(nok.home).count("list_item_removed") == 1
