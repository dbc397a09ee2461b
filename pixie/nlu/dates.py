"""Dates and times: "tomorrow at 5", "next friday", "on the 15th", in the home's time zone."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dateutil.parser import parse
from dateutil.relativedelta import relativedelta

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon|tues|wednes|wedns|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs)?|fri|sat|(?<!the )sun"
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?"
)
_CLOCK = r"\d{1,2}(?::\d{2})?\s*(?:am|pm|a\.m\.?|p\.m\.?)|\d{1,2}:\d{2}|noon|midnight|\d{1,2} ?o'?clock"
_PART = r"this (?:morning|afternoon|evening)|tonight|in the (?:morning|afternoon|evening)|(?:morning|afternoon|evening)"
_NUMBER = {
    "a": 1,
    "an": 1,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "ten": 10,
    "fifteen": 15,
    "thirty": 30,
}

_ON = r"on(?! (?:today|tonight|tmrw?|tomm?orr?ow|day after))"  # not the "on" of "turn it on tomorrow"
_DAY = re.compile(
    rf"\b(?:(?:{_ON}|by|for|until|from|this|coming|before) )*(?:(?P<fixed>today|tonight|tomorrow|tmrw?|tomm?orr?ow|"
    rf"day after tomorrow|this (?:morning|afternoon|evening|weekend|week|month)|next (?:week|month|weekend|year))"
    rf"|(?P<next>next )?(?P<weekday>{_WEEKDAY})\b"
    rf"|in (?P<n>\d{{1,3}}|{'|'.join(_NUMBER)}) (?P<unit>minute|min|hour|day|week|month)s?"
    rf"|(?P<calendar>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})\b(?:,? \d{{4}})?"
    rf"|(?:{_MONTH}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)"
    rf"|the (?P<monthday>\d{{1,2}})(?:st|nd|rd|th))\b",
    re.I,
)
_TIME = re.compile(rf"\b(?:at |by |from |@ ?)?(?P<clock>{_CLOCK})(?![\w:])|\bat (?P<hour>\d{{1,2}})\b(?!\s*(?:%|baht))"
                   rf"|\b(?P<part>{_PART})\b", re.I)  # fmt: skip
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
    text = _to_digits(text)
    named = list(_DAY.finditer(text))
    # In "Monday the 9th" the date is more precise than the weekday.
    day = next((match for match in named if match["calendar"] or match["monthday"]), named[0] if named else None)
    times = list(_TIME.finditer(text))
    part = next((match for match in times if match["part"]), None)
    # In "tonight at 8" the hour is more precise than the part of the day.
    clock = next((match for match in times if not match["part"]), part)
    if day is None and clock is None:
        return None
    moment = _day(day, now) if day else now
    if moment is None:
        return None
    timed = bool(day and day["unit"] and day["unit"].lower() in ("minute", "min", "hour"))
    hour = _time(clock, day) if not timed else None
    if hour is not None and part is not None and part is not clock:
        hour = _time_in_day_part(hour, part["part"].lower())
    if hour is not None:
        moment, timed = datetime.combine(moment.date(), hour, now.tzinfo), True
        if day is None and moment <= now:
            moment += timedelta(days=1)
    elif not timed:
        moment = datetime.combine(moment.date(), time(9), now.tzinfo)
    candidates = {match.span() for match in (day, clock, part) if match}
    spans = sorted(span for span in candidates if not any(_within(span, other) for other in candidates))
    phrase = (
        text[spans[0][0] : spans[-1][1]] if len(spans) == 1 or spans[1][0] - spans[0][1] <= 4 else day[0] if day else ""
    )
    return When(moment, phrase.strip(), timed, _without(text, spans))


_SPOKEN = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
).split()
_SPOKEN_DAYS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth "
    "eighteenth nineteenth twentieth"
).split()
_SPOKEN_HOUR = re.compile(
    rf"\b({'|'.join(_SPOKEN[:12])})(?: (thirty|fifteen|forty five))?(?= ?(?:am|pm|o'?clock)\b)", re.I
)
_SPOKEN_DATE = re.compile(
    rf"\b(?:(?P<month>{_MONTH}) (?:the )?(?P<tens>twenty |thirty )?(?P<day>{'|'.join(_SPOKEN_DAYS)}|{'|'.join(_SPOKEN)})"
    rf"|(?P<tens2>twenty |thirty )?(?P<day2>{'|'.join(_SPOKEN_DAYS)})(?: of)? (?P<month2>{_MONTH}))\b",
    re.I,
)


def _to_digits(text: str) -> str:
    """Convert number words in dictated dates: "march twenty first at two pm" becomes "march 21 at 2 pm"."""
    minutes = {"thirty": ":30", "fifteen": ":15", "forty five": ":45"}
    text = _SPOKEN_HOUR.sub(
        lambda match: f"{_SPOKEN.index(match[1].lower()) + 1}{minutes.get((match[2] or '').lower(), '')}", text
    )
    return _SPOKEN_DATE.sub(_date_to_digits, text)


def _date_to_digits(match: re.Match[str]) -> str:
    tens = {"twenty ": 20, "thirty ": 30}.get((match["tens"] or match["tens2"] or "").lower(), 0)
    word = (match["day"] or match["day2"]).lower()
    day = (_SPOKEN_DAYS.index(word) if word in _SPOKEN_DAYS else _SPOKEN.index(word)) + 1
    return f"{match['month'] or match['month2']} {day + tens}"


def _within(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _time_in_day_part(hour: time, part: str) -> time:
    """Resolve an hour by its part of the day: "at 8" in the evening is 20:00."""
    if "morning" in part:
        return hour.replace(hour=hour.hour - 12) if 13 <= hour.hour <= 19 else hour
    return hour.replace(hour=hour.hour + 12) if hour.hour < 12 else hour


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
        unit = (
            match["unit"].lower().replace("min", "minute") if match["unit"].lower() == "min" else match["unit"].lower()
        )
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
            moment = month.replace(day=day)
        except ValueError:
            continue
        if moment >= now.replace(hour=0, minute=0, second=0, microsecond=0):
            return moment
    return None


def _calendar_day(phrase: str, now: datetime) -> datetime | None:
    cleaned = re.sub(r"\b(?:the|of)\b", " ", phrase, flags=re.I)
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        moment = parse(cleaned, default=today, dayfirst=not re.match(r"\d{4}", cleaned))
        if moment < today and not re.search(r"\d{4}|/\d+/", cleaned):
            moment += relativedelta(years=1)
    except (ValueError, OverflowError):
        return None
    return moment


def _time(clock: re.Match[str] | None, day: re.Match[str] | None) -> time | None:
    if clock is None:
        return time(20) if day and day["fixed"] and day["fixed"].lower() == "tonight" else None
    if clock["part"]:
        return time(_PART_HOURS[clock["part"].split()[-1].lower()])
    if clock["hour"]:
        hour = int(clock["hour"])
        # "At 5" means the afternoon.
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
