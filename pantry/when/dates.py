"""Dates and times: "tomorrow at 5", "next friday", "on the 15th", in the home's time zone."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dateutil.parser import parse
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule

from pantry.patterns import pattern

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon|tues|wednes|wedns|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs)?|fri|sat|(?<!the )sun"
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?"
)
_COUNTED = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
_NUMBERS = {"a": 1, "an": 1, "twenty": 20, "thirty": 30} | {word: number for number, word in enumerate(_COUNTED, 1)}
_HOUR = rf"(?:\d{{1,2}}|{'|'.join(_COUNTED[:12])})"
_CLOCK = rf"{_HOUR}(?::\d{{2}})?\s*(?:am|pm|a\.m\.?|p\.m\.?)|\d{{1,2}}:\d{{2}}|noon|midnight|{_HOUR} ?o'?clock"
_PART = r"this (?:morning|afternoon|evening)|tonight|in the (?:morning|afternoon|evening)|(?:morning|afternoon|evening)"
_ON = r"on(?! (?:today|tonight|tmrw?|tomm?orr?ow|day after))"  # not the "on" of "turn it on tomorrow"
_DAY = pattern(
    rf"\b(?:(?:{_ON}|by|for|until|from|this|coming|before) ){{0,3}}(?:(?P<fixed>today|tonight|tomorrow|tmrw?|tomm?orr?ow|"
    rf"day after tomorrow|this (?:morning|afternoon|evening|weekend|week|month)|next (?:week|month|weekend|year))"
    rf"|(?:next )?(?P<weekday>{_WEEKDAY})\b"
    rf"|in (?P<n>\d{{1,3}}|{'|'.join(_NUMBERS)}) (?P<unit>minute|min|hour|day|week|month)s?"
    rf"|(?P<calendar>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})\b(?:,? \d{{4}})?"
    rf"|(?:{_MONTH}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)"
    rf"|the (?P<monthday>\d{{1,2}})(?:st|nd|rd|th))\b"
)
_TIME = pattern(
    rf"\b(?:at |by |from |@ ?)?(?P<clock>{_CLOCK})(?![\w:])|\bat (?P<hour>\d{{1,2}})\b(?!\s*(?:%|baht))|\b(?P<part>{_PART})\b"
)
DEFAULT_TIME = time(9)  # without an hour
_PART_HOURS = {"morning": 9, "afternoon": 14, "evening": 18, "tonight": 20, "noon": 12, "midnight": 0}


@dataclass(frozen=True, slots=True)
class When:
    """A moment, its words, and the text without them. `timed` is whether a time of day was given."""

    moment: datetime
    phrase: str
    timed: bool
    rest: str


def find_when(text: str, now: datetime) -> When | None:
    """Return the first date or time in the text, today or later; None without a valid one."""
    days, times = list(_DAY.finditer(text)), list(_TIME.finditer(text))
    # In "Monday the 9th" the date is more precise than the weekday, and in "tonight at 8" the hour than the part of the day.
    day = next((match for match in days if match["calendar"] or match["monthday"]), days[0] if days else None)
    part = next((match for match in times if match["part"]), None)
    clock = next((match for match in times if not match["part"]), part)
    if day is None and clock is None:
        return None
    moment = _day(day, now) if day else now
    if moment is None:
        return None
    timed = bool(day and re.match("min|hour", day["unit"] or "", re.I))
    hour = _time(clock, day) if not timed else None
    if hour is not None and part is not None and part is not clock:
        hour = _hour_of_day_part(hour, part["part"].lower())
    if hour is not None:
        moment, timed = datetime.combine(moment.date(), hour, now.tzinfo), True
        if day is None and moment <= now:
            moment += timedelta(days=1)
    elif not timed:
        moment = datetime.combine(moment.date(), DEFAULT_TIME, now.tzinfo)
    spans: list[tuple[int, int]] = []
    for start, end in sorted(
        {match.span() for match in (day, clock, part) if match}, key=lambda span: (span[0], -span[1])
    ):
        if not spans or end > spans[-1][1]:
            spans.append((start, end))
    phrase = day[0] if day else ""
    if len(spans) == 1 or spans[1][0] - spans[0][1] <= 4:
        phrase = text[spans[0][0] : spans[-1][1]]
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return When(moment, phrase.strip(), timed, " ".join(text.split()).strip(" ,"))


def find_impossible(text: str, now: datetime) -> str | None:
    """Return the first words that look like a day or time that there is not: “31 February”, “25:00”."""
    days = (match[0] for match in _DAY.finditer(text) if _day(match, now) is None)
    times = (match[0] for match in _TIME.finditer(text) if _time(match, None) is None)
    return next((words.strip() for found in (days, times) for words in found), None)


def _hour_of_day_part(hour: time, part: str) -> time:
    """Resolve an hour by its part of the day: "at 8" in the evening is 20:00."""
    if "morning" in part:
        return hour.replace(hour=hour.hour - 12) if 13 <= hour.hour <= 19 else hour
    return hour.replace(hour=hour.hour % 12 + 12)


def _day(match: re.Match[str], now: datetime) -> datetime | None:
    if match["weekday"]:
        return now + relativedelta(days=1, weekday=_WEEKDAYS.index(match["weekday"][:3].lower()))
    if match["unit"]:
        unit = match["unit"].lower()
        count = _NUMBERS.get(match["n"].lower()) or int(match["n"])
        return now + relativedelta(**{f"{'minute' if unit == 'min' else unit}s": count})  # type: ignore[arg-type]
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if match["monthday"]:
        day = int(match["monthday"])
        return rrule(MONTHLY, dtstart=today, bymonthday=day, count=1)[0] if 1 <= day <= 31 else None
    return _calendar_day(match["calendar"], today) if match["calendar"] else _fixed_day(match["fixed"].lower(), now)


def _fixed_day(word: str, now: datetime) -> datetime:
    if word.startswith("day after"):
        return now + timedelta(days=2)
    if word.startswith(("tom", "tm")):
        return now + timedelta(days=1)
    if "weekend" in word:
        return now + relativedelta(weekday=5, weeks=1 if word.startswith("next") else 0)
    return now + relativedelta(**{f"{word.split()[1]}s": 1}) if word.startswith("next") else now  # type: ignore[arg-type]


def _calendar_day(phrase: str, today: datetime) -> datetime | None:
    cleaned = re.sub(r"\b(?:the|of)\b", " ", phrase, flags=re.I)
    try:
        moment = parse(cleaned, default=today, dayfirst=not re.match(r"\d{4}", cleaned))
        if moment < today and not re.search(r"\d{4}|/\d+/", cleaned):
            moment += relativedelta(years=1)
    except (ValueError, OverflowError):
        return None
    return moment


def _time(clock: re.Match[str] | None, day: re.Match[str] | None) -> time | None:
    if clock is None:
        return time(20) if day and (day["fixed"] or "").lower() == "tonight" else None
    words = (clock["part"] or clock["clock"] or "").lower()
    if (hour := _PART_HOURS.get(words.split(" ")[-1])) is not None:
        return time(hour)
    if clock["hour"]:
        hour, minute = int(clock["hour"]), 0
        hour += 12 if 1 <= hour <= 7 else 0  # "at 5" means the afternoon
    else:
        numbers = re.findall(_HOUR, words)
        hour = _NUMBERS.get(numbers[0]) or int(numbers[0])
        minute = int(numbers[1]) if len(numbers) > 1 else 0
        if "p" in words and hour < 12:
            hour += 12
        if "a" in words and hour == 12:
            hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
