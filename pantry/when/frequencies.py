"""Frequencies: "every other week" as a name and an RRULE (RFC 5545)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pantry.patterns import pattern

_DAYS = {"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU"}
_WEEKDAY = (
    r"mon(?:day)?s?|tue(?:s(?:day)?)?s?|wed(?:nesday|nsday|s)?s?|thu(?:r(?:s(?:day)?)?)?s?|fri(?:day)?s?|"
    r"sat(?:urday|erday)?s?|sun(?:day)?s?"
)
_NUMBERS = {"other": 2, "second": 2, "two": 2, "three": 3, "third": 3, "four": 4, "six": 6}
_UNITS = {
    "day": "DAILY", "daily": "DAILY", "week": "WEEKLY", "weekly": "WEEKLY", "wk": "WEEKLY", "month": "MONTHLY",
    "monthly": "MONTHLY", "year": "YEARLY", "yearly": "YEARLY", "annually": "YEARLY",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frequency:
    """A frequency. `name` is weekly, biweekly, monthly, daily, yearly or custom; `rest` is the text without it. The rule
    of “twice a week” is a guess."""

    name: str
    rrule: str
    phrase: str
    rest: str
    is_guess: bool = False

    @property
    def nearest(self) -> str:
        """Return the closest of weekly, biweekly and monthly."""
        if self.name in ("weekly", "biweekly", "monthly"):
            return self.name
        return "monthly" if re.search("MONTHLY|YEARLY", self.rrule) else "weekly"


_EVERY = r"(?:\b(?:on|for|at) )?(?:every|each|ever)(?: single)?\s++"
# Patterns with the name and rule they mean; without these, their groups say it.
_FORMS: tuple[tuple[str, tuple[str, str] | None], ...] = (
    (r"(?:on |for )?(?:the )?(?P<monthday>(?:\d{1,2}|first|last)(?:st|nd|rd|th)?(?:(?:,| and) (?:the )?\d{1,2}(?:st|nd|rd|th)?){0,3})(?: day)? of (?:every|each|the) month(?! of)", None),
    (rf"{_EVERY}(?P<monthday>\d{{1,2}})(?:st|nd|rd|th)\b(?! (?:{_WEEKDAY}|day|week|month|year))", None),
    (rf"{_EVERY}(?P<other>other |second )?(?P<days>(?:{_WEEKDAY})(?:(?:,| and| n|,? &|/|\+)\s*(?:{_WEEKDAY}))*)\b", None),
    (r"(?:on |for )?(?:every |each )?weekdays?\b(?<!a weekday)", ("custom", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")),
    (r"\b(?:twice|two times|2x) (?:a|per|every) week\b", ("custom", "FREQ=WEEKLY;BYDAY=MO,TH")),
    (rf"{_EVERY}weekends?\b", ("weekly", "FREQ=WEEKLY;BYDAY=SA")),
    (rf"{_EVERY}(?P<n>other |second |third |\d{{1,2}}(?:nd|rd|th)? |two |three |four |six )?(?P<unit>day|week|month|year|wk)s?\b(?!end)", None),
    (rf"{_EVERY}(?:morning|night|evening|afternoon)s?\b|\beveryday\b|\bnightly\b", ("daily", "FREQ=DAILY")),
    (rf"{_EVERY}(?:(?:\d++|two|few|thirty|fifteen)\s*+)?(?:hours?|minutes?)\b|\bhourly\b", ("custom", "FREQ=HOURLY")),
    (r"(?:on |for )?(?P<days>(?:mon|tues|wednes|thurs|fri|satur|sun)days)\b", None),
    (r"\b(?:bi-?weekly|fortnightly|every fortnight|twice (?:a|per|every) month)\b", ("biweekly", "FREQ=WEEKLY;INTERVAL=2")),
    (r"\b(?:once|one time|1x) (?:a|per|every) (?P<unit>day|week|month|year)\b", None),
    (r"\b(?:a|per)[ -](?P<unit>week|month)\b(?= *[.!?]?$)", None),
    (r"\b(?P<unit>daily|weekly|monthly|yearly|annually)\b(?: basis)?", None),
    (r"\b(?:recurring|repeating|repeatedly|on repeat|regularly)\b", ("weekly", "FREQ=WEEKLY")),
    (r"\brepeat\b", ("weekly", "FREQ=WEEKLY")),
)  # fmt: skip
_PATTERNS = [(pattern(source), rule) for source, rule in _FORMS]
_ON_DAY = pattern(rf"\bon (?:a |the )?({_WEEKDAY})\b")


def find_frequency(text: str) -> Frequency | None:
    """Return the first frequency in the text, or None."""
    for form, rule in _PATTERNS:
        if (match := form.search(text)) is not None:
            name, rrule = rule or _rule(match, text)
            return _frequency(match, name, rrule, is_guess=rule is not None and name == "custom")
    return None


def _frequency(match: re.Match[str], name: str, rrule: str, *, is_guess: bool = False) -> Frequency:
    rest = f"{match.string[: match.start()]} {match.string[match.end() :]}"
    return Frequency(name, rrule, match[0].strip(), " ".join(rest.split()), is_guess)


def _rule(match: re.Match[str], text: str) -> tuple[str, str]:
    groups = {name: value.strip().lower() for name, value in match.groupdict(default="").items()}
    if days := groups.get("days"):
        name, rule = _every(2 if groups.get("other") else 1, "WEEKLY")
        return name, f"{rule};BYDAY={','.join(dict.fromkeys(_DAYS[day[:3]] for day in re.findall(_WEEKDAY, days)))}"
    if days := groups.get("monthday"):
        return "monthly", _monthly(re.findall(r"\d+|first|last", days))
    count = re.sub(r"(?<=\d)(?:nd|rd|th)\Z", "", groups.get("n", ""))
    name, rule = _every(_NUMBERS.get(count) or int(count or 1) or 1, _UNITS[groups["unit"]])
    if rule.startswith("FREQ=WEEKLY") and (on_day := _ON_DAY.search(text)) is not None:
        rule += f";BYDAY={_DAYS[on_day[1][:3].lower()]}"
    return name, rule


def _monthly(days: Sequence[str]) -> str:
    numbers = [int({"first": "1", "last": "-1"}.get(day, day)) for day in days]
    return f"FREQ=MONTHLY;BYMONTHDAY={','.join(str(number) for number in numbers if number <= 31) or 1}"


def _every(interval: int, unit: str) -> tuple[str, str]:
    if interval > 1:
        return "biweekly" if (interval, unit) == (2, "WEEKLY") else "custom", f"FREQ={unit};INTERVAL={interval}"
    return "custom" if unit == "HOURLY" else unit.lower(), f"FREQ={unit}"


THAI_DAYS = {
    "จันทร์": "MO", "อังคาร": "TU", "พุธ": "WE", "พฤหัส": "TH", "ศุกร์": "FR", "เสาร์": "SA", "อาทิตย์": "SU",
}  # fmt: skip
_THAI_EVERY = pattern(
    rf"ทุก(?:ๆ|\s)*+(?:วันที่\s?(?P<monthday>\d{{1,2}}(?:\s?(?:และ|กับ|,)\s?(?:วันที่\s?)?\d{{1,2}}){{0,3}})|วัน(?P<day>{'|'.join(THAI_DAYS)})(?:บดี)?"
    r"|(?P<n>\d{1,2}|สอง|สาม)?\s*(?P<unit>วัน|คืน|เช้า|เย็น|สัปดาห์|อาทิตย์|เดือน|ปี|ชั่วโมง))"
    r"|(?:ราย|ประจำ)(?P<adverb>วัน|สัปดาห์|เดือน|ปี)|(?P<once>เดือน|อาทิตย์|สัปดาห์)ละ(?:ครั้ง|หน)"
)
_THAI_UNITS = {"สัปดาห์": "WEEKLY", "อาทิตย์": "WEEKLY", "เดือน": "MONTHLY", "ปี": "YEARLY", "ชั่วโมง": "HOURLY"}


def find_thai_frequency(text: str) -> Frequency | None:
    """Return the first frequency in a Thai text, or None."""
    if (match := _THAI_EVERY.search(text)) is None:
        return None
    if match["monthday"]:
        return _frequency(match, "monthly", _monthly(re.findall(r"\d+", match["monthday"])))
    if match["day"]:
        return _frequency(match, "weekly", f"FREQ=WEEKLY;BYDAY={THAI_DAYS[match['day']]}")
    unit = _THAI_UNITS.get(match["unit"] or match["adverb"] or match["once"], "DAILY")
    interval = {"สอง": 2, "สาม": 3}.get(match["n"]) or int(match["n"] or 1) or 1
    return _frequency(match, *_every(interval, unit))
