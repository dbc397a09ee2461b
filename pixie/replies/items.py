"""Answers about items, pasted texts, prices and totals."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pixie.tools.registry import Result


def _item_renamed(result: Result) -> str:
    return _("%(old)s is called %(item)s now.") % result.facts


def _merged(result: Result) -> str:
    return _("%(old)s and %(item)s are one now: %(item)s.") % result.facts


def _text_added(result: Result) -> str:
    count = result.facts["count"]
    sentence = ngettext("Added %(count)d item to %(list)s.", "Added %(count)d items to %(list)s.", count)
    return sentence % result.facts


def _price_corrected(result: Result) -> str:
    if result.facts["old"] is None:
        return _("%(item)s cost %(price)s.") % result.facts
    return _("%(item)s cost %(price)s, not %(old)s.") % result.facts


def _total_set(result: Result) -> str:
    return _("The shopping with %(list)s came to %(sum)s.") % result.facts


def _each(describe: Callable[[Result], str]) -> Callable[[list[Result]], str]:
    return lambda results: " ".join(map(describe, results))


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {
    "add_text": _each(_text_added),
    "correct_price": _each(_price_corrected),
    "merge_items": _each(_merged),
    "rename_item": _each(_item_renamed),
    "set_trip_total": _each(_total_set),
}
TITLES: dict[str, Callable[[int], str]] = {
    "add_text": lambda n: ngettext("Added %(n)d item", "Added %(n)d items", n) % {"n": n},
    "correct_price": lambda n: ngettext("Corrected %(n)d price", "Corrected %(n)d prices", n) % {"n": n},
    "merge_items": lambda n: ngettext("Merged %(n)d item", "Merged %(n)d items", n) % {"n": n},
    "rename_item": lambda n: ngettext("Renamed %(n)d item", "Renamed %(n)d items", n) % {"n": n},
    "set_trip_total": lambda n: ngettext("Set %(n)d total", "Set %(n)d totals", n) % {"n": n},
}
