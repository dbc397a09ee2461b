"""Pictures and PDFs of receipts on the pages of expenses and of shopping trips that have ended."""

from decimal import Decimal

import pytest

from groceries.actions import create_expense, end_shopping, purchase_entry, start_shopping
from groceries.models import Trip
from homes.files.actions import add_file
from tests.counting import queries_of
from tests.factories import by
from tests.pictures import PDF, picture

MARK = "with a picture"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


@pytest.fixture
def home_url(nok):
    return f"/h/{nok.home_id}/"


@pytest.fixture
def pizza(nok):
    return create_expense("Pizza", Decimal(450), by=by(nok))


@pytest.fixture
def trip(nok, milk):
    """A trip that has ended without a total."""
    purchase_entry(milk, by=by(nok))
    trip, _is_new = start_shopping(milk.list, by=by(nok))
    end_shopping(milk.list, by=by(nok))
    return trip


def test_page_of_an_expense_shows_its_receipts_and_takes_more(client, nok, home_url, pizza):
    url = f"{home_url}money/expenses/{pizza.pk}/"
    page = client.get(url).text
    assert f'action="{home_url}files/expense/{pizza.pk}/add"' in page
    assert 'accept="image/jpeg,image/png,image/webp,image/gif,application/pdf"' in page
    photo = add_file("expense", pizza, "photo.jpg", picture(), by=by(nok))
    bill = add_file("expense", pizza, "bill.pdf", PDF, by=by(nok))
    page = client.get(url).text
    assert f'src="{home_url}files/{photo.pk}/thumbnail"' in page
    assert f'href="{home_url}files/{bill.pk}/"' in page and "bill.pdf" in page


def test_form_of_a_new_expense_takes_no_file(client, home_url):
    assert "/files/" not in client.get(f"{home_url}money/expenses/new").text


def test_expense_with_a_receipt_is_marked(client, nok, home_url, pizza):
    assert MARK not in client.get(f"{home_url}money/").text
    add_file("expense", pizza, "photo.jpg", picture(), by=by(nok))
    assert MARK in client.get(f"{home_url}money/").text


def test_expenses_with_receipts_cost_no_query_each(client, nok, home_url):
    def fill(count):
        for number in range(count):
            expense = create_expense(f"Pizza {number}", Decimal(450), by=by(nok))
            add_file("expense", expense, "photo.jpg", picture(), by=by(nok))

    fill(1)
    client.get(f"{home_url}money/")
    few = queries_of(lambda: client.get(f"{home_url}money/"))
    fill(9)
    assert queries_of(lambda: client.get(f"{home_url}money/")) == few


def test_newest_trip_asks_for_its_receipt(client, nok, home_url, trip):
    url = f"{home_url}lists/{trip.list_id}/trips/{trip.pk}"
    page = client.get(f"{home_url}lists/{trip.list_id}/").text
    assert "Add the receipt" in page and f'href="{url}"' in page
    assert f'action="{home_url}files/trip/{trip.pk}/add"' in client.get(url).text


def test_trip_with_a_receipt_stays_on_the_list_and_on_the_page_of_money(client, nok, home_url, trip):
    assert "Add the receipt" not in client.get(f"{home_url}money/").text
    photo = add_file("trip", trip, "photo.jpg", picture(), by=by(nok))
    start_shopping(trip.list, by=by(nok))
    end_shopping(trip.list, by=by(nok), total=Decimal(90))
    assert "Add the total" in client.get(f"{home_url}money/").text
    for page in ("money/", f"lists/{trip.list_id}/"):
        text = client.get(home_url + page).text
        assert text.count(MARK) == 1
        assert str(trip.pk) in text
    assert f"files/{photo.pk}/thumbnail" in client.get(f"{home_url}lists/{trip.list_id}/trips/{trip.pk}").text


def test_older_trip_without_a_receipt_is_not_shown(client, nok, home_url, trip):
    start_shopping(trip.list, by=by(nok))
    end_shopping(trip.list, by=by(nok))
    page = client.get(f"{home_url}lists/{trip.list_id}/").text
    assert page.count("Add the receipt") == 1
    assert str(trip.pk) not in page
    assert Trip.objects.count() == 2


def test_trip_under_way_has_no_page_for_receipts(client, nok, home_url, milk):
    trip, _is_new = start_shopping(milk.list, by=by(nok))
    assert client.get(f"{home_url}lists/{milk.list_id}/trips/{trip.pk}").status_code == 404
