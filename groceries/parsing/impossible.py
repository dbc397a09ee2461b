"""Amounts that nothing has: “-2 kg rice”, “0 eggs”, “1e9 kg rice”. “0 sugar cola” and “00 flour” have none of them."""

import re
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

NONE: Any = _("Enter an amount greater than zero, like 2 or 0.5.")
TOO_MUCH: Any = lazy(
    lambda: gettext("That's more than a list can hold. The maximum is %(max)s.") % {"max": "99,999"}, str
)()
_NO_MORE = r"(?:[-−–](?:\d[\d.,]*|[.,]\d+)|0(?:[.,]0+)?)"
_POWER = r"\d[\d.,]{0,9}e\+?\d{1,6}"  # of ten
_THING = r"(?!(?:sugar|fat|alcohol|calories?|carbs?|waste|proof|zero)\b)[^\W\d_]"
_NONE = re.compile(rf"{_NO_MORE}(?: |(?=(?:kg|g|mg|l|ml|cl|dl|lb|oz)\b)){_THING}", re.IGNORECASE)
_NONE_AT_END = re.compile(
    r"\S (?:[x×] ?)?0(?:[.,]0+)? ?(?:kg|g|mg|l|ml|cl|dl|lbs?|oz|pieces?|packs?|cans?|bottles?)\Z", re.IGNORECASE
)
_TOO_MUCH = re.compile(rf"{_POWER} [^\W\d_]", re.IGNORECASE)
_SAID_NONE = re.compile(
    rf"(?:(?:\A|\s){_NO_MORE}|\b(?:add|get|buy|need|put) (?:zero|(?:minus|negative) [\d.,]{{1,12}})) {_THING}",
    re.IGNORECASE,
)
_SAID_TOO_MUCH = re.compile(rf"(?:\A|\s){_POWER} [^\W\d_]", re.IGNORECASE)
_MAX_CHARS = 120  # of a name with its amount


def why_impossible(text: str) -> Any:
    """Return what is wrong with the amount that the text begins with, or ends with if it is none of a unit, if any."""
    text = text[:_MAX_CHARS]
    if _NONE.match(text) or _NONE_AT_END.search(text):
        return NONE
    return TOO_MUCH if _TOO_MUCH.match(text) else None


def why_impossible_in(sentence: str) -> Any:
    """Return what is wrong with an amount anywhere in the sentence: “please add -2 milk”, “buy zero eggs”."""
    if _SAID_NONE.search(sentence):
        return NONE
    return TOO_MUCH if _SAID_TOO_MUCH.search(sentence) else None
