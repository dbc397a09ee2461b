"""Template filters for people."""

import unicodedata

from django import template

register = template.Library()

THAI_LEADING_VOWELS = "เแโใไ"


@register.filter
def initial(name: str) -> str:
    """Return the initials of a name: of its first and last word. A leading Thai vowel includes its consonant."""
    words = [letters for word in str(name).split() if (letters := _letters(word))]
    initials = [letters[: 2 if letters[0] in THAI_LEADING_VOWELS else 1] for letters in words]
    both = initials[0] + initials[-1] if len(initials) > 1 else "".join(initials)
    return (both if len(both) <= 2 else initials[0]).upper() or "?"


def _letters(word: str) -> str:
    return "".join(char for char in word if unicodedata.category(char)[0] in "LNS")
