from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, change_entry, change_list_state, create_list, purchase_entry
from groceries.models import Item, ListEntry
from tests.factories import by

PERSONS_TEXT = ["🥚", "‏שלום‎", "<script>alert(1)</script>", "'; DROP TABLE accounts_user; --", "é" * 99]

AMOUNTS_OF_NOTHING: list[Any] = [0, -1, 1e9, "NaN", "Infinity", "lots", [], {}, "", True, "9" * 400]
PRICES_OF_NOTHING: list[Any] = [-1, "NaN", 1e9, "1.234", "lots", []]


@pytest.fixture
def url(nok, weekly):
    return f"/api/homes/{nok.home_id}/lists/{weekly.pk}/items"


def send(client, verb, url, body):
    return getattr(client, verb)(url, body, content_type="application/json")


# Adding


def test_post_creates_an_entry(url, nok, weekly, sign_in, events):
    response = send(sign_in(nok), "post", url, {"name": "milk", "quantity": "2", "unit": "l", "note": "the blue one"})
    assert response.status_code == 201
    payload = response.json()
    assert (payload["item"]["name"], payload["quantity"], payload["unit"], payload["note"]) == (
        "Milk",
        "2",
        "liter",
        "the blue one",
    )
    assert (payload["state"], payload["version"], payload["price_paid"]) == ("pending", 1, None)
    added = events.of(nok.home)[0]
    assert (added.type, added.actor_user, added.origin) == ("list_item_added", nok.user, "api")


def test_post_with_a_pending_item_raises_its_amount(url, nok, milk, sign_in):
    response = send(sign_in(nok), "post", url, {"name": "Milk", "quantity": 2, "unit": "liter"})
    assert (response.status_code, response.json()["id"], response.json()["quantity"]) == (200, str(milk.pk), "3")


def test_post_accepts_an_item_id(url, nok, milk, sign_in):
    response = send(sign_in(nok), "post", url, {"item_id": str(milk.item_id), "unit": "box"})
    assert (response.status_code, response.json()["item"]["name"]) == (201, "Milk")


def test_post_with_an_item_of_another_home_is_not_found(url, nok, mai, sign_in, events):
    theirs, _new = add_entry(create_list("Mine", by=by(mai)), "Zorkmids", by=by(mai))
    assert send(sign_in(nok), "post", url, {"item_id": str(theirs.item_id)}).status_code == 404
    assert events(nok.home) == []


@pytest.mark.parametrize(
    "invalid",
    [{"quantity": value} for value in AMOUNTS_OF_NOTHING]
    + [{"name": ""}, {"name": "  "}, {"name": "x" * 101}, {"name": "a\x00"}, {"name": None}, {"name": []}]
    + [{"unit": "x" * 21}, {"unit": ""}, {"unit": None}, {"note": "x" * 201}, {"note": "x" * 5000}, {"note": []}]
    + [{"item_id": str(uuid4())}, {"name": "\x01"}],
)
def test_invalid_values_are_refused(url, nok, sign_in, events, invalid):
    response = send(sign_in(nok), "post", url, {"name": "milk", **invalid})
    assert response.status_code == 400
    assert response.json()["error"]["code"] in ("invalid", "refused")
    assert events(nok.home) == []


@pytest.mark.parametrize("body", [{}, {"quantity": 2}, [], ["milk"], "milk", None, 1])
def test_post_without_a_name_is_refused(url, nok, sign_in, events, body):
    assert send(sign_in(nok), "post", url, body).status_code == 400
    assert events(nok.home) == []


@pytest.mark.parametrize("text", PERSONS_TEXT)
def test_name_and_note_accept_any_text(url, nok, sign_in, text):
    response = send(sign_in(nok), "post", url, {"name": text, "note": text})
    assert response.status_code == 201
    assert response.json()["note"] == text


