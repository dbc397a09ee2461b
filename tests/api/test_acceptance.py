"""The lines that the API was asked for, one by one."""

from uuid import uuid4

import pytest

from pixie import tasks
from pixie.runs import queue
from tests.cast import person

NOK = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}


@pytest.fixture
def quick_pixie(monkeypatch):
    """A worker that is there at once."""
    monkeypatch.setattr(tasks.read_mail, "delay", lambda home_id: queue.process_home(home_id))


# Authentication


def test_signing_up_gives_a_token(program):
    answer = program().post("/auth/signup", NOK)
    assert answer.status_code == 200
    signed_in = answer.json()
    assert signed_in["token"] and signed_in["refresh"]
    assert (signed_in["user"]["email"], signed_in["user"]["name"]) == ("nok@example.com", "Nok")


def test_signing_in_gives_a_token(program):
    user = person("Nok")
    answer = program().post("/auth/login", {"email": "Nok@example.com", "password": NOK["password"]})
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, str(user.pk))
    assert program(token=answer.json()["token"]).get("/auth/me").status_code == 200


def test_a_token_says_who_one_is(program, nok):
    answer = program(nok).get("/auth/me")
    assert answer.status_code == 200
    assert answer.json()["user"] == {"id": str(nok.user_id), "email": "nok@example.com", "name": "Nok"}
    assert answer.json()["active_home"] == {"id": str(nok.home_id), "name": "Apartment 42", "role": "owner"}


def test_switching_the_home_gives_a_new_token(program, nok, mai):
    other = program(nok).post("/homes", {"name": "The hut"}).json()
    answer = program(nok).post("/auth/switch-home", {"home_id": other["id"]})
    assert (answer.status_code, answer.json()["home"]) == (200, {"id": other["id"], "name": "The hut"})
    assert program(token=answer.json()["token"]).get("/auth/me").json()["active_home"]["name"] == "The hut"


def test_an_email_that_somebody_has_is_400(program):
    person("Nok")
    assert program().post("/auth/signup", NOK).status_code == 400


def test_a_wrong_password_is_401(program):
    person("Nok")
    assert program().post("/auth/login", {**NOK, "password": "battery horse"}).status_code == 401


def test_me_without_a_token_is_401(program):
    assert program().get("/auth/me").status_code == 401


def test_switching_to_a_home_of_others_is_403(program, nok, mai):
    assert program(nok).post("/auth/switch-home", {"home_id": str(mai.home_id)}).status_code == 403


# Pixie


@pytest.mark.django_db(transaction=True)
def test_we_need_eggs(program, nok, quick_pixie):
    answer = program(nok).post("/chat", {"home_id": str(nok.home_id), "message": "We need eggs"})
    assert answer.status_code == 200
    said = answer.json()
    assert "Eggs" in said["message"]
    assert said["intent"] == "add_item"
    assert {"type": "item", "value": "eggs"}.items() <= said["entities"][0].items()
    assert (said["action"]["type"], said["action"]["payload"]["name"]) == ("add_item", "eggs")
    assert said["confidence"] >= 0.85
    assert said["requires_confirmation"] is False
    assert said["usage"]["route"] == "local"


@pytest.mark.django_db(transaction=True)
def test_add_some_stuff_asks_first(program, nok, quick_pixie):
    answer = program(nok).post("/chat", {"home_id": str(nok.home_id), "message": "Add some stuff"})
    assert (answer.status_code, answer.json()["requires_confirmation"]) == (200, True)


@pytest.mark.django_db(transaction=True)
def test_saying_yes_answers_with_the_list(program, nok, quick_pixie):
    me = program(nok)
    asked = me.post("/chat", {"home_id": str(nok.home_id), "message": "add 500 eggs"}).json()
    assert asked["requires_confirmation"] is True
    yes = {"home_id": str(nok.home_id), "message_id": asked["message_id"], "confirm": True}
    answer = me.post("/chat/confirm", yes)
    assert answer.status_code == 200
    assert [(entry["item"]["name"], entry["quantity"]) for entry in answer.json()["list_items"]] == [("Eggs", "500")]


# Homes, items, lists


def test_a_home_is_founded(program, nok):
    answer = program(nok).post("/homes", {"name": "The hut"})
    assert (answer.status_code, answer.json()["name"]) == (200, "The hut")


def test_an_item_is_added(program, nok):
    answer = program(nok).post("items", {"name": "eggs", "quantity": 1, "unit": "dozen"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["quantity"], answer.json()["unit"]) == ("Eggs", "1", "dozen")


def test_a_list_begins_as_a_draft(program, nok):
    answer = program(nok).post("lists", {})
    assert (answer.status_code, answer.json()["state"]) == (200, "draft")


def test_an_item_goes_on_a_list_which_then_shows_it(program, nok):
    me = program(nok)
    item = me.post("items", {"name": "eggs", "quantity": 1, "unit": "dozen"}).json()
    new = me.post("lists", {}).json()
    answers = [me.post(f"lists/{new['id']}/items", {"item_id": item["id"]}) for _twice in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]  # new, and added to the one that is there
    answer = answers[0]
    assert answer.json()["state"] == "pending"
    shown = me.get(f"lists/{new['id']}").json()
    assert (shown["state"], [entry["id"] for entry in shown["items"]]) == ("draft", [answer.json()["id"]])


def test_another_homes_items_are_403(program, nok, mai):
    assert program(mai).post(f"/homes/{nok.home_id}/items", {"name": "eggs"}).status_code == 403


def test_a_home_without_a_token_is_401(program, nok):
    assert program().get(f"/homes/{nok.home_id}").status_code == 401


def test_a_list_that_never_was_is_404(program, nok):
    assert program(nok).post(f"lists/{uuid4()}/items", {"name": "eggs"}).status_code == 404
