"""When: "tomorrow at 5", "next friday", "on the 15th" as moments on the home's clock."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon|tues|wednes|wedns|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs)?|fri|sat|sun"
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?"
)
_CLOCK = r"\d{1,2}(?::\d{2})?\s*(?:am|pm|a\.m\.?|p\.m\.?)|\d{1,2}:\d{2}|noon|midnight|\d{1,2} ?o'?clock"
_PART = r"this (?:morning|afternoon|evening)|tonight|in the (?:morning|afternoon|evening)|(?:morning|afternoon|evening)"
_NUMBER = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "fifteen": 15, "thirty": 30}

_DAY = re.compile(
    rf"\b(?:(?:on|by|for|until|from|this|coming|before) )*(?:(?P<fixed>today|tonight|tomorrow|tmrw?|tomm?orr?ow|"
    rf"day after tomorrow|this (?:morning|afternoon|evening|weekend|week|month)|next (?:week|month|weekend|year))"
    rf"|(?P<next>next )?(?P<weekday>{_WEEKDAY})\b"
    rf"|in (?P<n>\d{{1,3}}|{'|'.join(_NUMBER)}) (?P<unit>minute|min|hour|day|week|month)s?"
    rf"|(?P<calendar>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})\b(?:,? \d{{4}})?"
    rf"|(?:{_MONTH}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)"
    rf"|the (?P<monthday>\d{{1,2}})(?:st|nd|rd|th))\b",
    re.I,
)
_TIME = re.compile(rf"\b(?:at |by |from |@ ?)?(?P<clock>{_CLOCK})(?![\w:])|\bat (?P<hour>\d{{1,2}})\b(?!\s*(?:th|st|%|baht))"
                   rf"|\b(?P<part>{_PART})\b", re.I)  # fmt: skip
_PART_HOURS = {"morning": 9, "afternoon": 14, "evening": 18, "tonight": 20, "noon": 12, "midnight": 0}


@dataclass(frozen=True, slots=True)
class When:
    """A moment, the words that named it, and the text without them. `timed` tells a day from an hour of it."""

    moment: datetime
    phrase: str
    timed: bool
    rest: str


def find_when(text: str, now: datetime) -> When | None:
    """The first moment `text` names, never before today; None when it names none that exists."""
    day, clock = _DAY.search(text), _TIME.search(text)
    if day is None and clock is None:
        return None
    moment = _day(day, now) if day else now
    if moment is None:
        return None
    timed = bool(day and day["unit"] and day["unit"].lower() in ("minute", "min", "hour"))
    hour = _time(clock, day) if not timed else None
    if hour is not None:
        moment, timed = datetime.combine(moment.date(), hour, now.tzinfo), True
        if day is None and moment <= now:
            moment += timedelta(days=1)
    elif not timed:
        moment = datetime.combine(moment.date(), time(9), now.tzinfo)
    spans = sorted({match.span() for match in (day, clock) if match})
    phrase = text[spans[0][0] : spans[-1][1]] if len(spans) == 1 or spans[1][0] - spans[0][1] <= 4 else day[0] if day else ""
    return When(moment, phrase.strip(), timed, _without(text, spans))


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in reversed(spans):
        text = text[:start] + " " + text[end:]
    return re.sub(r"\s+", " ", text).strip(" ,")


def _day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["weekday"]:
        ahead = (_WEEKDAYS.index(match["weekday"][:3].lower()) - now.weekday()) % 7
        return now + timedelta(days=ahead or 7)
    if match["unit"]:
        count = _NUMBER.get(match["n"].lower()) or int(match["n"])
        unit = match["unit"].lower().replace("min", "minute") if match["unit"].lower() == "min" else match["unit"].lower()
        return now + relativedelta(**{f"{unit}s": count})  # type: ignore[arg-type]
    if match["monthday"]:
        return _monthday(int(match["monthday"]), now)
    return _calendar_day(match["calendar"], now) if match["calendar"] else _fixed_day(match["fixed"].lower(), now)


def _fixed_day(word: str, now: datetime) -> datetime:
    if word.startswith("day after"):
        return now + timedelta(days=2)
    if word.startswith("t") and word not in ("today", "tonight") and not word.startswith("this"):
        return now + timedelta(days=1)
    if "weekend" in word:
        return now + timedelta(days=(5 - now.weekday()) % 7 + (7 if word.startswith("next") else 0))
    if word.startswith("next"):
        return now + {"week": relativedelta(weeks=1), "month": relativedelta(months=1)}.get(
            word.split()[1], relativedelta(years=1)
        )
    return now


def _monthday(day: int, now: datetime) -> datetime | None:
    for ahead in range(4):
        month = now.replace(day=1) + relativedelta(months=ahead)
        try:
            found = month.replace(day=day)
        except ValueError:
            continue
        if found >= now.replace(hour=0, minute=0, second=0, microsecond=0):
            return found
    return None


def _calendar_day(phrase: str, now: datetime) -> datetime | None:
    # dateparser takes a quarter of a second to load, and few messages name a date by its month.
    from dateparser import parse

    found = parse(
        phrase,
        languages=["en"],
        settings={
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "DATE_ORDER": "DMY",
            "PARSERS": ["absolute-time"],
        },
    )
    return found.replace(tzinfo=now.tzinfo) if found else None


def _time(clock: re.Match[str] | None, day: re.Match[str] | None) -> time | None:
    if clock is None:
        return time(20) if day and day["fixed"] and day["fixed"].lower() == "tonight" else None
    if clock["part"]:
        return time(_PART_HOURS[clock["part"].split()[-1].lower()])
    if clock["hour"]:
        hour = int(clock["hour"])
        # "At 5" is said of the afternoon.
        return time(hour + 12 if 1 <= hour <= 7 else hour) if hour < 24 else None
    words = clock["clock"].lower()
    if words in _PART_HOURS:
        return time(_PART_HOURS[words])
    digits = re.match(r"(\d{1,2})(?::(\d{2}))?", words)
    hour, minute = int(digits[1]), int(digits[2] or 0) if digits else 0  # type: ignore[index]
    if "p" in words and hour < 12:
        hour += 12
    if "a" in words and hour == 12:
        hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
