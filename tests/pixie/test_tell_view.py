from uuid import uuid4

import pytest
from django.test import Client

from chat.models import Channel, ChannelKind, Message
from homes.models import Agent
from pixie.runs import queue


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/tell"


def test_it_works(url, nok, pixie, talk, weekly, sign_in):
    client = sign_in(nok)
    assert client.post(url, {"body": "We need eggs"}).url == f"/h/{nok.home_id}/chat/{talk.pk}/"
    assert Message.objects.get().author_user == nok.user
    queue.read(nok.home_id)
    assert "Eggs: on Weekly shop now" in client.get(f"/h/{nok.home_id}/chat/{talk.pk}/").text


def test_it_begins_ones_own_talk(url, nok, ben, pixie, talk, sign_in):
    sign_in(ben).post(url, {"body": "We need eggs"})
    mine = Channel.objects.get(kind=ChannelKind.ASSISTANT, created_by=ben.user)
    assert mine != talk
    assert not Message.objects.visible_to(nok).exists()


def test_the_same_press_sent_twice_is_one_message(url, nok, talk, sign_in):
    client, once = sign_in(nok), {"body": "We need eggs", "op_id": str(uuid4())}
    for _twice in range(2):
        assert client.post(url, once).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize("body", ["", "   ", "\x00", "x" * 4001])
def test_what_cannot_be_sent_stays_in_the_field(url, nok, talk, sign_in, body):
    page = sign_in(nok).post(url, {"body": body})
    assert page.status_code == 422
    assert not Message.objects.exists()
    if len(body) > 4000:
        assert f">{body}</textarea>" in page.text
        assert "too long" in page.text
    else:
        assert "Write a message first." in page.text


def test_an_operation_of_somebody_else_is_refused(url, nok, ben, talk, sign_in):
    once = {"body": "We need eggs", "op_id": str(uuid4())}
    sign_in(nok).post(url, once)
    assert sign_in(ben).post(url, once).status_code == 422
    assert Message.objects.count() == 1


def test_without_an_agent_awake_it_says_so(url, nok, pixie, sign_in):
    Agent.objects.update(is_active=False)
    client = sign_in(nok)
    assert client.post(url, {"body": "We need eggs"}).url == f"/h/{nok.home_id}/"
    assert "No agent of this home is awake." in client.get(f"/h/{nok.home_id}/").text
    assert not Message.objects.exists()


def test_a_stranger_finds_nothing(url, mai, sign_in):
    assert sign_in(mai).post(url, {"body": "We need eggs"}).status_code == 404
    assert not Message.objects.exists()


def test_it_asks_to_sign_in(url):
    assert Client().post(url, {"body": "We need eggs"}).url.startswith("/accounts/login/")


def test_looking_says_nothing(url, nok, sign_in):
    assert sign_in(nok).get(url).status_code == 405
