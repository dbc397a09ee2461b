"""Quick replies: examples that work in the home, near meanings, and answers to questions that a tap sends."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.utils import translation
from django.utils.translation import gettext

from chat.actions import send_message
from chat.models import Message
from groceries.actions import add_entry, create_list, purchase_entry, set_recurring
from groceries.models import GroceryList, RecurringItem
from homes.actions import update_home
from pixie.models import PendingAction, Run, ScheduledMessage
from pixie.nlu import SURE, Understanding, Vocabulary, understand
from pixie.nlu.corpus import read_markup
from pixie.nlu.followups import Question, complete
from pixie.nlu.frames import build
from pixie.nlu.outcome import Entity, Proposal
from pixie.nlu.proposals import propose
from pixie.replies.answers import compose
from pixie.replies.quick_replies import MAX_REPLY_CHARS, HomeFacts, ListedItem, examples, nearest
from pixie.runs import runner
from pixie.runs.vocabulary import load_facts, load_vocabulary
from pixie.tools import Result
from pixie.tools.registry import Line
from tests.factories import by
from tests.pixie.conftest import answer_to
from tests.pixie.runs import agent_messages, pending_entries, process_home

HOME = Vocabulary(
    items=("Bread", "Eggs", "Milk", "Rice"),
    on_list=("Milk", "Eggs"),
    members=("Nok", "Ben"),
    now=datetime(2026, 3, 2, 9, tzinfo=UTC),
    timezone="Asia/Bangkok",
)
KINDS = ["add_item", "mark_purchased", "budget_query", "set_recurring", "schedule_message", "search_memory"]


def texts(answer):
    return [reply["text"] for reply in answer.metadata["replies"]]


def tools_of(messages, vocabulary):
    """Return the tools that the messages call, each of which has to be understood for sure."""
    tools = []
    for message in messages:
        (action,) = understand(message, vocabulary).actions
        assert action.confidence >= SURE, message
        tools.append(action.type)
    return tools


@pytest.fixture
def stocked_home(nok, ben, weekly):
    """Nok's home with a list, a price, an aisle with spending and a recurring item."""
    for name, price in (("Oat milk", "1.29"), ("Bread", "3")):
        entry, _new = add_entry(weekly, name, by=by(nok))
        purchase_entry(entry, by=by(nok), price=Decimal(price))
    add_entry(weekly, "Oat milk", by=by(nok))
    item = add_entry(weekly, "Jasmine rice", by=by(nok))[0].item
    set_recurring("Jasmine rice", "weekly", by=by(nok))
    return item


# Examples


@pytest.mark.parametrize(
    "text",
    ["What can you do?", "help", "Help!", "Pixie, what can you do for us?", "how does this work?", "can you help me?",
     "Was kannst du alles?", "Hilfe", "¿Qué puedes hacer?", "ayuda", "ทำอะไรได้บ้าง", "พิกซี่ ช่วยอะไรได้บ้าง", "วิธีใช้"],
)  # fmt: skip
def test_call_for_help_is_answered_with_six_examples(stocked_home, tell, provider, text):
    answer = tell(text)
    assert answer.metadata["intent"] == "help"
    with translation.override(answer.metadata["language"]):
        assert answer.body == gettext(
            "Tell me what you need, what you got and what to remember, or ask about the list and the spending."
        )
    assert len(texts(answer)) == 6
    assert provider.requests == []  # also where the home has a language model


@pytest.mark.parametrize("text", ["help me find the milk", "what can you do about the rent", "help, we need milk"])
def test_other_words_about_help_are_no_call_for_it(text):
    assert understand(text, HOME).intent != "help"


def test_examples_are_of_this_home_and_surely_understood(nok, pixie, stocked_home, tell):
    answer = tell("help")
    assert texts(answer) == [
        "We need Bread",
        "I got the Oat milk for ฿1.29",
        "How much did we spend on dairy this month?",
        "Jasmine rice every week",
        "Remind me tomorrow at 9 to go shopping",
        "What do you know about Ben?",
    ]
    assert tools_of(texts(answer), load_vocabulary(nok.home, pixie, answer)) == KINDS


@pytest.mark.parametrize("currency", ["THB", "EUR", "USD", "JPY", "CHF", "LAK"])
def test_price_is_in_the_currency_of_the_home_and_understood(nok, pixie, stocked_home, tell, currency):
    update_home(nok.home, by=by(nok), currency=currency)
    nok.home.refresh_from_db()
    answer = tell("help")
    assert tools_of(texts(answer), load_vocabulary(nok.home, pixie, answer))[1] == "mark_purchased"


