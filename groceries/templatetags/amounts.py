"""Template filter for amounts, available in all templates."""

from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.utils.translation import get_language

from groceries.parsing.quantities import format_amount
from pantry.models import as_json

register = template.Library()


@lru_cache(maxsize=4096)
def _amount(quantity: Decimal, unit: str, language: str) -> str:
    return format_amount(quantity, unit, language)


@register.filter
def amount(row: Any) -> str:
    """Format the `quantity` and `unit` of an entry or dict: “1.5 kg”, “3 bunches”, “2”."""
    quantity, unit = (row["quantity"], row["unit"]) if isinstance(row, dict) else (row.quantity, row.unit)
    return _amount(quantity, "" if unit == "piece" else unit or "", get_language() or "en")


@register.filter
def usual_amount(item: Any) -> str:
    """Format the usual amount of an item."""
    return amount({"quantity": item.default_quantity, "unit": item.default_unit})


@register.filter
def step_amount(batch: Any) -> str:
    """Format what one tap uses of a batch in the pantry."""
    return amount({"quantity": batch.step, "unit": batch.unit})


@register.filter
def as_typed(value: Decimal | None) -> str:
    """Return a number as a field has it: “45.5”, and nothing for None."""
    return "" if value is None else str(as_json(value))