def test_adding_to_a_completed_list_is_refused(url, nok, weekly, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    response = send(sign_in(nok), "post", url, {"name": "milk"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")


# Changing


def test_patch_changes_an_entry(url, nok, milk, sign_in, events):
    response = send(sign_in(nok), "patch", f"{url}/{milk.pk}", {"quantity": "1.5", "note": "cold", "version": 1})
    assert (response.status_code, response.json()["quantity"], response.json()["version"]) == (200, "1.5", 2)
    assert events(nok.home) == ["list_item_updated"]


def test_patch_with_a_stale_version_is_a_conflict(url, nok, milk, sign_in, events):
    change_entry(milk, by=by(nok), quantity=Decimal(2))
    before = events(nok.home)
    response = send(sign_in(nok), "patch", f"{url}/{milk.pk}", {"quantity": "3", "state": "purchased", "version": 1})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "stale")
    assert events(nok.home) == before
    milk.refresh_from_db()
    assert (milk.quantity, milk.state) == (2, "pending")


@pytest.mark.parametrize("state", ["purchased", "removed", "pending"])
def test_patch_changes_the_state(url, nok, milk, sign_in, state):
    for _twice in range(2):
        response = send(sign_in(nok), "patch", f"{url}/{milk.pk}", {"state": state})
        assert (response.status_code, response.json()["state"]) == (200, state)


def test_patch_purchases_with_a_price(url, nok, milk, sign_in):
    response = send(sign_in(nok), "patch", f"{url}/{milk.pk}", {"state": "purchased", "price_paid": "45.50"})
    assert (response.json()["price_paid"], response.json()["purchased_by"]) == ("45.5", str(nok.user_id))


def test_patch_purchases_and_changes_in_one_request(url, nok, milk, sign_in, events):
    body = {"state": "purchased", "quantity": "3", "price_paid": "45", "version": 1}
    response = send(sign_in(nok), "patch", f"{url}/{milk.pk}", body)
    assert response.status_code == 200
    entry = response.json()
    assert (entry["state"], entry["quantity"], entry["price_paid"]) == ("purchased", "3", "45")
    assert events(nok.home) == ["list_item_updated", "list_item_purchased"]


def test_patch_corrects_the_price(url, nok, milk, sign_in):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    client = sign_in(nok)
    for price, expected in (("50", "50"), (None, None)):
        assert send(client, "patch", f"{url}/{milk.pk}", {"price_paid": price}).json()["price_paid"] == expected


@pytest.mark.parametrize(
    "invalid",
    [{"quantity": value} for value in (*AMOUNTS_OF_NOTHING, None)]
    + [{"price_paid": value} for value in PRICES_OF_NOTHING]
    + [{"state": "burned"}, {"state": None}, {"version": "x"}, {"unit": "x" * 21}, {"note": "x" * 201}, {"note": None}]
    + [{"note": "a\x00"}, [], "x", None, {"version": 1e400}],
)
def test_patch_with_invalid_values_is_refused(url, nok, milk, sign_in, events, invalid):
    response = send(sign_in(nok), "patch", f"{url}/{milk.pk}", invalid)
    assert response.status_code == 400
    assert events(nok.home) == []


@pytest.mark.parametrize(
    ("verb", "field"),
    [
        ("post", "note"),
        ("post", "unit"),
        ("post", "name"),
        ("patch", "note"),
        ("patch", "unit"),
        ("patch", "state"),
    ],
)
def test_lone_surrogate_is_handled(url, nok, milk, sign_in, verb, field):
    """JSON can contain a lone surrogate, which databases and encoders reject."""
    place = url if verb == "post" else f"{url}/{milk.pk}"
    named = b'"name": "tea", ' if verb == "post" and field != "name" else b""
    body = b"{" + named + b'"' + field.encode() + b'": "a\\ud800b"}'
    assert send(sign_in(nok), verb, place, body).status_code in (200, 201, 400)


# Removing


def test_delete_is_idempotent(url, nok, milk, sign_in, events):
    for _twice in range(2):
        assert sign_in(nok).delete(f"{url}/{milk.pk}").status_code == 204
    assert events(nok.home) == ["list_item_removed"]


def test_delete_on_a_completed_list_is_refused(url, nok, weekly, milk, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    assert sign_in(nok).delete(f"{url}/{milk.pk}").status_code == 400


# Access


@pytest.mark.parametrize("verb", ["patch", "delete"])
def test_entry_of_another_list_or_home_is_not_found(nok, mai, weekly, milk, sign_in, verb):
    party = create_list("Party", by=by(nok))
    theirs, _new = add_entry(create_list("Mine", by=by(mai)), "Milk", by=by(mai))
    home = f"/api/homes/{nok.home_id}/lists"
    for grocery_list, entry in ((party, milk), (weekly, theirs), (theirs.list, theirs)):
        response = send(sign_in(nok), verb, f"{home}/{grocery_list.pk}/items/{entry.pk}", {"quantity": 2})
        assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_non_member_is_refused_without_details(url, nok, mai, milk, sign_in, events):
    client = sign_in(mai)
    for response in (
        send(client, "post", url, {"name": "eggs"}),
        send(client, "patch", f"{url}/{milk.pk}", {"state": "purchased"}),
        client.delete(f"{url}/{milk.pk}"),
        client.delete(f"{url}/{uuid4()}"),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (403, "permission_denied")
    assert events(nok.home) == []


def test_anonymous_user_is_asked_to_sign_in(url, nok, milk, events):
    for response in (send(Client(), "post", url, {"name": "eggs"}), Client().delete(f"{url}/{milk.pk}")):
        assert response.status_code == 401
    assert events(nok.home) == []


def test_entry_added_by_the_api_is_shown_on_the_page(url, nok, weekly, sign_in):
    client = sign_in(nok)
    send(client, "post", url, {"name": "milk", "quantity": "2", "unit": "l"})
    assert "2 liters" in client.get(f"/h/{nok.home_id}/lists/{weekly.pk}/").text
    assert Item.objects.get().name == ListEntry.objects.get().item.name == "Milk"
