"""Answers of Pixie: questions, several commands, small talk, languages, visibility and the trace."""

from uuid import UUID, uuid5

import pytest

from chat.actions import create_channel, join_channel, send_message
from chat.models import Message
from groceries.actions import add_entry, create_list
from groceries.models import EntryState, ListEntry
from homes.events.models import Event
from pixie.models import PendingAction, Run, RunMessage, RunStatus, StopReason
from pixie.runs import queue
from tests.factories import by
from tests.pixie.conftest import answer_to
from tests.pixie.runs import pending_entries

# Questions


def test_vague_request_is_completed_by_the_next_message(weekly, tell):
    question = tell("Add some stuff")
    assert question.body == "What should go on the list?"
    assert (question.metadata["asks_what"], question.metadata["requires_confirmation"]) == (True, True)
    assert pending_entries(weekly) == []
    assert tell("eggs and milk").body == "Both are on Weekly shop, under Dairy."
    assert pending_entries(weekly) == ["Eggs (1 piece)", "Milk (1 piece)"]


def test_complete_request_after_a_question_is_not_taken_as_a_name(weekly, tell):
    tell("Add some stuff")
    tell("เพิ่มไข่ 6 ฟอง")
    assert pending_entries(weekly) == ["ไข่ (6 piece)"]


def test_pronoun_refers_to_the_last_answer(weekly, eggs, tell):
    tell("We need milk")
    assert tell("make it 3").body == "Changed. Milk: 3."
    assert tell("undo").body == "Undone: Milk."
    assert pending_entries(weekly)[-1] == "Milk (1 piece)"


def test_bare_name_answers_only_the_last_question(weekly, tell):
    tell("Add some stuff")
    tell("tell me a joke")
    tell("zorkmids")
    assert pending_entries(weekly) == []


def test_bare_name_after_another_members_message_is_not_an_answer(nok, ben, weekly, general, tell):
    tell("Pixie, add some stuff", where=general)
    send_message(general, "I am late", by=by(ben))
    tell("Pixie: zorkmids", where=general)
    assert pending_entries(weekly) == []


def test_unusual_amount_needs_confirmation(nok, weekly, eggs, tell, events):
    answer = tell("add 500 eggs")
    assert answer.body == "Eggs, 500: that is a lot. You buy 6. Did you mean it?"
    assert (answer.metadata["question"], answer.metadata["requires_confirmation"]) == ("waiting", True)
    assert answer.metadata["receipt"] is None
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
    pending_action = PendingAction.objects.get()
    assert (pending_action.tool, pending_action.requested_by, pending_action.message) == ("add_item", nok.user, answer)
    assert events(nok.home) == ["chat_message", "chat_message"]


def test_uncertain_request_needs_confirmation(weekly, tell):
    answer = tell("I think we need bread")
    assert answer.body == "Did you mean: add bread?"
    assert answer.metadata["question"] == "waiting"
    assert pending_entries(weekly) == []


def test_certain_part_is_done_and_the_rest_needs_confirmation(weekly, tell):
    answer = tell("We need eggs and 500 lemons")
    assert answer.body == "Added Eggs to Weekly shop, under Dairy. Lemons, 500: that is a lot. Did you mean it?"
    assert pending_entries(weekly) == ["Eggs (1 piece)"]
    assert answer.metadata["question"] == "waiting"
    assert answer.metadata["receipt"]["title"] == "Added 1 item"


# Several commands, and none


def test_several_items_in_one_message_are_added(nok, weekly, tell, events):
    answer = tell("2 kg rice, a dozen eggs and fish sauce please")
    assert answer.body == "All 3 are on Weekly shop."
    assert pending_entries(weekly) == ["Eggs (1 dozen)", "Fish sauce (1 piece)", "Rice (2 kg)"]
    assert len(answer.metadata["receipt"]["lines"]) == 3
    assert events(nok.home) == ["chat_message", *["list_item_added"] * 3, "chat_message"]


def test_several_commands_in_one_message_are_done(nok, weekly, milk, tell):
    answer = tell("We need lemons. Take milk off. How much did we spend?")
    assert pending_entries(weekly) == ["Lemons (1 piece)"]
    assert "Added Lemons to Weekly shop" in answer.body
    assert "Off the list: Milk." in answer.body
    assert "You spent ฿0 this month." in answer.body
    assert answer.metadata["receipt"]["title"] == "Added 1 item; Removed 1 item"


def test_refused_command_does_not_stop_others(weekly, milk, tell):
    tell("take milk off")
    answer = tell("Take milk off. We need eggs.")
    assert pending_entries(weekly) == ["Eggs (1 piece)"]
    assert "Milk is not on the list." in answer.body
    assert len(answer.metadata["receipt"]["lines"]) == 1


def test_joke_changes_nothing(nok, tell, events):
    answer = tell("tell me a joke")
    assert answer.body.endswith((".", "!"))
    assert answer.metadata["intent"] == "chat"
    assert tell("tell me a joke").body == answer.body
    assert set(events(nok.home)) == {"chat_message"}


@pytest.mark.parametrize(
    ("text", "replies"),
    [
        ("thank you pixie", ("Any time.", "Gladly.")),
        ("hello", ("Hello! What can I do for you?",)),
        ("good night", ("Goodbye, and take care!",)),
        ("remind me to call mom", ("I don't keep tasks or dates yet.", "remind me tomorrow at 9")),
        ("flurb the zork", ("Sorry, I didn't understand that.",)),
    ],
)
def test_small_talk_is_answered_and_changes_nothing(nok, weekly, tell, events, text, replies):
    assert tell(text).body.startswith(replies)
    assert events(nok.home) == ["chat_message", "chat_message"]
    assert not PendingAction.objects.exists()


