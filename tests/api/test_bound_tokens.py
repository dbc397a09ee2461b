"""A personal token for one home learns nothing of the user's other homes, from any address of the API."""

import re
from uuid import uuid4

import pytest

from homes.accounts.actions import create_api_token
from homes.accounts.models import ApiToken
from tests.api.client import ApiClient, schema
from tests.factories import found_home

SECRET = "Secret family"


@pytest.fixture
def other(nok):
    """Another home of Nok's, which the token is not for."""
    return found_home(nok.user, SECRET)


@pytest.fixture
def display(nok, other):
    _token, raw = create_api_token(nok.user, "Display", list(ApiToken.SCOPES), home=nok.home)
    return ApiClient(nok, token=raw)


def paths(method):
    return [path.removeprefix("/api") for path, operations in schema()["paths"].items() if method in operations]


def fill(path, **values):
    return re.sub(r"{(\w+)}", lambda match: str(values.get(match[1], uuid4())), path)


def test_no_get_mentions_another_home(display, nok, other):
    reads = [path for path in paths("get") if path != "/schema"]
    assert len(reads) > 30
    for path in reads:
        for home_id in (nok.home_id, other.home_id):
            answer = display.get(fill(path, home_id=home_id, user_id=nok.user_id))
            assert SECRET not in answer.text, path
            if home_id == nok.home_id:
                assert str(other.home_id) not in answer.text, path
            if "{home_id}" in path and home_id == other.home_id:
                assert answer.status_code == 403, path


@pytest.mark.parametrize("method", ["post", "patch", "put", "delete"])
def test_no_change_mentions_another_home(display, nok, other, method):
    for path in paths(method):
        for home_id in (nok.home_id, other.home_id):
            url = fill(path, home_id=home_id, user_id=nok.user_id)
            answer = display.client.generic(
                method.upper(), f"/api{url}", f'{{"home_id": "{other.home_id}"}}', "application/json"
            )
            assert SECRET not in answer.text, path
            assert answer.status_code >= 400 or home_id == nok.home_id, path


def test_me_lists_the_home_of_the_token_only(display, nok):
    answer = display.get("/auth/me").json()
    assert [home["id"] for home in answer["homes"]] == [str(nok.home_id)]
    assert answer["active_home"]["id"] == str(nok.home_id)


def test_me_of_a_token_for_a_home_that_was_left_lists_none(display, nok, other):
    nok.delete()
    answer = display.get("/auth/me").json()
    assert (answer["homes"], answer["active_home"]) == ([], None)


def test_foreign_and_unknown_homes_get_the_same_error(display, other):
    real, unknown = (display.get(f"/homes/{home_id}/lists") for home_id in (other.home_id, uuid4()))
    assert (real.status_code, real.json()) == (unknown.status_code, unknown.json())
