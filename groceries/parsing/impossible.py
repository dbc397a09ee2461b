"""Amounts that nothing has: “-2 kg rice”, “0 eggs”, “1e9 kg rice”. “0 sugar cola” and “00 flour” have none of them."""

import re

_NONE = re.compile(
    r"(?:[-−–](?:\d[\d.,]*|[.,]\d+)|0(?:[.,]0+)?) ?(?:(?<=\d )|(?=(?:kg|g|mg|l|ml|cl|dl|lb|oz)\b))"
    r"(?!(?:sugar|fat|alcohol|calorie|calories|carb|carbs|waste|proof|zero)\b)(?=[^\W\d_])",
    re.IGNORECASE,
)
_NONE_AT_END = re.compile(
    r"\S (?:[x×] ?)?0(?:[.,]0+)? ?(?:kg|g|mg|l|ml|cl|dl|lbs?|oz|pieces?|packs?|cans?|bottles?)\Z", re.IGNORECASE
)
_TOO_MUCH = re.compile(r"\d[\d.,]*e\+?\d{1,6} (?=[^\W\d_])", re.IGNORECASE)
_MAX_CHARS = 120  # of a name with its amount


def is_none(text: str) -> bool:
    """Return whether the text begins with an amount of zero or less, or ends with none of a unit."""
    text = text[:_MAX_CHARS]
    return _NONE.match(text) is not None or _NONE_AT_END.search(text) is not None


def is_too_much(text: str) -> bool:
    """Return whether the text begins with a number that no list holds."""
    return _TOO_MUCH.match(text[:_MAX_CHARS]) is not None