def test_unsupported_request_has_no_receipt(tell):
    answer = tell("remind me to call mom")
    assert answer.metadata["receipt"] is None
    assert (answer.metadata["intent"], answer.metadata["actions"]) == ("plan", [])


@pytest.mark.parametrize(
    "text",
    ["?", "🥚🥚🥚", "<script>alert(1)</script>", "'; DROP TABLE groceries_listentry; --", "{{ 7|add:7 }} %s %(name)s",
     "שלום עולם", "x" * 4000, "add " + "very " * 700 + "long beans", "a\nb\nc", "\u202eeggs", "add 0 eggs",
     "100% sure"],
)  # fmt: skip
def test_any_text_is_answered(weekly, tell, text):
    answer = tell(text)
    assert answer.body
    assert Run.objects.get().status == RunStatus.COMPLETED


def test_too_long_name_is_refused_with_a_sentence(weekly, tell):
    answer = tell("Pixie, we need " + "gooseberry-" * 15 + "jam")
    assert not ListEntry.objects.exists() or len(ListEntry.objects.get().item.name) <= 100
    assert answer.body


# Languages


def test_thai_item_is_added(nok, weekly, tell):
    answer = tell("เพิ่มไข่ 2 โหล")
    assert pending_entries(weekly) == ["ไข่ (2 dozen)"]
    assert answer.body == "เพิ่ม ไข่ ใน Weekly shop หมวด นมและไข่ แล้ว"
    assert answer.metadata["receipt"]["lines"] == [{"name": "ไข่", "amount": "2 โหล"}]


def test_thai_purchase_ticks_the_entry(nok, weekly, tell):
    tell("เพิ่มนม")
    tell("ซื้อนมแล้ว")
    assert ListEntry.objects.get().state == EntryState.PURCHASED


# Visibility


def test_answer_in_a_room_is_visible_to_the_home(nok, ben, weekly, general, tell):
    answer = tell("Pixie, we need eggs", who=ben, where=general)
    assert answer.channel == general
    assert Event.objects.get(subject_id=answer.pk).channel_id is None
    assert ListEntry.objects.get().added_by == ben.user


def test_answer_in_a_private_chat_is_visible_to_its_members(nok, ben, weekly, agent_chat, tell):
    answer = tell("We need eggs")
    event = Event.objects.get(subject_id=answer.pk)
    assert event.channel_id == agent_chat.pk
    assert Event.objects.get(type="list_item_added").channel_id is None
    assert not Message.objects.visible_to(ben).exists()


def test_answer_in_a_private_room_is_visible_to_its_members(nok, ben, ploy, weekly, tell):
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ploy.user, by=by(nok))
    answer = tell("Pixie, we need candles", who=ploy, where=room)
    assert Event.objects.get(subject_id=answer.pk).channel_id == room.pk
    assert [Message.objects.visible_to(who).filter(pk=answer.pk).count() for who in (nok, ben, ploy)] == [1, 0, 1]


def test_answer_in_a_thread_stays_in_the_thread(nok, weekly, general, tell):
    root = send_message(general, "Soup on Sunday", by=by(nok))
    answer = tell("Pixie, we need lemongrass", where=general, parent=root)
    assert answer.parent == root


def test_items_of_another_home_are_unknown(nok, mai, tell, weekly):
    add_entry(create_list("Mine", by=by(mai)), "Zorkmids", by=by(mai))
    tell("I got the zorkmids")
    assert ListEntry.objects.get(item__name="Zorkmids", home=mai.home).state == EntryState.PENDING


# The trace


def test_run_records_steps_and_messages(nok, pixie, weekly, agent_chat, tell):
    answer = tell("We need eggs")
    run = Run.objects.get()
    assert (run.status, run.stop_reason, run.route) == (RunStatus.COMPLETED, StopReason.END_TURN, "local")
    assert (run.agent, run.home, run.channel, run.trigger_message.body) == (pixie, nok.home, agent_chat, "We need eggs")
    assert run.started_at <= run.completed_at
    assert UUID(answer.metadata["run"]) == run.pk
    step = run.steps.get()
    assert (step.step_number, step.status, step.model) == (1, RunStatus.COMPLETED, "local")
    assert step.duration_ms >= 0
    messages = list(step.messages.all())
    assert [message.message_type for message in messages] == [
        RunMessage.Type.USER,
        RunMessage.Type.ASSISTANT,
        RunMessage.Type.TOOL_CALL,
        RunMessage.Type.TOOL_RETURN,
        RunMessage.Type.ASSISTANT,
    ]
    assert (messages[0].content, messages[-1].content) == ("We need eggs", answer.body)
    assert (messages[2].tool_name, messages[2].tool_input["name"]) == ("add_item", "eggs")
    assert messages[1].tool_input["intent"] == "add_item"


def test_refusal_is_recorded_in_the_trace(weekly, milk, tell):
    tell("take milk off")
    tell("take milk off")
    assert RunMessage.objects.filter(content="refused: Milk is not on the list.").count() == 1


def test_answer_stores_its_latency(weekly, tell):
    assert tell("We need eggs").latency_ms >= 0


def test_answer_id_derives_from_the_run(nok, weekly, agent_chat):
    message = send_message(agent_chat, "We need eggs", by=by(nok))
    queue.process_home(nok.home_id)
    assert answer_to(message).pk == uuid5(Run.objects.get().pk, "answer")
