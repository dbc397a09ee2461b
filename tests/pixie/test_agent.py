"""From a sentence to what is on the list, what the log says of it, and what Pixie answers."""

from decimal import Decimal
from uuid import UUID, uuid5

import pytest

from chat.actions import create_channel, join_channel, send_message
from chat.models import Message
from groceries.actions import add_entry, change_list_state, create_list, purchase_entry
from groceries.models import EntryState, GroceryList, Item, ListEntry, RecurringItem
from homes.actions import rename_user, update_home
from homes.events.models import Event, Origin
from pixie.models import PendingAction, Run, RunMessage, RunStatus, StopReason
from pixie.runs import queue
from tests.factories import by
from tests.pixie.conftest import answer_to


def to_get(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


# What Pixie is for


def test_we_need_eggs(nok, weekly, tell, events):
    answer = tell("We need eggs")
    assert answer.body == "Added Eggs to Weekly shop, under Dairy."
    assert to_get(weekly) == ["Eggs (1 piece)"]
    assert events(nok.home) == ["chat_message", "list_item_added", "chat_message"]
    assert answer.metadata["intent"] == "add_item"
    assert answer.metadata["requires_confirmation"] is False
    assert answer.metadata["question"] is None
    assert answer.metadata["receipt"] == {
        "title": "Added 1 item",
        "lines": [{"name": "Eggs", "amount": "1"}],
        "events": [events.of(nok.home)[1].seq],
    }


def test_pixie_acts_with_its_own_hands_for_the_person_who_asked(nok, pixie, weekly, tell, events):
    answer = tell("We need eggs")
    asked, added, answered = events.of(nok.home)
    assert (asked.actor_user, asked.actor_agent, asked.origin) == (nok.user, None, Origin.BROWSER)
    assert (added.actor_user, added.actor_agent, added.origin) == (nok.user, pixie, Origin.AGENT)
    assert (answered.actor_user, answered.actor_agent, answered.origin) == (None, pixie, Origin.AGENT)
    assert (answer.author_user, answer.author_agent) == (None, pixie)
    entry = ListEntry.objects.get()
    assert (entry.added_by, entry.added_by_agent) == (nok.user, pixie)


def test_each_call_has_an_operation_of_its_own_that_the_run_decides(nok, weekly, tell, events):
    tell("eggs and milk please")
    run = Run.objects.get()
    done = [event.op_id for event in events.of(nok.home) if event.type == "list_item_added"]
    assert done == [uuid5(run.pk, "0"), uuid5(run.pk, "1")]


def test_what_is_there_already_adds_up(weekly, eggs, tell):
    answer = tell("We need 4 eggs")
    assert answer.body == "Eggs: now 10, on Weekly shop."
    assert to_get(weekly) == ["Eggs (10 piece)"]


def test_a_home_without_a_list_gets_one(nok, tell):
    assert tell("We need eggs").body == "Added Eggs to Shopping list, under Dairy."
    assert GroceryList.objects.get().home == nok.home


def test_it_goes_on_the_list_that_is_open(nok, weekly, tell):
    change_list_state(weekly, "completed", by=by(nok))
    tell("We need eggs")
    assert to_get(weekly) == []
    assert ListEntry.objects.get().list != weekly


def test_what_is_on_the_list(weekly, milk, eggs, tell, events, nok):
    answer = tell("what's on the list?")
    assert answer.body == "2 items are on Weekly shop: Milk (1 liter) and Eggs (6)."
    assert answer.metadata["receipt"] is None
    assert events(nok.home) == ["chat_message", "chat_message"]


def test_what_is_on_the_list_when_there_is_none(tell):
    assert tell("what's on the list?").body == "There is no list yet. Tell me what you need and I'll start one."


def test_what_is_on_the_list_when_all_is_bought(nok, weekly, milk, tell):
    purchase_entry(milk, by=by(nok))
    assert tell("what's on the list?").body == "There's nothing left to get on Weekly shop."


def test_a_long_list_is_cut_short_in_words_and_not_in_the_trace(nok, weekly, tell):
    for number in range(30):
        add_entry(weekly, f"Spice number {number}", by=by(nok))
    answer = tell("what's on the list?")
    assert answer.body.startswith("30 items are on Weekly shop:\nStaple: Spice number 0, Spice number 1, ")
    assert answer.body.endswith("\nand 5 more")


def test_a_long_list_is_told_aisle_by_aisle(nok, weekly, tell):
    for name in ("milk", "rice", "limes", "butter", "noodles", "basil", "yoghurt"):
        add_entry(weekly, name, by=by(nok))
    assert tell("what's on the list?").body.splitlines() == [
        "7 items are on Weekly shop:",
        "Produce: Limes, Basil",
        "Dairy: Milk, Butter, Yoghurt",
        "Staple: Rice, Noodles",
    ]


def test_i_got_the_eggs(nok, pixie, weekly, eggs, milk, tell, events):
    answer = tell("I got the eggs")
    assert answer.body == "In the basket: Eggs."
    eggs.refresh_from_db()
    assert (eggs.state, eggs.purchased_by, eggs.price_paid) == (EntryState.PURCHASED, nok.user, None)
    assert to_get(weekly) == ["Milk (1 liter)"]
    assert events(nok.home) == ["chat_message", "list_item_purchased", "chat_message"]
    assert answer.metadata["receipt"]["title"] == "Ticked off 1 item"


def test_bought_milk_for_45(nok, weekly, milk, tell):
    tell("bought milk for 45")
    milk.refresh_from_db()
    assert (milk.state, milk.price_paid) == (EntryState.PURCHASED, Decimal(45))
    assert Item.objects.get(name="Milk").estimated_price == 45


def test_what_was_bought_without_being_on_the_list_is_kept_for_the_record(nok, weekly, milk, tell, events):
    purchase_entry(milk, by=by(nok))
    answer = tell("bought milk for 45")
    assert answer.body == "In the basket: Milk. Not on the list before: Milk."
    assert events(nok.home)[-3:] == ["list_item_added", "list_item_purchased", "chat_message"]
    assert ListEntry.objects.filter(price_paid=45).count() == 1


def test_eggs_every_week(freeze_time, nok, weekly, tell, events):
    freeze_time("2026-03-04 09:30")
    answer = tell("eggs every week")
    assert answer.body == "Eggs: 1, every week, first on Wednesday 11 March."
    assert RecurringItem.objects.get().frequency == "weekly"
    assert events(nok.home) == ["chat_message", "recurring_set", "chat_message"]
    assert answer.metadata["receipt"]["lines"] == [{"name": "Eggs", "amount": "1, every week"}]


def test_how_much_did_we_spend(freeze_time, nok, weekly, milk, eggs, tell):
    freeze_time("2026-03-04 09:30")
    purchase_entry(milk, by=by(nok), price=Decimal("45.50"))
    purchase_entry(eggs, by=by(nok))
    assert tell("how much did we spend?").body == "You spent ฿45.50 this month. One purchase has no price."


def test_how_much_is_left(freeze_time, nok, weekly, milk, tell):
    freeze_time("2026-03-30 09:30")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(1000))
    purchase_entry(milk, by=by(nok), price=Decimal(100))
    assert tell("how much did we spend?").body == "You spent ฿100 this month. ฿900 is left for 2 more days."