def test_examples_of_an_empty_home_all_work_there(nok, tell, weekly):
    examples_of_empty_home = texts(tell("help"))
    assert len(examples_of_empty_home) == 6
    for message in examples_of_empty_home:
        answer = tell(message)
        assert answer.metadata["intent"] not in ("unclear", "chat", "plan")
        assert not answer.body.startswith("Sorry")
        calls = Run.objects.get(pk=answer.metadata["run"]).messages.exclude(outcome=None)
        assert [call.outcome["is"] for call in calls] == ["result"]
    assert not PendingAction.objects.exists()
    assert pending_entries(weekly) == ["Eggs (1 piece)"]
    assert RecurringItem.objects.get().rrule == "FREQ=MONTHLY"


@pytest.mark.parametrize(
    "name",
    ["Remove", "Undo", "Bob's every week", "500 g", "Rice and eggs", "ไข่", "%(item)s", "{x}", "#general", "milk for 35",
     "What can you do", "Forget everything", "<b>Cake</b>", "x" * 100],
)  # fmt: skip
def test_items_with_misleading_names_make_no_example_that_does_something_else(name):
    facts = HomeFacts(
        usual=(name,), listed=(ListedItem(name, Decimal(1), "piece", Decimal(35)),), recurring=((name, "FREQ=WEEKLY"),),
        people=(name,), aisles=(name,),
    )  # fmt: skip
    vocabulary = replace(HOME, items=(name,), on_list=(name,), members=("Nok", name))
    messages = examples(facts, vocabulary)
    assert len(messages) == 6
    assert all(len(message) <= MAX_REPLY_CHARS for message in messages)
    for tool, message in zip(tools_of(messages, vocabulary), messages, strict=True):
        (action,) = understand(message, vocabulary).actions
        assert tool in {*KINDS, "list_items", "remember", "change_item"}
        if tool == "mark_purchased":
            assert (action.payload["name"], action.payload["price"]) == (name, "35")


# What was not understood


@pytest.mark.parametrize(
    ("text", "alternatives", "messages"),
    [
        ("Pixie, flurb!", (), ["Add flurb to the list", "What's on the list?"]),
        ("is there a flurb in the zork?", (), ["What's on the list?", "Search for is there a flurb in the zork"]),
        ("milk 89", ("mark_purchased", "add_item"), ["I got the milk 89", "Add milk 89 to the list"]),
        ("money", ("budget_query", "list_items"), ["How much did we spend this month?", "What's on the list?"]),
        ("milk", ("remove_item", "set_recurring"), ["Take milk off the list", "milk every week"]),
        ("the lift", ("create_task", "remember"), ["Remind me tomorrow at 9 to the lift", "Remember that the lift"]),
        ("oops", ("undo", "nothing of ours"), ["Undo that", "Add oops to the list"]),
        ("", (), ["What's on the list?", "How much did we spend this month?"]),
    ],
)
def test_nearest_messages_follow_the_likelihood_of_intents(text, alternatives, messages):
    suggestions = nearest(Understanding(text, "unclear", 0.3, alternatives=alternatives), HOME)
    assert suggestions == messages
    tools_of(suggestions, HOME)


def test_message_that_is_not_understood_says_so_with_two_buttons(weekly, tell):
    answer = tell("asdf qwer")
    assert answer.body == "Sorry, I didn't understand that."
    assert len(texts(answer)) == 2
    for text in texts(answer):
        assert not tell(text).body.startswith("Sorry")


def test_long_message_that_is_not_understood_offers_only_short_replies(tell):
    answer = tell("zork " * 700)
    assert answer.body == "Sorry, I didn't understand that."
    assert texts(answer) == ["What's on the list?", "How much did we spend this month?"]


@pytest.mark.parametrize("text", ["thank you", "hello", "good night", "tell me a joke"])
def test_small_talk_offers_nothing(tell, text):
    assert texts(tell(text)) == []


def test_reminder_without_a_time_is_offered_with_one(tell):
    answer = tell("remind me to call mom")
    assert texts(answer) == ["remind me to call mom tomorrow at 9"]
    assert tell(texts(answer)[0]).metadata["actions"][0]["type"] == "schedule_message"


