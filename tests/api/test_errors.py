"""Error responses."""

import pytest
from django.test import Client

from groceries.api.lists import ListViewSet
from homes import actions
from pantry.api.errors import error_response
from pantry.errors import Conflict, StaleVersion
from tests.bad_bodies import BODIES, TEN_MEGABYTES
from tests.factories import by, sign_in

SHAPE = {"code", "message"}


def is_error(response, code):
    assert response.status_code == code
    assert response.headers["Content-Type"] == "application/json"
    assert set(response.json()["error"]) >= SHAPE
    assert "Traceback" not in response.text
    return True


@pytest.mark.parametrize(
    "path", ["", "nothing", "homes/", "homes/42", "homes/42/lists", "auth/login/", "../api/x", "%00", "schema/x"]
)
@pytest.mark.parametrize("verb", ["get", "post", "patch", "delete"])
def test_unknown_url_returns_404(db, path, verb):
    assert is_error(getattr(Client(), verb)(f"/api/{path}"), 404)


def test_unknown_url_in_a_home_reveals_nothing_to_non_members(nok, mai, api_client):
    responses = [api_client(who).get(f"/homes/{nok.home_id}/nothing") for who in (nok, mai)]
    assert [response.text for response in responses] == [responses[0].text] * 2


@pytest.mark.parametrize("verb", ["put", "options", "trace"])
def test_unsupported_method_returns_405(nok, verb):
    assert is_error(getattr(sign_in(nok), verb)(f"/api/homes/{nok.home_id}/lists"), 405)


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_request_body_other_than_json_returns_415(nok, kind):
    response = sign_in(nok).post(f"/api/homes/{nok.home_id}/lists", b"name=Party", content_type=kind)
    assert is_error(response, 415)


def test_accept_header_other_than_json_is_answered(nok):
    response = sign_in(nok).get(f"/api/homes/{nok.home_id}/lists", headers={"Accept": "image/png"})
    assert is_error(response, 406)


PATHS = [
    "auth/signup",
    "auth/login",
    "auth/refresh",
    "auth/switch-home",
    "auth/tokens",
    "homes",
    "chat",
    "chat/confirm",
]
PATHS += [f"homes/{{home}}/{name}" for name in ("categories", "items", "recurring", "channels", "undo")]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("body", BODIES)
def test_malformed_body_is_rejected(nok, events, path, body):
    client, url = sign_in(nok), "/api/" + path.format(home=nok.home_id)
    response = client.post(url, BODIES[body], content_type="application/json")
    assert 400 <= response.status_code < 500, response.text
    assert set(response.json()["error"]) >= SHAPE
    assert events(nok.home) == []


@pytest.mark.parametrize("path", [*PATHS, "homes/{home}/lists"])
def test_body_of_ten_megabytes_returns_413(nok, events, path):
    url = "/api/" + path.format(home=nok.home_id)
    response = sign_in(nok).post(url, TEN_MEGABYTES, content_type="application/json")
    assert is_error(response, 413)
    assert events(nok.home) == []


def test_server_error_reveals_no_details(nok, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(ListViewSet, "list", fail)
    client = sign_in(nok)
    client.raise_request_exception = False
    response = client.get(f"/api/homes/{nok.home_id}/lists")
    assert is_error(response, 500)
    assert "secret" not in response.text


def test_unknown_host_returns_400(db):
    response = Client().get("/api/auth/me", headers={"Host": "evil.example"})
    assert is_error(response, 400)


def test_stale_item_version_returns_409_with_the_current_row(api_client, nok, milk):
    me, url = api_client(nok), f"lists/{milk.list_id}/items/{milk.pk}"
    me.patch(url, {"quantity": "2"})
    for change in ({"quantity": "3"}, {"state": "purchased"}):
        response = me.patch(url, {**change, "version": 1})
        assert is_error(response, 409)
        error = response.json()["error"]
        assert (error["code"], error["current"]["version"], error["current"]["quantity"]) == ("stale", 2, "2")


def test_stale_message_version_returns_409_with_the_current_row(api_client, nok, general):
    me = api_client(nok)
    message = me.post(f"channels/{general.pk}/messages", {"content": "Hello"}).json()
    url = f"channels/{general.pk}/messages/{message['id']}"
    assert me.patch(url, {"content": "Hello all", "version": 1}).json()["version"] == 2
    response = me.patch(url, {"content": "Goodbye", "version": 1})
    assert (response.status_code, response.json()["error"]["current"]["content"]) == (409, "Hello all")
    assert me.patch(url, {"content": "Goodbye"}).status_code == 400


def test_stale_version_is_represented_as_a_row_where_the_endpoint_has_a_response_of_its_own(
    api_client, nok, monkeypatch
):
    invitation, _token = actions.invite(by=by(nok))

    def fail(**_fields):
        raise StaleVersion("This was changed meanwhile.", invitation)

    monkeypatch.setattr(actions, "invite", fail)
    response = api_client(nok).post("invitations", {})
    assert is_error(response, 409)
    assert response.json()["error"]["current"] == api_client(nok).get("invitations").json()["results"][0]


def test_body_without_content_length_is_rejected(nok):
    response = sign_in(nok).generic("POST", f"/api/homes/{nok.home_id}/lists", headers={"Transfer-Encoding": "chunked"})
    assert is_error(response, 411)


def test_subclass_of_an_action_error_gets_its_parents_status():
    class Occupied(Conflict):
        """An error class that the API does not know."""

    response = error_response(Occupied("Somebody sits there."), {})
    assert (response.status_code, response.data["error"]["code"]) == (409, "taken")
