"""Days and times in Thai, which has no spaces between words: “พรุ่งนี้ 9 โมง”, “วันศุกร์บ่าย 2”."""

import re
from datetime import date, datetime, time, timedelta

from pantry.patterns import pattern
from pantry.when.dates import DEFAULT_TIME, When
from pantry.when.frequencies import THAI_DAYS

_DAYS_AHEAD = {"วันนี้": 0, "คืนนี้": 0, "เย็นนี้": 0, "เช้านี้": 0, "บ่ายนี้": 0, "พรุ่งนี้": 1, "มะรืน": 2}
_MONTHS = (
    "มกราคม|กุมภาพันธ์|มีนาคม|เมษายน|พฤษภาคม|มิถุนายน|กรกฎาคม|สิงหาคม|กันยายน|ตุลาคม|พฤศจิกายน|ธันวาคม|"
    r"ม\.ค\.|ก\.พ\.|มี\.ค\.|เม\.ย\.|พ\.ค\.|มิ\.ย\.|ก\.ค\.|ส\.ค\.|ก\.ย\.|ต\.ค\.|พ\.ย\.|ธ\.ค\."
)
_BEFORE = r"(?:(?:ภายใน|ก่อน|ใน|ตอน|ช่วง)\s?)?"
_DAY = pattern(
    rf"{_BEFORE}(?:(?P<word>{'|'.join(_DAYS_AHEAD)})(?:นี้)?|วัน(?:{'|'.join(THAI_DAYS)})(?:บดี)?(?:นี้|หน้า)?"
    rf"|(?:วันที่\s?)?\d{{1,2}}\s?(?:{_MONTHS}))"
)
_HOUR = pattern(
    r"(?P<clock>\d{1,2})[.:](?P<minute>\d{2})\s*(?:น|$|\s)|บ่าย\s*(?P<afternoon>[1-5])|(?P<evening>[1-5])\s*ทุ่ม"
    r"|(?P<hour>\d{1,2})\s*โมง(?P<late>เย็น)?|(?P<noon>เที่ยง(?!คืน))"
)
_AT = pattern(r"(?:เวลา|ตอน)?\s?\Z")
_AFTER_HOUR = pattern(r"\.?(?:เช้า|โมง)?")


def find_thai_when(text: str, now: datetime) -> When | None:
    """Return the first date or time in a Thai text, today or later; None without a valid one."""
    day, clock = _DAY.search(text), _HOUR.search(text)
    on = find_thai_date(day[0], now) if day else None
    hour = find_thai_hour(clock[0]) if clock else None
    if (day and on is None) or (on is None and hour is None):
        return None
    moment = datetime.combine(on or now.date(), hour or DEFAULT_TIME, now.tzinfo)
    if on is None and moment <= now:
        moment += timedelta(days=1)
    spans = [match.span() for match in (day, clock) if match]
    if clock is not None and hour is not None:
        before, behind = _AT.search(text, 0, clock.start()), _AFTER_HOUR.match(text, clock.end())
        spans[-1] = (before.start() if before else clock.start(), behind.end() if behind else clock.end())
    phrase = " ".join(text[start:end].strip() for start, end in sorted(spans))
    for start, end in sorted(spans, reverse=True):
        text = f"{text[:start]} {text[end:]}"
    return When(moment, phrase, hour is not None, " ".join(text.split()))


def find_thai_date(phrase: str, now: datetime) -> date | None:
    """Return the day of a phrase ("พรุ่งนี้", "วันศุกร์", "15 มีนาคม"), or None."""
    weekdays = {f"วัน{name}": (number - now.weekday()) % 7 or 7 for number, name in enumerate(THAI_DAYS)}
    for word, ahead in (_DAYS_AHEAD | weekdays).items():
        if word in phrase:
            return now.date() + timedelta(days=ahead)
    if (named := re.search(r"\d{1,2}\s*[\u0e00-\u0e7f.]{2,12}", phrase)) is None:
        return None
    # dateparser takes a quarter of a second to load, and few messages name a Thai month.
    from dateparser import parse

    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future", "PARSERS": ["absolute-time"]}
    moment = parse(named[0], languages=["th"], settings=settings)
    return moment.date() if moment else None


def find_thai_hour(text: str) -> time | None:
    """Return the hour of “8 โมงเช้า”, “บ่าย 2”, “2 ทุ่ม” or “เวลา 7.30 น.”"""
    if (match := _HOUR.search(text)) is None:
        return None
    hour = int(match["hour"] or match["afternoon"] or match["evening"] or match["clock"] or 12)  # "เที่ยง" is noon
    minute = int(match["minute"] or 0)
    if match["afternoon"] or match["late"]:
        hour += 12 if hour < 12 else 0
    elif match["evening"]:
        hour += 18
    return time(hour, minute) if hour < 24 and minute < 60 else None
