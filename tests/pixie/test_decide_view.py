from uuid import uuid4

import pytest
from django.test import Client

from chat.actions import send_message
from pixie.models import PendingAction
from tests.factories import by


@pytest.fixture
def question(weekly, eggs, tell):
    return tell("add 500 eggs")


@pytest.fixture
def url(nok, question):
    return f"/h/{nok.home_id}/answer/{question.pk}"


def pending_items(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_yes_runs_the_action_and_returns_to_the_chat(url, nok, agent_chat, weekly, sign_in):
    client = sign_in(nok)
    response = client.post(url, {"answer": "yes"})
    assert response.url == f"/h/{nok.home_id}/chat/{agent_chat.pk}/"
    assert pending_items(weekly) == ["Eggs (506 piece)"]
    page = client.get(response.url).text
    assert "Eggs: now 506, on Weekly shop." in page
    assert 'name="answer"' not in page


@pytest.mark.parametrize("answer", ["no", "", "YES", "\x00"])
def test_any_other_answer_declines(url, nok, weekly, sign_in, answer):
    sign_in(nok).post(url, {"answer": answer})
    assert pending_items(weekly) == ["Eggs (6 piece)"]
    assert PendingAction.objects.get().state == "declined"


def test_answering_a_closed_question_shows_an_error(url, nok, weekly, sign_in):
    client = sign_in(nok)
    client.post(url, {"answer": "yes"})
    assert "This question is closed." in client.post(url, {"answer": "yes"}, follow=True).text
    assert pending_items(weekly) == ["Eggs (506 piece)"]


def test_answer_redirects_to_next(url, nok, sign_in):
    home = f"/h/{nok.home_id}/"
    assert sign_in(nok).post(url, {"answer": "yes", "next": home}).url == home


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_answer_never_redirects_to_another_site(url, nok, agent_chat, sign_in, elsewhere):
    response = sign_in(nok).post(url, {"answer": "yes", "next": elsewhere})
    assert response.url == f"/h/{nok.home_id}/chat/{agent_chat.pk}/"


def test_answer_in_an_invisible_chat_is_not_found(url, nok, ben, weekly, sign_in):
    assert sign_in(ben).post(url, {"answer": "yes"}).status_code == 404
    assert pending_items(weekly) == ["Eggs (6 piece)"]


def test_answer_from_another_home_is_not_found(url, nok, mai, question, weekly, sign_in):
    client = sign_in(mai)
    assert client.post(url, {"answer": "yes"}).status_code == 404
    assert client.post(f"/h/{mai.home_id}/answer/{question.pk}", {"answer": "yes"}).status_code == 404
    assert pending_items(weekly) == ["Eggs (6 piece)"]


def test_answer_to_an_unknown_message_is_not_found(nok, sign_in):
    assert sign_in(nok).post(f"/h/{nok.home_id}/answer/{uuid4()}", {"answer": "yes"}).status_code == 404


def test_answer_to_a_message_without_question_shows_an_error(nok, general, sign_in):
    message = send_message(general, "Really?", by=by(nok))
    page = sign_in(nok).post(f"/h/{nok.home_id}/answer/{message.pk}", {"answer": "yes"}, follow=True)
    assert "There is nothing to answer here." in page.text


def test_anonymous_answer_redirects_to_login(url):
    assert Client().post(url, {"answer": "yes"}).url.startswith("/accounts/login/")


def test_get_is_not_allowed(url, nok, sign_in):
    assert sign_in(nok).get(url).status_code == 405
    assert PendingAction.objects.get().state == "waiting"