def test_unused_words_are_named_after_what_was_done():
    understood = Understanding("milk 35 89", "add_item", 0.9, unused=("35", "89"))
    done = Result("remove_item", {"list": "Weekly"}, (Line("Milk", "1"),))
    assert compose(understood, [done]) == "Off the list: Milk. I didn't use: 35, 89."
    assert compose(replace(understood, unused=()), [done]) == "Off the list: Milk."
    assert "I didn't use" not in compose(understood, [])  # nothing was done


# Questions


def test_question_what_to_add_offers_what_the_home_buys_most(nok, weekly, tell):
    for name, count in (("Milk", 3), ("Bread", 2), ("Tea", 1), ("Eggs", 4)):
        for _time in range(count):
            purchase_entry(add_entry(weekly, name, by=by(nok))[0], by=by(nok))
    add_entry(weekly, "Eggs", by=by(nok))
    assert texts(tell("Add some stuff")) == ["Milk", "Bread", "Tea"]
    tell("Bread")
    assert pending_entries(weekly) == ["Bread (1 piece)", "Eggs (1 piece)"]


def test_question_what_was_bought_offers_what_is_on_the_list(weekly, milk, eggs, tell):
    question = tell("I got it")
    assert (question.body, texts(question)) == ("What did you get?", ["Milk", "Eggs"])
    assert tell("Milk").body == "In the basket: Milk."
    assert pending_entries(weekly) == ["Eggs (6 piece)"]


def ask(monkeypatch, tell, understood):
    """Make the agent ask the question of `understood`, as it does for a message that the network reads so."""
    with monkeypatch.context() as patch:
        patch.setattr(runner, "understand", lambda text, _words: replace(understood, text=text))
        return tell("a message that lacks something")


RICE = Entity("item", "rice", 0.5, "Rice")
HOW_OFTEN = Understanding("", "set_recurring", 0.5, (RICE,), question="How often should Rice come back?")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Every week", "FREQ=WEEKLY"), ("every two weeks", "FREQ=WEEKLY;INTERVAL=2"), ("Every month", "FREQ=MONTHLY"),
        ("every other friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"), ("@Pixie every month.", "FREQ=MONTHLY"),
        ("ทุกเดือน", "FREQ=MONTHLY"),
    ],
)  # fmt: skip
def test_frequency_completes_the_item_of_the_question(nok, weekly, monkeypatch, tell, text, rule):
    question = ask(monkeypatch, tell, HOW_OFTEN)
    assert texts(question) == ["Every week", "Every two weeks", "Every month"]
    tell(text)
    assert [(each.item.name, each.rrule) for each in RecurringItem.objects.all()] == [("Rice", rule)]


def test_other_message_after_a_question_is_read_by_itself(weekly, monkeypatch, tell):
    ask(monkeypatch, tell, HOW_OFTEN)
    tell("add eggs")
    assert pending_entries(weekly) == ["Eggs (1 piece)"]
    tell("every week")  # is about the eggs, because the question is not the last message any more
    assert RecurringItem.objects.get().item.name == "Eggs"


def test_item_tapped_for_removal_is_removed_not_added(weekly, milk, eggs, monkeypatch, tell):
    question = Understanding("", "remove_item", 0.5, question="What should come off the list?")
    assert texts(ask(monkeypatch, tell, question)) == ["Milk", "Eggs"]
    assert tell("milk").body == "Off the list: Milk."
    assert pending_entries(weekly) == ["Eggs (6 piece)"]


def test_amount_completes_the_question_what_to_change(weekly, milk, monkeypatch, tell):
    item = Entity("item", "milk", 0.5, "Milk")
    question = Understanding("", "change_item", 0.5, (item,), question="What should I change about Milk?")
    assert texts(ask(monkeypatch, tell, question)) == []
    tell("3")
    assert pending_entries(weekly) == ["Milk (3 liter)"]


def test_item_completes_the_question_what_to_change_with_the_next_question(weekly, milk, monkeypatch, tell):
    question = ask(monkeypatch, tell, Understanding("", "change_item", 0.5, question="What should I change?"))
    assert texts(question) == ["Milk"]
    assert tell("milk").body == "What should I change about Milk?"
    tell("4")
    assert pending_entries(weekly) == ["Milk (4 liter)"]


def test_text_completes_a_reminder_at_its_time(nok, tell):
    assert tell("remind me tomorrow at 9").body == "What should I remind you of?"
    (action,) = tell("call the landlord").metadata["actions"]
    assert action["payload"]["prompt"] == "Remind me: call the landlord"
    assert action["payload"]["at"][11:16] == "09:00"


