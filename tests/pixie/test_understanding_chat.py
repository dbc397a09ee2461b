"""Tests of understanding commands about the chat: post, search, undo."""

import pytest

from pixie.nlu import SURE, Vocabulary, understand

ROOMS = Vocabulary(members=("Nok", "Ben"), rooms=("general", "kitchen", "holiday-plans"))


@pytest.mark.parametrize(
    ("text", "room", "content"),
    [
        ("tell everybody in kitchen that dinner is at seven", "kitchen", "dinner is at seven"),
        ("post in #general: the plumber comes at 3. Buy milk!", "general", "the plumber comes at 3. Buy milk!"),
        ("Could you please let kitchen know that I am late", "kitchen", "I am late"),
        ("post to holiday plans: tickets are booked", "holiday-plans", "tickets are booked"),
        ('say "hello all" in kitchen', "kitchen", "hello all"),
        ("บอกทุกคนใน #kitchen ว่าข้าวเย็นหนึ่งทุ่ม", "kitchen", "ข้าวเย็นหนึ่งทุ่ม"),
    ],
)
def test_message_for_a_room_is_posted_verbatim(text, room, content):
    [action] = understand(text, ROOMS).actions
    assert (action.type, action.payload) == ("post_message", {"room": room, "text": content})
    assert action.confidence >= SURE


def test_message_without_a_room_asks_for_confirmation():
    [action] = understand("tell everyone that dinner is ready", ROOMS).actions
    assert (action.type, action.payload["room"], action.confidence < SURE) == ("post_message", "", True)


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ("search for the plumber's number", {"query": "plumber's number"}),
        ("what did Ben say about the rent?", {"query": "rent", "author": "Ben"}),
        ("What did Ben say?", {"query": "", "author": "Ben"}),
        ("find messages from Ben about the lease", {"query": "lease", "author": "Ben"}),
        ("did anyone mention the wifi password?", {"query": "wifi password"}),
        ("ค้นหาเรื่องค่าเช่า", {"query": "ค่าเช่า"}),
    ],
)
def test_search_of_messages(text, payload):
    understood = understand(text, ROOMS)
    assert [(action.type, action.payload) for action in understood.actions] == [("search", payload)]
    assert understood.intent == "search_memory"


@pytest.mark.parametrize(
    "text", ["undo that", "Undo!", "please take that back", "ยกเลิกอันเมื่อกี้", "revert the last change"]
)
def test_undo_command(text):
    assert [action.type for action in understand(text, ROOMS).actions] == ["undo"]


@pytest.mark.parametrize(
    "text",
    [
        "take the milk back", "search for flights to Rome", "look for funny jokes", "tell me a joke",
        "tell him I am late",
        "what did Shakespeare say about love?", "write milk in kitchen", "I will tell everybody",
        "undo the zip of the tent",
        "say something nice", "post office closes at five", "cancel", "remind us that rent is due",
    ],
)  # fmt: skip
def test_similar_sentences_are_not_commands(text):
    types = {action.type for action in understand(text, ROOMS).actions}
    assert not types & {"post_message", "search", "undo"}


def test_several_commands_in_one_message():
    understood = understand("got the eggs, add milk every week and tell everybody in kitchen that I shop", ROOMS)
    assert [action.type for action in understood.actions] == ["mark_purchased", "set_recurring", "post_message"]
