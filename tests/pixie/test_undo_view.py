from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import change_list_state
from tests.factories import by


@pytest.fixture
def answer(weekly, tell):
    return tell("We need eggs")


@pytest.fixture
def url(nok, answer):
    return f"/h/{nok.home_id}/undo/{answer.pk}"


def pending_items(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_undo_reverts_the_receipt_and_returns_to_the_chat(url, nok, agent_chat, weekly, sign_in):
    client = sign_in(nok)
    chat_url = f"/h/{nok.home_id}/chat/{agent_chat.pk}/"
    assert url in client.get(chat_url).text
    assert client.post(url).url == chat_url
    assert pending_items(weekly) == []
    page = client.get(chat_url).text
    assert "Undone" in page
    assert url not in page


def test_second_undo_shows_an_error(url, nok, weekly, sign_in):
    client = sign_in(nok)
    client.post(url)
    assert "There is nothing to undo here." in client.post(url, follow=True).text


def test_impossible_undo_shows_an_error(url, nok, weekly, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    assert "This list is done." in sign_in(nok).post(url, follow=True).text
    assert pending_items(weekly) == ["Eggs (1 piece)"]


def test_undo_in_an_invisible_chat_is_not_found(url, ben, weekly, sign_in):
    assert sign_in(ben).post(url).status_code == 404
    assert pending_items(weekly) == ["Eggs (1 piece)"]


def test_undo_from_another_home_is_not_found(url, mai, answer, weekly, sign_in):
    client = sign_in(mai)
    assert client.post(url).status_code == 404
    assert client.post(f"/h/{mai.home_id}/undo/{answer.pk}").status_code == 404
    assert pending_items(weekly) == ["Eggs (1 piece)"]


def test_undo_of_an_unknown_message_is_not_found(nok, sign_in):
    assert sign_in(nok).post(f"/h/{nok.home_id}/undo/{uuid4()}").status_code == 404


def test_anonymous_undo_redirects_to_login(url):
    assert Client().post(url).url.startswith("/accounts/login/")


def test_get_is_not_allowed(url, nok, weekly, sign_in):
    assert sign_in(nok).get(url).status_code == 405
    assert pending_items(weekly) == ["Eggs (1 piece)"]
