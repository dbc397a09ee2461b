"""How people are shown."""

import unicodedata

from django import template

register = template.Library()


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