def test_how_much_it_is_over(freeze_time, nok, weekly, milk, tell):
    freeze_time("2026-03-30 09:30")
    update_home(nok.home, by=by(nok), monthly_budget=Decimal(60))
    purchase_entry(milk, by=by(nok), price=Decimal(100))
    assert "That is ฿40 over the month's budget." in tell("how much did we spend?").body


def test_take_milk_off(nok, weekly, milk, eggs, tell, events):
    answer = tell("take milk off")
    assert answer.body == "Off the list: Milk."
    assert to_get(weekly) == ["Eggs (6 piece)"]
    assert events(nok.home) == ["chat_message", "list_item_removed", "chat_message"]
    assert answer.metadata["receipt"]["title"] == "Removed 1 item"


def test_what_is_not_on_the_list_cannot_be_taken_off(nok, weekly, milk, tell, events):
    tell("take milk off")
    answer = tell("take milk off")
    assert answer.body == "Milk is not on the list."
    assert answer.metadata["receipt"] is None
    assert events(nok.home).count("list_item_removed") == 1


# Asking back


def test_add_some_stuff_then_eggs_and_milk(weekly, tell):
    asking = tell("Add some stuff")
    assert asking.body == "What should go on the list?"
    assert (asking.metadata["asks_what"], asking.metadata["requires_confirmation"]) == (True, True)
    assert to_get(weekly) == []
    assert tell("eggs and milk").body == "Both are on Weekly shop, under Dairy."
    assert to_get(weekly) == ["Eggs (1 piece)", "Milk (1 piece)"]


