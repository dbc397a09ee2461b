"""Tests of rule-based understanding of messages."""

import json
from dataclasses import replace

import pytest
from dateutil.rrule import rrulestr

from pixie.nlu import SURE, Vocabulary, understand
from tests.pixie.dataset import HOME, MESSAGES, NOW, PEOPLE, changes, measure_accuracy

# Household messages


def test_household_messages_are_understood():
    figures = measure_accuracy()
    assert figures["rows"] >= 300
    assert figures["intents"] >= 0.92
    assert figures["items"] >= 0.88


def test_messages_without_a_command_change_no_list():
    texts = [row["text"] for row in MESSAGES if row["intent"] in ("chat", "unclear", "search_memory", "budget_query")]
    harmless = ("remove_item",)  # of what is not on the list, which the tool says
    sure = [text for text in texts if understand(text, PEOPLE).confidence >= SURE]
    assert [text for text in sure if any(change[0] not in harmless for change in changes(text))] == []


# Intents


def test_we_need_eggs():
    result = understand("We need eggs", PEOPLE)
    assert result.intent == "add_item"
    assert result.confidence >= SURE
    assert [(entity.type, entity.value) for entity in result.entities] == [("item", "eggs")]
    assert result.actions[0].payload == {"name": "eggs", "quantity": None, "unit": None, "category": "dairy"}
    assert result.question is None


def test_unnamed_item_asks_a_question():
    result = understand("Add some stuff", PEOPLE)
    assert result.intent == "add_item"
    assert result.confidence < SURE
    assert result.actions == ()
    assert str(result.question) == "What should go on the list?"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("What do we have?", "list_items"),
        ("what's on the list?", "list_items"),
        ("I got the eggs", "mark_purchased"),
        ("Eggs every week", "set_recurring"),
        ("How much did we spend?", "budget_query"),
        ("what is left for this month", "budget_query"),
        ("How are you?", "chat"),
        ("tell me a joke", "chat"),
        ("which coffee did Ben like", "search_memory"),
        ("มีอะไรในรายการ", "list_items"),
        ("ใช้เงินไปเท่าไหร่", "budget_query"),
    ],
)
def test_intents(text, intent):
    assert understand(text, PEOPLE).intent == intent


@pytest.mark.parametrize(
    "text",
    ["give us a summary of today", "summary please", "sum up the day", "sum it up", "summarize", "brief me",
     "Pixie, can I have a recap?", "what's the overview for today", "catch me up", "สรุปวันนี้", "ช่วยสรุปให้หน่อย"],
)  # fmt: skip
def test_request_for_a_summary(text):
    (action,) = understand(text, PEOPLE).actions
    assert (action.type, action.payload) == ("sum_up", {})


@pytest.mark.parametrize(
    "text",
    ["summarize the book", "catch!", "we need a summary of the contract", "sum", "the summary was nice", "add recap"],
)
def test_summary_of_something_else_is_not_one_of_the_home(text):
    assert "sum_up" not in [action.type for action in understand(text, PEOPLE).actions]


def test_as_dict_is_json():
    result = understand("milk every monday", PEOPLE).as_dict()
    assert json.loads(json.dumps(result)) == result
    assert set(result) == {"text", "intent", "confidence", "entities", "actions"}
    assert result["actions"] == [
        {"type": "set_recurring", "payload": {"name": "milk", "frequency": "weekly", "rrule": "FREQ=WEEKLY;BYDAY=MO"}}
    ]


@pytest.mark.parametrize(
    ("text", "quantity", "unit"),
    [
        ("add two bottles of water", ("two", "2"), ("bottles", "bottle")),
        ("add 2 kg rice", ("2", None), ("kg", None)),
        ("add half a kilo of tomatoes", ("half a", "0.5"), ("kilo", "kg")),
        ("add 1.5L milk", ("1.5", None), ("L", "liter")),
        ("เพิ่มไข่ 2 โหล", ("2", None), ("โหล", "dozen")),
    ],
)
def test_entities_quote_the_message(text, quantity, unit):
    entities = {row.type: (row.value, row.norm) for row in understand(text, PEOPLE).entities}
    assert (entities["quantity"], entities["unit"]) == (quantity, unit)


