"""Confirmations of pending actions and undo of answers, each at most once."""

from datetime import timedelta
from functools import partial

import pytest
from django.db.models import F
from django.utils import timezone

from chat.actions import send_message
from chat.models import Message
from groceries.actions import add_entry, change_list_state, remove_entry
from groceries.models import ListEntry, RecurringItem
from pantry.errors import ActionError
from pixie.actions import create_agent
from pixie.models import PendingAction, PendingState, Run, RunMessage
from pixie.runs import confirmations, queue, undo
from tests.factories import by, run_concurrently
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, pending_entries


def result_or_error(action, *args, **kwargs):
    """Return the result of the action, or its ActionError."""
    try:
        return action(*args, **kwargs)
    except ActionError as refusal:
        return refusal


@pytest.fixture
def question(weekly, eggs, tell):
    """A message of Pixie that asks for confirmation of 500 eggs."""
    return tell("add 500 eggs")


# Decisions


def test_confirming_runs_the_action(nok, pixie, weekly, question, events):
    answer = confirmations.decide(question, yes=True, by=by(nok))
    assert answer.body == "Eggs: now 506, on Weekly shop."
    assert pending_entries(weekly) == ["Eggs (506 piece)"]
    assert events(nok.home) == ["list_item_updated", "message_edited", "chat_message"]
    event = events.of(nok.home)[0]
    assert (event.actor_user, event.actor_agent, event.origin) == (nok.user, pixie, "agent")
    assert answer.metadata["receipt"]["events"] == [event.seq]
    question.refresh_from_db()
    assert question.metadata["question"] == "confirmed"
    decided = PendingAction.objects.get()
    assert (decided.state, decided.decided_by) == (PendingState.CONFIRMED, nok.user)


def test_declining_changes_nothing(nok, weekly, question, events):
    answer = confirmations.decide(question, yes=False, by=by(nok))
    assert answer.body == "Nothing changed."
    assert answer.metadata["receipt"] is None
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
    assert events(nok.home) == ["message_edited", "chat_message"]
    question.refresh_from_db()
    assert question.metadata["question"] == "declined"
    assert PendingAction.objects.get().state == PendingState.DECLINED


def test_confirming_runs_all_actions_of_the_message(nok, weekly, tell):
    question = tell("We need 500 lemons and 600 limes")
    assert PendingAction.objects.filter(message=question).count() == 2
    confirmations.decide(question, yes=True, by=by(nok))
    assert pending_entries(weekly) == ["Lemons (500 piece)", "Limes (600 piece)"]


def test_confirmed_call_is_recorded_in_the_trace(nok, question):
    before = RunMessage.objects.count()
    confirmations.decide(question, yes=True, by=by(nok))
    called, returned = list(RunMessage.objects.all())[before:]
    assert (called.tool_name, called.tool_input["quantity"]) == ("add_item", "500")
    assert "'is_new': False" in returned.content


def test_confirmed_call_belongs_to_the_last_step_of_the_run_that_asked(nok, pixie, weekly, question):
    run = Run.objects.get()
    first = run.steps.get()
    last = run.steps.create(step_number=2, model="tiny", created_at=first.created_at)
    run.steps.filter(pk=first.pk).update(created_at=F("created_at") + timedelta(hours=1))
    other = Run.objects.create(home=nok.home, agent=create_agent("Goblin", by=by(nok)), channel=run.channel)
    Run.objects.filter(pk=other.pk).update(trigger_message=run.trigger_message)
    other.steps.create(step_number=3, model="tiny")
    confirmations.decide(question, yes=True, by=by(nok))
    call = RunMessage.objects.get(message_type=RunMessage.Type.TOOL_RETURN)
    assert (call.run, call.step) == (run, last)


def test_any_member_of_the_room_can_confirm(nok, ben, weekly, eggs, general, tell):
    question = tell("Pixie, add 500 eggs", where=general)
    confirmations.decide(question, yes=True, by=by(ben))
    assert PendingAction.objects.get().decided_by == ben.user
    assert pending_entries(weekly) == ["Eggs (506 piece)"]


