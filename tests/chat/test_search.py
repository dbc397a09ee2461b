"""Search of messages and items."""

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
from tests.counting import queries_of
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def send(nok, general):
    def send_all(*texts, author=nok, channel=general):
        return [send_message(channel, text, by=by(author)) for text in texts]

    return send_all


def excerpts(member, text, *kinds):
    return [result.excerpt for result in search_home(member, text, kinds)]


# Matching


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
def test_search_matches_words_and_parts_of_words(send, nok, typed):
    send("The number of the plumber is 555 1234.", "Dinner is at seven")
    assert excerpts(nok, typed) == ["The number of the plumber is 555 1234."]


@pytest.mark.parametrize(
    ("text", "typed"), [("tomatoes", "tomato"), ("One tomato", "tomatoes"), ("It was mended", "mending")]
)
def test_search_matches_inflected_words(send, nok, text, typed):
    send(text)
    assert excerpts(nok, typed) == [text]


@pytest.mark.parametrize("typed", ["น้ำปลา", "น้ำ", "ปลา", "มะ", "ซื้อ"])
def test_search_matches_thai_without_spaces(send, nok, typed):
    send("มะนาวกับน้ำปลาซื้อแล้ว", "พรุ่งนี้ฝนตก")
    assert excerpts(nok, typed) == ["มะนาวกับน้ำปลาซื้อแล้ว"]


def test_search_requires_all_words(send, nok):
    send("rice and beans", "rice", "beans")
    assert excerpts(nok, "beans rice") == ["rice and beans"]


def test_quoted_phrase_matches_exactly(send, nok):
    send("the blue bike", "the bike is blue")
    assert excerpts(nok, '"blue bike"') == ["the blue bike"]


def test_whole_words_rank_before_parts_and_newest_first(send, nok):
    send("rice is here", "riceberry is here", "old rice again", "licorice")
    assert excerpts(nok, "rice") == ["old rice again", "rice is here", "riceberry is here", "licorice"]


def test_search_finds_items_and_messages(send, nok):
    send("No milk today")
    create_item("Oat milk", by=by(nok), description="the barista one")
    assert {result.kind for result in search_home(nok, "milk")} == {"message", "item"}
    assert excerpts(nok, "milk", "item") == ["Oat milk: the barista one"]
    assert excerpts(nok, "barista", "item") == ["Oat milk: the barista one"]
    assert excerpts(nok, "milks", "item") == ["Oat milk: the barista one"]
    assert excerpts(nok, "milk", "message") == ["No milk today"]
    create_item("Crème fraîche", by=by(nok))
    assert excerpts(nok, "creme", "item") == excerpts(nok, "FRAÎCHE", "item") == ["Crème fraîche"]


def test_excerpt_of_a_long_message_surrounds_the_match(send, nok):
    send("before " * 100 + "the plumber comes " + "after " * 100)
    [excerpt] = excerpts(nok, "plumber")
    assert "plumber" in excerpt
    assert len(excerpt) <= MAX_EXCERPT_CHARS + 2
    assert excerpt[0] == excerpt[-1] == "…"


def test_result_names_channel_and_author(send, nok, ben, pixie):
    send("A secret", channel=open_dm(ben.user, by=by(nok)))
    send("No secret")
    send("My secret", channel=open_assistant(pixie, by=by(nok)))
    assert {result.excerpt: (result.where, result.author) for result in search_home(nok, "secret")} == {
        "A secret": ("Ben", "Nok"), "No secret": ("#general", "Nok"), "My secret": ("Pixie", "Nok"),
    }  # fmt: skip


# Operators


def test_from_operator_filters_by_author(send, nok, ben, pixie):
    send("the rent is paid")
    send("the rent is due", author=ben)
    assert excerpts(nok, "from:ben rent") == ["the rent is due"]
    assert excerpts(nok, 'from:"@Ben"') == ["the rent is due"]
    assert excerpts(nok, "from:mai rent") == []


def test_in_operator_filters_by_room(send, nok):
    kitchen = create_channel("kitchen", by=by(nok))
    send("rent", channel=kitchen)
    send("rent too")
    assert excerpts(nok, "in:#Kitchen rent") == ["rent"]
    assert excerpts(nok, "in:nowhere rent") == []


