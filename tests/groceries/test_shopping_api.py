"""API of shopping trips."""

import pytest

from groceries.actions import claim_aisle
from groceries.models import Trip
from tests.factories import by


@pytest.fixture
def url(nok, weekly):
    return f"/api/homes/{nok.home_id}/lists/{weekly.pk}"


@pytest.fixture
def dairy(milk):
    return milk.item.category


def test_trip_is_started_and_ended(url, nok, weekly, sign_in):
    client = sign_in(nok)
    first, second = (client.post(f"{url}/shopping") for _twice in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert [shopper["user"] for shopper in client.get(f"{url}/shopping").json()["shoppers"]] == [str(nok.user_id)]
    assert client.delete(f"{url}/shopping").status_code == 204
    assert not Trip.objects.active().exists()


def test_claiming_and_releasing_an_aisle(url, nok, dairy, sign_in):
    client = sign_in(nok)
    payload = client.put(f"{url}/aisles/{dairy.pk}").json()
    assert payload["aisles"] == [{"category": str(dairy.pk), "user": str(nok.user_id)}]
    assert client.delete(f"{url}/aisles/{dairy.pk}").status_code == 204
    assert client.get(f"{url}/shopping").json()["aisles"] == []


def test_claiming_a_claimed_aisle_is_refused(url, nok, ben, weekly, dairy, sign_in):
    claim_aisle(weekly, dairy, by=by(ben))
    response = sign_in(nok).put(f"{url}/aisles/{dairy.pk}")
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "Ben is already in that aisle."


def test_aisle_of_another_home_is_not_found(url, nok, mai, sign_in):
    assert sign_in(nok).put(f"{url}/aisles/{mai.home.categories.first().pk}").status_code == 404