@pytest.mark.parametrize("words", ["@pixie yes", "Pixie, yes please", "yes, Pixie"])
def test_typed_yes_in_a_room_names_the_agent(weekly, eggs, general, tell, words):
    tell("Pixie, add 500 eggs", where=general)
    tell(words, where=general)
    assert pending_entries(weekly) == ["Eggs (506 piece)"]


def test_confirmation_in_a_thread_is_answered_there(nok, weekly, eggs, general, tell):
    root = send_message(general, "A cake?", by=by(nok))
    question = tell("Pixie, add 500 eggs", where=general, parent=root)
    assert confirmations.decide(question, yes=True, by=by(nok)).parent == root


def test_confirming_an_impossible_action_says_why(nok, weekly, eggs, tell):
    question = tell("add 99000 eggs")
    add_entry(weekly, "eggs", by=by(nok), quantity=1000)
    assert "more than a list can hold" in confirmations.decide(question, yes=True, by=by(nok)).body
    assert pending_entries(weekly) == ["Eggs (1006 piece)"]


# At most once


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_question_can_be_decided_once(nok, weekly, question, events, first, second):
    confirmations.decide(question, yes=first, by=by(nok))
    after = events(nok.home)
    with pytest.raises(ActionError, match="closed"):
        confirmations.decide(question, yes=second, by=by(nok))
    assert events(nok.home) == after


@pytest.mark.django_db(transaction=True)
def test_concurrent_confirmations_act_once(nok, ben, weekly, eggs, general, tell):
    question = tell("Pixie, add 500 eggs", where=general)
    results = run_concurrently(
        *[
            partial(result_or_error, confirmations.decide, question, yes=True, by=by(who))
            for who in (nok, ben, nok, ben)
        ]
    )
    assert sum(isinstance(each, ActionError) for each in results) == 3
    assert pending_entries(weekly) == ["Eggs (506 piece)"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_yes_and_no_apply_one_of_them(nok, ben, weekly, eggs, general, tell):
    question = tell("Pixie, add 500 eggs", where=general)
    run_concurrently(
        partial(result_or_error, confirmations.decide, question, yes=True, by=by(nok)),
        partial(result_or_error, confirmations.decide, question, yes=False, by=by(ben)),
    )
    confirmed = PendingAction.objects.get().state == PendingState.CONFIRMED
    assert pending_entries(weekly) == (["Eggs (506 piece)"] if confirmed else ["Eggs (6 piece)"])


# Expiry


def test_expired_question_cannot_be_confirmed(nok, weekly, question):
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ActionError, match="closed"):
        confirmations.decide(question, yes=True, by=by(nok))
    assert pending_entries(weekly) == ["Eggs (6 piece)"]


def test_question_expires_after_a_day(question):
    time_left = PendingAction.objects.get().expires_at - timezone.now()
    assert timedelta(hours=23, minutes=59) < time_left <= timedelta(hours=24)


def test_new_message_expires_the_askers_question(nok, weekly, question, tell):
    tell("We need milk")
    question.refresh_from_db()
    assert question.metadata["question"] == "expired"
    assert PendingAction.objects.get().state == PendingState.EXPIRED
    with pytest.raises(ActionError):
        confirmations.decide(question, yes=True, by=by(nok))
    assert pending_entries(weekly) == ["Eggs (6 piece)", "Milk (1 piece)"]


def test_message_of_another_member_keeps_the_question_open(nok, ben, weekly, eggs, general, tell):
    question = tell("Pixie, add 500 eggs", where=general)
    tell("Pixie, we need milk", who=ben, where=general)
    send_message(general, "I am late", by=by(nok))  # without a mention
    confirmations.decide(question, yes=True, by=by(nok))
    assert "Eggs (506 piece)" in pending_entries(weekly)


