from uuid import uuid4

import pytest
from django.test import Client

from chat.models import Channel, ChannelKind, Message
from homes.models import Agent
from pixie.runs import queue


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/tell"


def test_message_is_sent_to_the_own_chat_and_answered(url, nok, pixie, agent_chat, weekly, sign_in):
    client = sign_in(nok)
    assert client.post(url, {"body": "We need eggs"}).url == f"/h/{nok.home_id}/chat/{agent_chat.pk}/"
    assert Message.objects.get().author_user == nok.user
    queue.process_home(nok.home_id)
    assert "Added Eggs to Weekly shop" in client.get(f"/h/{nok.home_id}/chat/{agent_chat.pk}/").text


def test_first_message_creates_the_own_chat(url, nok, ben, pixie, agent_chat, sign_in):
    sign_in(ben).post(url, {"body": "We need eggs"})
    own_chat = Channel.objects.get(kind=ChannelKind.ASSISTANT, created_by=ben.user)
    assert own_chat != agent_chat
    assert not Message.objects.visible_to(nok).exists()


def test_same_operation_twice_sends_one_message(url, nok, agent_chat, sign_in):
    client, payload = sign_in(nok), {"body": "We need eggs", "op_id": str(uuid4())}
    for _ in range(2):
        assert client.post(url, payload).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize("body", ["", "   ", "\x00", "x" * 4001])
def test_invalid_message_stays_in_the_field(url, nok, agent_chat, sign_in, body):
    page = sign_in(nok).post(url, {"body": body})
    assert page.status_code == 422
    assert not Message.objects.exists()
    if len(body) > 4000:
        assert f">{body}</textarea>" in page.text
        assert "too long" in page.text
    else:
        assert "Write a message first." in page.text


def test_operation_id_of_another_member_is_refused(url, nok, ben, agent_chat, sign_in):
    payload = {"body": "We need eggs", "op_id": str(uuid4())}
    sign_in(nok).post(url, payload)
    assert sign_in(ben).post(url, payload).status_code == 422
    assert Message.objects.count() == 1


def test_message_without_an_active_agent_shows_an_error(url, nok, pixie, sign_in):
    Agent.objects.update(is_active=False)
    client = sign_in(nok)
    assert client.post(url, {"body": "We need eggs"}).url == f"/h/{nok.home_id}/"
    assert "No agent in this home is awake." in client.get(f"/h/{nok.home_id}/").text
    assert not Message.objects.exists()


def test_message_to_another_home_is_not_found(url, mai, sign_in):
    assert sign_in(mai).post(url, {"body": "We need eggs"}).status_code == 404
    assert not Message.objects.exists()


def test_anonymous_message_redirects_to_login(url):
    assert Client().post(url, {"body": "We need eggs"}).url.startswith("/accounts/login/")


def test_get_is_not_allowed(url, nok, sign_in):
    assert sign_in(nok).get(url).status_code == 405
