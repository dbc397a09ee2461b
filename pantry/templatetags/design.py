"""Template tags and filters of the design system. They are builtins, so templates need no `load`."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from pantry.money import money, number

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


register.filter(money)
register.filter(number)


@register.filter
def split(words: str) -> list[str]:
    """Split a text at white space, to pass several words to a partial."""
    return words.split()


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    return mapping.get(key)
