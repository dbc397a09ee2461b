"""Views that send, edit and delete messages, and threads and reactions."""

from uuid import uuid4

import pytest
from django.test import Client

from chat.actions import add_reaction, create_channel, delete_message, open_dm, send_message
from chat.models import Channel, Message, Reaction
from tests.counting import queries_of
from tests.factories import by

HTMX = {"HX-Request": "true"}
ODD_TEXTS = [
    "🥚",
    "‏שלום עולם‎",
    "<script>alert(1)</script>",
    "'; DROP TABLE accounts_user; --",
    "a\x00b",
    "x" * 4000,
]


@pytest.fixture
def url(nok, general):
    return f"/h/{nok.home_id}/chat/{general.pk}/"


@pytest.fixture
def hello(nok, general):
    return send_message(general, "Hello", by=by(nok))


# Sending


def test_sending_a_message_stores_it_and_records_event(url, nok, general, sign_in, events):
    assert sign_in(nok).post(f"{url}send", {"body": " The lift\nis mended "}).url == url
    message = Message.objects.get()
    assert (message.body, message.author_user, message.channel) == ("The lift\nis mended", nok.user, general)
    event = events.of(nok.home)[0]
    assert (event.type, event.actor_user, event.origin, event.channel_id) == ("chat_message", nok.user, "browser", None)


def test_sending_over_htmx_returns_updated_channel(url, nok, hello, sign_in):
    response = sign_in(nok).post(f"{url}send", {"body": "Anybody?"}, headers=HTMX)
    assert response.status_code == 200
    assert "<html" not in response.text
    assert "Anybody?" in response.text
    assert "></textarea>" in response.text
    nok.home.refresh_from_db()
    assert f'data-seq="{nok.home.last_seq}"' in response.text


def test_sending__with_one_operation_id_creates_one_message(url, nok, sign_in, events):
    client, form = sign_in(nok), {"body": "Hello", "op_id": str(uuid4())}
    for _ in range(2):
        assert client.post(f"{url}send", form).status_code == 302
    assert events(nok.home) == ["chat_message"]


def test_sending_other_text_with_one_operation_id_creates_two_messages(url, nok, sign_in):
    client, op_id = sign_in(nok), str(uuid4())
    for body in ("Hello", "Anybody?"):
        client.post(f"{url}send", {"body": body, "op_id": op_id})
    assert Message.objects.count() == 2


def test_sending_with_operation_id_of_another_user_is_rejected(url, nok, ben, sign_in):
    form = {"body": "Hello", "op_id": str(uuid4())}
    sign_in(nok).post(f"{url}send", form)
    assert sign_in(ben).post(f"{url}send", form).status_code == 422
    assert Message.objects.get().author_user == nok.user


@pytest.mark.parametrize("body", ["", "   ", "\x00", "\n\n"])
def test_sending_an_empty_message_is_rejected(url, nok, sign_in, body):
    page = sign_in(nok).post(f"{url}send", {"body": body})
    assert page.status_code == 422
    assert "Write a message first." in page.text
    assert not Message.objects.exists()


def test_too_long_message_is_rejected_and_kept_in_the_field(url, nok, sign_in):
    for headers in ({}, HTMX):
        page = sign_in(nok).post(f"{url}send", {"body": "x" * 5000}, headers=headers)
        assert page.status_code == 422
        assert "That message is too long" in page.text
        assert ">" + "x" * 5000 + "</textarea>" in page.text
    assert not Message.objects.exists()


@pytest.mark.parametrize("body", ODD_TEXTS)
def test_message_accepts_any_text(url, nok, sign_in, body):
    client = sign_in(nok)
    assert client.post(f"{url}send", {"body": body}).status_code == 302
    assert Message.objects.get().body == body.replace("\x00", "")
    assert "<script>alert" not in client.get(url).text


# Threads


def test_thread_page_shows_replies(url, nok, ben, general, hello, sign_in):
    send_message(general, "Who is there?", by=by(ben), parent=hello)
    page = sign_in(nok).get(f"{url}{hello.pk}/").text
    assert "Who is there?" in page
    assert 'id="thread"' in page
    assert "1 reply" in sign_in(nok).get(url).text