def test_message_in_another_channel_keeps_the_question_open(nok, weekly, question, general, tell):
    tell("Pixie, we need milk", where=general)
    confirmations.decide(question, yes=True, by=by(nok))
    assert "Eggs (506 piece)" in pending_entries(weekly)


def test_message_of_a_member_cannot_be_decided_or_undone(nok, question, agent_chat):
    for message in (send_message(agent_chat, "Yes?", by=by(nok)), Message.objects.filter(author_user=nok.user).first()):
        for action in (partial(confirmations.decide, message, yes=True), partial(undo.undo_message, message)):
            with pytest.raises(ActionError):
                action(by=by(nok))


def test_answer_without_a_question_cannot_be_decided(nok, weekly, tell):
    with pytest.raises(ActionError, match="closed"):
        confirmations.decide(tell("We need eggs"), yes=True, by=by(nok))


# Undo


def test_undo_reverts_the_changes_of_an_answer(nok, weekly, tell, events):
    answer = tell("We need eggs and milk")
    before = len(events(nok.home))
    undo.undo_message(answer, by=by(nok))
    assert pending_entries(weekly) == []
    assert events(nok.home)[before:] == [
        "list_item_removed", "list_item_removed", "message_edited", "lesson_learned",
    ]  # fmt: skip
    answer.refresh_from_db()
    assert answer.metadata["receipt"]["undone"] is True


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("We need 4 eggs", ["Eggs (6 piece)", "Milk (1 liter)"]),
        ("bought milk for 45", ["Eggs (6 piece)", "Milk (1 liter)"]),
        ("take milk off", ["Eggs (6 piece)", "Milk (1 liter)"]),
        ("eggs every week", ["Eggs (6 piece)", "Milk (1 liter)"]),
        ("We need 4 eggs. Take milk off.", ["Eggs (6 piece)", "Milk (1 liter)"]),
    ],
)
def test_undo_reverts_every_kind_of_receipt(nok, weekly, eggs, milk, tell, text, after):
    answer = tell(text)
    assert answer.metadata["receipt"]
    undo.undo_message(answer, by=by(nok))
    assert pending_entries(weekly) == after
    assert not RecurringItem.objects.exists()


def test_confirmed_action_can_be_undone(nok, weekly, question):
    undo.undo_message(confirmations.decide(question, yes=True, by=by(nok)), by=by(nok))
    assert pending_entries(weekly) == ["Eggs (6 piece)"]


def test_undo_is_recorded_for_the_member_who_requests_it(nok, ben, weekly, general, tell, events):
    answer = tell("Pixie, we need eggs", where=general)
    undo.undo_message(answer, by=by(ben))
    removed = [event for event in events.of(nok.home) if event.type == "list_item_removed"]
    assert [(event.actor_user, event.actor_agent) for event in removed] == [(ben.user, None)]