# Several commands


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "2 kg rice, milk and a dozen eggs",
            [("add_item", "rice", "2", "kg"), ("add_item", "milk", None, None), ("add_item", "eggs", "1", "dozen")],
        ),
        (
            "got the eggs and add milk every week",
            [("mark_purchased", "eggs", None, None), ("set_recurring", "milk", None, None)],
        ),
        (
            "add eggs, bread. remove butter",
            [
                ("add_item", "eggs", None, None),
                ("add_item", "bread", None, None),
                ("remove_item", "butter", None, None),
            ],
        ),
        (
            "- milk\n- 2 eggs\n- half a kilo of pork",
            [("add_item", "milk", None, None), ("add_item", "eggs", "2", None), ("add_item", "pork", "0.5", "kg")],
        ),
        ("we're out of milk, can you add it to the list?", [("add_item", "milk", None, None)]),
        ("is butter on the list? if not, add it", [("add_item", "butter", None, None)]),
        ("ช่วยเพิ่มนมกับไข่ 2 โหลหน่อยค่ะ", [("add_item", "นม", None, None), ("add_item", "ไข่", "2", "dozen")]),
    ],
)
def test_several_commands_in_one_message(text, expected):
    assert changes(text) == expected


def test_command_and_question_in_one_message():
    result = understand("can you add eggs? also how much did we spend this month?", PEOPLE)
    assert [action.type for action in result.actions] == ["add_item", "budget_query"]


# Vocabulary of the home


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("add tomatos", "Tomatoes"),
        ("add corriander", "Coriander"),
        ("add egg", "Eggs"),
        ("add oat mlik", "Oat milk"),
        ("add salt and vinegar chips", "Salt and vinegar chips"),
        ("got the coffee", "Ground coffee"),
        ("add coffee", "coffee"),
        ("remove fish souce", "Fish sauce"),
        ("add goat milk", "goat milk"),
    ],
)
def test_typos_match_known_items(text, name):
    assert [change[1] for change in changes(text, HOME)] == [name]


def test_different_item_is_not_matched_as_a_typo():
    assert changes("add pears", Vocabulary(items=("Peas", "Beans"))) == [("add_item", "pears", None, None)]


@pytest.mark.parametrize(
    "text",
    ["Pixie, add eggs", "@pixie add eggs", "hey pixie can you add eggs please", "could you please add eggs, pixie?"],
)
def test_address_and_politeness_are_ignored(text):
    assert changes(text) == [("add_item", "eggs", None, None)]
    assert understand(text, PEOPLE).confidence >= SURE


def test_name_of_another_agent_is_ignored():
    assert changes("Chef, add eggs", Vocabulary(agents=("Chef",))) == [("add_item", "eggs", None, None)]


@pytest.mark.parametrize(
    "text",
    ["@chef @pixie add eggs", "Pixie and Chef, add eggs", "hey chef & pixie: add eggs", "add eggs, chef and pixie"],
)
def test_names_of_several_agents_are_ignored(text):
    assert changes(text, Vocabulary(agents=("Pixie", "Chef"))) == [("add_item", "eggs", None, None)]


# Details of a change


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("bought milk for 45", "45"),
        ("got eggs 120 baht", "120"),
        ("got the dish soap ฿35", "35"),
        ("paid 85 for shampoo", "85"),
        ("got fish sauce 45", "45"),
        ("ploy bought soap for 39.50", "39.50"),
        ("ซื้อนมมาแล้ว 45 บาท", "45"),
        ("got the eggs", None),
    ],
)
def test_prices(text, price):
    assert understand(text, PEOPLE).actions[0].payload.get("price") == price


def test_quantity_and_price():
    payload = understand("got 2 kg rice for 90", PEOPLE).actions[0].payload
    assert payload == {"name": "rice", "price": "90", "quantity": "2", "unit": "kg"}


def test_price_of_several_items_is_dropped():
    assert all("price" not in action.payload for action in understand("got milk and bread for 95", PEOPLE).actions)


@pytest.mark.parametrize("text", ["add eggs (free range)", "add eggs for the party"])
def test_notes(text):
    assert understand(text, PEOPLE).actions[0].payload["note"] in ("free range", "for the party")


