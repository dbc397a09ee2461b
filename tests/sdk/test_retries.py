"""Retries: of which requests, and after how long."""

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
    """The seconds of each sleep, none of which is slept."""
    seconds = []
    monkeypatch.setattr("pantry_pixie.client.time.sleep", seconds.append)
    return seconds


@pytest.fixture
def client(server):
    """A client whose jitter is always the longest."""
    with Client(server.url, token="t", retry_policy=RetryPolicy(jitter=lambda _low, high: high)) as client:
        yield client


@pytest.mark.parametrize("fault", [BUSY, CUT, (502, {}, b"<html>"), (504, {}, b"")])
def test_get_is_retried(server, client, slept, fault):
    server.answers = [fault, fault, EMPTY]
    assert client.homes.list().results == []
    assert slept == [0.25, 0.5]


def test_post_is_retried_with_the_same_idempotency_key(server, client, slept):
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


def test_each_post_has_its_own_idempotency_key(server, client):
    server.answers = [(204, {}, b"")] * 2
    client.channels.join(HOME, LIST)
    client.channels.join(HOME, LIST)
    assert len(set(server.keys)) == 2


@pytest.mark.parametrize("fault", [BUSY, too_many(1), CUT])
def test_patch_is_not_retried(server, client, slept, fault):
    server.answers = [fault, EMPTY]
    with pytest.raises((ServerError, RateLimited, Unreachable)):
        client.entries.update(HOME, LIST, ENTRY, state="purchased")
    assert len(server.requests) == 1
    assert slept == []


def test_retry_waits_retry_after_plus_backoff(server, client, slept):
    server.answers = [too_many(7), EMPTY]
    client.homes.list()
    assert slept == [7.25]


def test_retry_after_may_be_a_date(server, client, slept):
    until = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    server.answers = [too_many(until), EMPTY]
    client.homes.list()
    assert 17 < slept[0] < 21


def test_long_retry_after_raises_at_once(server, client, slept):
    server.answers = [too_many(3600)]
    with pytest.raises(RateLimited) as refusal:
        client.homes.list()
    assert refusal.value.retry_after == 3600
    assert slept == []


def test_retries_end_after_the_last_attempt(server, client, slept):
    server.answers = [BUSY] * 9
    with pytest.raises(ServerError, match="Later"):
        client.homes.list()
    assert len(server.requests) == 5
    assert slept == [0.25, 0.5, 1, 2]


def test_backoff_is_random_below_a_growing_bound():
    policy = RetryPolicy(base=1, cap=10)
    assert all(0 <= policy.backoff(3) <= 4 for _time in range(50))
    assert all(policy.backoff(60) <= 10 for _time in range(50))
    assert len({policy.backoff(3) for _time in range(10)}) == 10


@pytest.mark.parametrize(
    ("status", "kind"), [(400, Invalid), (402, BudgetExceeded), (413, Invalid), (500, ServerError), (401, NotSignedIn)]
)
def test_permanent_errors_are_not_retried(server, client, slept, status, kind):
    server.answers = [(status, {"X-Request-ID": "r1"}, {"error": {"code": "c", "message": "No."}}), EMPTY]
    with pytest.raises(kind) as refusal:
        client.homes.list()
    assert (str(refusal.value), refusal.value.code, refusal.value.request_id) == ("No.", "c", "r1")
    assert len(server.requests) == 1


@pytest.mark.parametrize("answer", [b"<html>", b'{"results": 1}', b""])
def test_invalid_response_raises_server_error(server, client, answer):
    server.answers = [(200, {}, answer)]
    with pytest.raises(ServerError):
        client.homes.list()


def test_token_is_refreshed_once(server):
    refused = (401, {}, {"error": {"code": "not_authenticated", "message": "Over."}})
    server.answers = [refused, (200, {}, {"token": "new", "refresh": "newer"}), refused]
    with Client(server.url, token="old", refresh="r") as client, pytest.raises(NotSignedIn):
        client.homes.list()
    assert [path for _method, path, _key in server.requests] == ["/api/homes", "/api/auth/refresh", "/api/homes"]


def test_ids_are_escaped_in_the_path(server, client):
    server.answers = [DONE]
    client.channels.join(HOME, "../../../secret?x=#")
    assert server.requests[0][1] == f"/api/homes/{HOME}/channels/..%2F..%2F..%2Fsecret%3Fx%3D%23/join"


def test_next_page_is_requested_from_the_same_server(server, client):
    page = {"results": [], "next": "http://evil.example/api/homes?cursor=c", "previous": None}
    server.answers = [(200, {}, page), EMPTY]
    assert list(client.iterate(client.homes.list())) == []
    assert server.requests[1][1] == "/api/homes?cursor=c"


@pytest.mark.anyio
async def test_async_client_retries(server):
    server.answers = [CUT, BUSY, DONE]
    async with AsyncClient(server.url, token="t", retry_policy=RetryPolicy(base=0.01)) as client:
        await client.channels.join(HOME, LIST)
    assert len(server.keys) == 3
    assert len(set(server.keys)) == 1
