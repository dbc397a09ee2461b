"""What Pixie asks before it acts, and what it did and puts back: each at most once."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from chat.actions import send_message
from chat.models import Message
from groceries.actions import add_entry, change_list_state, remove_entry
from groceries.models import ListEntry, RecurringItem
from pantry.errors import ActionError
from pixie.models import PendingAction, PendingState, Run, RunMessage
from pixie.runs import confirmations, queue, undo
from tests.factories import by, run_concurrently


def to_get(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def attempt(action, *args, **kwargs):
    """What it returned, or the refusal."""
    try:
        return action(*args, **kwargs)
    except ActionError as refusal:
        return refusal


@pytest.fixture
def asking(weekly, eggs, tell):
    """“Eggs, 500: that is a lot. You buy 6. Did you mean it?”"""
    return tell("add 500 eggs")


# Yes and no


def test_yes_does_it(nok, pixie, weekly, asking, events):
    answer = confirmations.decide(asking, yes=True, by=by(nok))
    assert answer.body == "Eggs: now 506, on Weekly shop."
    assert to_get(weekly) == ["Eggs (506 piece)"]
    assert events(nok.home) == ["list_item_updated", "message_edited", "chat_message"]
    grown = events.of(nok.home)[0]
    assert (grown.actor_user, grown.actor_agent, grown.origin) == (nok.user, pixie, "agent")
    assert answer.metadata["receipt"]["events"] == [grown.seq]
    asking.refresh_from_db()
    assert asking.metadata["question"] == "confirmed"
    decided = PendingAction.objects.get()
    assert (decided.state, decided.decided_by) == (PendingState.CONFIRMED, nok.user)


def test_no_leaves_all_as_it_is(nok, weekly, asking, events):
    answer = confirmations.decide(asking, yes=False, by=by(nok))
    assert answer.body == "Nothing changed."
    assert answer.metadata["receipt"] is None
    assert to_get(weekly) == ["Eggs (6 piece)"]
    assert events(nok.home) == ["message_edited", "chat_message"]
    asking.refresh_from_db()
    assert asking.metadata["question"] == "declined"
    assert PendingAction.objects.get().state == PendingState.DECLINED


def test_one_yes_answers_all_that_was_asked(nok, weekly, tell):
    asking = tell("We need 500 lemons and 600 limes")
    assert PendingAction.objects.filter(message=asking).count() == 2
    confirmations.decide(asking, yes=True, by=by(nok))
    assert to_get(weekly) == ["Lemons (500 piece)", "Limes (600 piece)"]


def test_the_call_that_was_confirmed_is_in_the_trace(nok, asking):
    before = RunMessage.objects.count()
    confirmations.decide(asking, yes=True, by=by(nok))
    called, returned = list(RunMessage.objects.all())[before:]
    assert (called.tool_name, called.tool_input["quantity"]) == ("add_item", "500")
    assert "'is_new': False" in returned.content


def test_whoever_is_in_the_room_may_answer(nok, ben, weekly, eggs, general, tell):
    asking = tell("Pixie, add 500 eggs", where=general)
    confirmations.decide(asking, yes=True, by=by(ben))
    assert PendingAction.objects.get().decided_by == ben.user
    assert to_get(weekly) == ["Eggs (506 piece)"]


def test_the_answer_to_a_question_in_a_thread_stays_there(nok, weekly, eggs, general, tell):
    root = send_message(general, "A cake?", by=by(nok))
    asking = tell("Pixie, add 500 eggs", where=general, parent=root)
    assert confirmations.decide(asking, yes=True, by=by(nok)).parent == root


def test_what_cannot_be_done_any_more_is_said(nok, weekly, eggs, tell):
    asking = tell("add 99000 eggs")
    add_entry(weekly, "eggs", by=by(nok), quantity=1000)
    assert "more than a list can hold" in confirmations.decide(asking, yes=True, by=by(nok)).body
    assert to_get(weekly) == ["Eggs (1006 piece)"]


# At most once


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_a_question_is_answered_once(nok, weekly, asking, events, first, second):
    confirmations.decide(asking, yes=first, by=by(nok))
    after = events(nok.home)
    with pytest.raises(ActionError, match="closed"):
        confirmations.decide(asking, yes=second, by=by(nok))
    assert events(nok.home) == after


@pytest.mark.django_db(transaction=True)
def test_two_who_say_yes_at_once_are_heard_once(nok, ben, weekly, eggs, general, tell):
    asking = tell("Pixie, add 500 eggs", where=general)
    said = run_concurrently(
        *[partial(attempt, confirmations.decide, asking, yes=True, by=by(who)) for who in (nok, ben, nok, ben)]
    )
    assert sum(isinstance(each, ActionError) for each in said) == 3
    assert to_get(weekly) == ["Eggs (506 piece)"]


@pytest.mark.django_db(transaction=True)
def test_yes_and_no_at_once_are_one_of_both(nok, ben, weekly, eggs, general, tell):
    asking = tell("Pixie, add 500 eggs", where=general)
    run_concurrently(
        partial(attempt, confirmations.decide, asking, yes=True, by=by(nok)),
        partial(attempt, confirmations.decide, asking, yes=False, by=by(ben)),
    )
    confirmed = PendingAction.objects.get().state == PendingState.CONFIRMED
    assert to_get(weekly) == (["Eggs (506 piece)"] if confirmed else ["Eggs (6 piece)"])


# Too late


def test_a_question_expires(nok, weekly, asking):
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ActionError, match="closed"):
        confirmations.decide(asking, yes=True, by=by(nok))
    assert to_get(weekly) == ["Eggs (6 piece)"]


def test_a_question_waits_a_day(asking):
    waits = PendingAction.objects.get().expires_at - timezone.now()
    assert timedelta(hours=23, minutes=59) < waits <= timedelta(hours=24)


def test_who_says_something_new_has_moved_on(nok, weekly, asking, tell):
    tell("We need milk")
    asking.refresh_from_db()
    assert asking.metadata["question"] == "expired"
    assert PendingAction.objects.get().state == PendingState.EXPIRED
    with pytest.raises(ActionError):
        confirmations.decide(asking, yes=True, by=by(nok))
    assert to_get(weekly) == ["Eggs (6 piece)", "Milk (1 piece)"]


def test_what_others_say_closes_nothing(nok, ben, weekly, eggs, general, tell):
    asking = tell("Pixie, add 500 eggs", where=general)
    tell("Pixie, we need milk", who=ben, where=general)
    send_message(general, "I am late", by=by(nok))  # not to Pixie
    confirmations.decide(asking, yes=True, by=by(nok))
    assert "Eggs (506 piece)" in to_get(weekly)


def test_what_is_said_elsewhere_closes_nothing(nok, weekly, asking, general, tell):
    tell("Pixie, we need milk", where=general)
    confirmations.decide(asking, yes=True, by=by(nok))
    assert "Eggs (506 piece)" in to_get(weekly)


def test_only_what_pixie_said_can_be_answered(nok, asking, talk):
    for message in (send_message(talk, "Yes?", by=by(nok)), Message.objects.filter(author_user=nok.user).first()):
        for attempt_ in (partial(confirmations.decide, message, yes=True), partial(undo.undo_message, message)):
            with pytest.raises(ActionError):
                attempt_(by=by(nok))


def test_what_asks_nothing_cannot_be_answered(nok, weekly, tell):
    with pytest.raises(ActionError, match="closed"):
        confirmations.decide(tell("We need eggs"), yes=True, by=by(nok))


# Undo


def test_what_was_done_is_put_back(nok, weekly, tell, events):
    answer = tell("We need eggs and milk")
    before = len(events(nok.home))
    undo.undo_message(answer, by=by(nok))
    assert to_get(weekly) == []
    assert events(nok.home)[before:] == ["list_item_removed", "list_item_removed", "message_edited"]
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
def test_every_receipt_leads_back(nok, weekly, eggs, milk, tell, text, after):
    answer = tell(text)
    assert answer.metadata["receipt"]
    undo.undo_message(answer, by=by(nok))
    assert to_get(weekly) == after
    assert not RecurringItem.objects.exists()


def test_a_confirmed_call_has_a_receipt_too(nok, weekly, asking):
    undo.undo_message(confirmations.decide(asking, yes=True, by=by(nok)), by=by(nok))
    assert to_get(weekly) == ["Eggs (6 piece)"]


def test_undo_is_done_by_whoever_presses_it(nok, ben, weekly, general, tell, events):
    answer = tell("Pixie, we need eggs", where=general)
    undo.undo_message(answer, by=by(ben))
    removed = [event for event in events.of(nok.home) if event.type == "list_item_removed"]
    assert [(event.actor_user, event.actor_agent) for event in removed] == [(ben.user, None)]


def test_undo_works_once(nok, weekly, tell, events):
    answer = tell("We need eggs")
    undo.undo_message(answer, by=by(nok))
    add_entry(weekly, "eggs", by=by(nok))
    after = events(nok.home)
    with pytest.raises(ActionError, match="nothing to undo"):
        undo.undo_message(answer, by=by(nok))
    assert events(nok.home) == after
    assert to_get(weekly) == ["Eggs (1 piece)"]


@pytest.mark.django_db(transaction=True)
def test_two_who_undo_at_once_undo_once(nok, ben, weekly, eggs, general, tell):
    answer = tell("Pixie, we need 4 eggs", where=general)
    done = run_concurrently(*[partial(attempt, undo.undo_message, answer, by=by(who)) for who in (nok, ben, nok)])
    assert done.count(None) == 1
    assert to_get(weekly) == ["Eggs (6 piece)"]


def test_what_changed_nothing_has_nothing_to_undo(nok, weekly, tell):
    for text in ("what's on the list?", "tell me a joke"):
        with pytest.raises(ActionError, match="nothing to undo"):
            undo.undo_message(tell(text), by=by(nok))


def test_undo_is_all_or_nothing(nok, weekly, tell, events):
    answer = tell("We need eggs and milk")
    change_list_state(weekly, "completed", by=by(nok))
    before = events(nok.home)
    with pytest.raises(ActionError):
        undo.undo_message(answer, by=by(nok))
    assert events(nok.home) == before
    answer.refresh_from_db()
    assert "undone" not in answer.metadata["receipt"]


def test_what_somebody_took_off_meanwhile_stays_off(nok, ben, weekly, tell):
    answer = tell("We need eggs")
    remove_entry(ListEntry.objects.get(), by=by(ben))
    with pytest.raises(ActionError, match="changed back already"):
        undo.undo_message(answer, by=by(nok))
    assert to_get(weekly) == []
    answer.refresh_from_db()
    assert "undone" not in answer.metadata["receipt"]


# Strangers


def test_a_member_of_another_home_answers_and_undoes_nothing(nok, mai, weekly, asking, events):
    for attempt_ in (
        partial(confirmations.decide, asking, yes=True),
        partial(confirmations.decide, asking, yes=False),
        partial(undo.undo_message, asking),
    ):
        with pytest.raises(ActionError):
            attempt_(by=by(mai))
    assert events(nok.home) == events(mai.home) == []
    assert PendingAction.objects.get().state == PendingState.WAITING
    assert to_get(weekly) == ["Eggs (6 piece)"]


def test_a_stranger_does_not_undo_by_a_receipts_numbers(nok, mai, weekly, tell, events):
    """The numbers of a receipt are those of its own home: the same ones name other events in another home."""
    answer = tell("We need eggs")
    with pytest.raises(ActionError):
        undo.undo_message(answer, by=by(mai))
    assert events(mai.home) == []
    assert to_get(weekly) == ["Eggs (1 piece)"]


def test_questions_are_seen_by_whoever_sees_the_talk(nok, ben, mai, asking):
    assert [PendingAction.objects.visible_to(who).count() for who in (nok, ben, mai)] == [1, 0, 0]


def test_runs_are_seen_by_whoever_sees_the_talk(nok, ben, mai, asking):
    assert [Run.objects.visible_to(who).count() for who in (nok, ben, mai)] == [1, 0, 0]


def test_reading_again_asks_no_second_time(nok, asking):
    assert queue.process_home(nok.home_id) == 0
    assert PendingAction.objects.count() == 1


# A typed answer


@pytest.mark.parametrize(("word", "listed"), [("yes", 500), ("Yes please!", 500), ("no", 6), ("Nope.", 6), ("ใช่", 500)])
def test_a_typed_yes_or_no_is_the_press_of_the_button(asking, tell, eggs, word, listed):
    tell(word)
    total = sum(entry.quantity for entry in ListEntry.objects.pending())
    assert total == (506 if listed == 500 else 6)
    asking.refresh_from_db()
    assert asking.metadata["question"] in (PendingState.CONFIRMED, PendingState.DECLINED)


def test_a_yes_without_a_question_is_talk(tell, weekly, eggs):
    assert tell("yes").metadata.get("question") is None
    assert ListEntry.objects.pending().count() == 1


def test_what_nobody_answers_in_time_is_closed(asking):
    PendingAction.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    confirmations.close_expired_questions()
    asking.refresh_from_db()
    assert asking.metadata["question"] == PendingState.EXPIRED
    assert PendingAction.objects.get().state == PendingState.EXPIRED
