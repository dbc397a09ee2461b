"""How people are shown."""

import unicodedata
from functools import lru_cache
from uuid import UUID

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag(takes_context=True)
def nav(context: Context) -> SafeString:
    """The bar under the thumb. Drawn once for what it shows."""
    member = context["member"]
    shown = (member.home_id, member.home.name, member.user.name, member.colour)
    count = context.get("unread_total")  # another app's word; where it is missing, nothing is unread
    return _nav(*shown, context.get("tab", ""), count() if count else 0, get_language())


@lru_cache(maxsize=1024)
def _nav(home_id: UUID, home: str, name: str, colour: int, tab: str, unread_total: int, language: str) -> SafeString:
    shown = {"home": {"pk": home_id, "name": home}, "member": {"name": name, "colour": colour}}
    return render_to_string("_nav.html", {**shown, "tab": tab, "unread_total": unread_total})


THAI_LEADING_VOWELS = "เแโใไ"


@register.filter
def initial(name: str) -> str:
    """The letter (of two names: both letters) that stands for somebody; a Thai vowel that is written first
    takes its consonant along."""
    words = [word for word in str(name).split() if _letters(word)]
    firsts = [_first(word) for word in words]
    both = firsts[0] + firsts[-1] if len(firsts) > 1 else "".join(firsts)
    return (both if len(both) <= 2 else firsts[0]).upper() or "?"


def _letters(word: str) -> str:
    return "".join(char for char in word if unicodedata.category(char)[0] in "LNS")


def _first(word: str) -> str:
    letters = _letters(word)
    return letters[:2] if letters[0] in THAI_LEADING_VOWELS else letters[:1]
