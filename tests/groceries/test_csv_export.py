"""Purchases and shared expenses as CSV, from the page and the API, and read back by the import."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from groceries.actions import add_entry, choose_store, create_expense, create_store, purchase_entry, settle_up
from groceries.csv_export import expenses_csv, purchases_csv
from groceries.file_imports import read_lists
from groceries.models import ListEntry
from groceries.parsing.foreign.tables import protect
from groceries.reports import Period
from tests.api.client import ApiClient, read_stream
from tests.counting import queries_of
from tests.factories import by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def march(nok):
    return Period(nok.home, date(2026, 3, 1), date(2026, 3, 31))


@pytest.fixture
def bought(nok, ben, weekly, milk, rice, freeze_time):
    choose_store(weekly, create_store("Market", by=by(nok)), by=by(nok))
    freeze_time("2026-03-10 00:30")  # still the day before in UTC
    purchase_entry(milk, by=by(ben), price=Decimal("45.50"))
    freeze_time("2026-03-11 12:00")
    purchase_entry(rice, by=by(nok))
    return milk


def parse(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))


def test_purchases_have_day_list_store_item_amount_price_and_buyer(march, bought):
    content = b"".join(purchases_csv(march))
    assert content.startswith(b"Date,List,Store,Item,Amount,Unit,Price,Currency,Bought by\r\n")
    assert parse(content)[1:] == [
        ["2026-03-10", "Weekly shop", "Market", "Milk", "1", "liter", "45.5", "THB", "Ben"],
        ["2026-03-11", "Weekly shop", "Market", "Rice", "5", "kg", "", "THB", "Nok"],
    ]


def test_expenses_have_payer_and_shares(nok, ben, march):
    create_expense("Pizza, large", Decimal(450), by=by(nok), spent_on=date(2026, 3, 4), category="eating out")
    settle_up(str(ben.user_id), str(nok.user_id), Decimal(225), by=by(ben), spent_on=date(2026, 3, 5), note="cash")
    create_expense("Later", Decimal(1), by=by(nok), spent_on=date(2026, 4, 1))
    assert parse(b"".join(expenses_csv(march))) == [
        ["Date", "Title", "Category", "Amount", "Currency", "Paid by", "Shares", "Payment", "Note"],
        ["2026-03-04", "Pizza, large", "Eating out", "450", "THB", "Nok", "Nok 225; Ben 225", "", ""],
        ["2026-03-05", "", "Other", "225", "THB", "Ben", "Nok 225", "yes", "cash"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "'=1", "it's", "'tis", "Milk", ""])
def test_formulas_are_harmless_and_read_back(text):
    cell = protect(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t"))
    assert cell == text or cell == f"'{text}"


def test_item_named_like_a_formula_is_text_in_the_file_and_itself_when_read_back(nok, weekly, march, freeze_time):
    freeze_time("2026-03-11 12:00")
    entry, _new = add_entry(weekly, "=HYPERLINK(x)", by=by(nok), quantity=Decimal(2), unit="kg")
    purchase_entry(entry, by=by(nok))
    content = b"".join(purchases_csv(march))
    assert b"'=HYPERLINK" in content
    [lines] = [each.lines for each in read_lists(content, nok.home).lists]
    assert [line.name for line in lines] == [entry.item.name]


def test_purchases_are_read_back_by_the_import(nok, march, bought):
    for encoding in ("utf-8", "utf-8-sig"):
        file = read_lists(b"".join(purchases_csv(march, encoding)), nok.home)
        [shop] = file.lists
        assert shop.name == "Weekly shop"
        lines = [(line.name, line.quantity, line.unit, line.problem) for line in shop.lines]
        assert lines == [("Milk", 1, "liter", ""), ("Rice", 5, "kg", "")]
        assert "Market" in shop.lines[0].note


def test_mark_stands_once_at_the_beginning(march, bought, monkeypatch):
    monkeypatch.setattr("groceries.csv_export.BATCH_ROWS", 1)
    chunks = list(purchases_csv(march, "utf-8-sig"))
    assert len(chunks) == 3
    assert b"".join(chunks).count("\ufeff".encode()) == 1


def test_queries_do_not_grow_with_the_rows(nok, ben, march, bought, weekly):
    few = queries_of(lambda: list(purchases_csv(march)))
    common = {"home": nok.home, "list": weekly, "state": "purchased", "purchased_by": ben.user}
    ListEntry.objects.bulk_create(
        ListEntry(item=bought.item, purchased_at="2026-03-12T00:00:00Z", **common) for _number in range(20)
    )
    assert queries_of(lambda: list(purchases_csv(march))) == few
    create_expense("Pizza", Decimal(450), by=by(nok), spent_on=date(2026, 3, 4))
    few = queries_of(lambda: list(expenses_csv(march)))
    for _number in range(5):
        create_expense("Pizza", Decimal(450), by=by(nok), spent_on=date(2026, 3, 4))
    assert queries_of(lambda: list(expenses_csv(march))) == few


def test_api_sends_a_file(nok, bought):
    response = ApiClient(nok).get("spending/csv?from=2026-03-01&to=2026-03-31&encoding=utf-8-sig")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="purchases 2026-03-01 2026-03-31.csv"' in response["Content-Disposition"]
    content = read_stream(response).content
    assert content.startswith("\ufeffDate".encode())
    assert len(parse(content)) == 3
    assert parse(read_stream(ApiClient(nok).get("expenses/csv")).content)[0][0] == "Date"


def test_api_refuses_strangers_and_nonsense(nok, mai, bought):
    for path in ("spending/csv", "expenses/csv"):
        assert ApiClient(mai).get(f"/homes/{nok.home_id}/{path}").status_code == 403
        assert ApiClient(nok).get(f"{path}?from=2026-03-02&to=2026-03-01").json()["error"]["code"] == "refused"
        assert ApiClient(nok).get(f"{path}?encoding=latin-1").status_code == 400


def test_page_asks_for_days_and_downloads(nok, mai, bought, sign_in):
    url, client = f"/h/{nok.home_id}/money/csv", sign_in(nok)
    assert f"{url}?month=2026-03" in client.get(f"/h/{nok.home_id}/money/?month=2026-03").text
    assert 'value="2026-03-31"' in client.get(f"{url}?month=2026-03").text
    chosen = {"kind": "purchases", "first": "2026-03-01", "last": "2026-03-31", "encoding": "utf-8"}
    assert len(parse(read_stream(client.get(url, chosen)).content)) == 3
    for wrong in ({"kind": "x"}, {"last": "2026-02-01"}, {"first": "0001-01-01"}, {"last": "9999-12-31"}):
        assert client.get(url, chosen | wrong).status_code == 422
    assert sign_in(mai).get(url, chosen).status_code == 404
