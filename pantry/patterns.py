"""Helpers for tables of regular expressions, which ignore case. A dot also matches a line break.

All of them take time linear in the length of the text (tests/pantry/test_linear_time.py).
"""

import re
from collections.abc import Iterable

Patterns = tuple[re.Pattern[str], ...]

# For what `search` may find anywhere: tried once for a run of blanks, not again at each of them.
BLANKS = r"(?<!\s)\s++"
ANY_BLANKS = rf"(?:{BLANKS})?"
# Behind a lazy group, which then cannot end inside a run of blanks.
GAP = r"(?<!\s)\s*+"


def pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.I | re.S)


def patterns(*sources: str) -> Patterns:
    """Return patterns that match only at the start of the text, for `first_match`."""
    return tuple(pattern(rf"\A(?:{source})") for source in sources)


def searches(*sources: str) -> Patterns:
    """Return patterns to search for one after the other."""
    return tuple(pattern(source) for source in sources)


def first_match(bank: Iterable[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next((match for form in bank if (match := form.match(text)) is not None), None)