def test_list_is_chosen_by_a_tap(freeze_time, nok, weekly, monkeypatch, tell):
    GroceryList.objects.filter(pk=weekly.pk).update(name="Party", created_at=freeze_time("2026-03-01 09:00"))
    create_list("Party", by=by(nok))
    calls = tuple(Proposal("add_item", {"name": name, "list": "party"}, 1.0) for name in ("tea", "cake"))
    question = ask(monkeypatch, tell, Understanding("", "add_item", 1.0, actions=calls))
    assert question.body.startswith("Which list: “Party of ")
    assert len(texts(question)) == 2
    tell(next(text for text in texts(question) if "03/01/2026" in text))
    assert pending_entries(weekly) == ["Cake (1 piece)", "Tea (1 piece)"]


def test_schedule_to_cancel_is_chosen_by_a_tap(nok, tell, later):
    for hour, what in (("21:00", "Remind us: take the bins out"), ("22:00", "Remind us: lock the door")):
        later(hour, what, rrule="FREQ=DAILY")
    question = tell("cancel the reminder")
    if not texts(question):
        question = tell("cancel my reminders")
    assert sorted(texts(question)) == ["lock the door", "take the bins out"]
    assert tell("lock the door").body == "Cancelled: lock the door."


@pytest.mark.parametrize(
    ("answer", "at"),
    [
        ("Tomorrow at 09:00", "2026-03-30T09:00"),
        ("tomorrow at 5pm please", "2026-03-30T17:00"),
        ("at 15", "2026-03-29T15:00"),
    ],
)
def test_time_replaces_one_that_has_passed(sunday, nok, monkeypatch, tell, answer, at):
    call = Proposal("schedule_message", {"prompt": "Remind me: call mom", "at": "2026-03-29T09:00:00+07:00"}, 1.0)
    question = ask(monkeypatch, tell, Understanding("", "schedule_message", 1.0, actions=(call,)))
    assert (question.body, texts(question)) == ("That time has passed. When should it be?", ["Tomorrow at 09:00"])
    tell(answer)
    assert ScheduledMessage.objects.get().trigger_at.astimezone(nok.home.zone).isoformat()[:16] == at


def test_confirmation_offers_only_yes_and_no(weekly, tell):
    answer = tell("add 500 lemons")
    assert (answer.metadata["question"], texts(answer)) == ("waiting", [])


@pytest.mark.parametrize(
    ("intent", "marked", "answer"),
    [
        ("set_recurring", "[2](quantity) [rice](item) please", "every month"),
        ("change_item", "change the [rice](item)", "3"),
    ],
)
def test_readings_of_the_network_carry_the_item_that_they_ask_about(intent, marked, answer):
    text, spans = read_markup(marked)
    vocabulary = replace(HOME, on_list=("Rice",))
    reading = propose(build(text, intent, spans), text, vocabulary, 0.9)
    assert reading.question is not None
    question = Question(intent, [entity.as_dict() for entity in reading.entities])
    (action,) = complete(question, answer, vocabulary).actions
    assert (action.type, action.payload["name"]) == (intent, "Rice")


@pytest.mark.parametrize("text", ["we are late", "what a week", "never", ""])
def test_text_that_answers_nothing_completes_nothing(text):
    entities = [{"type": "item", "value": "rice"}]
    assert complete(Question("set_recurring", entities), text, HOME) is None


# Rooms, and who sees what


def test_replies_in_a_room_reach_the_agent_and_belong_to_the_asker(nok, ben, weekly, milk, general, tell):
    question = tell("Pixie, I got it", where=general)
    assert texts(question) == ["@pixie Milk"]
    assert question.metadata["asker"] == str(nok.user_id)
    tell("@pixie Milk", who=ben, where=general)  # not what Ben was asked
    assert pending_entries(weekly) == ["Milk (1 liter)"]


def test_asker_answers_in_a_room_with_a_tap(nok, weekly, milk, general, tell):
    question = tell("Pixie, I got it", where=general)
    assert tell(texts(question)[0], where=general).body == "In the basket: Milk."


def test_token_without_read_gets_replies_that_tell_nothing_of_the_home(nok, pixie, agent_chat, stocked_home):
    message = send_message(agent_chat, "help", by=replace(by(nok), scopes=["write", "chat"]))
    process_home(nok.home_id)
    assert not {"Bread", "Oat milk", "Jasmine rice", "Ben"} & set(" ".join(texts(answer_to(message))).split())
    assert "Oat" not in str(texts(answer_to(message)))


