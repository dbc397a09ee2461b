"""What an item cost, by store and unit, and what a list will cost in its store."""

from decimal import Decimal

import pytest

from groceries.actions import add_entry, choose_store, create_list, create_store, purchase_entry
from groceries.list_presenter import ListPresenter
from groceries.prices import MAX_PRICES, price_history
from tests.counting import queries_of
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def buy(nok):
    """`buy(store, “rice”, 2, “kg”, 90)`: buy that in the store, or in none. Returns the item."""

    def purchase(store, name, quantity, unit, price):
        grocery_list = create_list("Trip", by=by(nok), store=store)
        entry, _new = add_entry(grocery_list, name, by=by(nok), quantity=Decimal(quantity), unit=unit)
        return purchase_entry(entry, by=by(nok), price=Decimal(price)).item

    return purchase


@pytest.fixture
def stores(nok):
    return create_store("Market", by=by(nok)), create_store("Corner shop", by=by(nok))


def expected(nok, store, *amounts):
    grocery_list = create_list("Next", by=by(nok))
    for name, quantity, unit in amounts:
        add_entry(grocery_list, name, by=by(nok), quantity=Decimal(quantity), unit=unit)
    chosen = choose_store(grocery_list, store, by=by(nok))
    return ListPresenter(nok.home, chosen).expected_prices


@pytest.mark.parametrize(
    ("quantity", "unit", "price", "each", "per"),
    [
        ("2", "kg", "90", "45", "kg"),
        ("500", "g", "30", "60", "kg"),
        ("750", "ml", "12", "16", "liter"),
        ("2", "pair", "100", "50", "pair"),
        ("3", "piece", "10", "3.33", "piece"),
        ("2", "bottle", "99", "49.50", "bottle"),
        ("4", "zork", "6", "1.50", "zork"),
        ("0.001", "g", "99999999", "99999999000000.00", "kg"),
    ],
)
def test_price_is_told_for_a_whole_unit(nok, buy, quantity, unit, price, each, per):
    [found] = price_history(buy(None, "rice", quantity, unit, price), nok.home)
    assert (found.each, found.per) == (Decimal(each), per)


def test_history_is_newest_first_with_stores_and_bounded(nok, stores, buy):
    market, _corner = stores
    for price in range(MAX_PRICES + 3):
        item = buy(market if price % 2 else None, "rice", "1", "kg", price)
    history = price_history(item, nok.home)
    assert [price.paid for price in history] == list(range(MAX_PRICES + 2, 2, -1))
    assert [price.store for price in history[:2]] == ["", "Market"]
    assert queries_of(lambda: price_history(item, nok.home)) == 1


def test_list_costs_what_its_store_asks(nok, stores, buy):
    market, corner = stores
    buy(market, "rice", "1", "kg", "40")
    buy(corner, "rice", "500", "g", "35")
    rice = ("rice", 2, "kg")
    assert expected(nok, market, rice) == [80]
    assert expected(nok, corner, rice) == [140]
    assert expected(nok, None, rice) == [140]  # the last price


def test_price_elsewhere_counts_where_it_was_never_bought(nok, stores, buy):
    market, corner = stores
    buy(market, "rice", "1", "kg", "40")
    assert expected(nok, corner, ("rice", 2, "kg"), ("salt", 1, None)) == [80]
    assert expected(nok, market, ("rice", 1, "bag")) == [40]  # amounts that do not compare


def test_page_of_an_item_shows_its_prices(nok, stores, buy, sign_in):
    item = buy(stores[0], "rice", "500", "g", "30")
    page = sign_in(nok).get(f"/h/{nok.home_id}/items/{item.pk}/").text
    for text in ("What it cost", "per kg", "Market", "for 500 g"):
        assert text in page