def test_a_whole_wish_is_no_bare_name(weekly, tell):
    tell("Add some stuff")
    tell("เพิ่มไข่ 6 ฟอง")
    assert to_get(weekly) == ["ไข่ (6 piece)"]


def test_it_is_what_the_last_answer_was_about(weekly, eggs, tell):
    tell("We need milk")
    assert tell("make it 3").body == "Changed. Milk: 3."
    assert tell("undo").body == "Undone: Milk."
    assert to_get(weekly)[-1] == "Milk (1 piece)"


def test_a_bare_name_is_an_answer_only_to_what_pixie_asked_last(weekly, tell):
    tell("Add some stuff")
    tell("tell me a joke")
    tell("zorkmids")
    assert to_get(weekly) == []


def test_in_a_room_somebody_else_may_answer_in_between(nok, ben, weekly, general, tell):
    tell("Pixie, add some stuff", where=general)
    send_message(general, "I am late", by=by(ben))
    tell("Pixie: zorkmids", where=general)
    assert to_get(weekly) == []


def test_an_unusual_amount_is_asked_about_first(nok, weekly, eggs, tell, events):
    answer = tell("add 500 eggs")
    assert answer.body == "Eggs, 500: that is a lot. You buy 6. Did you mean it?"
    assert (answer.metadata["question"], answer.metadata["requires_confirmation"]) == ("waiting", True)
    assert answer.metadata["receipt"] is None
    assert to_get(weekly) == ["Eggs (6 piece)"]
    waiting = PendingAction.objects.get()
    assert (waiting.tool, waiting.asked, waiting.message) == ("add_item", nok.user, answer)
    assert events(nok.home) == ["chat_message", "chat_message"]


def test_what_is_not_sure_is_asked_about_first(weekly, tell):
    answer = tell("maybe we could use some bread?")
    assert answer.body == "Did you mean: add bread?"
    assert answer.metadata["question"] == "waiting"
    assert to_get(weekly) == []


def test_the_sure_part_is_done_and_the_rest_is_asked(weekly, tell):
    answer = tell("We need eggs and 500 lemons")
    assert answer.body == "Added Eggs to Weekly shop, under Dairy. Lemons, 500: that is a lot. Did you mean it?"
    assert to_get(weekly) == ["Eggs (1 piece)"]
    assert answer.metadata["question"] == "waiting"
    assert answer.metadata["receipt"]["title"] == "Added 1 item"


# More than one thing, and none


def test_several_things_in_one_message(nok, weekly, tell, events):
    answer = tell("2 kg rice, a dozen eggs and fish sauce please")
    assert answer.body == "All 3 are on Weekly shop."
    assert to_get(weekly) == ["Eggs (1 dozen)", "Fish sauce (1 piece)", "Rice (2 kg)"]
    assert len(answer.metadata["receipt"]["lines"]) == 3
    assert events(nok.home) == ["chat_message", *["list_item_added"] * 3, "chat_message"]


