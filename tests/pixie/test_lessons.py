"""Tests of what a home teaches its agents, by answers and undo."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from chat.actions import create_channel, delete_message, edit_message, join_channel, send_message
from chat.models import Message
from homes.actions import remove_member
from homes.closing import close_account
from homes.events.models import Event
from pixie.actions import forget_lesson, learn_lesson
from pixie.memory import ingest
from pixie.models import Lesson, PendingAction, Run
from pixie.nlu import understand
from pixie.nlu.lessons import lesson_key
from pixie.nlu.vocabulary import Vocabulary
from pixie.runs import confirmations, undo
from tests.factories import by, run_concurrently
from tests.limits import limit
from tests.pixie.conftest import answer_to
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, pending_entries, process_home

HEDGED = "I think we need eggs"


def lessons(**fields):
    return [(row.text, row.intent, row.is_right) for row in Lesson.objects.filter(**fields).order_by("pk")]


def learn(member, text=HEDGED, *, is_right=True, intent="add_item", **fields):
    return learn_lesson(text, intent, by=by(member), is_right=is_right, **{"calls": [], **fields})


def taught(text, intent, is_right):
    return Vocabulary(lessons={lesson_key(text): (intent, is_right)})


# What is taught


def test_yes_is_a_right_lesson(nok, agent_chat, weekly, tell):
    question = tell(HEDGED)
    confirmations.decide(question, yes=True, by=by(nok))
    assert lessons() == [(HEDGED, "add_item", True)]
    lesson = Lesson.objects.get()
    assert (lesson.author, lesson.message.body) == (nok.user, HEDGED)
    assert [(call["type"], call["payload"]["name"]) for call in lesson.calls] == [("add_item", "eggs")]


def test_typed_no_is_a_wrong_lesson_about_the_message_before(weekly, tell):
    tell(HEDGED)
    tell("no")
    assert lessons() == [(HEDGED, "add_item", False)]


def test_closed_and_expired_questions_teach_nothing(weekly, tell):
    tell(HEDGED)
    tell("what's on the list?")
    tell("I think we need ham")
    PendingAction.objects.update(expires_at=timezone.now())
    confirmations.close_expired_questions()
    assert lessons() == []


@pytest.mark.parametrize(("minutes", "expected"), [(9, [("We need eggs", "add_item", False)]), (11, [])])
def test_undo_within_ten_minutes_is_a_wrong_lesson(nok, weekly, tell, minutes, expected):
    answer = tell("We need eggs")
    Message.objects.filter(pk=answer.pk).update(created_at=timezone.now() - timedelta(minutes=minutes))
    undo.undo_message(Message.objects.get(pk=answer.pk), by=by(nok))
    assert lessons() == expected


def test_typed_undo_is_a_wrong_lesson(weekly, tell):
    tell("We need eggs")
    tell("undo that")
    assert lessons() == [("We need eggs", "add_item", False)]
    assert pending_entries(weekly) == []


def test_undoing_what_was_confirmed_replaces_the_right_lesson(nok, weekly, tell):
    question = tell(HEDGED)
    reply = confirmations.decide(question, yes=True, by=by(nok))
    undo.undo_message(reply, by=by(nok))
    assert lessons() == [(HEDGED, "add_item", False)]
    confirmations.decide(tell(HEDGED), yes=True, by=by(nok))
    assert lessons() == [(HEDGED, "add_item", True)]


def test_only_the_author_of_a_message_teaches(nok, ben, weekly, general, tell):
    question = tell("@pixie I think we need eggs", where=general)
    confirmations.decide(question, yes=True, by=by(ben))
    answer = tell("@pixie we need ham", where=general)
    undo.undo_message(answer, by=by(ben))
    assert pending_entries(weekly) == ["Eggs (1 piece)"]
    assert lessons() == []


def test_undo_of_what_was_changed_back_already_teaches_nothing(nok, weekly, tell):
    answer = tell("We need eggs")
    weekly.entries.get().delete()
    with pytest.raises(Exception, match=r"nothing left|no longer exists"):
        undo.undo_message(answer, by=by(nok))
    assert lessons() == []


def test_message_that_was_edited_since_teaches_nothing(nok, agent_chat, weekly, tell):
    question = tell(HEDGED)
    edit_message(Run.objects.get().trigger_message, "I think we need ham", by=by(nok))
    confirmations.decide(question, yes=True, by=by(nok))
    assert lessons() == []


def test_calls_of_a_language_model_teach_nothing(nok, weekly, provider, tell):
    provider.enqueue(Reply(calls=(Call("add_item", {"name": "lemons"}),)), Reply("Lemons it is."))
    answer = tell(MODEL_REQUEST)
    assert pending_entries(weekly) == ["Lemons (1 piece)"]
    undo.undo_message(answer, by=by(nok))
    assert pending_entries(weekly) == []
    assert lessons() == []


@pytest.mark.parametrize("yes", [True, False])
def test_question_about_an_unusual_amount_teaches_nothing(nok, weekly, tell, yes):
    reply = confirmations.decide(tell("add 5000 eggs"), yes=yes, by=by(nok))
    if yes:
        undo.undo_message(reply, by=by(nok))
    assert lessons() == []


def test_too_long_message_teaches_nothing(nok):
    assert learn(nok, "x" * 501) is None
    assert learn(nok, "ΐ" * 300) is None  # its key has 900 characters
    assert learn(nok, " ") is None
    assert learn(nok, "x" * 500).text == "x" * 500


@pytest.mark.both_databases
def test_lessons_of_the_same_key_replace_each_other(nok, ben, mai):
    first = learn(nok, "Add 12 eggs")
    learn(ben, "add  1,000 EGGS", is_right=False)
    learn(mai, "add 3 eggs")
    assert lessons(home=nok.home) == [("add  1,000 EGGS", "add_item", False)]
    assert Lesson.objects.get(home=nok.home).pk == first.pk
    assert lessons(home=mai.home) == [("add 3 eggs", "add_item", True)]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_concurrent_lessons_of_the_same_key_become_one(nok, ben):
    run_concurrently(*[partial(learn, nok), partial(learn, ben, is_right=False)] * 3)
    assert Lesson.objects.count() == 1


@pytest.mark.both_databases
def test_oldest_lessons_go(nok, events, monkeypatch):
    assert limit("Lessons of a home") == Lesson.MAX_PER_HOME
    monkeypatch.setattr(Lesson, "MAX_PER_HOME", 3)
    for text in ("one", "two", "three"):
        learn(nok, text)
    learn(nok, "one")  # again, so it is newer than the others
    learn(nok, "four")
    assert {text for text, *_rest in lessons()} == {"one", "three", "four"}
    assert events(nok.home).count("lesson_forgotten") == 1


@pytest.mark.both_databases
def test_longest_key_is_stored(nok):
    text = "🥚" * limit("Message that teaches something")
    learn(nok, text)
    learn(nok, f"{text}🥚")
    assert Lesson.objects.about(nok.home, text) == {text: ("add_item", True)}
    assert Lesson.objects.count() == 1


# The log


def test_events_have_no_text_and_the_audience_of_the_message(nok, agent_chat, weekly, tell, events):
    confirmations.decide(tell(HEDGED), yes=True, by=by(nok))
    learned = Event.objects.get(type="lesson_learned")
    assert learned.channel_id == agent_chat.pk
    assert learned.op_id is None
    lesson = Lesson.objects.get()
    fields = {"id": str(lesson.pk), "author_id": str(nok.user_id), "intent": "add_item", "is_right": True}
    assert learned.data == {"lesson": fields}
    forget_lesson(lesson, by=by(nok))
    forgotten = Event.objects.get(type="lesson_forgotten")
    assert (forgotten.data, forgotten.channel_id) == ({"lesson": {"id": str(lesson.pk)}}, agent_chat.pk)


def test_undoing_a_confirmed_answer_leaves_the_lesson_to_the_undo(nok, weekly, tell):
    reply = confirmations.decide(tell(HEDGED), yes=True, by=by(nok))
    learned = Event.objects.get(type="lesson_learned")
    assert learned.seq not in reply.metadata["receipt"]["events"]


# What goes with its author and its message


def test_lessons_go_with_the_member(nok, ben, ploy):
    for member in (nok, ben, ploy):
        learn(member, f"{member.name} wants eggs")
    remove_member(ben, by=by(nok))
    close_account(ploy.user)
    assert lessons() == [("Nok wants eggs", "add_item", True)]


@pytest.mark.both_databases
def test_lessons_go_with_the_home(mai):
    learn(mai)
    close_account(mai.user)
    assert lessons() == []


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "change",
    [lambda message, who: delete_message(message, by=who), lambda message, who: edit_message(message, "oh", by=who)],
)
def test_lesson_goes_with_its_message(nok, weekly, tell, change):
    confirmations.decide(tell(HEDGED), yes=True, by=by(nok))
    ingest.collect(nok.home_id)
    assert lessons() == [(HEDGED, "add_item", True)]
    change(Lesson.objects.get().message, by(nok))
    ingest.collect(nok.home_id)
    assert lessons() == []


# What counts


def test_right_lesson_makes_sure_and_wrong_one_asks(nok, weekly, tell):
    first = understand(HEDGED)
    assert first.confidence < 0.85
    right = understand(HEDGED, taught(HEDGED, "add_item", True))
    assert (right.confidence, right.question) == (0.95, None)
    assert [(each.type, each.payload, each.confidence) for each in right.actions] == [
        (each.type, each.payload, 0.95) for each in first.actions
    ]
    wrong = understand("We need eggs", taught("We need eggs", "add_item", False))
    assert (wrong.confidence, [each.confidence for each in wrong.actions]) == (0.8, [0.8])
    assert wrong.question


def test_lesson_changes_no_confidence_the_other_way():
    sure = understand("add eggs")
    assert understand("add eggs", taught("add eggs", "add_item", True)).confidence >= sure.confidence
    assert understand(HEDGED, taught(HEDGED, "add_item", False)).confidence <= understand(HEDGED).confidence


@pytest.mark.parametrize("is_right", [True, False])
@pytest.mark.parametrize("text", ["how are you?", "what should we eat", "add", "We need eggs", "asdf", ""])
def test_lesson_never_invents_a_call_nor_changes_another_intent(text, is_right):
    assert understand(text, taught(text, "remove_item", is_right)) == understand(text)
    unclear = understand(text)
    calls = [(each.type, each.payload) for each in unclear.actions]
    learned = understand(text, taught(text, unclear.intent, is_right))
    assert [(each.type, each.payload) for each in learned.actions] == calls
    assert learned.intent == unclear.intent


def test_lesson_counts_at_once_for_everyone_in_the_home(nok, ben, weekly, general, tell):
    text = "@pixie I think we need 3 eggs"
    confirmations.decide(tell(text, where=general), yes=True, by=by(nok))
    tell("@PIXIE  I think we need 2 eggs", who=ben, where=general)
    assert pending_entries(weekly) == ["Eggs (5 piece)"]


def test_wrong_lesson_asks_until_the_author_says_yes(nok, weekly, tell):
    undo.undo_message(tell("We need eggs"), by=by(nok))
    question = tell("we need eggs")
    assert question.metadata["question"] == "waiting"
    assert pending_entries(weekly) == []
    confirmations.decide(question, yes=True, by=by(nok))
    tell("We need eggs")
    assert pending_entries(weekly) == ["Eggs (2 piece)"]


def test_unusual_call_is_asked_in_spite_of_a_right_lesson(nok, weekly, tell):
    confirmations.decide(tell("I think we need 3 eggs"), yes=True, by=by(nok))
    assert tell("I think we need 3000 eggs").metadata["question"] == "waiting"


def test_lessons_of_another_home_do_not_count(nok, mai, weekly, tell):
    learn(mai)
    assert tell(HEDGED).metadata["question"] == "waiting"


def test_token_without_read_gets_no_lessons(nok, weekly, agent_chat):
    learn(nok)
    message = send_message(agent_chat, HEDGED, by=by(nok, scopes=["write", "chat"]))
    process_home(nok.home_id)
    assert answer_to(message).metadata["question"] == "waiting"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Add  EGGS", "add eggs"), ("add 12 eggs", "add 1,500.50 eggs"), ("add ๑๒ eggs", "add 3 eggs")],
)
def test_key_ignores_case_spaces_and_numbers(one, other):
    assert lesson_key(one) == lesson_key(other)
    assert lesson_key(one) != lesson_key("add ham")


# Visibility


def test_only_the_author_sees_a_lesson(nok, ben, mai, weekly, tell):
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ben.user, by=by(nok))
    learn(ben, message=send_message(room, HEDGED, by=by(ben)))
    assert [Lesson.objects.visible_to(member).count() for member in (nok, ben, mai)] == [0, 1, 0]
