"""A list as it is shown: aisles in the order of the shop, rows, sums.

A row is drawn once for what it shows and kept: after a change only the rows that differ are drawn again.
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from groceries.models import AisleClaim, Category, EntryState, GroceryList, ListEntry
from homes.faces import faces
from homes.models import Home

ROWS_KEPT = 8192  # about 1 KB each
COLUMNS = [
    "pk", "item", "item__name", "quantity", "unit", "note", "state", "item__estimated_price", "price_paid", "added_by",
    "added_by_agent", "purchased_by", "purchased_at", "item__category", "item__category__name",
    "item__category__position", "version",
]  # fmt: skip


@dataclass(frozen=True)
class Aisle:
    category: Category
    rows: list[SafeString]
    taken_by: SafeString | str = ""
    """The face of the one among those who shop who takes this aisle."""

    @property
    def html(self) -> SafeString:
        return mark_safe("".join(self.rows))  # noqa: S308 (rendered by templates)


@dataclass(frozen=True)
class Shelf:
    """Everything that stands on a list. `expected` is what is still to be spent, `paid` what was."""

    aisles: list[Aisle]
    basket: list[SafeString]
    to_get: int
    expected: Decimal
    paid: Decimal
    listed: set[UUID]

    @property
    def percent(self) -> int:
        everything = self.to_get + len(self.basket)
        return round(100 * len(self.basket) / everything) if everything else 0

    @property
    def is_empty(self) -> bool:
        return not self.to_get and not self.basket

    def stacks(self) -> list[list[Aisle]]:
        """Two stacks of about the same height, the order of the shop kept; the basket lies under the second."""
        heights = [len(aisle.rows) + 1 for aisle in self.aisles]
        half, first, taken = (sum(heights) + len(self.basket)) / 2, 0, 0
        while first < len(heights) and taken + heights[first] / 2 <= half:
            taken += heights[first]
            first += 1
        return [self.aisles[:first], self.aisles[first:]]

    @property
    def basket_html(self) -> SafeString:
        return mark_safe("".join(self.basket))  # noqa: S308 (rendered by templates)


def shelf_of(home: Home, grocery_list: GroceryList, base: str) -> Shelf:
    """What the list shows, its buttons leading below `base`. Three queries, however long the list is; four when
    an agent put something on it."""
    entries = ListEntry.objects.filter(list=grocery_list).exclude(state=EntryState.REMOVED)
    rows = list(entries.order_by("created_at").values_list(*COLUMNS, named=True))
    drawn, language = faces(home, agents=any(row.added_by_agent for row in rows)), get_language()
    claims = AisleClaim.objects.filter(list=grocery_list)
    takers = {aisle: drawn.get(user, "") for aisle, user in claims.values_list("category", "trip__user")}
    aisles: dict[UUID, Aisle] = {}
    got: list[tuple[Any, SafeString]] = []
    expected = paid = Decimal(0)
    listed = set()
    for row in rows:
        if row.state == EntryState.PENDING:
            face = drawn.get(row.added_by_agent or row.added_by, "")
            shown = (row.pk, row.version, row.item__name, row.quantity, row.unit, row.note, face)
            html = to_get_row(base, *shown, language)
            if row.item__category not in aisles:
                aisles[row.item__category] = Aisle(_category(row), [], takers.get(row.item__category, ""))
            aisles[row.item__category].rows.append(html)
            expected += row.item__estimated_price or 0
            listed.add(row.item)
        else:
            face, price = drawn.get(row.purchased_by, ""), row.price_paid
            bought = (row.pk, row.version, row.item__name, row.quantity, row.unit, price, face)
            got.append((row.purchased_at, got_row(base, *bought, home.currency, grocery_list.is_open, language)))
            paid += price or 0
    return Shelf(
        aisles=sorted(aisles.values(), key=lambda aisle: (aisle.category.position, aisle.category.name)),
        basket=[html for _at, html in sorted(got, key=lambda pair: pair[0], reverse=True)],
        to_get=sum(len(aisle.rows) for aisle in aisles.values()),
        expected=expected,
        paid=paid,
        listed=listed,
    )


def _category(row: Any) -> Category:
    return Category(pk=row.item__category, name=row.item__category__name, position=row.item__category__position)


@lru_cache(maxsize=ROWS_KEPT)
def to_get_row(
    base: str, pk: UUID, version: int, name: str, quantity: Decimal, unit: str, note: str, face: str, language: str
) -> SafeString:
    """All that the row shows is in the arguments."""
    row = {"pk": pk, "version": version, "name": name, "quantity": quantity, "unit": unit, "note": note, "face": face}
    return render_to_string("groceries/_entry.html", {"entry": row, "base": base})


@lru_cache(maxsize=ROWS_KEPT)
def got_row(
    base: str,
    pk: UUID,
    version: int,
    name: str,
    quantity: Decimal,
    unit: str,
    price: Decimal | None,
    face: str,
    currency: str,
    is_open: bool,
    language: str,
) -> SafeString:
    row = {"pk": pk, "version": version, "name": name, "quantity": quantity, "unit": unit, "face": face}
    shown = {"entry": {**row, "price_paid": price}, "base": base, "currency": currency, "is_open": is_open}
    return render_to_string("groceries/_got.html", shown)
