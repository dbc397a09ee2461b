"""Recurrence rules (RFC 5545) in a home's time zone: the local time stays the same across daylight saving."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import groupby, islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

HORIZON = timedelta(days=5 * 366)
"""A rule that does not occur within this time has ended."""
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = rf"(?:{'|'.join(DAYS)})"
_NTH_DAY = rf"[+-]?[1-5]{_DAY}"
_MONTHDAY = r"-?(?:[1-9]|[12]\d|3[01])"
_PART = (
    rf"INTERVAL=[1-9]\d{{0,2}}|BYDAY=(?:{_DAY}(?:,{_DAY})*|{_NTH_DAY}(?:,{_NTH_DAY})*)"
    rf"|BYMONTHDAY={_MONTHDAY}(?:,{_MONTHDAY})*|COUNT=[1-9]\d{{0,2}}|UNTIL=\d{{8}}(?:T\d{{6}})?"
)
RULE = re.compile(rf"FREQ=(?:HOURLY(?:;INTERVAL=[1-9]\d?)?|(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:{_PART}))*)")
_PERIODS = {"HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1), "WEEKLY": timedelta(weeks=1)}


def is_rule(rule: str) -> bool:
    if len(rule) > 200 or RULE.fullmatch(rule) is None or ("COUNT=" in rule and "UNTIL=" in rule):
        return False
    try:
        datetime.fromisoformat(_parts(rule).get("UNTIL", "20000101"))
    except ValueError:  # 31 February
        return False
    return True


def next_time(rule: str, start: datetime, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Return the rule's first time after `after`, with the rule starting at `start`; None if it does not occur within
    the HORIZON.

    A local time that daylight saving skips is moved an hour later on that day; one that occurs twice counts once.
    """
    local_start = start.astimezone(zone).replace(tzinfo=None, microsecond=0)
    local_after = after.astimezone(zone).replace(tzinfo=None, fold=0)
    for moment in _times(_parts(rule), local_start, local_after):
        next_moment = moment.replace(tzinfo=zone).astimezone(UTC)
        if moment > local_after and next_moment > after:
            return next_moment
    return None


def _parts(rule: str) -> dict[str, str]:
    return dict(part.split("=", 1) for part in rule.split(";"))


def _times(parts: dict[str, str], start: datetime, after: datetime) -> Iterator[datetime]:
    """Yield all times after `after` and before the HORIZON, and some earlier ones.

    For a rule that seldom or never occurs, dateutil would search until the year 9999. Each part of a rule alone occurs
    often, so here the times that all parts have in common are those of the rule.
    """
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", 1))
    until = max(start, after) + HORIZON
    if "UNTIL" in parts:
        until = min(until, datetime.fromisoformat(parts["UNTIL"]))
    streams = []
    if "BYDAY" in parts:
        streams.append(("WEEKLY" if frequency == "DAILY" else frequency, f"BYDAY={parts['BYDAY']}"))
    if "BYMONTHDAY" in parts:
        streams.append(("MONTHLY", f"BYMONTHDAY={parts['BYMONTHDAY']}"))
    if not streams and frequency in ("WEEKLY", "MONTHLY", "YEARLY"):  # on the day of the start
        weekly = f"BYDAY={DAYS[start.weekday()]}"
        streams.append((frequency, weekly if frequency == "WEEKLY" else f"BYMONTHDAY={start.day}"))
        if frequency == "YEARLY":
            streams[0] = (frequency, f"BYMONTH={start.month};BYMONTHDAY={start.day}")
    if "COUNT" in parts or after <= start:
        first_period = first_day = start
    else:
        first_period = _skip_periods(frequency, interval, start, after)
        first_day = max(start, datetime.combine(after, start.time()))
    ending = f"UNTIL={until:%Y%m%dT%H%M%S}"
    rules = [rrulestr(f"FREQ={stream};{part};{ending}", dtstart=first_day) for stream, part in streams]
    if interval > 1 or not rules:
        every_day = "" if frequency in ("HOURLY", "DAILY") else f"BYDAY={','.join(DAYS)};"
        rules.append(rrulestr(f"FREQ={frequency};INTERVAL={interval};{every_day}{ending}", dtstart=first_period))
    times = (moment for moment, copies in groupby(merge(*rules)) if len(list(copies)) == len(rules))
    return islice(times, int(parts["COUNT"]) if "COUNT" in parts else None)


def _skip_periods(frequency: str, interval: int, start: datetime, after: datetime) -> datetime:
    """Return a start near `after` that has the same periods as `start`."""
    if frequency in _PERIODS:
        period = _PERIODS[frequency] * interval
        return start + (after - start) // period * period
    months = interval * (12 if frequency == "YEARLY" else 1)
    skipped = ((after.year - start.year) * 12 + after.month - start.month) // months * months
    if not skipped:
        return start
    year, month = divmod(start.year * 12 + start.month - 1 + skipped, 12)
    return start.replace(year=year, month=month + 1, day=1)


def describe_rule(rule: str) -> str:
    """Return the rule in words: “every Monday”, “every 2 weeks”. It occurs no more often than they say: details that
    only make it rarer are left out."""
    parts = _parts(rule)
    frequency, interval = parts["FREQ"], int(parts.get("INTERVAL", 1))
    days, month_days = parts.get("BYDAY", ""), parts.get("BYMONTHDAY", "")
    named = [str(WEEKDAYS[number]) for number, day in enumerate(DAYS) if day in days.split(",")]
    if named and interval == 1 and not month_days:
        if named == [str(WEEKDAYS[number]) for number in range(5)]:
            return _("on weekdays")
        return _("every %(days)s") % {"days": get_text_list(named, _("and"))}
    if frequency == "YEARLY" and month_days and interval == 1:
        frequency = "MONTHLY"
    single, multiple = {
        "HOURLY": (_("every hour"), _("every %(n)d hours")),
        "DAILY": (_("every day"), _("every %(n)d days")),
        "WEEKLY": (_("every week"), _("every %(n)d weeks")),
        "MONTHLY": (_("every month"), _("every %(n)d months")),
        "YEARLY": (_("every year"), _("every %(n)d years")),
    }[frequency]
    words = single if interval == 1 else multiple % {"n": interval}
    times = named or [value for value in (month_days or days).split(",") if value]
    can_be_often = {"HOURLY": False, "DAILY": False, "WEEKLY": bool(days)}.get(frequency, True)
    is_often = len(times) > 1 or named or (frequency == "YEARLY" and month_days)
    is_one_day = frequency == "WEEKLY" and len(times) == 1
    return f"{words} ({', '.join(times)})" if can_be_often and is_often and not is_one_day else words