def test_undo_twice_is_refused(nok, weekly, tell, events):
    answer = tell("We need eggs")
    undo.undo_message(answer, by=by(nok))
    add_entry(weekly, "eggs", by=by(nok))
    after = events(nok.home)
    with pytest.raises(ActionError, match="nothing to undo"):
        undo.undo_message(answer, by=by(nok))
    assert events(nok.home) == after
    assert pending_entries(weekly) == ["Eggs (1 piece)"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_undo_happens_once(nok, ben, weekly, eggs, general, tell):
    answer = tell("Pixie, we need 4 eggs", where=general)
    results = run_concurrently(
        *[partial(result_or_error, undo.undo_message, answer, by=by(who)) for who in (nok, ben, nok)]
    )
    assert results.count(None) == 1
    assert pending_entries(weekly) == ["Eggs (6 piece)"]


def test_undo_of_an_answer_without_changes_is_refused(nok, weekly, tell):
    for text in ("what's on the list?", "tell me a joke"):
        with pytest.raises(ActionError, match="nothing to undo"):
            undo.undo_message(tell(text), by=by(nok))


def test_failing_undo_reverts_nothing(nok, weekly, tell, events):
    answer = tell("We need eggs and milk")
    change_list_state(weekly, "completed", by=by(nok))
    before = events(nok.home)
    with pytest.raises(ActionError):
        undo.undo_message(answer, by=by(nok))
    assert events(nok.home) == before
    answer.refresh_from_db()
    assert "undone" not in answer.metadata["receipt"]


def test_undo_of_a_reverted_change_is_refused(nok, ben, weekly, tell):
    answer = tell("We need eggs")
    remove_entry(ListEntry.objects.get(), by=by(ben))
    with pytest.raises(ActionError, match="changed back already"):
        undo.undo_message(answer, by=by(nok))
    assert pending_entries(weekly) == []
    answer.refresh_from_db()
    assert "undone" not in answer.metadata["receipt"]


# Visibility


def test_member_of_another_home_cannot_decide_or_undo(nok, mai, weekly, question, events):
    for action in (
        partial(confirmations.decide, question, yes=True),
        partial(confirmations.decide, question, yes=False),
        partial(undo.undo_message, question),
    ):
        with pytest.raises(ActionError):
            action(by=by(mai))
    assert events(nok.home) == events(mai.home) == []
    assert PendingAction.objects.get().state == PendingState.WAITING
    assert pending_entries(weekly) == ["Eggs (6 piece)"]


def test_undo_by_a_member_of_another_home_changes_neither_home(nok, mai, weekly, tell, events):
    """Check that the event numbers of a receipt are not looked up in the home of the requester."""
    answer = tell("We need eggs")
    with pytest.raises(ActionError):
        undo.undo_message(answer, by=by(mai))
    assert events(mai.home) == []
    assert pending_entries(weekly) == ["Eggs (1 piece)"]


def test_pending_actions_are_visible_to_channel_members(nok, ben, mai, question):
    assert [PendingAction.objects.visible_to(who).count() for who in (nok, ben, mai)] == [1, 0, 0]


def test_runs_are_visible_to_channel_members(nok, ben, mai, question):
    assert [Run.objects.visible_to(who).count() for who in (nok, ben, mai)] == [1, 0, 0]


def test_processing_again_asks_no_second_question(nok, question):
    assert queue.process_home(nok.home_id) == 0
    assert PendingAction.objects.count() == 1


# Typed answers


@pytest.mark.parametrize(("word", "listed"), [("yes", 500), ("Yes please!", 500), ("no", 6), ("Nope.", 6), ("ใช่", 500)])
def test_typed_yes_or_no_decides_the_question(question, tell, eggs, word, listed):
    tell(word)
    total = sum(entry.quantity for entry in ListEntry.objects.pending())
    assert total == (506 if listed == 500 else 6)
    question.refresh_from_db()
    assert question.metadata["question"] in (PendingState.CONFIRMED, PendingState.DECLINED)


def test_yes_without_a_question_changes_nothing(tell, weekly, eggs):
    assert tell("yes").metadata.get("question") is None
    assert ListEntry.objects.pending().count() == 1


def test_expired_questions_are_closed(question):
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    confirmations.close_expired_questions()
    question.refresh_from_db()
    assert question.metadata["question"] == PendingState.EXPIRED
    assert PendingAction.objects.get().state == PendingState.EXPIRED


def test_yes_does_not_decide_a_question_that_a_model_asks_later(nok, agent_chat, weekly, eggs, provider):
    provider.enqueue(Reply(calls=(Call("add_item", {"name": "eggs", "quantity": "500"}),)))
    send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    queue.process_home(nok.home_id)
    send_message(agent_chat, "yes", by=by(nok))
    queue.perform_model_run(nok.home_id)
    queue.process_home(nok.home_id)
    assert pending_entries(weekly) == ["Eggs (6 piece)"]
    assert PendingAction.objects.get().state == PendingState.WAITING
