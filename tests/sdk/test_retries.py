"""What is safe is tried again, after as long as the server asks for; what is not, is not."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

import pytest
from pantry_pixie import AsyncClient, Client, RetryPolicy
from pantry_pixie.errors import BudgetExceeded, Invalid, NotSignedIn, RateLimited, ServerError, Unreachable

from tests.sdk.flaky_server import CUT, flaky_server

EMPTY: Any = (200, {}, {"results": [], "next": None, "previous": None})
BUSY: Any = (503, {}, {"error": {"code": "busy", "message": "Later."}})
HOME, LIST, ENTRY = uuid4(), uuid4(), uuid4()
DONE: Any = (204, {}, b"")


def too_many(seconds):
    return 429, {"Retry-After": str(seconds)}, {"error": {"code": "throttled", "message": "Too many."}}


@pytest.fixture
def server():
    with flaky_server() as server:
        yield server


@pytest.fixture
def slept(monkeypatch):
    """The seconds that a client waited, without waiting them."""
    seconds = []
    monkeypatch.setattr("pantry_pixie.client.time.sleep", seconds.append)
    return seconds


@pytest.fixture
def client(server):
    """The longest of what chance may choose."""
    with Client(server.url, token="t", retry_policy=RetryPolicy(jitter=lambda _low, high: high)) as client:
        yield client


@pytest.mark.parametrize("fault", [BUSY, CUT, (502, {}, b"<html>"), (504, {}, b"")])
def test_a_question_is_asked_again(server, client, slept, fault):
    server.answers = [fault, fault, EMPTY]
    assert client.homes.list().results == []
    assert slept == [0.25, 0.5]


def test_an_order_is_repeated_under_one_key(server, client, slept):
    thread = {
        "id": str(uuid4()),
        "agent_id": str(uuid4()),
        "title": "",
        "archived_at": None,
        "created_at": "2026-01-01T00:00:00Z",
    }
    server.answers = [CUT, BUSY, (201, {}, thread)]
    client.threads.create(HOME)
    assert len(server.keys) == 3
    assert len(set(server.keys)) == 1
    assert server.keys[0]


def test_each_order_has_a_key_of_its_own(server, client):
    server.answers = [(204, {}, b"")] * 2
    client.channels.join(HOME, LIST)
    client.channels.join(HOME, LIST)
    assert len(set(server.keys)) == 2


@pytest.mark.parametrize("fault", [BUSY, too_many(1), CUT])
def test_what_may_have_been_done_is_not_done_again(server, client, slept, fault):
    server.answers = [fault, EMPTY]
    with pytest.raises((ServerError, RateLimited, Unreachable)):
        client.entries.update(HOME, LIST, ENTRY, state="purchased")
    assert len(server.asked) == 1
    assert slept == []


def test_it_waits_as_long_as_it_is_asked_to_and_a_little_longer(server, client, slept):
    server.answers = [too_many(7), EMPTY]
    client.homes.list()
    assert slept == [7.25]


def test_a_moment_to_wait_for_is_understood_too(server, client, slept):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    server.answers = [too_many(until), EMPTY]
    client.homes.list()
    assert 17 < slept[0] < 21


def test_who_is_to_wait_for_long_is_told_so(server, client, slept):
    server.answers = [too_many(3600)]
    with pytest.raises(RateLimited) as refusal:
        client.homes.list()
    assert refusal.value.retry_after == 3600
    assert slept == []


def test_it_gives_up_at_last(server, client, slept):
    server.answers = [BUSY] * 9
    with pytest.raises(ServerError, match="Later"):
        client.homes.list()
    assert len(server.asked) == 5
    assert slept == [0.25, 0.5, 1, 2]


def test_waits_grow_to_a_bound_and_chance_chooses_below_it():
    policy = RetryPolicy(base=1, cap=10)
    assert all(0 <= policy.backoff(3) <= 4 for _time in range(50))
    assert all(policy.backoff(60) <= 10 for _time in range(50))
    assert len({policy.backoff(3) for _time in range(10)}) == 10


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Invalid), (402, BudgetExceeded), (413, Invalid), (500, ServerError), (401, NotSignedIn)]
)
def test_what_would_be_refused_again_is_not_asked_again(server, client, slept, status, kind):
    server.answers = [(status, {"X-Request-ID": "r1"}, {"error": {"code": "c", "message": "No."}}), EMPTY]
    with pytest.raises(kind) as refusal:
        client.homes.list()
    assert (str(refusal.value), refusal.value.code, refusal.value.request_id) == ("No.", "c", "r1")
    assert len(server.asked) == 1


@pytest.mark.parametrize("answer", [b"<html>", b'{"results": 1}', b""])
def test_an_answer_that_is_none_is_an_error_of_ours(server, client, answer):
    server.answers = [(200, {}, answer)]
    with pytest.raises(ServerError):
        client.homes.list()


def test_a_new_token_is_asked_for_once(server):
    refused = (401, {}, {"error": {"code": "not_authenticated", "message": "Over."}})
    server.answers = [refused, (200, {}, {"token": "new", "refresh": "newer"}), refused]
    with Client(server.url, token="old", refresh="r") as client, pytest.raises(NotSignedIn):
        client.homes.list()
    assert [path for _method, path, _key in server.asked] == ["/api/homes", "/api/auth/refresh", "/api/homes"]


def test_an_id_cannot_lead_elsewhere(server, client):
    server.answers = [DONE]
    client.channels.join(HOME, "../../../secret?x=#")
    assert server.asked[0][1] == f"/api/homes/{HOME}/channels/..%2F..%2F..%2Fsecret%3Fx%3D%23/join"


def test_the_token_follows_no_page_to_another_server(server, client):
    page = {"results": [], "next": "http://evil.example/api/homes?cursor=c", "previous": None}
    server.answers = [(200, {}, page), EMPTY]
    assert list(client.iterate(client.homes.list())) == []
    assert server.asked[1][1] == "/api/homes?cursor=c"


@pytest.mark.anyio
async def test_the_other_client_is_as_patient(server):
    server.answers = [CUT, BUSY, DONE]
    async with AsyncClient(server.url, token="t", retry_policy=RetryPolicy(base=0.01)) as client:
        await client.channels.join(HOME, LIST)
    assert len(server.keys) == 3
    assert len(set(server.keys)) == 1
