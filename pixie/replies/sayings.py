"""Answers about memory, schedules and the day, and small talk for homes without a language model."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zlib import crc32

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from pantry.recurrence import describe_rule, is_rule
from pixie.models import Source
from pixie.tools import Result

JOKES = [
    __("Why did the tomato turn red? It saw the salad dressing. I have been waiting all week to tell somebody."),
    __("I asked the rice how it was. It said: steamed."),
    __("Two eggs sit in a pan. Says one: it is hot in here. Says the other: help, a talking egg."),
    __("My favourite exercise is the walk from the fridge to the list."),
]

TALK: dict[str, Sequence[Any]] = {
    r"\bjokes?\b|\bfunny\b|make me laugh|ตลก": JOKES,
    r"\b(thanks?|thank you|thx|cheers|ty)\b|ขอบคุณ": [__("Any time."), __("Gladly.")],
    r"\b(good ?night|bye|see you|see ya)\b|ลาก่อน": [__("Good night. The list stays awake.")],
    r"\b(how are you|how('s| is) it going|how do you do|what'?s up)\b|สบายดี": [__("Well stocked, thank you. And you?")],
    r"\b(who|what) are you\b|\byour name\b": [
        __("I'm Pixie. I look after this home's lists, recurring items and budget.")
    ],
    r"\b(sorry|my bad)\b": [__("Nothing to be sorry for.")],
    r"\b(love you|good job|well done|great|awesome|nice|perfect)\b": [__("That is kind. It was a team effort.")],
    r"^\W*(hi|hello|hey|good (morning|afternoon|evening)|yo|howdy)\b|สวัสดี|หวัดดี": [
        __("Hello. What does the home need?")
    ],
    r"\b(sad|tired|lonely|bad day|exhausted|stressed)\b": [
        __("I'm sorry to hear that. Put something nice on the list: you needn't say who it's for.")
    ],
}


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


def matches_smalltalk(text: str) -> bool:
    """Return whether `make_smalltalk` has a sentence for the text."""
    return any(re.search(pattern, text, re.IGNORECASE) for pattern in TALK)


def make_smalltalk(text: str, intent: str) -> str:
    """Answer small talk, or else say what Pixie can do. The same text always gets the same answer."""
    for pattern, sentences in TALK.items():
        if re.search(pattern, text, re.IGNORECASE):
            return str(sentences[crc32(text.encode("utf-8", "replace")) % len(sentences)])
    if intent == "plan":
        return _(
            "I don't keep tasks or dates yet. But I can remind you: “remind me tomorrow at 9 to call the landlord”."
        )
    if intent == "chat":
        return _("I'm better with shopping than with that. Tell me what you need, or ask what's on the list.")
    return _(
        "I'm not sure what you mean. I understand “we need eggs”, “I got the milk”, “rice every month”, "
        "“what's on the list?” and “how much did we spend?”"
    )
