"""Answers about memory, schedules and the day."""

from datetime import datetime
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pantry.recurrence import describe_rule, is_rule
from pixie.models import Source
from pixie.tools import Result


def describe_passages(results: list[Result]) -> str:
    passages = {row["id"]: row for result in results for row in result.facts["found"]}
    if not passages:
        return _("I don't know anything about that. Say “remember that …” and I will.")
    return "\n".join(_describe_passage(passage) for passage in passages.values())


def _describe_passage(passage: dict[str, Any]) -> str:
    values = {"name": passage["who"], "text": passage["content"], "day": format_day(passage["said_at"])}
    if passage["source"] in (Source.PURCHASE, Source.TASK, Source.EVENT):
        return _("%(day)s: %(text)s") % values
    if not passage["who"]:
        return _("On %(day)s: “%(text)s”") % values
    return _("%(name)s, on %(day)s: “%(text)s”") % values


def describe_remembered(result: Result) -> str:
    if not result.facts["is_new"]:
        sentence = _("I already knew that: “%(text)s”")
    elif result.facts["for"] == "you":
        sentence = _("I'll remember that, just for you: “%(text)s”")
    elif result.facts["for"] == "room":
        sentence = _("I'll remember that for everyone in this room: “%(text)s”")
    else:
        sentence = _("I'll remember that for the home: “%(text)s”")
    return sentence % {"text": result.facts["content"]}


def describe_forgotten(results: list[Result]) -> str:
    count = sum(result.facts["count"] for result in results)
    return ngettext("Forgotten.", "Forgotten, all %(count)d.", count) % {"count": count}


def describe_day(results: list[Result]) -> str:
    lines: list[str] = results[0].facts["news"]
    return "\n".join(lines) or _("All is quiet: there's nothing to get, and nothing was bought yesterday.")


def describe_scheduled(result: Result) -> str:
    facts = result.facts
    when = format_schedule(facts["at"], facts["rrule"])
    values = {"text": facts["what"].rstrip("."), "when": when, "room": facts["room"]}
    if facts["room"]:
        return _("I'll post this in #%(room)s, %(when)s: “%(text)s”") % values
    return _("I'll post this here, %(when)s: “%(text)s”") % values


def list_scheduled(results: list[Result]) -> str:
    rows = results[0].facts["scheduled"]
    if not rows:
        return _("Nothing is scheduled. Try “remind us every Monday at 8 to take the bins out”.")
    return "\n".join(f"{format_schedule(row['at'], row['rrule'])}: {row['what']}" for row in rows)


def describe_cancelled(result: Result) -> str:
    return _("Cancelled: %(what)s.") % {"what": result.facts["what"].rstrip(".")}


def format_schedule(at: datetime | str, rrule: str) -> str:
    """Format a time and its recurrence: “every Monday, next on 9 March, 08:00”."""
    local = local_time(at)
    day_and_time = f"{format_day(local)}, {formats.date_format(local, 'TIME_FORMAT')}"
    rule = rrule.removeprefix("RRULE:").upper()
    if not is_rule(rule):
        return day_and_time
    return _("%(often)s, next on %(day)s") % {"often": describe_rule(rule), "day": day_and_time}


def local_time(at: datetime | str) -> datetime:
    """Return the time in the active time zone. A time without a zone is local already."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def format_day(at: datetime | str) -> str:
    """Format a date, with the year unless it is this one."""
    local = local_time(at)
    same_year = local.year == timezone.localtime().year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")
