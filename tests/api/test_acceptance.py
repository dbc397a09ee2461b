"""Acceptance criteria of the API, one by one."""

from uuid import uuid4

import pytest

from pixie import tasks
from pixie.runs import queue
from tests.factories import person

NOK = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}


@pytest.fixture
def run_pixie_inline(monkeypatch):
    """Answer messages in the request instead of in a worker."""
    monkeypatch.setattr(tasks.perform_runs, "delay", lambda home_id: queue.process_home(home_id))


# Authentication


def test_sign_up_returns_a_token(api_client):
    response = api_client().post("/auth/signup", NOK)
    assert response.status_code == 200
    signed_in = response.json()
    assert signed_in["token"] and signed_in["refresh"]
    assert (signed_in["user"]["email"], signed_in["user"]["name"]) == ("nok@example.com", "Nok")


def test_sign_in_returns_a_token(api_client):
    user = person("Nok")
    response = api_client().post("/auth/login", {"email": "Nok@example.com", "password": NOK["password"]})
    assert (response.status_code, response.json()["user"]["id"]) == (200, str(user.pk))
    assert api_client(token=response.json()["token"]).get("/auth/me").status_code == 200


def test_me_returns_the_user_of_the_token(api_client, nok):
    response = api_client(nok).get("/auth/me")
    assert response.status_code == 200
    assert response.json()["user"] == {"id": str(nok.user_id), "email": "nok@example.com", "name": "Nok"}
    assert response.json()["active_home"] == {"id": str(nok.home_id), "name": "Apartment 42", "role": "owner"}


def test_switch_home_returns_a_new_token(api_client, nok, mai):
    other = api_client(nok).post("/homes", {"name": "The hut"}).json()
    response = api_client(nok).post("/auth/switch-home", {"home_id": other["id"]})
    assert (response.status_code, response.json()["home"]) == (200, {"id": other["id"], "name": "The hut"})
    assert api_client(token=response.json()["token"]).get("/auth/me").json()["active_home"]["name"] == "The hut"


def test_sign_up_with_an_email_in_use_returns_400(api_client):
    person("Nok")
    assert api_client().post("/auth/signup", NOK).status_code == 400


def test_sign_in_with_a_wrong_password_returns_401(api_client):
    person("Nok")
    assert api_client().post("/auth/login", {**NOK, "password": "battery horse"}).status_code == 401


def test_me_without_a_token_returns_401(api_client):
    assert api_client().get("/auth/me").status_code == 401


def test_switching_to_another_users_home_returns_403(api_client, nok, mai):
    assert api_client(nok).post("/auth/switch-home", {"home_id": str(mai.home_id)}).status_code == 403


# Pixie


@pytest.mark.django_db(transaction=True)
def test_chat_we_need_eggs_adds_eggs(api_client, nok, run_pixie_inline):
    response = api_client(nok).post("/chat", {"home_id": str(nok.home_id), "message": "We need eggs"})
    assert response.status_code == 200
    payload = response.json()
    assert "Eggs" in payload["message"]
    assert payload["intent"] == "add_item"
    assert {"type": "item", "value": "eggs"}.items() <= payload["entities"][0].items()
    assert (payload["action"]["type"], payload["action"]["payload"]["name"]) == ("add_item", "eggs")
    assert payload["confidence"] >= 0.85
    assert payload["requires_confirmation"] is False
    assert payload["usage"]["route"] == "local"


@pytest.mark.django_db(transaction=True)
def test_chat_vague_request_asks_for_confirmation(api_client, nok, run_pixie_inline):
    response = api_client(nok).post("/chat", {"home_id": str(nok.home_id), "message": "Add some stuff"})
    assert (response.status_code, response.json()["requires_confirmation"]) == (200, True)


@pytest.mark.django_db(transaction=True)
def test_chat_confirmation_returns_the_list(api_client, nok, run_pixie_inline):
    me = api_client(nok)
    question = me.post("/chat", {"home_id": str(nok.home_id), "message": "add 500 eggs"}).json()
    assert question["requires_confirmation"] is True
    yes = {"home_id": str(nok.home_id), "message_id": question["message_id"], "confirm": True}
    response = me.post("/chat/confirm", yes)
    assert response.status_code == 200
    assert [(entry["item"]["name"], entry["quantity"]) for entry in response.json()["list_items"]] == [("Eggs", "500")]


# Homes, items, lists


def test_creating_a_home_returns_it(api_client, nok):
    response = api_client(nok).post("/homes", {"name": "The hut"})
    assert (response.status_code, response.json()["name"]) == (200, "The hut")


def test_adding_an_item_returns_it(api_client, nok):
    response = api_client(nok).post("items", {"name": "eggs", "quantity": 1, "unit": "dozen"})
    assert response.status_code == 200
    assert (response.json()["name"], response.json()["quantity"], response.json()["unit"]) == ("Eggs", "1", "dozen")


def test_new_list_is_a_draft(api_client, nok):
    response = api_client(nok).post("lists", {})
    assert (response.status_code, response.json()["state"]) == (200, "draft")


def test_item_added_to_a_list_is_shown_by_the_list(api_client, nok):
    me = api_client(nok)
    item = me.post("items", {"name": "eggs", "quantity": 1, "unit": "dozen"}).json()
    new = me.post("lists", {}).json()
    responses = [me.post(f"lists/{new['id']}/items", {"item_id": item["id"]}) for _twice in range(2)]
    assert [response.status_code for response in responses] == [201, 200]  # new, and added to the one that is there
    response = responses[0]
    assert response.json()["state"] == "pending"
    grocery_list = me.get(f"lists/{new['id']}").json()
    assert grocery_list["state"] == "draft"
    assert [entry["id"] for entry in grocery_list["items"]] == [response.json()["id"]]


def test_items_of_another_home_return_403(api_client, nok, mai):
    assert api_client(mai).post(f"/homes/{nok.home_id}/items", {"name": "eggs"}).status_code == 403


def test_home_without_a_token_returns_401(api_client, nok):
    assert api_client().get(f"/homes/{nok.home_id}").status_code == 401


def test_unknown_list_returns_404(api_client, nok):
    assert api_client(nok).post(f"lists/{uuid4()}/items", {"name": "eggs"}).status_code == 404
