"""Template tags and filters of the design system. They are builtins, so templates need no `load`."""

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel.core import Locale
from babel.numbers import format_currency, format_decimal
from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, size: str = "") -> SafeString:
    """Render a symbol of `static/icons.svg`. `size` is `s` or empty."""
    size_class = f" icon--{size}" if size else ""
    sprite = static("icons.svg")
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true"><use href="{}#{}"/></svg>', size_class, sprite, name
    )


@lru_cache(maxsize=64)
def babel_locale(language: str | None) -> Locale:
    return Locale.parse(language or "en", sep="-")


@lru_cache(maxsize=4096)
def _money(value: Decimal, currency: str, language: str | None) -> str:
    locale = babel_locale(language)
    is_whole = value == value.to_integral_value()
    pattern = locale.currency_formats["standard"].pattern
    text = format_currency(
        value, currency, pattern.replace(".00", "") if is_whole else None, locale=locale, currency_digits=not is_whole
    )
    return text.replace(currency, "฿") if currency == "THB" and "฿" not in text else text


@register.filter
def money(value: Decimal | None, currency: str) -> str:
    """Format an amount of money in the active language; whole amounts without decimals."""
    return "" if value is None else _money(Decimal(value), currency, get_language())


@register.filter
def number(value: Decimal | int | None) -> str:
    return "" if value is None else str(format_decimal(value, locale=babel_locale(get_language())))


@register.filter
def split(words: str) -> list[str]:
    """Split a text at white space, to pass several words to a partial."""
    return words.split()


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    return mapping.get(key)
