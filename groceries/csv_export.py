"""Purchases and shared expenses as CSV (RFC 4180): UTF-8, commas, CRLF, a header.

A text that begins like a formula gets an apostrophe before it, so that no spreadsheet calculates it. Our own import
takes it off again, and knows the columns of purchases.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any
from uuid import UUID

from django.http import FileResponse

from groceries import reports
from groceries.models import Expense
from groceries.parsing.foreign.tables import protect
from homes.export import spool
from pantry.db import consistent_reads
from pantry.models import as_json

BATCH_ROWS = 500
ENCODINGS = ("utf-8", "utf-8-sig")  # the second one begins with a mark by which spreadsheets know it
PURCHASE_COLUMNS = ("Date", "List", "Store", "Item", "Amount", "Unit", "Price", "Currency", "Bought by")
EXPENSE_COLUMNS = ("Date", "Title", "Category", "Amount", "Currency", "Paid by", "Shares", "Payment", "Note")


def purchases_csv(period: reports.Period, encoding: str = "utf-8") -> Iterator[bytes]:
    """Yield the home's purchases of the period, the oldest first, in chunks, so that memory stays bounded."""
    return _encode(chain([PURCHASE_COLUMNS], _purchases(period)), encoding)


def expenses_csv(period: reports.Period, encoding: str = "utf-8") -> Iterator[bytes]:
    """Yield the home's expenses and payments of the period, the oldest first, in chunks."""
    return _encode(chain([EXPENSE_COLUMNS], _expenses(period)), encoding)


CSV_FILES = {"purchases": purchases_csv, "expenses": expenses_csv}


def csv_response(period: reports.Period, kind: str, encoding: str, user_id: UUID) -> FileResponse:
    """Return the file as a response. Raises Busy while this process writes another export of the user's."""
    with consistent_reads():
        file = spool(CSV_FILES[kind](period, encoding), user_id)
    name = f"{kind} {period.first} {period.last}.csv"
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv; charset=utf-8")


def _purchases(period: reports.Period) -> Iterator[tuple[Any, ...]]:
    rows = (
        reports.purchases(period).select_related("item", "list__store", "purchased_by").order_by("purchased_at", "pk")
    )
    for row in rows.iterator(BATCH_ROWS):
        assert row.purchased_at is not None
        day, store, buyer = row.purchased_at.astimezone(period.home.zone).date(), row.list.store, row.purchased_by
        price = "" if row.price_paid is None else as_json(row.price_paid)
        what = (row.list.name, store.name if store else "", row.item.name, as_json(row.quantity), row.display_unit)
        yield (day, *what, price, period.home.currency, buyer.name if buyer else "")


def _expenses(period: reports.Period) -> Iterator[tuple[Any, ...]]:
    rows = Expense.objects.in_period(period.home, period.first, period.last).with_people()
    for row in rows.order_by("spent_on", "created_at", "pk").iterator(BATCH_ROWS):
        shares = "; ".join(f"{share.person.name} {as_json(share.amount)}" for share in row.shares)
        what = (row.title, row.category_label, as_json(row.amount), period.home.currency, row.payer.name, shares)
        yield (row.spent_on, *what, "yes" if row.is_payment else "", row.note)


def _encode(rows: Iterable[tuple[Any, ...]], encoding: str) -> Iterator[bytes]:
    remaining = iter(rows)
    while batch := list(islice(remaining, BATCH_ROWS)):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([protect(cell) for cell in row] for row in batch)
        yield text.getvalue().encode(encoding)
        encoding = "utf-8"  # the mark stands at the beginning only
