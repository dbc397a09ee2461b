"""The `Idempotency-Key` header."""

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.utils import timezone

from groceries.models import GroceryList
from homes.accounts.models import ApiToken, User
from homes.events.models import Event
from homes.tasks import tidy
from pantry.models import Operation
from pixie import tasks
from pixie.runs import queue
from tests.factories import run_concurrently

pytestmark = pytest.mark.both_databases

KEY = "8d3f6f0e-6c1f-4f7a-8d8e-0f6f7c1b2a3d"


def test_repeated_request_runs_once(api_client, nok, events):
    me = api_client(nok)
    first, second = (me.post("lists", {"name": "Party"}, Idempotency_Key=KEY) for _twice in range(2))
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert second.headers["Idempotent-Replay"] == "true"
    assert events(nok.home) == ["list_created"]
    assert str(Event.objects.filter(type="list_created").latest("seq").op_id) == KEY


def test_key_can_be_any_text(api_client, nok):
    me = api_client(nok)
    assert (
        me.post("lists", {}, Idempotency_Key="party-1").json() == me.post("lists", {}, Idempotency_Key="party-1").json()
    )


def test_key_reused_for_another_request_returns_409(api_client, nok, events):
    me = api_client(nok)
    me.post("lists", {"name": "Party"}, Idempotency_Key=KEY)
    for url, body in (("lists", {"name": "Wedding"}), ("items", {"name": "Party"})):
        answer = me.post(url, body, Idempotency_Key=KEY)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "taken")
    assert events(nok.home) == ["list_created"]


def test_two_users_can_use_the_same_key(api_client, nok, ben):
    made = [api_client(who).post("lists", {}, Idempotency_Key=KEY).json()["id"] for who in (nok, ben)]
    assert len(set(made)) == 2


def test_refused_request_can_be_retried(api_client, nok, weekly):
    me, url = api_client(nok), f"lists/{weekly.pk}/items"
    me.patch(f"lists/{weekly.pk}", {"state": "completed"})
    assert me.post(url, {"name": "milk"}, Idempotency_Key=KEY).status_code == 400
    me.patch(f"lists/{weekly.pk}", {"state": "draft"})
    assert me.post(url, {"name": "milk"}, Idempotency_Key=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb"])
def test_invalid_key_is_rejected(api_client, nok, events, key):
    assert api_client(nok).post("lists", {}, Idempotency_Key=key).status_code == 400
    assert events(nok.home) == []


def test_deeply_nested_body_is_rejected(api_client, nok):
    deep = "[" * 400 + "]" * 400
    answer = api_client(nok).client.post(
        f"/api/homes/{nok.home_id}/lists", deep, content_type="application/json", headers={"Idempotency-Key": KEY}
    )
    assert answer.status_code == 400


@pytest.mark.django_db(transaction=True)
def test_concurrent_requests_with_one_key_run_once(api_client, nok):
    me = [api_client(nok) for _ in range(4)]
    answers = run_concurrently(
        *(lambda who=who: who.post("lists", {"name": "Party"}, Idempotency_Key=KEY) for who in me)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert GroceryList.objects.filter(home=nok.home, name="Party").count() == 1


def test_secret_response_is_stored_encrypted(api_client, nok):
    body = {"name": "Display", "scopes": ["read"], "password": "correct horse battery staple"}
    first, second = (api_client(nok).post("/auth/tokens", body, Idempotency_Key=KEY).json() for _twice in range(2))
    assert first["key"] == second["key"]
    assert ApiToken.objects.count() == 1
    assert first["key"] not in str(Operation.objects.get().answer)


def test_signing_up_twice_with_one_key_creates_one_account(api_client):
    nok = {"email": "nok@example.com", "password": "correct horse battery staple", "name": "Nok"}
    first, second = (api_client().post("/auth/signup", nok, Idempotency_Key=KEY) for _twice in range(2))
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert User.objects.count() == 1
    other = api_client().post("/auth/signup", {**nok, "password": "another horse battery"}, Idempotency_Key=KEY)
    assert other.status_code == 409
    assert nok["password"] not in str(Operation.objects.values())


def test_lost_refresh_response_can_be_repeated(api_client, nok):
    pair = (
        api_client()
        .post("/auth/login", {"email": "nok@example.com", "password": "correct horse battery staple"})
        .json()
    )
    lost, again = (
        api_client().post("/auth/refresh", {"refresh": pair["refresh"]}, Idempotency_Key=KEY) for _twice in range(2)
    )
    assert lost.json() == again.json()
    assert api_client(token=again.json()["token"]).get("/auth/me").status_code == 200


def test_refresh_response_is_not_repeated_later(api_client, nok):
    """Refuse somebody who has a token that was spent long ago."""
    pair = api_client(nok).post("/auth/switch-home", {"home_id": str(nok.home_id)}).json()
    refresh = partial(api_client().post, "/auth/refresh", {"refresh": pair["refresh"]}, Idempotency_Key=KEY)
    successor = refresh().json()
    Operation.objects.update(created_at=timezone.now() - timedelta(seconds=61))
    assert refresh().status_code == 401
    assert api_client(token=successor["token"]).get("/auth/me").status_code == 401
    assert api_client().post("/auth/refresh", {"refresh": successor["refresh"]}).status_code == 401


@pytest.mark.django_db(transaction=True)
def test_pixie_is_told_once(api_client, nok, monkeypatch):
    monkeypatch.setattr(tasks.perform_runs, "delay", lambda home_id: queue.process_home(home_id))
    body = {"home_id": str(nok.home_id), "message": "We need eggs"}
    first, second = (api_client(nok).post("/chat", body, Idempotency_Key=KEY).json() for _twice in range(2))
    assert first == second
    assert Event.objects.filter(home=nok.home, type="list_item_added").count() == 1


def test_chat_request_repeated_before_the_answer_sends_one_message(api_client, nok, events):
    body = {"home_id": str(nok.home_id), "message": "We need eggs"}
    first, second = (api_client(nok).post("/chat?wait=0", body, Idempotency_Key=KEY).json() for _twice in range(2))
    assert first["run"]["id"] == second["run"]["id"]
    assert events(nok.home).count("chat_message") == 1


def test_old_responses_are_deleted(api_client, nok, monkeypatch):
    api_client(nok).post("lists", {}, Idempotency_Key=str(uuid4()))
    tidy()
    assert Operation.objects.count() == 1
    Operation.objects.update(created_at="2020-01-01T00:00Z")
    tidy()
    assert Operation.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_concurrent_chat_requests_with_one_key_send_one_message(api_client, nok):
    body = {"home_id": str(nok.home_id), "message": "We need eggs"}
    ask = [lambda: api_client(nok).post("/chat?wait=0", body, Idempotency_Key=KEY) for _ in range(3)]
    answers = run_concurrently(*ask)
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["run"]["id"] for answer in answers}) == 1


@pytest.mark.django_db(transaction=True)
def test_eight_concurrent_requests_add_each_item_once(api_client, nok, weekly):
    def add(who):
        me = api_client(nok)
        return [
            me.post(f"lists/{weekly.pk}/items", {"name": f"Thing {number % 5}"}).status_code for number in range(10)
        ] + [me.post("items", {"name": f"Item {number}"}).status_code for number in range(5)]

    codes = run_concurrently(*(lambda who=who: add(who) for who in range(8)))
    assert {code for each in codes for code in each} <= {200, 201}
    assert sorted(int(entry.quantity) for entry in weekly.entries.all()) == [16] * 5
    assert Event.objects.filter(home=nok.home, type="item_created").count() == 5