def test_several_wishes_in_one_message(nok, weekly, milk, tell):
    answer = tell("We need lemons. Take milk off. How much did we spend?")
    assert to_get(weekly) == ["Lemons (1 piece)"]
    assert "Added Lemons to Weekly shop" in answer.body
    assert "Off the list: Milk." in answer.body
    assert "You spent ฿0 this month." in answer.body
    assert answer.metadata["receipt"]["title"] == "Added 1 item; Removed 1 item"


def test_one_refusal_does_not_stop_the_rest(weekly, milk, tell):
    tell("take milk off")
    answer = tell("Take milk off. We need eggs.")
    assert to_get(weekly) == ["Eggs (1 piece)"]
    assert "Milk is not on the list." in answer.body
    assert len(answer.metadata["receipt"]["lines"]) == 1


def test_a_joke(nok, tell, events):
    answer = tell("tell me a joke")
    assert answer.body.endswith((".", "!"))
    assert answer.metadata["intent"] == "chat"
    assert tell("tell me a joke").body == answer.body
    assert set(events(nok.home)) == {"chat_message"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("thank you pixie", ("Any time.", "Gladly.")),
        ("hello", ("Hello. What does the home need?",)),
        ("good night", ("Good night. The list stays awake.",)),
        ("remind me to call mom", ("I don't keep tasks or dates yet.", "remind me tomorrow at 9")),
        ("flurb the zork", ("I'm better with shopping than with that.",)),
    ],
)
def test_talk_is_answered_and_changes_nothing(nok, weekly, tell, events, text, said):
    assert tell(text).body.startswith(said)
    assert events(nok.home) == ["chat_message", "chat_message"]
    assert not PendingAction.objects.exists()


def test_what_later_tools_would_do_is_not_said_to_be_done(tell):
    answer = tell("remind me to call mom")
    assert answer.metadata["receipt"] is None
    assert (answer.metadata["intent"], answer.metadata["actions"]) == ("plan", [])


@pytest.mark.parametrize(
    "text",
    ["?", "🥚🥚🥚", "<script>alert(1)</script>", "'; DROP TABLE groceries_listentry; --", "{{ 7|add:7 }} %s %(name)s",
     "שלום עולם", "x" * 4000, "add " + "very " * 700 + "long beans", "a\nb\nc", "\u202eeggs", "add 0 eggs",
     "100% sure"],
)  # fmt: skip
def test_whatever_is_said_is_answered(weekly, tell, text):
    answer = tell(text)
    assert answer.body
    assert Run.objects.get().status == RunStatus.COMPLETED


def test_a_name_longer_than_any_is_refused_in_words(weekly, tell):
    answer = tell("Pixie, we need " + "gooseberry-" * 15 + "jam")
    assert not ListEntry.objects.exists() or len(ListEntry.objects.get().item.name) <= 100
    assert answer.body


# In Thai


def test_thai_is_understood_and_kept(nok, weekly, tell):
    answer = tell("เพิ่มไข่ 2 โหล")
    assert to_get(weekly) == ["ไข่ (2 dozen)"]
    assert answer.body == "Added ไข่ to Weekly shop, under Dairy."
    assert answer.metadata["receipt"]["lines"] == [{"name": "ไข่", "amount": "2 dozen"}]


def test_something_bought_in_thai(nok, weekly, tell):
    tell("เพิ่มนม")
    tell("ซื้อนมแล้ว")
    assert ListEntry.objects.get().state == EntryState.PURCHASED


def test_the_answer_is_in_the_language_of_who_asked(nok, ben, weekly, general, tell):
    rename_user(ben.user, locale="th")
    amounts = [
        tell("Pixie, we need 3 bunches of parsley", who=who, where=general).metadata["receipt"]["lines"][0]["amount"]
        for who in (nok, ben)
    ]
    assert amounts == ["3 bunches", "now 6 bunch"]  # Thai nouns know no plural


