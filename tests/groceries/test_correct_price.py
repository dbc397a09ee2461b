"""Prices of purchases, corrected at any time, and what a list is expected to cost."""

from decimal import Decimal

import pytest

from groceries.actions import (
    add_entry,
    archive_list,
    change_entry,
    change_list_state,
    correct_price,
    create_list,
    purchase_entry,
    update_item,
)
from groceries.list_presenter import ListPresenter
from homes.events.models import Event
from homes.events.undo import undo_event
from pantry.errors import ActionError, StaleVersion
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def bought(nok, weekly, milk):
    """Milk, bought for 45 with a list that is completed."""
    entry = purchase_entry(milk, by=by(nok), price=Decimal(45))
    change_list_state(weekly, "completed", by=by(nok))
    return entry


@pytest.fixture
def url(nok, weekly, milk):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/{milk.pk}/price"


def price_of(entry):
    entry.refresh_from_db()
    return entry.price_paid


def test_price_of_a_completed_list_is_corrected_once(nok, bought, events):
    for _twice in range(2):
        correct_price(bought, Decimal("42.50"), by=by(nok))
    assert price_of(bought) == Decimal("42.50")
    assert bought.item.estimated_price == Decimal("42.50")
    assert events(nok.home) == ["list_item_updated"]


def test_price_of_an_earlier_purchase_is_not_the_usual_one(nok, bought):
    weekly = create_list("Next", by=by(nok))
    entry, _new = add_entry(weekly, "milk", by=by(nok))
    purchase_entry(entry, by=by(nok), price=Decimal(50))
    correct_price(bought, Decimal(40), by=by(nok))
    bought.item.refresh_from_db()
    assert bought.item.estimated_price == 50


def test_correction_of_a_completed_list_is_undone(nok, bought):
    correct_price(bought, None, by=by(nok))
    assert price_of(bought) is None
    undo_event(Event.objects.filter(home=nok.home).latest("seq"), by=by(nok))
    assert price_of(bought) == 45


def test_pending_entry_has_no_price(nok, milk):
    with pytest.raises(ActionError, match="Milk is not in the basket, so it has no price."):
        correct_price(milk, Decimal(45), by=by(nok))


def test_outdated_version_is_refused(nok, bought):
    with pytest.raises(StaleVersion):
        correct_price(bought, Decimal(40), by=by(nok), version=1)


def test_api_corrects_the_price_of_a_completed_list(nok, weekly, bought, sign_in):
    url = f"/api/homes/{nok.home_id}/lists/{weekly.pk}/items/{bought.pk}"
    client = sign_in(nok)
    response = client.patch(url, {"price_paid": "40"}, content_type="application/json")
    assert (response.status_code, response.json()["price_paid"]) == (200, "40")
    assert client.patch(url, {"price_paid": "41", "note": "x"}, content_type="application/json").status_code == 400
    assert price_of(bought) == 40


def test_page_corrects_a_price_and_leads_back(url, nok, weekly, bought, sign_in):
    client = sign_in(nok)
    assert 'value="45"' in client.get(url).text
    assert client.post(url, {"price": "2,49"}).url == f"/h/{nok.home_id}/lists/{weekly.pk}/"
    assert price_of(bought) == Decimal("2.49")
    assert "/money/?month=" in client.post(f"{url}?month", {"price": ""}).url
    assert price_of(bought) is None
    assert "Enter an amount" in client.post(url, {"price": "cheap"}).text


def test_page_corrects_a_price_of_an_archived_list(url, nok, weekly, bought, sign_in):
    archive_list(weekly, by=by(nok))
    assert "/money/?month=" in sign_in(nok).post(url, {"price": "44"}).url
    assert price_of(bought) == 44


def test_spending_page_leads_to_the_prices(url, nok, bought, sign_in):
    correct_price(bought, None, by=by(nok))
    page = sign_in(nok).get(f"/h/{nok.home_id}/money/").text
    assert f"{url}?month" in page
    assert "Add price" in page


def test_page_of_a_pending_entry_leads_to_the_list(url, nok, weekly, milk, sign_in):
    assert sign_in(nok).get(url).url == f"/h/{nok.home_id}/lists/{weekly.pk}/"


def test_stranger_gets_404(url, mai, nok, milk, sign_in):
    purchase_entry(milk, by=by(nok))
    client = sign_in(mai)
    assert client.get(url).status_code == client.post(url, {"price": "1"}).status_code == 404


# What a list is expected to cost


@pytest.fixture
def expected(nok):
    """The expected prices of a new list of that text, by the items' last purchases."""

    def expect(*amounts):
        grocery_list = create_list("Next", by=by(nok))
        for name, quantity, unit in amounts:
            add_entry(grocery_list, name, by=by(nok), quantity=Decimal(quantity), unit=unit)
        return ListPresenter(nok.home, grocery_list).expected_prices

    return expect


def test_expected_price_counts_the_amount(nok, rice, expected):
    change_entry(rice, by=by(nok), quantity=Decimal(500), unit="g")
    purchase_entry(rice, by=by(nok), price=Decimal(60))
    assert expected(("rice", 2, "kg"), ("salt", 1, None)) == [240]


def test_expected_price_in_other_units_counts_as_it_is(nok, milk, eggs, expected):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    update_item(eggs.item, by=by(nok), estimated_price=Decimal(70))
    assert sorted(expected(("milk", 3, "bottle"), ("eggs", 2, None))) == [45, 70]


def test_list_says_on_how_many_prices_its_cost_rests(nok, weekly, milk, rice, sign_in):
    purchase_entry(milk, by=by(nok), price=Decimal(45))
    add_entry(weekly, "milk", by=by(nok), quantity=Decimal(2), unit="liter")
    page = " ".join(sign_in(nok).get(f"/h/{nok.home_id}/lists/{weekly.pk}/").text.split())
    assert "about ฿90, from 1 of 2 prices" in page
