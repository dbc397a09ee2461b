"""Shopping, at the API."""

import pytest

from groceries.actions import claim_aisle
from groceries.models import Trip
from tests.cast import by


@pytest.fixture
def url(nok, weekly):
    return f"/api/homes/{nok.home_id}/lists/{weekly.pk}"


@pytest.fixture
def dairy(milk):
    return milk.item.category


def test_it_works(url, nok, weekly, sign_in):
    client = sign_in(nok)
    begun, again = (client.post(f"{url}/shopping") for _twice in range(2))
    assert (begun.status_code, again.status_code) == (201, 200)
    assert [each["user"] for each in client.get(f"{url}/shopping").json()["shoppers"]] == [str(nok.user_id)]
    assert client.delete(f"{url}/shopping").status_code == 204
    assert not Trip.objects.active().exists()


def test_an_aisle_is_taken_and_let_go(url, nok, dairy, sign_in):
    client = sign_in(nok)
    taken = client.put(f"{url}/aisles/{dairy.pk}").json()
    assert taken["aisles"] == [{"category": str(dairy.pk), "user": str(nok.user_id)}]
    assert client.delete(f"{url}/aisles/{dairy.pk}").status_code == 204
    assert client.get(f"{url}/shopping").json()["aisles"] == []


def test_an_aisle_that_is_taken_is_refused(url, nok, ben, weekly, dairy, sign_in):
    claim_aisle(weekly, dairy, by=by(ben))
    answer = sign_in(nok).put(f"{url}/aisles/{dairy.pk}")
    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Ben is already in that aisle."


def test_another_homes_aisle_is_not_there(url, nok, mai, sign_in):
    assert sign_in(nok).put(f"{url}/aisles/{mai.home.categories.first().pk}").status_code == 404