# Where


def test_in_a_room_the_answer_is_for_the_home(nok, ben, weekly, general, tell):
    answer = tell("Pixie, we need eggs", who=ben, where=general)
    assert answer.channel == general
    assert Event.objects.get(subject_id=answer.pk).channel_id is None
    assert ListEntry.objects.get().added_by == ben.user


def test_in_a_private_talk_the_answer_is_for_whoever_is_inside(nok, ben, weekly, talk, tell):
    answer = tell("We need eggs")
    told = Event.objects.get(subject_id=answer.pk)
    assert told.channel_id == talk.pk
    assert Event.objects.get(type="list_item_added").channel_id is None
    assert not Message.objects.visible_to(ben).exists()


def test_in_a_private_room_the_answer_is_for_whoever_is_inside(nok, ben, ploy, weekly, tell):
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ploy.user, by=by(nok))
    answer = tell("Pixie, we need candles", who=ploy, where=room)
    assert Event.objects.get(subject_id=answer.pk).channel_id == room.pk
    assert [Message.objects.visible_to(who).filter(pk=answer.pk).count() for who in (nok, ben, ploy)] == [1, 0, 1]


def test_in_a_thread_the_answer_stays_in_the_thread(nok, weekly, general, tell):
    root = send_message(general, "Soup on Sunday", by=by(nok))
    answer = tell("Pixie, we need lemongrass", where=general, parent=root)
    assert answer.parent == root


def test_the_words_of_another_home_are_unknown_here(nok, mai, tell, weekly):
    add_entry(create_list("Mine", by=by(mai)), "Zorkmids", by=by(mai))
    tell("zorkmids")
    tell("I got the zorkmids")
    assert not Item.objects.filter(home=nok.home, name__iexact="zorkmids").exists()
    assert ListEntry.objects.get(item__name="Zorkmids").state == EntryState.PENDING


# The trace


def test_a_run_tells_afterwards_what_happened(nok, pixie, weekly, talk, tell):
    answer = tell("We need eggs")
    run = Run.objects.get()
    assert (run.status, run.stop_reason, run.route) == (RunStatus.COMPLETED, StopReason.END_TURN, "local")
    assert (run.agent, run.home, run.channel, run.trigger_message.body) == (pixie, nok.home, talk, "We need eggs")
    assert run.started_at <= run.completed_at
    assert UUID(answer.metadata["run"]) == run.pk
    step = run.steps.get()
    assert (step.step_number, step.status, step.model) == (1, RunStatus.COMPLETED, "local")
    assert step.duration_ms >= 0
    kept = list(step.messages.all())
    assert [message.message_type for message in kept] == [
        RunMessage.Type.USER,
        RunMessage.Type.ASSISTANT,
        RunMessage.Type.TOOL_CALL,
        RunMessage.Type.TOOL_RETURN,
        RunMessage.Type.ASSISTANT,
    ]
    assert (kept[0].content, kept[-1].content) == ("We need eggs", answer.body)
    assert (kept[2].tool_name, kept[2].tool_input["name"]) == ("add_item", "eggs")
    assert kept[1].tool_input["intent"] == "add_item"


def test_a_refusal_is_in_the_trace(weekly, milk, tell):
    tell("take milk off")
    tell("take milk off")
    assert RunMessage.objects.filter(content="refused: Milk is not on the list.").count() == 1


def test_how_long_the_answer_took_is_kept(weekly, tell):
    assert tell("We need eggs").latency_ms >= 0


def test_the_answer_to_a_message_has_one_id(nok, weekly, talk):
    asked = send_message(talk, "We need eggs", by=by(nok))
    queue.process_home(nok.home_id)
    assert answer_to(asked).pk == uuid5(Run.objects.get().pk, "answer")
