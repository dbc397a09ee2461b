"""Malformed input at a running server is rejected with the common error format, and later requests succeed."""

import httpx
import pytest

from tests.bad_bodies import BODIES, TEN_MEGABYTES

pytestmark = pytest.mark.both_databases

ENDPOINTS = ["/auth/login", "/homes", "/chat", "/homes/{home}/items", "/homes/{home}/recurring", "/homes/{home}/undo"]
OP_ID = b"8d3f6f0e-6c1f-4f7a-8d8e-0f6f7c1b2a3d"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="session")
def home(nok):
    return nok.get("/homes").json()["results"][0]["id"]


def is_refused(nok: httpx.Client, response: httpx.Response, *codes: int) -> bool:
    assert response.status_code in (codes or range(400, 500)), response.text
    assert response.headers["Content-Type"] == "application/json"
    assert set(response.json()["error"]) >= {"code", "message"}
    assert nok.get("/auth/me").status_code == 200
    return True


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("body", BODIES)
def test_malformed_body_is_rejected(nok, home, endpoint, body):
    response = nok.post(endpoint.format(home=home), content=BODIES[body], headers=JSON)
    assert is_refused(nok, response)


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "deep"}])
@pytest.mark.parametrize("depth", [200, 250, 300, 1000, 100_000])
def test_deeply_nested_json_is_rejected(nok, home, key, depth):
    response = nok.post(f"/homes/{home}/items", content=b"[" * depth + b"]" * depth, headers=JSON | key)
    assert is_refused(nok, response, 400)


@pytest.mark.parametrize("depth", [260, 1000])
def test_deeply_nested_intent_is_rejected(nok, home, depth):
    deep = b"[" * depth + b"]" * depth
    intent = b'{"op_id": "%b", "kind": "add", "meant_at": "2026-03-14T10:12:00Z", "data": {"text": %b}}' % (OP_ID, deep)
    body = b'{"now": "2026-03-14T10:12:00Z", "intents": [%b]}' % intent
    assert is_refused(nok, nok.post(f"/homes/{home}/intents", content=body, headers=JSON), 400)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_body_of_ten_megabytes_returns_413(nok, home, endpoint):
    response = nok.post(endpoint.format(home=home), content=TEN_MEGABYTES, headers=JSON)
    assert is_refused(nok, response, 413)


def test_chunked_body_without_a_length_returns_411(nok, home):
    chunks = (TEN_MEGABYTES[start : start + 65536] for start in range(0, len(TEN_MEGABYTES), 65536))
    response = nok.post(f"/homes/{home}/items", content=chunks, headers=JSON)
    assert is_refused(nok, response, 411)


@pytest.mark.parametrize(
    "query", ["q=%00", "category=a%00b", "limit=" + "9" * 400, "limit=1e3", "limit=-1", "limit=%F0%9F", "cursor=%00"]
)
def test_malformed_query_is_rejected(nok, home, query):
    assert is_refused(nok, nok.get(f"/homes/{home}/items?{query}"), 400)


@pytest.mark.parametrize("query", ["q=%ED%A0%80", "q=%FF%FE", "q=" + "%E0%B8%81" * 100])
def test_invalid_utf8_in_a_query_finds_nothing(nok, home, query):
    assert nok.get(f"/homes/{home}/items?{query}").json()["results"] == []


@pytest.mark.parametrize("path", ["homes/%00", "homes/%ED%A0%80/items", "homes/" + "9" * 4000, "%F0%9F", "homes//x"])
def test_malformed_path_returns_404(nok, path):
    assert is_refused(nok, nok.get(f"/{path}"), 404)


@pytest.mark.parametrize("key", [b"\xff\xfe", "ก".encode(), b"a b", b"x" * 201, b"x" * 60_000])
def test_invalid_idempotency_key_is_rejected(nok, home, key):
    response = nok.post(f"/homes/{home}/items", json={"name": "Eggs"}, headers={b"Idempotency-Key": key})
    assert is_refused(nok, response, 400)


@pytest.mark.parametrize("token", [b"\xff", b"pp_" + b"x" * 10_000, b"a.b.c", b"e30.e30.e30", b"Bearer"])
def test_malformed_token_returns_401(nok, token):
    response = nok.get("/auth/me", headers={b"Authorization": b"Bearer " + token})
    assert is_refused(nok, response, 401)
