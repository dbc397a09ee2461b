"""Dates and times: "tomorrow at 5", "next friday", "on the 15th", in the home's time zone."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from dateutil.parser import parse
from dateutil.relativedelta import relativedelta
from dateutil.rrule import MONTHLY, rrule

from pixie.nlu.patterns import pattern, patterns

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = r"(?:mon|tues|wednes|wedns|thurs|fri|satur|sun)day|mon|tues?|wed|thu(?:rs)?|fri|sat|(?<!the )sun"
_MONTH = (
    r"jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?"
)
_CARDINALS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty"
).split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth "
    "seventeenth eighteenth nineteenth twentieth"
).split()
_NUMBERS = {word: number for words in (_CARDINALS, _ORDINALS) for number, word in enumerate(words, 1)}
_NUMBERS |= {"a": 1, "an": 1, "thirty": 30}
_COUNT = "|".join(("a", "an", "thirty", *_CARDINALS))
_CLOCK = r"\d{1,2}(?::\d{2})?\s*(?:am|pm|a\.m\.?|p\.m\.?)|\d{1,2}:\d{2}|noon|midnight|\d{1,2} ?o'?clock"
_PART = r"this (?:morning|afternoon|evening)|tonight|in the (?:morning|afternoon|evening)|(?:morning|afternoon|evening)"
_ON = r"on(?! (?:today|tonight|tmrw?|tomm?orr?ow|day after))"  # not the "on" of "turn it on tomorrow"
_DAY = pattern(
    rf"\b(?:(?:{_ON}|by|for|until|from|this|coming|before) )*(?:(?P<fixed>today|tonight|tomorrow|tmrw?|tomm?orr?ow|"
    rf"day after tomorrow|this (?:morning|afternoon|evening|weekend|week|month)|next (?:week|month|weekend|year))"
    rf"|(?:next )?(?P<weekday>{_WEEKDAY})\b"
    rf"|in (?P<n>\d{{1,3}}|{_COUNT}) (?P<unit>minute|min|hour|day|week|month)s?"
    rf"|(?P<calendar>(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH})\b(?:,? \d{{4}})?"
    rf"|(?:{_MONTH}) (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b(?:,? \d{{4}})?|\d{{4}}-\d{{2}}-\d{{2}}"
    rf"|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)"
    rf"|the (?P<monthday>\d{{1,2}})(?:st|nd|rd|th))\b"
)
_TIME = pattern(
    rf"\b(?:at |by |from |@ ?)?(?P<clock>{_CLOCK})(?![\w:])|\bat (?P<hour>\d{{1,2}})\b(?!\s*(?:%|baht))|\b(?P<part>{_PART})\b"
)
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
        hour = _time_in_day_part(hour, part["part"].lower())
    if hour is not None:
        moment, timed = datetime.combine(moment.date(), hour, now.tzinfo), True
        if day is None and moment <= now:
            moment += timedelta(days=1)
    elif not timed:
        moment = datetime.combine(moment.date(), time(9), now.tzinfo)
    candidates = {match.span() for match in (day, clock, part) if match}
    spans = sorted(span for span in candidates if not any(_within(span, other) for other in candidates))
    phrase = day[0] if day else ""
    if len(spans) == 1 or spans[1][0] - spans[0][1] <= 4:
        phrase = text[spans[0][0] : spans[-1][1]]
    for start, end in reversed(spans):
        text = f"{text[:start]} {text[end:]}"
    return When(moment, phrase.strip(), timed, re.sub(r"\s+", " ", text).strip(" ,"))


_SPOKEN_HOUR = pattern(
    rf"\b(?P<hour>{'|'.join(_CARDINALS[:12])})(?: (?P<minutes>thirty|fifteen|forty five))?(?= ?(?:am|pm|o'?clock)\b)"
)
_MINUTES = {"thirty": ":30", "fifteen": ":15", "forty five": ":45"}
_SPOKEN_DATES = patterns(
    rf"\b(?P<month>{_MONTH}) (?:the )?(?P<tens>twenty |thirty )?(?P<day>{'|'.join(_ORDINALS + _CARDINALS)})\b",
    rf"\b(?P<tens>twenty |thirty )?(?P<day>{'|'.join(_ORDINALS)})(?: of)? (?P<month>{_MONTH})\b",
)


def _to_digits(text: str) -> str:
    """Convert number words in dictated dates: "march twenty first at two pm" becomes "march 21 at 2 pm"."""
    for match in reversed(list(_SPOKEN_HOUR.finditer(text))):
        hour = f"{_NUMBERS[match['hour'].lower()]}{_MINUTES.get((match['minutes'] or '').lower(), '')}"
        text = text[: match.start()] + hour + text[match.end() :]
    for form in _SPOKEN_DATES:
        if (match := form.search(text)) is not None:
            day = _NUMBERS[match["day"].lower()] + {"twenty ": 20, "thirty ": 30}.get((match["tens"] or "").lower(), 0)
            text = f"{text[: match.start()]}{match['month']} {day}{text[match.end() :]}"
    return text


def _within(span: tuple[int, int], other: tuple[int, int]) -> bool:
    return span != other and other[0] <= span[0] and span[1] <= other[1]


def _time_in_day_part(hour: time, part: str) -> time:
    """Resolve an hour by its part of the day: "at 8" in the evening is 20:00."""
    if "morning" in part:
        return hour.replace(hour=hour.hour - 12) if 13 <= hour.hour <= 19 else hour
    return hour.replace(hour=hour.hour + 12) if hour.hour < 12 else hour


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
        digits = re.findall(r"\d+", words)
        hour, minute = int(digits[0]), int(digits[1]) if len(digits) > 1 else 0
        if "p" in words and hour < 12:
            hour += 12
        if "a" in words and hour == 12:
            hour = 0
    return time(hour, minute) if hour < 24 and minute < 60 else None
