"""Answers about what the home runs out of."""

from collections.abc import Callable
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pixie.replies.formats import join_names
from pixie.tools.registry import Result

MAX_NAMES = 10


def _running_low(results: list[Result]) -> str:
    return "\n".join(map(_forecasts, results))


def _forecasts(result: Result) -> str:
    rows = result.facts["forecasts"]
    if name := result.facts["name"]:
        return describe_forecasts(rows) or _("I can't tell when %(item)s runs out: it isn't bought regularly.") % {
            "item": name
        }
    if not rows:
        return _("Nothing seems to be running out in the next days.")
    names = [f"{row['name']} ({_lowered(row['reason'])})" for row in rows[:MAX_NAMES]]
    if more := len(rows) - len(names):
        names.append(ngettext("one more", "%(n)d more", more) % {"n": more})
    return _("Probably running out: %(names)s.") % {"names": join_names(names)}


def describe_forecasts(rows: list[dict[str, Any]]) -> str:
    """Describe each forecast in a line; empty without any."""
    return "\n".join(f"{row['name']}: {_lowered(row['runs_out'])}. {row['reason']}." for row in rows[:MAX_NAMES])


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:]


def _answered(result: Result) -> str:
    values = {"item": result.lines[0].name}
    if result.facts["answer"] == "never":
        return _("%(item)s won't be suggested again.") % values
    if result.facts["answer"] == "again":
        return _("%(item)s will be suggested again.") % values
    day = formats.date_format(result.facts["day"], "MONTH_DAY_FORMAT")
    return _("%(item)s comes up again on %(day)s.") % {**values, "day": day}


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {
    "running_low": _running_low,
    "answer_forecast": lambda results: " ".join(map(_answered, results)),
}
TITLES: dict[str, Callable[[int], str]] = {
    "answer_forecast": lambda n: ngettext("Answered for %(n)d item", "Answered for %(n)d items", n) % {"n": n},
}