def test_facts_are_of_the_members_own_home(nok, mai, stocked_home):
    assert load_facts(mai) == HomeFacts(currency=mai.home.currency)


# Pages


def buttons(page):
    return page.text.count('name="quick_reply"')


def test_newest_answer_has_buttons_for_its_asker_only(nok, ben, weekly, milk, general, tell, sign_in):
    tell("Pixie, I got it", where=general)
    url = f"/h/{nok.home_id}/chat/{general.pk}/"
    assert buttons(sign_in(nok).get(url)) == 1
    assert buttons(sign_in(ben).get(url)) == 0
    send_message(general, "I am late", by=by(ben))  # another's message leaves the question open
    assert buttons(sign_in(nok).get(url)) == 1
    send_message(general, "never mind", by=by(nok))
    assert buttons(sign_in(nok).get(url)) == 0


def test_buttons_in_a_thread_answer_there(nok, weekly, milk, agent_chat, tell, sign_in):
    root = send_message(agent_chat, "hello there", by=by(nok))
    tell("I got it", parent=root)
    page = sign_in(nok).get(f"/h/{nok.home_id}/chat/{agent_chat.pk}/{root.pk}/")
    assert 'form="say-reply" name="quick_reply"' in page.text
    tell("Milk", parent=root)
    assert pending_entries(weekly) == []


def test_press_without_javascript_sends_the_text_once(nok, weekly, milk, agent_chat, tell, sign_in):
    tell("I got it")
    url = f"/h/{nok.home_id}/chat/{agent_chat.pk}/send"
    form = {"quick_reply": "Milk", "body": "a draft", "op_id": "7b1e8a52-6f0a-4d52-9d0c-1f9d3ad1f001"}
    for _press in range(2):
        assert sign_in(nok).post(url, form).status_code == 302
    sent = Message.objects.filter(channel=agent_chat, author_user=nok.user, body="Milk")
    assert sent.count() == 1
    assert not Message.objects.filter(body="a draft").exists()


def test_today_page_shows_the_newest_answer_with_buttons(nok, ben, weekly, milk, tell, sign_in):
    tell("I got it")
    url = f"/h/{nok.home_id}/"
    page = sign_in(nok).get(url)
    assert "What did you get?" in page.text
    assert 'form="tell" name="quick_reply" value="Milk"' in page.text
    assert buttons(sign_in(ben).get(url)) == 0
    tell("thanks")
    assert buttons(sign_in(nok).get(url)) == 0


def test_today_page_drops_an_old_offer(nok, weekly, milk, tell, sign_in):
    answer = tell("I got it")
    Message.objects.filter(pk=answer.pk).update(created_at=datetime(2020, 1, 1, tzinfo=UTC))
    assert buttons(sign_in(nok).get(f"/h/{nok.home_id}/")) == 0


def test_press_on_today_sends_the_text_to_the_chat(nok, weekly, milk, agent_chat, tell, sign_in):
    tell("I got it")
    sign_in(nok).post(f"/h/{nok.home_id}/tell", {"quick_reply": "Milk", "body": ""})
    process_home(nok.home_id)
    assert agent_messages()[-1] == "In the basket: Milk."


def test_item_names_are_escaped_on_buttons(nok, weekly, agent_chat, tell, sign_in):
    add_entry(weekly, '<b onclick="x">Cake</b>', by=by(nok))
    tell("I got it")
    page = sign_in(nok).get(f"/h/{nok.home_id}/chat/{agent_chat.pk}/").text
    assert "<b onclick" not in page
    assert buttons(sign_in(nok).get(f"/h/{nok.home_id}/chat/{agent_chat.pk}/")) == 1


def test_strangers_neither_see_nor_press_buttons(nok, mai, weekly, milk, agent_chat, tell, sign_in):
    tell("I got it")
    before = Message.objects.count()
    stranger, url = sign_in(mai), f"/h/{nok.home_id}/chat/{agent_chat.pk}/"
    assert stranger.get(url).status_code == 404
    assert stranger.post(f"{url}send", {"quick_reply": "Milk"}).status_code == 404
    assert stranger.post(f"/h/{nok.home_id}/tell", {"quick_reply": "Milk"}).status_code == 404
    assert Message.objects.count() == before


def test_too_long_press_is_refused_like_a_typed_message(nok, weekly, agent_chat, sign_in):
    url = f"/h/{nok.home_id}/chat/{agent_chat.pk}/send"
    assert sign_in(nok).post(url, {"quick_reply": "x" * 4001}).status_code == 422
