"""Read a task from one line: “clean the fridge by friday @Ben !high #kitchen”.

What cannot be told for sure is not guessed: it stays in the title and in `unknown`, and a day that does not exist is
`impossible`. Text in quotation marks is part of the title.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pantry.recurrence import next_time
from pantry.text import clean_line
from pantry.when import Frequency, When, find_frequency, find_impossible, find_thai_frequency, find_thai_when, find_when

PRIORITIES = {
    "low": "low", "medium": "medium", "normal": "medium", "high": "high", "urgent": "urgent", "important": "high",
    "niedrig": "low", "mittel": "medium", "hoch": "high", "dringend": "urgent",
    "ต่ำ": "low", "ปานกลาง": "medium", "สูง": "high", "สำคัญ": "high", "ด่วน": "urgent",
}  # fmt: skip
_QUOTED = re.compile(r"“[^“”]+”|„[^„“”]+[“”]|\"[^\"]+\"")
_QUOTE = "\0"  # in place of the quoted text
_THAI = re.compile(r"[\u0e00-\u0e7f]")
# Words that mean a time only where one is usually said: “sun cream”, “morning glory”, “the 5th element”.
_DOUBTFUL = re.compile(
    r"(?:mon|tues?|wed|thu(?:rs)?|fri|sat|sun|morning|afternoon|evening|noon|midnight|(?:the )?\d{1,2}(?:st|nd|rd|th))",
    re.IGNORECASE,
)
_REPEATS = re.compile(r"(?:on |for |at )?(?:every|each)\b|ทุก", re.IGNORECASE)
_DANGLING = re.compile(r"(?<!\S)(?:due|starting|from|by|@)\Z", re.IGNORECASE)


@dataclass
class ParsedTask:
    """A line as it is understood. `unknown` are words that stay in the title though they look as if they meant more."""

    title: str
    due_on: date | None = None
    due_time: time | None = None
    rrule: str = ""
    assignee_ids: list[UUID] = field(default_factory=list)
    priority: str = ""
    project: str = ""
    unknown: list[str] = field(default_factory=list)
    impossible: str = ""


def parse_task_text(text: str, members: Mapping[str, UUID], projects: Iterable[str], now: datetime) -> ParsedTask:
    """Read a line. `members` are ids by name, `now` is the time by the clocks of the home."""
    text = clean_line(text)
    quoted = _QUOTED.search(text)
    if quoted is not None:
        text = text[: quoted.start()] + _QUOTE + text[quoted.end() :]
    task = ParsedTask("")
    text = _read_marks(text, task, members, projects)
    text = _read_time(text, task, now)
    words = quoted[0] if quoted is not None else ""
    task.title = words[1:-1] if text == _QUOTE else text.replace(_QUOTE, words)
    return task


def _read_marks(text: str, task: ParsedTask, members: Mapping[str, UUID], projects: Iterable[str]) -> str:
    """Read the members, the priority and the project. Returns the text without them."""
    people = {name.casefold(): pk for name, pk in members.items()}
    names = {name.casefold(): name for name in projects}
    marks = _marks("@", people) + _marks("#", names) + r"|(?P<mark>[@!#])(?P<word>[^\W\d_][^\s,@!#]*)"
    spans = []
    for match in re.finditer(rf"(?<!\S)(?:{marks[1:]})", text, re.IGNORECASE):
        word = match[0][1:].casefold()
        if match["mark"] is None and match[0][0] == "@":
            task.assignee_ids.append(people[word])
        elif match["mark"] == "!" and word in PRIORITIES and not task.priority:
            task.priority = PRIORITIES[word]
        elif match[0][0] == "#" and not task.project:
            task.project = names.get(word, match[0][1:])
        else:
            task.unknown.append(match[0])
            continue
        spans.append(match.span())
    return _without(text, spans)


def _marks(mark: str, names: Iterable[str]) -> str:
    """Return alternatives that match the mark with one of the names, the longest first."""
    return "".join(rf"|{mark}{re.escape(name)}(?![^\s,.;:!?])" for name in sorted(names, key=len, reverse=True))


def _read_time(text: str, task: ParsedTask, now: datetime) -> str:
    """Read how often, the day and the time. Returns the text without them."""
    frequency = find_frequency(text) or find_thai_frequency(text)
    if frequency is not None and _repeats(frequency):
        task.rrule, text = frequency.rrule, frequency.rest
    elif frequency is not None and _REPEATS.match(frequency.phrase):
        task.unknown.append(frequency.phrase)
    when = _find_when(text, now)
    if when is not None and find_impossible(when.phrase, now) is None:
        text, task.due_on = _DANGLING.sub("", when.rest).strip(" ,"), when.moment.date()
        task.due_time = when.moment.time() if when.timed else None
    task.impossible = find_impossible(text, now) or ""
    if not task.impossible and (other := _find_when(text, now)) is not None:
        task.unknown.append(other.phrase)
    if task.rrule:
        task.due_on = _first_day(task, now)
    return text


def _repeats(frequency: Frequency) -> bool:
    """Return whether a task can repeat like that, and the words say that it should."""
    is_guess = frequency.is_guess and "weekday" not in frequency.phrase.lower()
    return bool(_REPEATS.match(frequency.phrase)) and not is_guess and "HOURLY" not in frequency.rrule


def _find_when(text: str, now: datetime) -> When | None:
    when = (find_thai_when if _THAI.search(text) else find_when)(text, now)
    if when is not None and _DOUBTFUL.fullmatch(when.phrase) and not text.rstrip(" .").endswith(when.phrase):
        return None
    return when


def _first_day(task: ParsedTask, now: datetime) -> date | None:
    """Return the first day of the rule, from the day that was said on."""
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    start = datetime.combine(task.due_on or now.date(), task.due_time or time(23, 59), zone)
    first = next_time(task.rrule, start, zone, max(start, now) - timedelta(minutes=1))
    return first.astimezone(zone).date() if first is not None else None


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return " ".join(text.split())