def test_before_and_after_operators_use_days_of_the_home(send, nok):
    for message, hour in zip(send("first rent", "second rent"), ("2026-03-01T23:30", "2026-03-02T00:30"), strict=True):
        at = datetime.fromisoformat(hour).replace(tzinfo=nok.home.zone)
        Message.objects.filter(pk=message.pk).update(created_at=at)
    assert excerpts(nok, "rent before:2026-03-02") == ["first rent"]
    assert excerpts(nok, "rent after:2026-03-01") == ["second rent"]


def test_has_link_operator_filters_messages_with_links(send, nok):
    send("rent: https://bank.example", "rent")
    assert excerpts(nok, "rent has:link") == ["rent: https://bank.example"]


def test_unknown_operator_is_searched_as_a_word(send, nok):
    send("note: before noon")
    assert parse_query("before:noon").words == ("before", "noon") or parse_query("before:noon").words == ("noon",)
    assert excerpts(nok, "note: before:noon") == ["note: before noon"]


# Unusual input


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
def test_search_accepts_any_text(send, nok, typed):
    send("the rent is due")
    create_item("Rent", by=by(nok))
    assert isinstance(search_home(nok, typed), list)


@pytest.mark.parametrize("typed", ["", " ", "!?", '""', "%", "_", "from:"])
def test_search_without_words_returns_nothing(send, nok, typed):
    send("the rent is due")
    assert search_home(nok, typed) == []


# Changed messages


def test_edited_message_is_found_by_its_new_text(send, nok):
    [message] = send("the old word")
    edit_message(message, "the new word", by=by(nok))
    assert excerpts(nok, "old") == []
    assert excerpts(nok, "new") == ["the new word"]


def test_deleted_message_is_not_found(send, nok):
    [message] = send("the secret word")
    delete_message(message, by=by(nok))
    assert excerpts(nok, "secret") == excerpts(nok, "ecre") == []


def test_bulk_changes_update_the_index(nok, general):
    fields = {"home": nok.home, "channel": general, "author_user": nok.user}
    Message.objects.bulk_create(Message(seq=seq, body=f"lemon number {seq}", **fields) for seq in range(5))
    assert len(search_home(nok, "lemon")) == len(search_home(nok, "emon")) == 5
    Message.objects.filter(body="lemon number 3").update(body="")
    Message.objects.filter(body="lemon number 4").delete()
    assert len(search_home(nok, "lemon")) == len(search_home(nok, "emon")) == 3


@pytest.mark.parametrize("recent", [20, 3000])
def test_search_returns_the_newest_matches(nok, general, monkeypatch, recent):
    monkeypatch.setattr("chat.search.RECENT_EVENTS", recent)
    nok.home.last_seq = MAX_RESULTS_PER_KIND + 50
    fields = {"home": nok.home, "channel": general, "author_user": nok.user}
    Message.objects.bulk_create(
        Message(seq=seq, body=f"lemon {seq}", **fields) for seq in range(MAX_RESULTS_PER_KIND + 50)
    )
    assert set(excerpts(nok, "lemon")) == {f"lemon {seq}" for seq in range(50, MAX_RESULTS_PER_KIND + 50)}


# Access


def test_search_of_another_home_returns_nothing(send, nok, mai):
    send("the rent is due")
    create_item("Rent", by=by(nok))
    assert search_home(mai, "rent") == []
    assert search_home(mai, "from:Nok") == []


def test_private_messages_are_found_by_channel_members_only(send, nok, ben, ploy):
    surprise = create_channel("surprise", by=by(nok), is_private=True)
    send("the cake is for Ben", channel=surprise)
    send("between us", channel=open_dm(ploy.user, by=by(nok)))
    for typed in ("cake", "between", "in:surprise", "from:Nok"):
        assert excerpts(ben, typed) == []
    assert excerpts(ploy, "between") == ["between us"]
    leave_channel(surprise, nok.user, by=by(nok))
    assert excerpts(nok, "cake") == []


def test_search_includes_archived_rooms(send, nok):
    room = create_channel("trip", by=by(nok))
    send("the tent", channel=room)
    update_channel(room, by=by(nok), archived=True)
    assert excerpts(nok, "tent") == ["the tent"]


def test_search_query_count_does_not_grow_with_matches(send, nok, general):
    send("lemon")
    baseline = queries_of(lambda: search_home(nok, "lemon"))
    fields = {"home": nok.home, "channel": general, "author_user": nok.user}
    Message.objects.bulk_create(Message(seq=seq, body=f"lemon {uuid4()}", **fields) for seq in range(40))
    assert queries_of(lambda: search_home(nok, "lemon")) == baseline
