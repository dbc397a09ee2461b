"""The total of the receipt of a shopping trip."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import (
    change_list_state,
    change_trip_total,
    end_forgotten_trip,
    end_shopping,
    purchase_entry,
    start_shopping,
)
from groceries.models import Trip
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError
from tests.api.client import ApiClient
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def trip(nok, weekly, milk):
    """Start a shopping trip of Nok's."""
    return start_shopping(weekly, by=by(nok))[0]


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/"


def total_of(trip):
    trip.refresh_from_db()
    return trip.total


def undo_last(member):
    undo_event(Event.objects.filter(home=member.home).latest("seq"), by=by(member))


def test_trip_ends_with_its_total_once(nok, weekly, trip, events):
    for _twice in range(2):
        end_shopping(weekly, by=by(nok), total=Decimal("412.50"))
    assert total_of(trip) == Decimal("412.50")
    assert events(nok.home) == ["shopping_ended"]


def test_total_applies_to_a_forgotten_trip(nok, weekly, trip):
    end_forgotten_trip(trip)
    end_shopping(weekly, by=by(nok), total=Decimal(96))
    assert total_of(trip) == 96


def test_total_without_a_trip_is_refused(nok, ben, weekly, trip):
    with pytest.raises(ActionError, match="You haven't been shopping with “Weekly shop”"):
        end_shopping(weekly, by=by(ben), total=Decimal(96))


def test_total_of_a_trip_under_way_is_refused(nok, trip):
    with pytest.raises(ActionError, match="hasn't ended yet"):
        change_trip_total(trip, Decimal(96), by=by(nok))


def test_undoing_the_end_goes_on_with_the_trip(nok, weekly, trip):
    end_shopping(weekly, by=by(nok), total=Decimal(96))
    undo_last(nok)
    assert total_of(trip) is None
    assert Trip.objects.active().get() == trip


def test_end_is_not_undone_during_another_trip_or_on_a_completed_list(nok, weekly, trip):
    end_shopping(weekly, by=by(nok))
    ended = Event.objects.filter(home=nok.home).latest("seq")
    start_shopping(weekly, by=by(nok))
    with pytest.raises(ActionError, match="has started since"):
        undo_event(ended, by=by(nok))
    change_list_state(weekly, "completed", by=by(nok))
    with pytest.raises(ActionError, match="This list is done"):
        undo_event(ended, by=by(nok))


def test_undoing_another_total_restores_the_first(nok, weekly, trip):
    end_shopping(weekly, by=by(nok), total=Decimal(96))
    change_trip_total(trip, Decimal(69), by=by(nok))
    undo_last(nok)
    assert total_of(trip) == 96


def test_done_asks_for_the_total(url, nok, trip, sign_in):
    client = sign_in(nok)
    assert "Total of the receipt" in client.get(f"{url}shop/done").text
    refused = client.post(f"{url}shop/done", {"total": "cheap"})
    assert "Enter an amount" in refused.text and total_of(trip) is None
    assert client.post(f"{url}shop/done", {"total": "412,50"}).url == url
    assert total_of(trip) == Decimal("412.50")


def test_total_is_shown_and_changed_later(url, nok, weekly, milk, trip, sign_in):
    purchase_entry(milk, by=by(nok))
    end_shopping(weekly, by=by(nok), total=Decimal("412.50"))
    client, page = sign_in(nok), f"{url}trips/{trip.pk}"
    assert "฿412.50" in client.get(url).text
    assert page in client.get(f"/h/{nok.home_id}/money/").text
    assert 'value="412.5"' in client.get(page).text
    assert "/money/?month=" in client.post(page, {"total": "420"}).url
    assert total_of(trip) == 420


def test_stranger_gets_404(url, nok, mai, weekly, trip, sign_in):
    end_shopping(weekly, by=by(nok))
    client = sign_in(mai)
    trips = f"/api/homes/{mai.home_id}/lists/{weekly.pk}/trips"
    for page in (f"{url}shop/done", f"{url}trips/{trip.pk}", trips):
        assert client.get(page).status_code == 404
    assert client.patch(f"{trips}/{trip.pk}", {"total": "1"}, content_type="application/json").status_code == 404


def test_api_ends_lists_and_corrects_trips(nok, weekly, trip, sign_in):
    client, lists = sign_in(nok), f"/api/homes/{nok.home_id}/lists/{weekly.pk}"
    assert client.delete(f"{lists}/shopping?total=cheap").status_code == 400
    assert client.delete(f"{lists}/shopping?total=412.50").status_code == 204
    (row,) = client.get(f"{lists}/trips").json()["results"]
    assert (row["user"], row["total"]) == (str(nok.user_id), "412.5")
    changed = client.patch(f"{lists}/trips/{trip.pk}", {"total": None}, content_type="application/json")
    assert (changed.status_code, changed.json()["total"]) == (200, None)


def test_trip_of_an_offline_device_is_started_and_ended(nok, weekly, sign_in):
    now = datetime.now(UTC).isoformat()
    kinds = {"start_shopping": {}, "end_shopping": {"total": "96"}}
    intents = [
        {"op_id": str(uuid4()), "kind": kind, "meant_at": now, "seen": None, "data": {"list": str(weekly.pk), **data}}
        for kind, data in kinds.items()
    ]
    body = {"now": now, "intents": intents}
    response = sign_in(nok).post(f"/api/homes/{nok.home_id}/intents", body, content_type="application/json")
    assert [result["outcome"] for result in response.json()["results"]] == ["done", "done"]
    trip = Trip.objects.get()
    assert trip.ended_at is not None and trip.total == 96


def test_list_of_another_home_is_refused_offline(mai, weekly, sign_in):
    now = datetime.now(UTC).isoformat()
    intent = {"op_id": str(uuid4()), "kind": "start_shopping", "meant_at": now, "data": {"list": str(weekly.pk)}}
    body = {"now": now, "intents": [intent | {"seen": None}]}
    response = sign_in(mai).post(f"/api/homes/{mai.home_id}/intents", body, content_type="application/json")
    assert response.json()["results"][0]["outcome"] == "refused"
    assert not Trip.objects.exists()


def test_total_is_exported_and_imported(nok, ben, weekly, trip):
    start_shopping(weekly, by=by(ben))
    for member, total in ((nok, 96), (ben, 12)):
        end_shopping(weekly, by=by(member), total=Decimal(total))
    client = ApiClient(nok)
    file = client.get("export").json()
    assert [row["total"] for row in file["groceries"]["trips"]] == ["96", "12"]
    imported = client.import_home(file)
    trips = Trip.objects.filter(home=imported).order_by("created_at")
    assert [(row.user, row.total) for row in trips] == [(nok.user, 96), (None, 12)]