@pytest.mark.parametrize(
    ("text", "frequency", "rrule"),
    [
        ("eggs every week", "weekly", "FREQ=WEEKLY"),
        ("milk every monday", "weekly", "FREQ=WEEKLY;BYDAY=MO"),
        ("milk every monday and thursday", "weekly", "FREQ=WEEKLY;BYDAY=MO,TH"),
        ("eggs every other friday", "biweekly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"),
        ("cat litter every 2 weeks", "biweekly", "FREQ=WEEKLY;INTERVAL=2"),
        ("bread twice a month", "biweekly", "FREQ=WEEKLY;INTERVAL=2"),
        ("5 kg rice on the 1st of every month", "monthly", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("milk every 3 months", "monthly", "FREQ=MONTHLY;INTERVAL=3"),
        ("ซื้อนมทุกวันจันทร์", "weekly", "FREQ=WEEKLY;BYDAY=MO"),
        ("ข้าวสารทุกเดือน", "monthly", "FREQ=MONTHLY"),
    ],
)
def test_frequencies(text, frequency, rrule):
    action = understand(text, PEOPLE).actions[0]
    assert action.type == "set_recurring"
    assert (action.payload["frequency"], action.payload["rrule"]) == (frequency, rrule)
    assert rrulestr(rrule, dtstart=NOW.replace(tzinfo=None)).after(NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("milk every 3 months", "FREQ=MONTHLY;INTERVAL=3"),
        ("add milk every tues n fri", "FREQ=WEEKLY;BYDAY=TU,FR"),
        ("put milk on the list on the 1st and 15th of every month", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
        ("เพิ่มนมทุกวันที่ 25", "FREQ=MONTHLY;BYMONTHDAY=25"),
    ],
)
def test_exact_frequency_is_done(text, rule):
    understood = understand(text, PEOPLE)
    assert [action.payload["rrule"] for action in understood.actions] == [rule]
    assert understood.confidence >= SURE


@pytest.mark.parametrize("text", ["milk twice a week", "add milk every hour"])
def test_frequency_that_is_a_guess_asks_for_confirmation(text):
    assert understand(text, PEOPLE).confidence < SURE


@pytest.mark.parametrize(
    ("text", "period", "category"),
    [
        ("how much did we spend?", "month", None),
        ("how much did we spend last week on vegetables", "last_week", "produce"),
        ("what did we spend today", "today", None),
        ("how much did we spend on beer last month", "last_month", "other"),
        ("เดือนที่แล้วใช้เงินไปเท่าไหร่", "last_month", None),
    ],
)
def test_budget_questions(text, period, category):
    payload = understand(text, PEOPLE).actions[0].payload
    assert (payload["period"], payload.get("category")) == (period, category)


@pytest.mark.parametrize(
    "text",
    ["the rice is done", "i got coffee with sam", "maybe ben finished the milk", "i think i need a coffee"],
)
def test_mention_of_food_in_passing_changes_nothing_unasked(text):
    result = understand(text, PEOPLE)
    assert not result.actions or result.question is not None and result.confidence < SURE


@pytest.mark.parametrize("text", ["swap butter for margarine", "replace the butter with margarine"])
def test_swapping_items(text):
    [action] = understand(text, PEOPLE).actions
    assert (action.type, action.payload) == ("swap_item", {"name": "butter", "new": "margarine"})
    assert action.confidence >= SURE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("change eggs to 2 dozen", ("Eggs", "2", "dozen")),
        ("fish sauce should be two bottles", ("Fish sauce", "2", "bottle")),
        ("make it 3", ("Eggs", "3", None)),
        ("แก้ Eggs เป็น 12 ฟอง", ("Eggs", "12", "piece")),
    ],
)
def test_changing_a_quantity(text, expected):
    [action] = understand(text, replace(HOME, topic="Eggs")).actions
    assert (action.type, *(action.payload[key] for key in ("name", "quantity", "unit"))) == ("change_item", *expected)
    assert action.confidence >= SURE


@pytest.mark.parametrize(
    "text",
    ["make it quick", "change the meeting to 3", "set the alarm to 7", "make tea at 7"],
)
def test_quantity_of_an_unlisted_item_is_not_changed(text):
    assert "change_item" not in [action.type for action in understand(text, HOME).actions]


def test_pronoun_refers_to_the_item_just_named():
    add, change = understand("we need milk, make it 3", HOME).actions
    assert (add.type, change.type, change.payload["name"]) == ("add_item", "change_item", "milk")


def test_message_for_everyone_is_posted():
    [action] = understand("tell everybody dinner is at seven", replace(HOME, rooms=("general",))).actions
    assert (action.type, action.payload["text"]) == ("post_message", "dinner is at seven")
    assert understand("tell everybody a joke", replace(HOME, rooms=("general",))).actions == ()


def test_undo_and_another_command():
    assert [action.type for action in understand("undo that and add milk", HOME).actions] == ["undo", "add_item"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ซื้อนม 2 กล่อง ไข่ 1 แผง", [("add_item", "นม", "2", "box"), ("add_item", "ไข่", "1", "tray")]),
        ("กาแฟใกล้หมดแล้ว", [("add_item", "กาแฟ", None, None)]),
        ("เอานมออก", [("remove_item", "นม", None, None)]),
        ("ไม่ต้องซื้อข้าวแล้วนะ", [("remove_item", "ข้าว", None, None)]),
        ("ได้ไข่มาแล้ว 2 แผง", [("mark_purchased", "ไข่", "2", "tray")]),
        ("ซื้ออาหารแมวทุก 2 สัปดาห์", [("set_recurring", "อาหารแมว", None, None)]),
    ],
)
def test_thai(text, expected):
    assert changes(text) == expected
