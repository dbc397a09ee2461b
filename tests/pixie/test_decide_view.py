from uuid import uuid4

import pytest
from django.test import Client

from chat.actions import send_message
from pixie.models import PendingAction
from tests.cast import by


@pytest.fixture
def asking(weekly, eggs, tell):
    return tell("add 500 eggs")


@pytest.fixture
def url(nok, asking):
    return f"/h/{nok.home_id}/answer/{asking.pk}"


def to_get(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_it_works(url, nok, talk, weekly, sign_in):
    client = sign_in(nok)
    back = client.post(url, {"answer": "yes"})
    assert back.url == f"/h/{nok.home_id}/chat/{talk.pk}/"
    assert to_get(weekly) == ["Eggs (506 piece)"]
    page = client.get(back.url).text
    assert "Eggs: now 506, on Weekly shop." in page
    assert 'name="answer"' not in page


@pytest.mark.parametrize("answer", ["no", "", "YES", "\x00"])
def test_only_a_yes_is_a_yes(url, nok, weekly, sign_in, answer):
    sign_in(nok).post(url, {"answer": answer})
    assert to_get(weekly) == ["Eggs (6 piece)"]
    assert PendingAction.objects.get().state == "declined"


def test_a_second_answer_is_refused_in_words(url, nok, weekly, sign_in):
    client = sign_in(nok)
    client.post(url, {"answer": "yes"})
    assert "This question is closed." in client.post(url, {"answer": "yes"}, follow=True).text
    assert to_get(weekly) == ["Eggs (506 piece)"]


def test_it_leads_back_to_where_it_was_answered(url, nok, sign_in):
    home = f"/h/{nok.home_id}/"
    assert sign_in(nok).post(url, {"answer": "yes", "next": home}).url == home


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"])
def test_it_leads_nowhere_else(url, nok, talk, sign_in, elsewhere):
    back = sign_in(nok).post(url, {"answer": "yes", "next": elsewhere})
    assert back.url == f"/h/{nok.home_id}/chat/{talk.pk}/"


def test_a_member_who_does_not_see_the_talk_finds_nothing(url, nok, ben, weekly, sign_in):
    assert sign_in(ben).post(url, {"answer": "yes"}).status_code == 404
    assert to_get(weekly) == ["Eggs (6 piece)"]


def test_a_stranger_finds_nothing(url, nok, mai, asking, weekly, sign_in):
    client = sign_in(mai)
    assert client.post(url, {"answer": "yes"}).status_code == 404
    assert client.post(f"/h/{mai.home_id}/answer/{asking.pk}", {"answer": "yes"}).status_code == 404
    assert to_get(weekly) == ["Eggs (6 piece)"]


def test_a_message_that_never_was(nok, sign_in):
    assert sign_in(nok).post(f"/h/{nok.home_id}/answer/{uuid4()}", {"answer": "yes"}).status_code == 404


def test_a_message_of_a_person_asks_nothing(nok, general, sign_in):
    message = send_message(general, "Really?", by=by(nok))
    page = sign_in(nok).post(f"/h/{nok.home_id}/answer/{message.pk}", {"answer": "yes"}, follow=True)
    assert "There is nothing to answer here." in page.text


def test_it_asks_to_sign_in(url):
    assert Client().post(url, {"answer": "yes"}).url.startswith("/accounts/login/")


def test_looking_answers_nothing(url, nok, sign_in):
    assert sign_in(nok).get(url).status_code == 405
    assert PendingAction.objects.get().state == "waiting"