def test_reply_is_stored_in_the_thread(url, ben, general, hello, sign_in):
    assert sign_in(ben).post(f"{url}{hello.pk}/send", {"body": "Me"}).url == f"{url}{hello.pk}/"
    assert Message.objects.get(body="Me").parent == hello


def test_reply_to_a_reply_is_stored_in_the_same_thread(url, nok, ben, general, hello, sign_in):
    reply = send_message(general, "Who is there?", by=by(ben), parent=hello)
    sign_in(nok).post(f"{url}{reply.pk}/send", {"body": "Me"})
    assert Message.objects.get(body="Me").parent == hello


def test_too_long_reply_is_kept_in_the_reply_field(url, nok, hello, sign_in):
    page = sign_in(nok).post(f"{url}{hello.pk}/send", {"body": "x" * 5000})
    assert page.status_code == 422
    assert page.text.count("x" * 5000) == 1


def test_thread_query_count_does_not_grow_with_replies(url, nok, ben, general, hello, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            add_reaction(send_message(general, f"Message {number}", by=by(ben), parent=hello), "🎉", by=by(ben))

    fill(3)
    baseline = queries_of(lambda: client.get(f"{url}{hello.pk}/"))
    fill(57)
    assert queries_of(lambda: client.get(f"{url}{hello.pk}/")) == baseline


# Reactions


def test_reaction_is_added_and_removed_once(url, nok, ben, hello, sign_in, events):
    client = sign_in(ben)
    for _ in range(2):
        assert client.post(f"{url}{hello.pk}/react", {"emoji": "👍"}).url == url
    assert Reaction.objects.get().user == ben.user
    for _ in range(2):
        client.post(f"{url}{hello.pk}/react", {"take_back": "👍"})
    assert not Reaction.objects.exists()
    assert events(nok.home)[-2:] == ["reaction_added", "reaction_removed"]


def test_removing_a_reaction_of_another_user_has_no_effect(url, nok, ben, hello, sign_in):
    add_reaction(hello, "👍", by=by(nok))
    sign_in(ben).post(f"{url}{hello.pk}/react", {"take_back": "👍"})
    assert Reaction.objects.get().user == nok.user


def test_reacting_over_htmx_returns_channel(url, nok, hello, sign_in):
    html = sign_in(nok).post(f"{url}{hello.pk}/react", {"emoji": "👍"}, headers=HTMX).text
    assert "<html" not in html
    assert "👍 1" in html


@pytest.mark.parametrize("emoji", ["", "x", "\x00", "👍" * 20, "x" * 5000, "<script>alert(1)</script>", "1"])
def test_reacting_with_other_text_is_rejected(url, nok, hello, sign_in, emoji):
    assert sign_in(nok).post(f"{url}{hello.pk}/react", {"emoji": emoji}).status_code == 422
    assert not Reaction.objects.exists()


@pytest.mark.parametrize("emoji", ["", "x", "x" * 5000, "<script>alert(1)</script>", "a\x00b"])
def test_removing_a_missing_reaction_has_no_effect(url, nok, hello, sign_in, emoji):
    assert sign_in(nok).post(f"{url}{hello.pk}/react", {"take_back": emoji}).status_code in (302, 422)


# Editing


def test_editing_a_message_updates_body_and_version(url, nok, general, hello, sign_in, events):
    client = sign_in(nok)
    assert "Hello</textarea>" in client.get(f"{url}{hello.pk}/edit").text
    assert client.post(f"{url}{hello.pk}/edit", {"body": "Hello you"}).url == url
    hello.refresh_from_db()
    assert (hello.body, hello.version) == ("Hello you", 2)
    assert events(nok.home)[-1] == "message_edited"
    assert "edited" in client.get(url).text


def test_editing_a_message_of_another_user_is_rejected(url, nok, ben, hello, sign_in):
    page = sign_in(ben).post(f"{url}{hello.pk}/edit", {"body": "Ha"})
    assert page.status_code == 422
    assert "You can only change your own messages." in page.text
    hello.refresh_from_db()
    assert hello.body == "Hello"


@pytest.mark.parametrize("body", ["", "  ", "\x00", "x" * 4001, "x" * 5000])
def test_editing_to_an_invalid_text_is_rejected(url, nok, hello, sign_in, body):
    page = sign_in(nok).post(f"{url}{hello.pk}/edit", {"body": body, "extra": "keeps the form bound"})
    assert page.status_code == 422
    hello.refresh_from_db()
    assert hello.body == "Hello"


@pytest.mark.parametrize("body", [text for text in ODD_TEXTS if "\x00" not in text])
def test_editing_accepts_any_text(url, nok, hello, sign_in, body):
    assert sign_in(nok).post(f"{url}{hello.pk}/edit", {"body": body}).status_code == 302
    hello.refresh_from_db()
    assert hello.body == body


# Deleting


def test_deleting__records_one_event(url, nok, hello, sign_in, events):
    client = sign_in(nok)
    assert client.post(f"{url}{hello.pk}/delete").url == url
    assert client.post(f"{url}{hello.pk}/delete").status_code == 422
    hello.refresh_from_db()
    assert (hello.body, hello.deleted_at is None) == ("", False)
    assert events(nok.home).count("message_deleted") == 1


def test_deleting_a_message_of_another_user_is_rejected(url, ben, hello, sign_in):
    assert sign_in(ben).post(f"{url}{hello.pk}/delete").status_code == 422
    hello.refresh_from_db()
    assert hello.deleted_at is None


def test_editing_a_deleted_message_is_rejected(url, nok, hello, sign_in):
    delete_message(hello, by=by(nok))
    assert sign_in(nok).post(f"{url}{hello.pk}/edit", {"body": "Ha"}).status_code == 422


# Access

ENDPOINTS = [("send", {"body": "x"}), ("react", {"emoji": "👍"}), ("edit", {"body": "x"}), ("delete", {})]


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_message_of_another_channel_or_home_returns_404(nok, ben, mai, general, hello, sign_in, endpoint, body):
    kitchen = create_channel("kitchen", by=by(nok))
    foreign = send_message(Channel.objects.get(home=mai.home, name="general"), "Mine", by=by(mai))
    client, chat = sign_in(nok), f"/h/{nok.home_id}/chat"
    for channel, message in ((kitchen, hello), (general, foreign), (foreign.channel, foreign)):
        assert client.post(f"{chat}/{channel.pk}/{message.pk}/{endpoint}", body).status_code == 404
    assert client.post(f"{chat}/{general.pk}/{uuid4()}/{endpoint}", body).status_code == 404


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_direct_message_of_others_returns_404(nok, ben, ploy, sign_in, endpoint, body):
    message = send_message(open_dm(ben.user, by=by(nok)), "Between us", by=by(nok))
    channel_url = f"/h/{nok.home_id}/chat/{message.channel_id}/"
    assert sign_in(ploy).post(f"{channel_url}{message.pk}/{endpoint}", body).status_code == 404
    assert sign_in(ploy).post(f"{channel_url}send", {"body": "x"}).status_code == 404


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_message_actions_return_404_for_strangers(url, nok, mai, hello, sign_in, events, endpoint, body):
    before = events(nok.home)
    assert sign_in(mai).post(f"{url}{hello.pk}/{endpoint}", body).status_code == 404
    assert sign_in(mai).post(f"{url}send", {"body": "x"}).status_code == 404
    assert events(nok.home) == before


@pytest.mark.parametrize(("endpoint", "body"), ENDPOINTS)
def test_anonymous_request_redirects_to_login(url, nok, hello, events, endpoint, body):
    before = events(nok.home)
    assert Client().post(f"{url}{hello.pk}/{endpoint}", body).url.startswith("/accounts/login/")
    assert events(nok.home) == before


@pytest.mark.parametrize("endpoint", ["send", "react", "delete"])
def test_get_request_returns_405(url, nok, hello, sign_in, endpoint):
    assert sign_in(nok).get(f"{url}{hello.pk}/{endpoint}").status_code == 405
