from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, change_list_state, create_list, purchase_entry
from groceries.models import GroceryList
from tests.cast import by
from tests.counting import queries_of


@pytest.fixture
def url(nok):
    return f"/api/homes/{nok.home_id}/lists"


def send(client, verb, url, body):
    return getattr(client, verb)(url, body, content_type="application/json")


# Reading


def test_it_works(url, nok, weekly, sign_in):
    create_list("Party", by=by(nok))
    found = sign_in(nok).get(url).json()["results"]
    assert [each["name"] for each in found] == ["Party", "Weekly shop"]
    assert set(found[0]) == {"id", "name", "state", "completed_at", "created_at"}
    assert found[0]["created_at"].endswith("Z")


def test_a_list_comes_with_what_stands_on_it(url, nok, weekly, milk, eggs, rice, sign_in):
    purchase_entry(eggs, by=by(nok), price=45)
    found = sign_in(nok).get(f"{url}/{weekly.pk}").json()
    assert (found["name"], found["state"]) == ("Weekly shop", "draft")
    first = found["items"][0]
    assert (first["item"]["name"], first["quantity"], first["unit"]) == ("Milk", "1", "liter")
    assert (first["state"], first["version"], first["added_by"]) == ("pending", 1, str(nok.user_id))
    assert [(each["item"]["name"], each["price_paid"]) for each in found["items"]] == [
        ("Milk", None), ("Eggs", "45"), ("Rice", None),
    ]  # fmt: skip


def test_lists_of_other_homes_are_not_there(url, nok, mai, sign_in):
    theirs = create_list("Mine", by=by(mai))
    client = sign_in(nok)
    assert client.get(url).json()["results"] == []
    assert client.get(f"{url}/{theirs.pk}").status_code == 404
    assert client.get(f"{url}/{uuid4()}").json()["error"]["code"] == "not_found"


def test_more_costs_no_more_queries(url, nok, weekly, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            add_entry(weekly, f"Spice {number} of {count}", by=by(nok))
            create_list(f"List {number}", by=by(nok))

    fill(3)
    few = [queries_of(lambda: client.get(url)), queries_of(lambda: client.get(f"{url}/{weekly.pk}"))]
    fill(57)
    assert [queries_of(lambda: client.get(url)), queries_of(lambda: client.get(f"{url}/{weekly.pk}"))] == few


# Beginning


def test_a_list_is_begun(url, nok, sign_in, events):
    answer = send(sign_in(nok), "post", url, {"name": "Party"})
    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["items"]) == ("Party", [])
    assert GroceryList.objects.get().home == nok.home
    begun = events.of(nok.home)[0]
    assert (begun.type, begun.actor_user, begun.origin) == ("list_created", nok.user, "api")


def test_a_list_needs_no_name(url, nok, sign_in):
    assert send(sign_in(nok), "post", url, {}).json()["name"] == "Shopping list"


# Changing


def test_a_list_is_renamed_and_approved(url, nok, weekly, sign_in, events):
    answer = send(sign_in(nok), "patch", f"{url}/{weekly.pk}", {"name": "Party", "state": "approved"})
    assert (answer.status_code, answer.json()["name"], answer.json()["state"]) == (200, "Party", "approved")
    assert events(nok.home) == ["list_updated", "list_state_changed"]


def test_a_state_that_may_not_follow_is_refused_and_the_name_stays_too(url, nok, weekly, sign_in, events):
    change_list_state(weekly, "completed", by=by(nok))
    before = events(nok.home)
    answer = send(sign_in(nok), "patch", f"{url}/{weekly.pk}", {"name": "Party", "state": "approved"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "refused")
    assert "It can change to: Draft." in answer.json()["error"]["message"]
    assert events(nok.home) == before
    weekly.refresh_from_db()
    assert weekly.name == "Weekly shop"


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "  "}, {"name": "x" * 81}, {"name": "x" * 5000}, {"name": "a\x00b"}, {"name": None},
     {"name": ["a"]}, {"name": {}}, {"state": "done"}, {"state": ""}, {"state": None}, {"state": 1}, {"state": []}, [],
     ["name"], "name", None, 1],
)  # fmt: skip
def test_wrong_values_are_refused(url, nok, weekly, sign_in, events, wrong):
    answer = send(sign_in(nok), "patch", f"{url}/{weekly.pk}", wrong)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] in ("invalid", "parse_error")
    assert events(nok.home) == []


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b"",
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b"[" * 2000,
    ],
)
def test_a_body_that_is_none_is_refused_or_empty(url, nok, weekly, sign_in, body):
    assert send(sign_in(nok), "patch", f"{url}/{weekly.pk}", body).status_code in (200, 400)
    weekly.refresh_from_db()
    assert weekly.name == "Weekly shop"


def test_only_json_is_read(url, nok, sign_in):
    assert sign_in(nok).post(url, {"name": "Party"}).status_code == 415


# Doors


def test_a_stranger_is_refused_and_learns_nothing(url, nok, mai, weekly, sign_in, events):
    client = sign_in(mai)
    for answer in (
        client.get(url),
        send(client, "post", url, {"name": "Mine"}),
        client.get(f"{url}/{weekly.pk}"),
        send(client, "patch", f"{url}/{weekly.pk}", {"name": "Mine"}),
        client.get(f"{url}/{uuid4()}"),
        client.get(f"/api/homes/{uuid4()}/lists"),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")
    assert events(nok.home) == []


def test_it_asks_to_sign_in(url, nok, weekly, events):
    client = Client()
    for answer in (client.get(url), send(client, "patch", f"{url}/{weekly.pk}", {"name": "Mine"})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_authenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert events(nok.home) == []


def test_a_session_needs_its_token(url, nok, weekly, events):
    client = Client(enforce_csrf_checks=True)
    client.force_login(nok.user)
    assert send(client, "post", url, {"name": "Party"}).status_code == 403
    assert events(nok.home) == []


def test_there_are_no_other_verbs(url, nok, weekly, sign_in):
    for verb in ("put", "options"):
        answer = getattr(sign_in(nok), verb)(f"{url}/{weekly.pk}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


def test_a_list_is_put_away(url, nok, weekly, sign_in, events):
    client = sign_in(nok)
    assert client.delete(f"{url}/{weekly.pk}").status_code == 204
    assert client.get(f"{url}/{weekly.pk}").status_code == 404
    assert client.get(url).json()["results"] == []
    assert events(nok.home) == ["list_updated"]
