"""`Idempotency-Key`: the same key gives the same answer, once."""

from uuid import uuid4

import pytest

from groceries.models import GroceryList
from homes.accounts.models import ApiToken, User
from homes.events.models import Event
from homes.tasks import tidy
from pantry.models import Operation
from pixie import tasks
from pixie.runs import queue
from tests.cast import at_once

pytestmark = pytest.mark.both_databases

KEY = "8d3f6f0e-6c1f-4f7a-8d8e-0f6f7c1b2a3d"


def test_the_same_press_twice_is_done_once(program, nok, events):
    me = program(nok)
    first, second = (me.post("lists", {"name": "Party"}, Idempotency_Key=KEY) for _twice in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert events(nok.home) == ["list_created"]
    assert str(Event.objects.get(type="list_created").op_id) == KEY


def test_a_key_may_be_any_word(program, nok):
    me = program(nok)
    assert (
        me.post("lists", {}, Idempotency_Key="party-1").json() == me.post("lists", {}, Idempotency_Key="party-1").json()
    )


def test_the_same_key_under_another_request_is_a_conflict(program, nok, events):
    me = program(nok)
    me.post("lists", {"name": "Party"}, Idempotency_Key=KEY)
    for url, body in (("lists", {"name": "Wedding"}), ("items", {"name": "Party"})):
        answer = me.post(url, body, Idempotency_Key=KEY)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "taken")
    assert events(nok.home) == ["list_created"]


def test_two_people_may_choose_the_same_key(program, nok, ben):
    made = [program(who).post("lists", {}, Idempotency_Key=KEY).json()["id"] for who in (nok, ben)]
    assert len(set(made)) == 2


def test_what_was_refused_may_be_tried_again(program, nok, weekly):
    me, url = program(nok), f"lists/{weekly.pk}/items"
    me.patch(f"lists/{weekly.pk}", {"state": "completed"})
    assert me.post(url, {"name": "milk"}, Idempotency_Key=KEY).status_code == 400
    me.patch(f"lists/{weekly.pk}", {"state": "draft"})
    assert me.post(url, {"name": "milk"}, Idempotency_Key=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_what_is_no_key_is_refused(program, nok, events, key):
    assert program(nok).post("lists", {}, Idempotency_Key=key).status_code == 400
    assert events(nok.home) == []


def test_a_body_nested_too_deeply_is_refused(program, nok):
    deep = "[" * 400 + "]" * 400
    answer = program(nok).client.post(
        f"/api/homes/{nok.home_id}/lists", deep, content_type="application/json", headers={"Idempotency-Key": KEY}
    )
    assert answer.status_code == 400


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one(program, nok):
    me = [program(nok) for _ in range(4)]
    answers = at_once(*(lambda who=who: who.post("lists", {"name": "Party"}, Idempotency_Key=KEY) for who in me))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert GroceryList.objects.filter(home=nok.home, name="Party").count() == 1


def test_a_secret_is_repeated_but_not_kept_in_the_open(program, nok):
    body = {"name": "Display", "scopes": ["read"]}
    first, second = (program(nok).post("/auth/tokens", body, Idempotency_Key=KEY).json() for _twice in range(2))
    assert first["key"] == second["key"]
    assert ApiToken.objects.count() == 1
    assert first["key"] not in str(Operation.objects.get().answer)


def test_signing_up_twice_with_a_key_is_one_account(program):
    nok = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}
    first, second = (program().post("/auth/signup", nok, Idempotency_Key=KEY) for _twice in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert User.objects.count() == 1
    other = program().post("/auth/signup", {**nok, "password": "another horse battery"}, Idempotency_Key=KEY)
    assert other.status_code == 409
    assert nok["password"] not in str(Operation.objects.values())


def test_a_refresh_that_got_lost_can_be_repeated(program, nok):
    pair = (
        program().post("/auth/login", {"email": "nok@example.com", "password": "correct horse battery staple"}).json()
    )
    lost, again = (
        program().post("/auth/refresh", {"refresh": pair["refresh"]}, Idempotency_Key=KEY) for _twice in range(2)
    )
    assert lost.json() == again.json()
    assert program(token=again.json()["token"]).get("/auth/me").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_pixie_is_told_once(program, nok, monkeypatch):
    monkeypatch.setattr(tasks.read_mail, "delay", lambda home_id: queue.read(home_id))
    body = {"home_id": str(nok.home_id), "message": "We need eggs"}
    first, second = (program(nok).post("/chat", body, Idempotency_Key=KEY).json() for _twice in range(2))
    assert first == second
    assert Event.objects.filter(home=nok.home, type="list_item_added").count() == 1


def test_a_question_asked_twice_is_one_even_before_it_is_answered(program, nok, events):
    body = {"home_id": str(nok.home_id), "message": "We need eggs"}
    first, second = (program(nok).post("/chat?wait=0", body, Idempotency_Key=KEY).json() for _twice in range(2))
    assert first["run"]["id"] == second["run"]["id"]
    assert events(nok.home).count("chat_message") == 1


def test_old_answers_are_forgotten(program, nok, monkeypatch):
    program(nok).post("lists", {}, Idempotency_Key=str(uuid4()))
    tidy()
    assert Operation.objects.count() == 1
    Operation.objects.update(created_at="2020-01-01T00:00Z")
    tidy()
    assert Operation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_pixie_is_told_once_by_two_at_once(program, nok):
    body = {"home_id": str(nok.home_id), "message": "We need eggs"}
    ask = [lambda: program(nok).post("/chat?wait=0", body, Idempotency_Key=KEY) for _ in range(3)]
    answers = at_once(*ask)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["run"]["id"] for answer in answers}) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_add_new_items_and_none_is_lost_or_doubled(program, nok, weekly):
    def add(who):
        me = program(nok)
        return [
            me.post(f"lists/{weekly.pk}/items", {"name": f"Thing {number % 5}"}).status_code for number in range(10)
        ] + [me.post("items", {"name": f"Item {number}"}).status_code for number in range(5)]

    codes = at_once(*(lambda who=who: add(who) for who in range(8)))
    assert {code for each in codes for code in each} <= {200, 201}
    assert sorted(int(entry.quantity) for entry in weekly.entries.all()) == [16] * 5
    assert Event.objects.filter(home=nok.home, type="item_created").count() == 5
