"""How much, as people read it. Built in, like the design system's words."""

from decimal import Decimal
from functools import lru_cache

from django import template
from django.utils.translation import get_language

from groceries.quantities import format_amount

register = template.Library()


@lru_cache(maxsize=4096)
def _amount(quantity: Decimal, unit: str, language: str) -> str:
    return format_amount(quantity, unit, language)


@register.filter
def amount(row: object) -> str:
    """What an entry (or anything with `quantity` and `unit`) asks for: “1.5 kg”, “3 bunches”, “2”."""
    unit = str(getattr(row, "unit", ""))
    return _amount(Decimal(getattr(row, "quantity", 0)), "" if unit == "piece" else unit, get_language() or "en")
