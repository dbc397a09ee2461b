"""Whatever goes wrong is told in one shape, quickly, and nothing falls over."""

import pytest
from django.test import Client

from groceries.api.viewsets.lists import ListViewSet
from pantry.api.errors import error_response
from pantry.errors import Conflict
from tests.bad_bodies import BODIES, TEN_MEGABYTES
from tests.cast import sign_in

SHAPE = {"code", "message"}


def is_refusal(answer, code):
    assert answer.status_code == code
    assert answer.headers["Content-Type"] == "application/json"
    assert set(answer.json()["error"]) >= SHAPE
    assert "Traceback" not in answer.text
    return True


@pytest.mark.parametrize(
    "path", ["", "nothing", "homes/", "homes/42", "homes/42/lists", "auth/login/", "../api/x", "%00", "schema/x"]
)
@pytest.mark.parametrize("verb", ["get", "post", "patch", "delete"])
def test_an_address_that_is_none(db, path, verb):
    assert is_refusal(getattr(Client(), verb)(f"/api/{path}"), 404)


def test_an_address_that_is_none_inside_a_home_tells_a_stranger_nothing(nok, mai, program):
    answers = [program(who).get(f"/homes/{nok.home_id}/nothing") for who in (nok, mai)]
    assert [answer.text for answer in answers] == [answers[0].text] * 2


@pytest.mark.parametrize("verb", ["put", "options", "trace"])
def test_a_verb_that_is_none(nok, verb):
    assert is_refusal(getattr(sign_in(nok), verb)(f"/api/homes/{nok.home_id}/lists"), 405)


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_something_else_than_json(nok, kind):
    answer = sign_in(nok).post(f"/api/homes/{nok.home_id}/lists", b"name=Party", content_type=kind)
    assert is_refusal(answer, 415)


def test_who_asks_for_something_else_than_json(nok):
    answer = sign_in(nok).get(f"/api/homes/{nok.home_id}/lists", headers={"Accept": "image/png"})
    assert is_refusal(answer, 406)


DOORS = [
    "auth/signup",
    "auth/login",
    "auth/refresh",
    "auth/switch-home",
    "auth/tokens",
    "homes",
    "chat",
    "chat/confirm",
]
DOORS += [f"homes/{{home}}/{name}" for name in ("categories", "items", "recurring", "channels", "undo")]


@pytest.mark.parametrize("path", DOORS)
@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_makes_no_sense(nok, events, path, body):
    client, url = sign_in(nok), "/api/" + path.format(home=nok.home_id)
    answer = client.post(url, BODIES[body], content_type="application/json")
    assert 400 <= answer.status_code < 500, answer.text
    assert set(answer.json()["error"]) >= SHAPE
    assert events(nok.home) == []


@pytest.mark.parametrize("path", [*DOORS, "homes/{home}/lists"])
def test_ten_megabytes(nok, events, path):
    answer = sign_in(nok).post("/api/" + path.format(home=nok.home_id), TEN_MEGABYTES, content_type="application/json")
    assert is_refusal(answer, 413)
    assert events(nok.home) == []


def test_what_goes_wrong_here_says_nothing_of_how(nok, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(ListViewSet, "list", fail)
    client = sign_in(nok)
    client.raise_request_exception = False
    answer = client.get(f"/api/homes/{nok.home_id}/lists")
    assert is_refusal(answer, 500)
    assert "secret" not in answer.text


def test_a_host_that_is_not_ours(db):
    answer = Client().get("/api/auth/me", headers={"Host": "evil.example"})
    assert is_refusal(answer, 400)


def test_an_old_version_is_told_how_it_is_now(program, nok, milk):
    me, url = program(nok), f"lists/{milk.list_id}/items/{milk.pk}"
    me.patch(url, {"quantity": "2"})
    for change in ({"quantity": "3"}, {"state": "purchased"}):
        answer = me.patch(url, {**change, "version": 1})
        assert is_refusal(answer, 409)
        error = answer.json()["error"]
        assert (error["code"], error["current"]["version"], error["current"]["quantity"]) == ("stale", 2, "2")


def test_an_old_version_of_a_message_too(program, nok, general):
    me = program(nok)
    said = me.post(f"channels/{general.pk}/messages", {"content": "Hello"}).json()
    url = f"channels/{general.pk}/messages/{said['id']}"
    assert me.patch(url, {"content": "Hello all", "version": 1}).json()["version"] == 2
    answer = me.patch(url, {"content": "Goodbye", "version": 1})
    assert (answer.status_code, answer.json()["error"]["current"]["content"]) == (409, "Hello all")
    assert me.patch(url, {"content": "Goodbye"}).status_code == 400


def test_a_body_of_unknown_length(nok):
    answer = sign_in(nok).generic("POST", f"/api/homes/{nok.home_id}/lists", headers={"Transfer-Encoding": "chunked"})
    assert is_refusal(answer, 411)


def test_refusal_of_a_new_kind_is_answered_with_the_status_of_its_parent():
    class Occupied(Conflict):
        """A kind that the API has never heard of."""

    answer = error_response(Occupied("Somebody sits there."), {})
    assert (answer.status_code, answer.data["error"]["code"]) == (409, "taken")
