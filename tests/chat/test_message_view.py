"""Saying something, changing it, taking it back, reacting, and threads."""

from uuid import uuid4

import pytest
from django.test import Client

from chat.actions import add_reaction, create_channel, delete_message, open_dm, send_message
from chat.models import Channel, Message, Reaction
from tests.cast import by
from tests.counting import queries_of

HTMX = {"HX-Request": "true"}
PERSONS_TEXT = ["🥚", "‏שלום עולם‎", "<script>alert(1)</script>", "'; DROP TABLE accounts_user; --", "a\x00b", "x" * 4000]


@pytest.fixture
def url(nok, general):
    return f"/h/{nok.home_id}/chat/{general.pk}/"


@pytest.fixture
def hello(nok, general):
    return send_message(general, "Hello", by=by(nok))


# Saying


def test_it_works(url, nok, general, sign_in, events):
    assert sign_in(nok).post(f"{url}send", {"body": " The lift\nis mended "}).url == url
    said = Message.objects.get()
    assert (said.body, said.author_user, said.channel) == ("The lift\nis mended", nok.user, general)
    told = events.of(nok.home)[0]
    assert (told.type, told.actor_user, told.origin, told.channel_id) == ("chat_message", nok.user, "browser", None)


def test_to_htmx_it_answers_with_the_talk_as_it_is_now(url, nok, hello, sign_in):
    part = sign_in(nok).post(f"{url}send", {"body": "Anybody?"}, headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Anybody?" in part.text
    assert "></textarea>" in part.text
    nok.home.refresh_from_db()
    assert f'data-seq="{nok.home.last_seq}"' in part.text


def test_the_same_press_sent_twice_is_one_message(url, nok, sign_in, events):
    client, once = sign_in(nok), {"body": "Hello", "op_id": str(uuid4())}
    for _twice in range(2):
        assert client.post(f"{url}send", once).status_code == 302
    assert events(nok.home) == ["chat_message"]


def test_other_words_in_the_same_form_are_another_message(url, nok, sign_in):
    client, op_id = sign_in(nok), str(uuid4())
    for body in ("Hello", "Anybody?"):
        client.post(f"{url}send", {"body": body, "op_id": op_id})
    assert Message.objects.count() == 2


def test_the_press_of_somebody_else_is_no_message_of_ones_own(url, nok, ben, sign_in):
    once = {"body": "Hello", "op_id": str(uuid4())}
    sign_in(nok).post(f"{url}send", once)
    assert sign_in(ben).post(f"{url}send", once).status_code == 422
    assert Message.objects.get().author_user == nok.user


@pytest.mark.parametrize("body", ["", "   ", "\x00", "\n\n"])
def test_an_empty_message_says_nothing(url, nok, sign_in, body):
    page = sign_in(nok).post(f"{url}send", {"body": body})
    assert page.status_code == 422
    assert "An empty message says nothing." in page.text
    assert not Message.objects.exists()


def test_what_is_too_long_stays_in_the_field(url, nok, sign_in):
    for headers in ({}, HTMX):
        page = sign_in(nok).post(f"{url}send", {"body": "x" * 5000}, headers=headers)
        assert page.status_code == 422
        assert "That is too long for one message" in page.text
        assert ">" + "x" * 5000 + "</textarea>" in page.text
    assert not Message.objects.exists()


@pytest.mark.parametrize("body", PERSONS_TEXT)
def test_a_message_may_say_anything(url, nok, sign_in, body):
    client = sign_in(nok)
    assert client.post(f"{url}send", {"body": body}).status_code == 302
    assert Message.objects.get().body == body.replace("\x00", "")
    assert "<script>alert" not in client.get(url).text


# In threads


def test_a_thread_is_read_beside_the_room(url, nok, ben, general, hello, sign_in):
    send_message(general, "Who is there?", by=by(ben), parent=hello)
    page = sign_in(nok).get(f"{url}{hello.pk}/").text
    assert "Who is there?" in page
    assert 'id="thread"' in page
    assert "1 reply" in sign_in(nok).get(url).text


def test_an_answer_in_a_thread(url, ben, general, hello, sign_in):
    assert sign_in(ben).post(f"{url}{hello.pk}/send", {"body": "Me"}).url == f"{url}{hello.pk}/"
    assert Message.objects.get(body="Me").parent == hello


def test_an_answer_to_an_answer_is_in_the_same_thread(url, nok, ben, general, hello, sign_in):
    answer = send_message(general, "Who is there?", by=by(ben), parent=hello)
    sign_in(nok).post(f"{url}{answer.pk}/send", {"body": "Me"})
    assert Message.objects.get(body="Me").parent == hello


def test_what_is_refused_in_a_thread_stays_in_the_field_of_the_thread(url, nok, hello, sign_in):
    page = sign_in(nok).post(f"{url}{hello.pk}/send", {"body": "x" * 5000})
    assert page.status_code == 422
    assert page.text.count("x" * 5000) == 1


def test_a_long_thread_costs_no_more_queries(url, nok, ben, general, hello, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            add_reaction(send_message(general, f"Word {number}", by=by(ben), parent=hello), "🎉", by=by(ben))

    fill(3)
    few = queries_of(lambda: client.get(f"{url}{hello.pk}/"))
    fill(57)
    assert queries_of(lambda: client.get(f"{url}{hello.pk}/")) == few


# Reacting


def test_a_reaction_comes_and_goes(url, nok, ben, hello, sign_in, events):
    client = sign_in(ben)
    for _twice in range(2):
        assert client.post(f"{url}{hello.pk}/react", {"emoji": "👍"}).url == url
    assert Reaction.objects.get().user == ben.user
    for _twice in range(2):
        client.post(f"{url}{hello.pk}/react", {"take_back": "👍"})
    assert not Reaction.objects.exists()
    assert events(nok.home)[-2:] == ["reaction_added", "reaction_removed"]


def test_one_takes_back_ones_own_alone(url, nok, ben, hello, sign_in):
    add_reaction(hello, "👍", by=by(nok))
    sign_in(ben).post(f"{url}{hello.pk}/react", {"take_back": "👍"})
    assert Reaction.objects.get().user == nok.user


def test_to_htmx_a_reaction_answers_with_the_talk(url, nok, hello, sign_in):
    part = sign_in(nok).post(f"{url}{hello.pk}/react", {"emoji": "👍"}, headers=HTMX).text
    assert "<html" not in part
    assert "👍 1" in part


@pytest.mark.parametrize("emoji", ["", "x", "\x00", "👍" * 20, "x" * 5000, "<script>alert(1)</script>", "1"])
def test_one_sign_is_a_reaction_the_rest_is_not(url, nok, hello, sign_in, emoji):
    assert sign_in(nok).post(f"{url}{hello.pk}/react", {"emoji": emoji}).status_code == 422
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("emoji", ["", "x", "x" * 5000, "<script>alert(1)</script>", "a\x00b"])
def test_what_was_never_given_is_taken_back_without_harm(url, nok, hello, sign_in, emoji):
    assert sign_in(nok).post(f"{url}{hello.pk}/react", {"take_back": emoji}).status_code in (302, 422)


# Changing


def test_a_message_is_changed(url, nok, general, hello, sign_in, events):
    client = sign_in(nok)
    assert "Hello</textarea>" in client.get(f"{url}{hello.pk}/edit").text
    assert client.post(f"{url}{hello.pk}/edit", {"body": "Hello you"}).url == url
    hello.refresh_from_db()
    assert (hello.body, hello.version) == ("Hello you", 2)
    assert events(nok.home)[-1] == "message_edited"
    assert "edited" in client.get(url).text


def test_only_who_wrote_it_changes_it(url, nok, ben, hello, sign_in):
    page = sign_in(ben).post(f"{url}{hello.pk}/edit", {"body": "Ha"})
    assert page.status_code == 422
    assert "Only who wrote a message can change it." in page.text
    hello.refresh_from_db()
    assert hello.body == "Hello"


@pytest.mark.parametrize("body", ["", "  ", "\x00", "x" * 4001, "x" * 5000])
def test_a_wrong_change_is_told(url, nok, hello, sign_in, body):
    page = sign_in(nok).post(f"{url}{hello.pk}/edit", {"body": body, "more": "so that the form is not empty"})
    assert page.status_code == 422
    hello.refresh_from_db()
    assert hello.body == "Hello"


@pytest.mark.parametrize("body", [text for text in PERSONS_TEXT if "\x00" not in text])
def test_it_may_be_changed_into_anything(url, nok, hello, sign_in, body):
    assert sign_in(nok).post(f"{url}{hello.pk}/edit", {"body": body}).status_code == 302
    hello.refresh_from_db()
    assert hello.body == body


# Deleting


def test_a_message_is_deleted_once(url, nok, hello, sign_in, events):
    client = sign_in(nok)
    assert client.post(f"{url}{hello.pk}/delete").url == url
    assert client.post(f"{url}{hello.pk}/delete").status_code == 422
    hello.refresh_from_db()
    assert (hello.body, hello.deleted_at is None) == ("", False)
    assert events(nok.home).count("message_deleted") == 1


def test_only_who_wrote_it_deletes_it(url, ben, hello, sign_in):
    assert sign_in(ben).post(f"{url}{hello.pk}/delete").status_code == 422
    hello.refresh_from_db()
    assert hello.deleted_at is None


def test_what_is_deleted_is_changed_no_more(url, nok, hello, sign_in):
    delete_message(hello, by=by(nok))
    assert sign_in(nok).post(f"{url}{hello.pk}/edit", {"body": "Ha"}).status_code == 422


# Doors

ENDPOINTS = [("send", {"body": "x"}), ("react", {"emoji": "👍"}), ("edit", {"body": "x"}), ("delete", {})]


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_a_message_of_another_room_or_home_is_not_there(nok, ben, mai, general, hello, sign_in, endpoint, body):
    kitchen = create_channel("kitchen", by=by(nok))
    theirs = send_message(Channel.objects.get(home=mai.home, name="general"), "Mine", by=by(mai))
    client, chat = sign_in(nok), f"/h/{nok.home_id}/chat"
    for channel, message in ((kitchen, hello), (general, theirs), (theirs.channel, theirs)):
        assert client.post(f"{chat}/{channel.pk}/{message.pk}/{endpoint}", body).status_code == 404
    assert client.post(f"{chat}/{general.pk}/{uuid4()}/{endpoint}", body).status_code == 404


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_a_message_between_others_is_not_there(nok, ben, ploy, sign_in, endpoint, body):
    message = send_message(open_dm(ben.user, by=by(nok)), "Between us", by=by(nok))
    there = f"/h/{nok.home_id}/chat/{message.channel_id}/"
    assert sign_in(ploy).post(f"{there}{message.pk}/{endpoint}", body).status_code == 404
    assert sign_in(ploy).post(f"{there}send", {"body": "x"}).status_code == 404


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_a_stranger_finds_nothing(url, nok, mai, hello, sign_in, events, endpoint, body):
    before = events(nok.home)
    assert sign_in(mai).post(f"{url}{hello.pk}/{endpoint}", body).status_code == 404
    assert sign_in(mai).post(f"{url}send", {"body": "x"}).status_code == 404
    assert events(nok.home) == before


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_it_asks_to_sign_in(url, nok, hello, events, endpoint, body):
    before = events(nok.home)
    assert Client().post(f"{url}{hello.pk}/{endpoint}", body).url.startswith("/accounts/login/")
    assert events(nok.home) == before


@pytest.mark.parametrize("endpoint", ["send", "react", "delete"])
def test_looking_changes_nothing(url, nok, hello, sign_in, endpoint):
    assert sign_in(nok).get(f"{url}{hello.pk}/{endpoint}").status_code == 405
