"""Pagination. Query counts are tested in test_query_counts.py."""

import pytest

from groceries.actions import create_item
from groceries.models import Item
from tests.factories import by

pytestmark = pytest.mark.both_databases


def walk(me, url, between=lambda: None):
    """Return all pages of a list; call `between` after each."""
    pages = []
    while url:
        page = me.get(url).json()
        pages.append([row["name"] for row in page["results"]])
        url = page["next"] and "/" + page["next"].split("/api/", 1)[1]
        between()
    return pages


@pytest.fixture
def twelve(nok):
    return [create_item(f"Thing {number:02}", by=by(nok))[0] for number in range(12)]


def test_pages_link_to_next_and_previous(api_client, nok, twelve):
    me = api_client(nok)
    assert [len(page) for page in walk(me, "items?limit=5")] == [5, 5, 2]
    second = me.get("/" + me.get("items?limit=5").json()["next"].split("/api/", 1)[1]).json()
    first = me.get("/" + second["previous"].split("/api/", 1)[1]).json()
    assert [row["name"] for row in first["results"]] == [f"Thing {number:02}" for number in range(5)]
    assert (first["previous"], bool(first["next"])) == (None, True)


@pytest.mark.parametrize("order", ["name", "newest"])
def test_pages_lose_and_repeat_nothing_while_rows_are_added(api_client, nok, twelve, order):
    made = iter(range(100))

    def add():
        number = next(made)
        create_item(f"A{number}", by=by(nok))
        create_item(f"Z{number}", by=by(nok))

    names = [name for page in walk(api_client(nok), f"items?limit=5&order={order}", add) for name in page]
    assert len(names) == len(set(names))
    assert {thing.name for thing in twelve} <= set(names)


def test_pages_lose_nothing_while_rows_are_removed(api_client, nok, twelve):
    items_to_delete = iter(twelve)
    names = walk(api_client(nok), "items?limit=5", lambda: next(items_to_delete).delete())
    assert [name for page in names for name in page] == [thing.name for thing in twelve]


def test_invalid_cursor_is_rejected(api_client, nok, twelve):
    me = api_client(nok)
    other = me.get("items?limit=5&order=newest").json()["next"].split("cursor=")[1].split("&")[0]
    for cursor in ("x", "é", "a" * 5000, other):
        response = me.get(f"items?cursor={cursor}")
        assert (response.status_code, list(response.json()["error"]["fields"])) == (400, ["cursor"])


@pytest.mark.parametrize("limit", ["0", "-1", "201", "x", "9" * 30, "٣", "1.5"])
def test_limit_out_of_range_is_rejected(api_client, nok, limit):
    assert api_client(nok).get(f"items?limit={limit}").status_code == 400


def test_items_are_completed_from_a_prefix(api_client, nok, mai):
    for name in ("Coconut milk", "Milk", "Miso", "Eggs"):
        create_item(name, by=by(nok))
    create_item("Mint", by=by(mai))
    assert walk(api_client(nok), "items?q=mi") == [["Coconut milk", "Milk", "Miso"]]
    assert walk(api_client(nok), "items?q=%25") == [[]]
    assert walk(api_client(nok), "items?q=…") == [[]]
    assert api_client(nok).get("items?q=%00").status_code == 400


@pytest.mark.both_databases
def test_items_are_found_and_sorted_without_case_and_accents(api_client, nok):
    for name in ("Zwieback", "Äpfel", "crème fraîche", "Birnen", "ไก่", "กะทิ"):
        create_item(name, by=by(nok))
    in_order = ["Äpfel", "Birnen", "Crème fraîche", "Zwieback", "กะทิ", "ไก่"]
    assert walk(api_client(nok), "items") == [in_order]
    for typed, name in (("creme", "Crème fraîche"), ("FRAÎ", "Crème fraîche"), ("apf", "Äpfel"), ("ไก", "ไก่")):
        assert walk(api_client(nok), f"items?q={typed}") == [[name]]


def test_completion_among_ten_thousand_items_fits_one_page(api_client, nok):
    aisle = nok.home.categories.first()
    Item.objects.bulk_create(
        Item(home=nok.home, name=f"Thing {number}", normalized_name=f"thing {number}", category=aisle)
        for number in range(10_000)
    )
    page = api_client(nok).get("items?q=thing 99&limit=10").json()
    assert [row["name"] for row in page["results"]][:3] == ["Thing 99", "Thing 990", "Thing 9900"]
