"""Answers about what is at home."""

from collections.abc import Callable
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pixie.replies.formats import join_names
from pixie.tools.registry import Result

MAX_ROWS = 20


def _listed(result: Result) -> str:
    facts = result.facts
    if not facts["rows"]:
        if facts["use_soon"]:
            return _("Nothing has to be used within a week.")
        return (
            _("There's no %(item)s in the pantry.") % {"item": facts["name"]}
            if facts["name"]
            else _("The pantry is empty. Say “put 2 l milk into the pantry”, or let purchases fill it.")
        )
    names = [_row(row) for row in facts["rows"][:MAX_ROWS]]
    if more := facts["count"] - len(names):
        names.append(ngettext("one more", "%(n)d more", more) % {"n": more})
    sentence = _("Use soon: %(names)s.") if facts["use_soon"] else _("At home: %(names)s.")
    return sentence % {"names": join_names(names)}


def _row(row: dict[str, Any]) -> str:
    values = {"item": row["name"], "amount": row["amount"], "day": _day(row["day"])}
    if row["day"]:
        return _("%(item)s (%(amount)s, best before %(day)s)") % values
    return _("%(item)s (%(amount)s)") % values


def _day(day: Any) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else ""


def _added(results: list[Result]) -> str:
    names = [f"{line.amount} {line.name}".strip() for result in results for line in result.lines]
    return _("In the pantry now: %(names)s.") % {"names": join_names(names)}


def _used(result: Result) -> str:
    values = {"item": result.lines[0].name, "left": result.facts["left"], "list": result.facts["listed"]}
    text = _("%(item)s: %(left)s left.") if result.facts["left"] else _("%(item)s is used up.")
    if result.facts["listed"]:
        text += " " + _("It's on “%(list)s”.")
    return text % values


def _kept(result: Result) -> str:
    line, listed = result.lines[0], result.facts.get("listed")
    if not line.amount:
        text = _("I no longer watch how much %(item)s is at home.")
    elif listed:
        text = _("%(item)s is on “%(list)s”, and I'll put it there again whenever less than %(amount)s is at home.")
    else:
        text = _("I'll put %(item)s on the list when less than %(amount)s is at home.")
    return text % {"item": line.name, "amount": line.amount, "list": listed}


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {
    "list_pantry": lambda results: "\n".join(map(_listed, results)),
    "add_to_pantry": _added,
    "use_from_pantry": lambda results: " ".join(map(_used, results)),
    "keep_in_stock": lambda results: " ".join(map(_kept, results)),
}
TITLES: dict[str, Callable[[int], str]] = {
    "add_to_pantry": lambda n: (
        ngettext("Put %(n)d item into the pantry", "Put %(n)d items into the pantry", n) % {"n": n}
    ),
    "use_from_pantry": lambda n: ngettext("Used %(n)d item", "Used %(n)d items", n) % {"n": n},
    "keep_in_stock": lambda n: ngettext("Set %(n)d minimum", "Set %(n)d minimums", n) % {"n": n},
}
