from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import change_list_state
from tests.cast import by


@pytest.fixture
def done(weekly, tell):
    return tell("We need eggs")


@pytest.fixture
def url(nok, done):
    return f"/h/{nok.home_id}/undo/{done.pk}"


def to_get(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_it_works(url, nok, talk, weekly, sign_in):
    client = sign_in(nok)
    there = f"/h/{nok.home_id}/chat/{talk.pk}/"
    assert url in client.get(there).text
    assert client.post(url).url == there
    assert to_get(weekly) == []
    page = client.get(there).text
    assert "Undone" in page
    assert url not in page


def test_a_second_time_it_is_refused_in_words(url, nok, weekly, sign_in):
    client = sign_in(nok)
    client.post(url)
    assert "There is nothing to undo here." in client.post(url, follow=True).text


def test_what_cannot_be_put_back_is_said(url, nok, weekly, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    assert "This list is done." in sign_in(nok).post(url, follow=True).text
    assert to_get(weekly) == ["Eggs (1 piece)"]


def test_a_member_who_does_not_see_the_talk_finds_nothing(url, ben, weekly, sign_in):
    assert sign_in(ben).post(url).status_code == 404
    assert to_get(weekly) == ["Eggs (1 piece)"]


def test_a_stranger_finds_nothing(url, mai, done, weekly, sign_in):
    client = sign_in(mai)
    assert client.post(url).status_code == 404
    assert client.post(f"/h/{mai.home_id}/undo/{done.pk}").status_code == 404
    assert to_get(weekly) == ["Eggs (1 piece)"]


def test_a_message_that_never_was(nok, sign_in):
    assert sign_in(nok).post(f"/h/{nok.home_id}/undo/{uuid4()}").status_code == 404


def test_it_asks_to_sign_in(url):
    assert Client().post(url).url.startswith("/accounts/login/")


def test_looking_undoes_nothing(url, nok, weekly, sign_in):
    assert sign_in(nok).get(url).status_code == 405
    assert to_get(weekly) == ["Eggs (1 piece)"]
