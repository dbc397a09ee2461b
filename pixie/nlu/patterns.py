"""Helpers for tables of regular expressions, which ignore case."""

import re
from collections.abc import Iterable

Patterns = tuple[re.Pattern[str], ...]


def pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.I)


def patterns(*sources: str) -> Patterns:
    return tuple(pattern(source) for source in sources)


def first_match(bank: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    """Return the match of the first pattern that matches at the start of the text."""
    return next((match for form in bank if (match := form.match(text)) is not None), None)
