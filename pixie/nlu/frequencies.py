"""Frequencies: "every other week" as a name and an RRULE (RFC 5545)."""

import re
from dataclasses import dataclass

_DAYS = {
    "mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU",
}  # fmt: skip
_WEEKDAY = (
    r"mon(?:day)?s?|tue(?:s(?:day)?)?s?|wed(?:nesday|nsday|s)?s?|thu(?:r(?:s(?:day)?)?)?s?|fri(?:day)?s?|"
    r"sat(?:urday|erday)?s?|sun(?:day)?s?"
)
_NUMBERS = {"other": 2, "second": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "third": 3, "fourth": 4}
_UNITS = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY", "wk": "WEEKLY"}
_NAMES = {
    ("DAILY", 1): "daily", ("WEEKLY", 1): "weekly", ("WEEKLY", 2): "biweekly", ("MONTHLY", 1): "monthly",
    ("YEARLY", 1): "yearly",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Frequency:
    """A frequency. `name` is weekly, biweekly, monthly, daily, yearly or custom; `start` and `end` are its span."""

    name: str
    rrule: str
    phrase: str
    start: int
    end: int

    @property
    def nearest(self) -> str:
        """Return the closest of weekly, biweekly and monthly."""
        if self.name in ("weekly", "biweekly", "monthly"):
            return self.name
        return "monthly" if re.search("MONTHLY|YEARLY", self.rrule) else "weekly"


_ORDINAL = r"(?P<monthday>\d{1,2})(?:st|nd|rd|th)?|first|last"
_EVERY = r"(?:on |for |at )?(?:every|each|ever)(?: single)?\s+"
_PATTERNS = [
    (
        re.compile(rf"(?:on |for )?(?:the )?(?:{_ORDINAL})(?: day)? of (?:every|each|the) month(?! of)", re.I),
        "monthday",
    ),
    (re.compile(rf"{_EVERY}(?P<n>other |second )?(?P<days>(?:{_WEEKDAY})(?:(?:,| and|,? &)\s*(?:{_WEEKDAY}))*)\b", re.I), "days"),
    (re.compile(r"(?:on |for )?(?:every |each )?weekdays?\b(?<!a weekday)", re.I), "weekdays"),
    (re.compile(rf"{_EVERY}weekends?\b", re.I), "weekend"),
    (
        re.compile(
            rf"{_EVERY}(?P<n>other |second |third |\d{{1,2}} |two |three |four |six )?"
            r"(?P<unit>day|week|month|year|wk)s?\b(?!end)",
            re.I,
        ),
        "unit",
    ),
    (re.compile(rf"{_EVERY}(?:morning|night|evening|afternoon)s?\b|\beveryday\b|\bnightly\b", re.I), "daily"),
    (re.compile(rf"{_EVERY}(?:\d+|two|few|thirty|fifteen)?\s*(?:hours?|minutes?)\b|\bhourly\b", re.I), "hourly"),
    (re.compile(r"(?:on |for )?(?P<days>(?:mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays))\b", re.I), "days"),
    (re.compile(r"\b(?:bi-?weekly|fortnightly|every fortnight|twice (?:a|per|every) month)\b", re.I), "biweekly"),
    (re.compile(r"\b(?:once|one time|1x) (?:a|per|every) (?P<unit>day|week|month|year)\b", re.I), "unit"),
    (re.compile(r"\b(?:a|per)[ -](?P<unit>week|month)\b(?= *[.!?]?$)", re.I), "unit"),
    (re.compile(r"\b(?:twice|two times|2x) (?:a|per|every) week\b", re.I), "custom"),
    (re.compile(r"\b(?:daily|weekly|monthly|yearly|annually)\b(?: basis)?", re.I), "adverb"),
    (re.compile(r"\b(?:recurring|repeating|repeatedly|on repeat|regularly)\b", re.I), "repeat"),
    (re.compile(r"\brepeat\b", re.I), "repeat"),
]  # fmt: skip


def find_frequency(text: str) -> Frequency | None:
    """Return the first frequency in the text, or None."""
    for pattern, kind in _PATTERNS:
        if (match := pattern.search(text)) is not None:
            name, rrule = _rule(kind, match, text)
            return Frequency(name, rrule, match[0].strip(), match.start(), match.end())
    return None


def _rule(kind: str, match: re.Match[str], text: str) -> tuple[str, str]:
    if kind == "days":
        days = [_DAYS[day[:3].lower()] for day in re.findall(_WEEKDAY, match["days"], re.I)]
        other = "n" in match.re.groupindex and match["n"]
        name = "biweekly" if other else "weekly"
        return name, f"FREQ=WEEKLY{';INTERVAL=2' if other else ''};BYDAY={','.join(dict.fromkeys(days))}"
    if kind == "unit":
        number = match["n"] if "n" in match.re.groupindex else None
        return _every(_number(number), _UNITS[match["unit"].lower()], text)
    if kind == "monthday":
        day = match["monthday"] or ("-1" if "last" in match[0].lower() else "1")
        return "monthly", f"FREQ=MONTHLY;BYMONTHDAY={day if -1 <= int(day) <= 31 else 1}"
    if kind == "adverb":
        unit = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY"}.get(match[0].split()[0].lower(), "YEARLY")
        return _every(1, unit, text)
    return {
        "weekdays": ("custom", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        "weekend": ("weekly", "FREQ=WEEKLY;BYDAY=SA"),
        "daily": ("daily", "FREQ=DAILY"),
        "hourly": ("custom", "FREQ=HOURLY"),
        "biweekly": ("biweekly", "FREQ=WEEKLY;INTERVAL=2"),
        "custom": ("custom", "FREQ=WEEKLY;BYDAY=MO,TH"),
    }.get(kind, ("weekly", "FREQ=WEEKLY"))


def _number(word: str | None) -> int:
    word = (word or "1").strip().lower()
    return _NUMBERS.get(word) or (int(word) if word.isdigit() and word != "0" else 1)


_ON_DAY = re.compile(rf"\bon (?:a |the )?({_WEEKDAY})\b", re.I)


def _every(interval: int, unit: str, text: str) -> tuple[str, str]:
    rule = f"FREQ={unit}" + (f";INTERVAL={interval}" if interval > 1 else "")
    if unit == "WEEKLY" and (day := _ON_DAY.search(text)) is not None:
        rule += f";BYDAY={_DAYS[day[1][:3].lower()]}"
    return _NAMES.get((unit, interval), "custom"), rule


_THAI_DAYS = {
    "จันทร์": "MO", "อังคาร": "TU", "พุธ": "WE", "พฤหัส": "TH", "ศุกร์": "FR", "เสาร์": "SA", "อาทิตย์": "SU",
}  # fmt: skip
_THAI_EVERY = re.compile(
    r"ทุก(?:ๆ|\s)*(?:วัน(?P<day>จันทร์|อังคาร|พุธ|พฤหัส(?:บดี)?|ศุกร์|เสาร์|อาทิตย์)"
    r"|(?P<n>\d{1,2}|สอง|สาม)?\s*(?P<unit>วัน|คืน|เช้า|เย็น|สัปดาห์|อาทิตย์|เดือน|ปี|ชั่วโมง))"
    r"|(?:ราย|ประจำ)(?P<adverb>วัน|สัปดาห์|เดือน|ปี)|เดือนละ(?:ครั้ง|หน)|(?:อาทิตย์|สัปดาห์)ละ(?:ครั้ง|หน)"
)
_THAI_UNITS = {"สัปดาห์": "WEEKLY", "อาทิตย์": "WEEKLY", "เดือน": "MONTHLY", "ปี": "YEARLY", "ชั่วโมง": "HOURLY"}


def find_thai_frequency(text: str) -> Frequency | None:
    """Return the first frequency in a Thai text, or None."""
    match = _THAI_EVERY.search(text)
    if match is None:
        return None
    if match["day"]:
        name, rrule = "weekly", f"FREQ=WEEKLY;BYDAY={_THAI_DAYS[match['day'].removesuffix('บดี')]}"
    else:
        word = match["unit"] or match["adverb"] or ("เดือน" if match[0].startswith("เดือน") else "สัปดาห์")
        interval = {"สอง": 2, "สาม": 3}.get(match["n"] or "", 0) or int(match["n"] or 1) or 1
        name, rrule = _every(interval, _THAI_UNITS.get(word, "DAILY"), "")
    return Frequency(name, rrule, match[0], match.start(), match.end())
