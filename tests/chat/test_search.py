"""Looking for what was said, and for what the home buys."""

from datetime import datetime
from uuid import uuid4

import pytest

from chat.actions import (
    create_channel,
    delete_message,
    edit_message,
    leave_channel,
    open_assistant,
    open_dm,
    send_message,
    update_channel,
)
from chat.models import Message
from groceries.actions import create_item
from homes.search import MAX_EXCERPT_CHARS, MAX_RESULTS_PER_KIND, parse_query, search_home
from tests.cast import by
from tests.counting import queries_of


@pytest.fixture
def say(nok, general):
    def said(*texts, who=nok, where=general):
        return [send_message(where, text, by=by(who)) for text in texts]

    return said


def found(member, text, *kinds):
    return [each.excerpt for each in search_home(member, text, kinds)]


# What is found


@pytest.mark.parametrize(
    "typed",
    [
        "plumber",
        "PLUMBER",
        "the plumber's number",
        "plumb",
        "umber",
        "number plumber",
        '"number of the plumber"',
        "555",
    ],
)
def test_a_message_is_found_by_its_words_and_by_halves_of_them(say, nok, typed):
    say("The number of the plumber is 555 1234.", "Dinner is at seven")
    assert found(nok, typed) == ["The number of the plumber is 555 1234."]


@pytest.mark.parametrize(
    ("said", "typed"), [("tomatoes", "tomato"), ("One tomato", "tomatoes"), ("It was mended", "mending")]
)
def test_another_form_of_the_word_finds_it_too(say, nok, said, typed):
    say(said)
    assert found(nok, typed) == [said]


@pytest.mark.parametrize("typed", ["น้ำปลา", "น้ำ", "ปลา", "มะ", "ซื้อ"])
def test_thai_is_found_though_it_has_no_spaces(say, nok, typed):
    say("มะนาวกับน้ำปลาซื้อแล้ว", "พรุ่งนี้ฝนตก")
    assert found(nok, typed) == ["มะนาวกับน้ำปลาซื้อแล้ว"]


def test_all_words_must_be_there(say, nok):
    say("rice and beans", "rice", "beans")
    assert found(nok, "beans rice") == ["rice and beans"]


def test_a_phrase_is_meant_word_for_word(say, nok):
    say("the blue bike", "the bike is blue")
    assert found(nok, '"blue bike"') == ["the blue bike"]


def test_whole_words_come_before_halves_and_the_newest_first(say, nok):
    say("rice is here", "riceberry is here", "old rice again", "licorice")
    assert found(nok, "rice") == ["old rice again", "rice is here", "riceberry is here", "licorice"]


def test_things_are_found_beside_messages(say, nok):
    say("No milk today")
    create_item("Oat milk", by=by(nok), description="the barista one")
    assert {each.kind for each in search_home(nok, "milk")} == {"message", "item"}
    assert found(nok, "milk", "item") == ["Oat milk: the barista one"]
    assert found(nok, "barista", "item") == ["Oat milk: the barista one"]
    assert found(nok, "milks", "item") == ["Oat milk: the barista one"]
    assert found(nok, "milk", "message") == ["No milk today"]


def test_a_long_message_is_shown_around_the_word(say, nok):
    say("before " * 100 + "the plumber comes " + "after " * 100)
    [shown] = found(nok, "plumber")
    assert "plumber" in shown
    assert len(shown) <= MAX_EXCERPT_CHARS + 2
    assert shown[0] == shown[-1] == "…"


def test_it_says_where_it_stands(say, nok, ben, pixie):
    say("A secret", where=open_dm(ben.user, by=by(nok)))
    say("No secret")
    say("My secret", where=open_assistant(pixie, by=by(nok)))
    assert {each.excerpt: (each.where, each.author) for each in search_home(nok, "secret")} == {
        "A secret": ("Ben", "Nok"), "No secret": ("#general", "Nok"), "My secret": ("Pixie", "Nok"),
    }  # fmt: skip


# Operators


def test_only_what_one_person_said(say, nok, ben, pixie):
    say("the rent is paid")
    say("the rent is due", who=ben)
    assert found(nok, "from:ben rent") == ["the rent is due"]
    assert found(nok, 'from:"@Ben"') == ["the rent is due"]
    assert found(nok, "from:mai rent") == []


def test_only_what_was_said_in_one_room(say, nok):
    kitchen = create_channel("kitchen", by=by(nok))
    say("rent", where=kitchen)
    say("rent too")
    assert found(nok, "in:#Kitchen rent") == ["rent"]
    assert found(nok, "in:nowhere rent") == []


def test_only_what_was_said_before_or_after_a_day_of_the_home(say, nok):
    for message, hour in zip(say("first rent", "second rent"), ("2026-03-01T23:30", "2026-03-02T00:30"), strict=True):
        at = datetime.fromisoformat(hour).replace(tzinfo=nok.home.zone)
        Message.objects.filter(pk=message.pk).update(created_at=at)
    assert found(nok, "rent before:2026-03-02") == ["first rent"]
    assert found(nok, "rent after:2026-03-01") == ["second rent"]


