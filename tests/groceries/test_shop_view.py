"""The page for shopping."""

import pytest

from groceries.actions import change_list_state, claim_aisle, purchase_entry
from groceries.models import AisleClaim, Trip
from tests.factories import by

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/"


@pytest.fixture
def dairy(milk):
    return milk.item.category


def test_post_starts_a_trip(url, nok, milk, sign_in, events):
    client = sign_in(nok)
    assert client.post(f"{url}shop").url == f"{url}shop"
    page = client.get(f"{url}shop")
    assert "Milk" in page.text and "entries--shop" in page.text
    assert events(nok.home) == ["shopping_started"]


def test_get_does_not_start_a_trip(url, nok, milk, sign_in, events):
    assert sign_in(nok).get(f"{url}shop").status_code == 200
    assert events(nok.home) == []


def test_shopper_is_shown_to_other_members(url, nok, ben, milk, sign_in):
    sign_in(ben).post(f"{url}shop")
    page = sign_in(nok).get(url).text
    assert "<strong>Ben</strong> is shopping" in page


def test_purchasing_in_the_shop_returns_the_shop_page(url, nok, milk, sign_in):
    client = sign_in(nok)
    assert client.post(f"{url}{milk.pk}/purchase", {"page": "shop"}).url == f"{url}shop"
    part = client.post(f"{url}{milk.pk}/put-back", {"page": "shop"}, headers=HTMX)
    assert "entries--shop" in part.text and "<html" not in part.text


def test_adding_in_the_shop_returns_the_shop_page(url, nok, weekly, sign_in):
    client = sign_in(nok)
    assert 'name="page" value="shop"' in client.get(f"{url}shop").text
    assert client.post(f"{url}add", {"text": "6 eggs", "page": "shop"}).url == f"{url}shop"
    assert "Eggs" in client.get(f"{url}shop").text


def test_purchasing_an_already_purchased_entry_names_the_buyer(url, nok, ben, milk, sign_in):
    purchase_entry(milk, by=by(ben))
    part = sign_in(nok).post(f"{url}{milk.pk}/purchase", {"page": "shop"}, headers=HTMX)
    assert "Ben just took Milk." in part.text


def test_claiming_and_releasing_an_aisle(url, nok, weekly, dairy, sign_in):
    client = sign_in(nok)
    part = client.post(f"{url}aisles/{dairy.pk}/claim", {"page": "shop"}, headers=HTMX)
    assert "Release" in part.text
    part = client.post(f"{url}aisles/{dairy.pk}/release", {"page": "shop"}, headers=HTMX)
    assert "Release" not in part.text
    assert not AisleClaim.objects.exists()


def test_claiming_a_claimed_aisle_is_refused(url, nok, ben, weekly, dairy, sign_in):
    claim_aisle(weekly, dairy, by=by(ben))
    part = sign_in(nok).post(f"{url}aisles/{dairy.pk}/claim", {"page": "shop"}, headers=HTMX)
    assert part.status_code == 422 and "Ben is already in that aisle." in part.text


def test_done_redirects_to_the_list(url, nok, milk, sign_in):
    client = sign_in(nok)
    client.post(f"{url}shop")
    assert client.post(f"{url}shop/done").url == url
    assert not Trip.objects.active().exists()


def test_completing_the_list_redirects_to_the_list(url, nok, milk, sign_in):
    response = sign_in(nok).post(f"{url}state", {"state": "completed", "page": "shop"}, headers=HTMX)
    assert response["HX-Redirect"] == url


def test_shopping_with_a_completed_list_is_refused(url, nok, weekly, sign_in, events):
    change_list_state(weekly, "completed", by=by(nok))
    client, events = sign_in(nok), type(events)()
    assert client.get(f"{url}shop").url == url
    assert client.post(f"{url}shop").url == url
    assert events(nok.home) == []


@pytest.mark.parametrize("path", ["shop", "shop/done", "aisles/{}/claim", "aisles/{}/release"])
def test_non_member_gets_404(url, mai, weekly, dairy, sign_in, path):
    assert sign_in(mai).post(url + path.format(dairy.pk)).status_code == 404


def test_aisle_of_another_home_is_not_found(url, nok, mai, weekly, sign_in):
    theirs = mai.home.categories.first()
    assert sign_in(nok).post(f"{url}aisles/{theirs.pk}/claim").status_code == 404
