"""The API of the pantry and of barcodes."""

from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import add_to_pantry, keep_in_stock, remember_barcode
from groceries.models import Barcode, PantryBatch
from tests.api.client import ApiClient
from tests.factories import by

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def api_client(db):
    return ApiClient


@pytest.fixture
def rice(nok):
    return add_to_pantry("Rice", by=by(nok), quantity=Decimal(2), unit="kg", place="cupboard")


def test_batch_is_created_changed_and_listed(api_client, nok, milk):
    me = api_client(nok)
    fields = {"item_id": str(milk.item_id), "quantity": "2", "unit": "l", "best_before": "2026-12-24"}
    response = me.post("pantry/batches", fields)
    assert response.status_code == 201
    batch = response.json()
    assert (batch["item"]["name"], batch["quantity"], batch["unit"]) == ("Milk", "2", "liter")
    changed = me.patch(f"pantry/batches/{batch['id']}", {"place": "fridge", "quantity": "1.5"}).json()
    assert (changed["place"], changed["quantity"], changed["best_before"]) == ("fridge", "1.5", "2026-12-24")
    me.post("pantry/batches", {"name": "Tea"})
    assert [row["item"]["name"] for row in me.get("pantry/batches").json()["results"]] == ["Milk", "Tea"]
    assert me.get("pantry/batches?until=2026-12-23").json()["results"] == []
    assert len(me.get("pantry/batches?until=2026-12-24").json()["results"]) == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "invalid"),
        ({"name": "tea", "item_id": UNKNOWN}, "invalid"),
        ({"name": "tea", "quantity": "0"}, "invalid"),
        ({"name": "tea", "place": "garage"}, "invalid"),
        ({"name": "tea", "best_before": "9999-01-01"}, "refused"),
        ({"item_id": UNKNOWN}, "not_found"),
    ],
)
def test_invalid_batch_is_refused(api_client, nok, body, code):
    response = api_client(nok).post("pantry/batches", body)
    assert response.json()["error"]["code"] == code
    assert not PantryBatch.objects.exists()


def test_creating_with_the_same_key_creates_one(api_client, nok):
    key = str(uuid4())
    for _time in range(2):
        api_client(nok).post("pantry/batches", {"name": "Tea"}, Idempotency_Key=key)
    assert PantryBatch.objects.count() == 1


def test_stock_has_totals_the_minimum_and_what_does_not_count(api_client, nok, rice):
    add_to_pantry("Rice", by=by(nok), quantity=Decimal(3), unit="bag")
    add_to_pantry("Tea", by=by(nok))
    keep_in_stock(rice.item, Decimal(5), "kg", by=by(nok))
    stock = api_client(nok).get(f"pantry/{rice.item_id}").json()
    assert stock["amounts"] == [{"quantity": "2", "unit": "kg"}, {"quantity": "3", "unit": "bag"}]
    assert stock["minimum"] == {"quantity": "5", "unit": "kg"}
    assert stock["uncounted"] == [{"quantity": "3", "unit": "bag"}]
    assert stock["is_below_minimum"] is True
    assert api_client(nok).get("pantry?q=ri").json()["results"] == [stock]
    assert len(api_client(nok).get("pantry").json()["results"]) == 2


def test_using_says_what_is_left_and_what_is_listed(api_client, nok, weekly, rice):
    me = api_client(nok)
    assert me.patch(f"pantry/{rice.item_id}", {"quantity": "2", "unit": "kg"}).status_code == 200
    use = me.post(f"pantry/{rice.item_id}/use", {"quantity": "500", "unit": "g"}).json()
    assert use["amounts"] == [{"quantity": "1.5", "unit": "kg"}]
    assert (use["list_item"]["item"]["name"], use["list_item"]["quantity"]) == ("Rice", "0.5")
    response = me.post(f"pantry/batches/{rice.pk}/use", {"quantity": "3"})
    assert (response.status_code, response.json()["error"]["message"]) == (400, "Rice: only 1.5 kg at home.")
    assert me.post(f"pantry/batches/{rice.pk}/use", {"quantity": "1"}).json()["list_item"] is None
    assert me.post(f"pantry/{rice.item_id}/use", {}).json()["amounts"] == []
    assert me.post(f"pantry/{rice.item_id}/use", {}).status_code == 400
    assert me.patch(f"pantry/{rice.item_id}", {"quantity": None}).json()["minimum"] is None


def test_barcodes_are_remembered_looked_up_and_forgotten(api_client, nok, rice):
    me = api_client(nok)
    fields = {"code": "036000291452", "item_id": str(rice.item_id), "quantity": "5", "unit": "kg"}
    response = me.post("barcodes", fields)
    assert (response.status_code, response.json()["code"]) == (201, "0036000291452")
    for spelling in ("036000291452", "0036000291452", "0 36000 29145 2"):
        assert me.get(f"barcodes?code={spelling}").json()["results"] == [response.json()]
    assert me.get("barcodes?code=036000291453").status_code == 400
    assert me.delete(f"barcodes/{response.json()['id']}").status_code == 204
    assert me.get("barcodes").json()["results"] == []


def test_strangers_batches_and_barcodes_are_not_found(api_client, nok, mai, rice):
    barcode = remember_barcode("96385074", "Rice", by=by(nok))
    me = api_client(mai)
    assert me.get(f"pantry/{rice.item_id}").status_code == 404
    assert me.post(f"pantry/{rice.item_id}/use", {}).status_code == 404
    assert me.post("pantry/batches", {"item_id": str(rice.item_id)}).status_code == 404
    assert me.patch(f"pantry/batches/{rice.pk}", {"place": "fridge"}).status_code == 404
    assert me.post(f"pantry/batches/{rice.pk}/use", {}).status_code == 404
    assert me.delete(f"barcodes/{barcode.pk}").status_code == 404
    assert me.get("pantry").json()["results"] == me.get("barcodes").json()["results"] == []
    assert (PantryBatch.objects.count(), Barcode.objects.count()) == (1, 1)


def test_owner_switches_on_that_purchases_fill_the_pantry(api_client, nok, milk):
    assert api_client(nok).patch(f"/homes/{nok.home_id}", {"fills_pantry": True}).json()["fills_pantry"] is True
    api_client(nok).patch(f"lists/{milk.list_id}/items/{milk.pk}", {"state": "purchased"})
    batch = api_client(nok).get("pantry/batches").json()["results"][0]
    assert (batch["list_item_id"], batch["quantity"], batch["unit"]) == (str(milk.pk), "1", "liter")