def test_only_what_has_a_link(say, nok):
    say("rent: https://bank.example", "rent")
    assert found(nok, "rent has:link") == ["rent: https://bank.example"]


def test_an_operator_that_is_none_is_a_word(say, nok):
    say("note: before noon")
    assert parse_query("before:noon").words == ("before", "noon") or parse_query("before:noon").words == ("noon",)
    assert found(nok, "note: before:noon") == ["note: before noon"]


# What was typed


@pytest.mark.parametrize(
    "typed",
    [
        "", " ", '"', '""', "'", "''", "\\", "%", "_", "*", "(", ")", "AND", "OR NOT", "NEAR(a b)", "a:b", "-rent",
        "rent*", "^rent", "{rent}", "body:rent", "rent\x00rent", "\x00", "& | ! <->", "':*",
        "rent' & 'x", '"rent', "from:",
        'from:"', "before:2026-99-99", "😀", "\ud800", "x" * 10_000, "rent " * 2_000, '" ' * 5_000,
        "the", "is", "ก" * 5_000,
        "\u0301", "before:0001-01-01", "after:9999-12-31",
        "%s", "%(x)s", "🏠 rent", "1e400", "from:%", "in:\x00",
    ],
)  # fmt: skip
def test_whatever_is_typed_is_answered(say, nok, typed):
    say("the rent is due")
    create_item("Rent", by=by(nok))
    assert isinstance(search_home(nok, typed), list)


@pytest.mark.parametrize("typed", ["", " ", "!?", '""', "%", "_", "from:"])
def test_nothing_typed_finds_nothing(say, nok, typed):
    say("the rent is due")
    assert search_home(nok, typed) == []


# What is kept up


def test_what_was_changed_is_found_as_it_is_now(say, nok):
    [message] = say("the old word")
    edit_message(message, "the new word", by=by(nok))
    assert found(nok, "old") == []
    assert found(nok, "new") == ["the new word"]


def test_what_was_taken_back_is_found_no_more(say, nok):
    [message] = say("the secret word")
    delete_message(message, by=by(nok))
    assert found(nok, "secret") == found(nok, "ecre") == []


def test_what_came_in_bulk_is_found(nok, general):
    said = {"home": nok.home, "channel": general, "author_user": nok.user}
    Message.objects.bulk_create(Message(seq=at, body=f"lemon number {at}", **said) for at in range(5))
    assert len(search_home(nok, "lemon")) == len(search_home(nok, "emon")) == 5
    Message.objects.filter(body="lemon number 3").update(body="")
    Message.objects.filter(body="lemon number 4").delete()
    assert len(search_home(nok, "lemon")) == len(search_home(nok, "emon")) == 3


@pytest.mark.parametrize("recent", [20, 3000])
def test_of_many_the_newest_are_found(nok, general, monkeypatch, recent):
    """However far back it has to look."""
    monkeypatch.setattr("chat.search.RECENT", recent)
    nok.home.last_seq = MAX_RESULTS_PER_KIND + 50
    said = {"home": nok.home, "channel": general, "author_user": nok.user}
    Message.objects.bulk_create(Message(seq=at, body=f"lemon {at}", **said) for at in range(MAX_RESULTS_PER_KIND + 50))
    assert set(found(nok, "lemon")) == {f"lemon {at}" for at in range(50, MAX_RESULTS_PER_KIND + 50)}


# Who finds it


def test_a_stranger_finds_nothing(say, nok, mai):
    say("the rent is due")
    create_item("Rent", by=by(nok))
    assert search_home(mai, "rent") == []
    assert search_home(mai, "from:Nok") == []


def test_a_private_room_is_for_those_inside(say, nok, ben, ploy):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    say("the cake is for Ben", where=surprise)
    say("between us", where=open_dm(ploy.user, by=by(nok)))
    assert found(ben, "cake") == found(ben, "between") == found(ben, "in:surprise") == found(ben, "from:Nok") == []
    assert found(ploy, "between") == ["between us"]
    leave_channel(surprise, nok.user, by=by(nok))
    assert found(nok, "cake") == []


def test_a_room_that_is_put_away_is_still_looked_through(say, nok):
    room = create_channel("trip", by=by(nok))
    say("the tent", where=room)
    update_channel(room, by=by(nok), archived=True)
    assert found(nok, "tent") == ["the tent"]


def test_more_that_is_found_costs_no_more_queries(say, nok, general):
    say("lemon")
    few = queries_of(lambda: search_home(nok, "lemon"))
    said = {"home": nok.home, "channel": general, "author_user": nok.user}
    Message.objects.bulk_create(Message(seq=at, body=f"lemon {uuid4()}", **said) for at in range(40))
    assert queries_of(lambda: search_home(nok, "lemon")) == few
