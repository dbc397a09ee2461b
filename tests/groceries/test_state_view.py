"""Changing the state and name of a list, and starting the next one."""

from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import change_list_state, create_list, purchase_entry
from groceries.models import GroceryList
from tests.factories import by

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/"


# State


@pytest.mark.parametrize("state", ["approved", "completed"])
def test_posting_a_state_changes_the_list(url, nok, weekly, sign_in, events, state):
    assert sign_in(nok).post(f"{url}state", {"state": state}).url == url
    weekly.refresh_from_db()
    assert weekly.state == state
    assert events(nok.home) == ["list_state_changed"]


def test_completed_list_can_be_reopened(url, nok, weekly, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    sign_in(nok).post(f"{url}state", {"state": "draft"})
    weekly.refresh_from_db()
    assert weekly.is_open


def test_posting_the_same_state_twice_is_idempotent(url, nok, sign_in, events):
    client, once = sign_in(nok), {"state": "completed", "op_id": str(uuid4())}
    for _twice in range(2):
        assert client.post(f"{url}state", once).status_code == 302
    assert events(nok.home) == ["list_state_changed"]


def test_htmx_request_returns_the_current_list(url, nok, sign_in):
    part = sign_in(nok).post(f"{url}state", {"state": "completed"}, headers=HTMX).text
    assert "<html" not in part
    assert "Start next list" in part


@pytest.mark.parametrize("state", ["", "done", "archived", "\x00", "x" * 5000, "<script>alert(1)</script>"])
def test_unknown_state_is_refused(url, nok, weekly, sign_in, events, state):
    page = sign_in(nok).post(f"{url}state", {"state": state})
    assert page.status_code == 422
    assert "It can change to: Approved, Completed." in page.text
    assert events(nok.home) == []


def test_illegal_transition_is_refused(url, nok, weekly, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    page = sign_in(nok).post(f"{url}state", {"state": "approved"})
    assert page.status_code == 422
    assert "It can change to: Draft." in page.text


# The next list


def test_next_list_receives_pending_entries(url, nok, weekly, milk, eggs, sign_in):
    purchase_entry(milk, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    following = sign_in(nok).post(f"{url}next").url
    begun = GroceryList.objects.exclude(pk=weekly.pk).get()
    assert following == f"/h/{nok.home_id}/lists/{begun.pk}/"
    assert [str(entry) for entry in begun.entries.all()] == ["Eggs (6 piece)"]


def test_starting_the_next_list_twice_creates_one(url, nok, weekly, eggs, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    client = sign_in(nok)
    assert client.post(f"{url}next").url == client.post(f"{url}next").url
    assert GroceryList.objects.count() == 2


def test_htmx_request_for_the_next_list_redirects_by_header(url, nok, weekly, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    response = sign_in(nok).post(f"{url}next", headers=HTMX)
    begun = GroceryList.objects.exclude(pk=weekly.pk).get()
    assert (response.status_code, response.headers["HX-Redirect"]) == (200, f"/h/{nok.home_id}/lists/{begun.pk}/")


def test_starting_the_next_list_of_an_open_list_is_refused(url, nok, sign_in):
    page = sign_in(nok).post(f"{url}next")
    assert page.status_code == 422
    assert "Complete “Weekly shop” first." in page.text
    assert GroceryList.objects.count() == 1


# The name


def test_posting_a_name_renames_the_list(url, nok, weekly, sign_in, events):
    client = sign_in(nok)
    assert 'value="Weekly shop"' in client.get(f"{url}rename").text
    assert client.post(f"{url}rename", {"name": " Party  time "}).url == url
    weekly.refresh_from_db()
    assert weekly.name == "Party time"
    assert events(nok.home) == ["list_updated"]


@pytest.mark.parametrize("name", ["   ", "\x00", "x" * 81, "x" * 5000, "​"])
def test_invalid_name_shows_an_error(url, nok, weekly, sign_in, name):
    page = sign_in(nok).post(f"{url}rename", {"name": name})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    weekly.refresh_from_db()
    assert weekly.name == "Weekly shop"


@pytest.mark.parametrize("name", ["🥚", "<script>alert(1)</script>", "‏שלום", "'; DROP TABLE x; --", "x" * 80])
def test_name_accepts_any_text(url, nok, sign_in, name):
    client = sign_in(nok)
    assert client.post(f"{url}rename", {"name": name}).status_code == 302
    assert "<script>alert" not in client.get(url).text


# Access

ENDPOINTS = ["state", "next", "rename"]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_list_of_another_home_is_not_found(nok, mai, sign_in, endpoint):
    theirs = create_list("Mine", by=by(mai))
    posted = sign_in(nok).post(f"/h/{nok.home_id}/lists/{theirs.pk}/{endpoint}", {"state": "completed", "name": "x"})
    assert posted.status_code == 404


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_non_member_gets_404(url, nok, mai, sign_in, events, endpoint):
    assert sign_in(mai).post(url + endpoint, {"state": "completed", "name": "x"}).status_code == 404
    assert events(nok.home) == []


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_anonymous_user_is_asked_to_sign_in(url, nok, events, endpoint):
    assert Client().post(url + endpoint, {"state": "completed", "name": "x"}).url.startswith("/accounts/login/")
    assert events(nok.home) == []


@pytest.mark.parametrize("endpoint", ["state", "next"])
def test_get_changes_nothing(url, nok, sign_in, endpoint):
    assert sign_in(nok).get(url + endpoint).status_code == 405
