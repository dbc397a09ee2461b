"""What a home has of its items: amounts of several batches added up, and compared with what it wants to keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from django.utils.translation import get_language

from groceries.models import Item, PantryBatch
from groceries.parsing.quantities import add_amounts, amount_ratio, are_compatible, dimension_of, format_amount
from homes.models import Home


class Amount(NamedTuple):
    quantity: Decimal
    unit: str

    def __str__(self) -> str:
        return format_amount(self.quantity, self.unit, get_language() or "en")


def add_up(amounts: Iterable[tuple[Decimal, str]]) -> list[Amount]:
    """Return the sums of the amounts. Those whose units can't be converted into each other stay apart."""
    sums: dict[str, Amount] = {}
    for quantity, unit in amounts:
        dimension = dimension_of(unit)
        other = sums.get(dimension)
        total = other and add_amounts(*other, quantity, unit)
        sums[dimension] = Amount(*(total or (quantity, unit)))
    return list(sums.values())


def amount_in(amounts: Iterable[Amount], unit: str) -> Decimal:
    """Return how much of the unit the amounts are. Those that can't be converted to it don't count."""
    ratios = (amount_ratio(quantity, each, Decimal(1), unit) for quantity, each in amounts)
    return sum((ratio for ratio in ratios if ratio is not None), Decimal(0))


def describe_amounts(amounts: Iterable[Amount]) -> str:
    """Return the amounts as text in the active language: “1.5 kg, 2 packs”."""
    return ", ".join(map(str, amounts))


@dataclass(frozen=True)
class Stock:
    """The batches of an item at home, the batch to use first being the first."""

    item: Item
    batches: list[PantryBatch]

    @classmethod
    def of(cls, item: Item) -> "Stock":
        return cls(item, list(PantryBatch.objects.filter(item=item).soonest_first()))

    @cached_property
    def amounts(self) -> list[Amount]:
        return add_up((batch.quantity, batch.unit) for batch in self.batches)

    @property
    def minimum(self) -> Amount | None:
        if self.item.min_quantity is None:
            return None
        return Amount(self.item.min_quantity, self.item.min_unit or "piece")

    @property
    def is_below_minimum(self) -> bool:
        return self.minimum is not None and amount_in(self.amounts, self.minimum.unit) < self.minimum.quantity

    @property
    def uncounted(self) -> list[Amount]:
        """Return the amounts that don't count towards the minimum, since they can't be converted to its unit."""
        if self.minimum is None:
            return []
        return [each for each in self.amounts if not are_compatible(each.unit, self.minimum.unit)]

    @property
    def missing(self) -> Amount | None:
        """Return what to buy to have the minimum: the usual amount or, if that doesn't reach it, what is missing."""
        if self.minimum is None or not self.is_below_minimum:
            return None
        missing = Amount(self.minimum.quantity - amount_in(self.amounts, self.minimum.unit), self.minimum.unit)
        if self.item.default_quantity is None:
            return missing
        usual = Amount(self.item.default_quantity, self.item.default_unit or "piece")
        ratio = amount_ratio(*usual, *missing)
        return missing if ratio is not None and ratio < 1 else usual


@dataclass(frozen=True)
class UseSoon:
    """The batches of a home to use soon, each in the first of these lists that it belongs to."""

    expired: list[PantryBatch]
    soon: list[PantryBatch]
    this_week: list[PantryBatch]

    def __len__(self) -> int:
        return len(self.expired) + len(self.soon) + len(self.this_week)

    @classmethod
    def of(cls, home: Home) -> "UseSoon":
        """Return what is best before a day within a week. One query."""
        today = home.now().date()
        batches = PantryBatch.objects.filter(home=home).best_before_until(today + PantryBatch.THIS_WEEK)
        expired, soon, this_week = list[PantryBatch](), list[PantryBatch](), list[PantryBatch]()
        for batch in batches:
            assert batch.best_before is not None
            is_soon = batch.best_before <= today + PantryBatch.SOON
            (expired if batch.best_before < today else soon if is_soon else this_week).append(batch)
        return cls(expired, soon, this_week)
