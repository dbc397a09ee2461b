"""Bad input at the running server: a refusal in the one shape, and the server answers the next who asks."""

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


def is_refused(nok: httpx.Client, answer: httpx.Response, *codes: int) -> bool:
    assert answer.status_code in (codes or range(400, 500)), answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()["error"]) >= {"code", "message"}
    assert nok.get("/auth/me").status_code == 200
    return True


@pytest.mark.parametrize("endpoint", ENDPOINTS)
@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_makes_no_sense(nok, home, endpoint, body):
    answer = nok.post(endpoint.format(home=home), content=BODIES[body], headers=JSON)
    assert is_refused(nok, answer)


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "deep"}])
@pytest.mark.parametrize("depth", [200, 250, 300, 1000, 100_000])
def test_deep_json_at_the_edge_of_what_is_read(nok, home, key, depth):
    answer = nok.post(f"/homes/{home}/items", content=b"[" * depth + b"]" * depth, headers=JSON | key)
    assert is_refused(nok, answer, 400)


@pytest.mark.parametrize("depth", [260, 1000])
def test_an_intent_that_is_deep(nok, home, depth):
    deep = b"[" * depth + b"]" * depth
    intent = b'{"op_id": "%b", "kind": "add", "meant_at": "2026-03-14T10:12:00Z", "data": {"text": %b}}' % (OP_ID, deep)
    body = b'{"now": "2026-03-14T10:12:00Z", "intents": [%b]}' % intent
    assert is_refused(nok, nok.post(f"/homes/{home}/intents", content=body, headers=JSON), 400)


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_ten_megabytes(nok, home, endpoint):
    answer = nok.post(endpoint.format(home=home), content=TEN_MEGABYTES, headers=JSON)
    assert is_refused(nok, answer, 413)


def test_ten_megabytes_that_do_not_say_how_many_they_are(nok, home):
    pieces = (TEN_MEGABYTES[start : start + 65536] for start in range(0, len(TEN_MEGABYTES), 65536))
    answer = nok.post(f"/homes/{home}/items", content=pieces, headers=JSON)
    assert is_refused(nok, answer, 411)


@pytest.mark.parametrize(
    "query", ["q=%00", "category=a%00b", "limit=" + "9" * 400, "limit=1e3", "limit=-1", "limit=%F0%9F", "cursor=%00"]
)
def test_a_question_that_makes_no_sense(nok, home, query):
    assert is_refused(nok, nok.get(f"/homes/{home}/items?{query}"), 400)


@pytest.mark.parametrize("query", ["q=%ED%A0%80", "q=%FF%FE", "q=" + "%E0%B8%81" * 100])
def test_half_characters_in_a_question_find_nothing(nok, home, query):
    assert nok.get(f"/homes/{home}/items?{query}").json()["results"] == []


@pytest.mark.parametrize("path", ["homes/%00", "homes/%ED%A0%80/items", "homes/" + "9" * 4000, "%F0%9F", "homes//x"])
def test_an_address_that_makes_no_sense(nok, path):
    assert is_refused(nok, nok.get(f"/{path}"), 404)


@pytest.mark.parametrize("key", [b"\xff\xfe", "ก".encode(), b"a b", b"x" * 201, b"x" * 60_000])
def test_an_idempotency_key_that_is_none(nok, home, key):
    answer = nok.post(f"/homes/{home}/items", json={"name": "Eggs"}, headers={b"Idempotency-Key": key})
    assert is_refused(nok, answer, 400)


@pytest.mark.parametrize("token", [b"\xff", b"pp_" + b"x" * 10_000, b"a.b.c", b"e30.e30.e30", b"Bearer"])
def test_a_token_that_is_none(nok, token):
    answer = nok.get("/auth/me", headers={b"Authorization": b"Bearer " + token})
    assert is_refused(nok, answer, 401)
