"""Answers about tasks."""

from collections.abc import Callable
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pixie.replies.formats import join_names
from pixie.tools.registry import Result


def _created(result: Result) -> str:
    values = {"task": result.facts["title"], "details": ", ".join(_details(result.facts))}
    with_details, without = _("%(task)s is on the tasks: %(details)s."), _("%(task)s is on the tasks.")
    sentences = [(with_details if values["details"] else without) % values]
    if unknown := result.facts["unknown"]:
        sentences.append(_("Not understood, and left in the title: %(words)s.") % {"words": join_names(unknown)})
    return " ".join(sentences)


def _details(facts: dict[str, Any]) -> list[str]:
    """Return how often, when and by whom it is to be done."""
    parts = [facts["how_often"]] if facts["how_often"] else []
    if facts["due_on"]:
        day = formats.date_format(facts["due_on"], "DATE_FORMAT")
        parts.append(f"{day} {formats.time_format(facts['due_time'])}" if facts["due_time"] else day)
    return parts + ([join_names(facts["people"])] if facts["people"] else [])


def _listed(result: Result) -> str:
    rows, more = result.facts["tasks"], result.facts["more"]
    if not rows:
        return _("There is nothing to do.")
    lines = []
    for row in rows:
        overdue = [_("overdue")] if row["is_overdue"] else []
        details = ", ".join(overdue + _details(row))
        lines.append(f"{row['title']} ({details})" if details else row["title"])
    if more:
        lines.append(ngettext("one more", "%(n)d more", more) % {"n": more})
    return "\n".join(lines)


def _completed(result: Result) -> str:
    done = _("%(task)s is done.") % {"task": result.facts["title"]}
    if (day := result.facts["next_on"]) is None:
        return done
    again = _("It is to do again on %(day)s.") % {"day": formats.date_format(day, "DATE_FORMAT")}
    return f"{done} {again}"


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {
    "create_task": lambda results: " ".join(map(_created, results)),
    "list_tasks": lambda results: "\n".join(map(_listed, results)),
    "complete_task": lambda results: " ".join(map(_completed, results)),
}
TITLES: dict[str, Callable[[int], str]] = {
    "create_task": lambda n: ngettext("Added %(n)d task", "Added %(n)d tasks", n) % {"n": n},
    "complete_task": lambda n: ngettext("Completed %(n)d task", "Completed %(n)d tasks", n) % {"n": n},
}
