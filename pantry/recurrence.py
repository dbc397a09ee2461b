"""Recurrence rules (RFC 5545) in a home's time zone: the local time stays the same across daylight saving.

A day that a month does not have is its last one, as with SKIP=BACKWARD of RFC 7529: the 31st comes on 28 February.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

HORIZON = timedelta(days=5 * 366)
"""A rule that does not occur within this time has ended."""
MAX_RULE_CHARS = 200
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY = rf"(?:{'|'.join(DAYS)})"


def _list_of(item: str) -> str:
    return f"(?:{item})(?:,(?:{item}))*"


_PARTS = {
    "FREQ": "HOURLY|DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,2}",
    "BYMONTH": _list_of("0?[1-9]|1[0-2]"),
    "BYMONTHDAY": _list_of(r"[+-]?(?:0?[1-9]|[12]\d|3[01])"),
    "BYDAY": _list_of(rf"(?:[+-]?0?[1-5])?{_WEEKDAY}"),
    "BYSETPOS": _list_of(r"[+-]?(?:[1-9]\d?|[12]\d\d|3[0-5]\d|36[0-6])"),
    "COUNT": r"[1-9]\d{0,2}",
    "UNTIL": r"\d{8}(?:T\d{6}Z?)?",
    "WKST": _WEEKDAY,
}
_HOURLY_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"}


def normalize_rule(text: str) -> str:
    return text.strip().upper().removeprefix("RRULE:").removesuffix(";")


def is_rule(text: str) -> bool:
    try:
        Rule.parse(text)
    except ValueError:
        return False
    return True


def next_time(rule: str, start: datetime, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Return the rule's first time after `after`, with the rule starting at `start`; None if it does not occur within
    the HORIZON.

    A local time that daylight saving skips is moved an hour later on that day; one that occurs twice counts once.
    """
    parsed = Rule.parse(rule)
    local_start = start.astimezone(zone).replace(tzinfo=None, microsecond=0)
    local_after = after.astimezone(zone).replace(tzinfo=None, fold=0)
    last = min(max(local_start, local_after) + HORIZON, parsed.end(zone))
    for moment in parsed.moments(local_start, local_after, last):
        next_moment = moment.replace(tzinfo=zone).astimezone(UTC)
        if moment > local_after and next_moment > after:
            return next_moment
    return None


def _fit_together(parts: dict[str, str]) -> bool:
    """Return whether the parts stand where RFC 5545 (3.3.10) allows them."""
    has_ordinals = any(day[:-2] for day in _split(parts.get("BYDAY", "")))
    is_of_months = parts["FREQ"] in ("MONTHLY", "YEARLY")
    has_others = any(name.startswith("BY") for name in parts if name != "BYSETPOS")
    return (
        (is_of_months or not has_ordinals)
        and (parts["FREQ"] != "WEEKLY" or "BYMONTHDAY" not in parts)
        and ("BYSETPOS" not in parts or has_others)
    )


@dataclass(frozen=True)
class Rule:
    """A parsed rule. Its dates and times are local."""

    frequency: str
    interval: int
    months: tuple[int, ...]
    month_days: tuple[int, ...]
    days: tuple[tuple[int, int], ...]  # which one in the month or year, 0 for all of them, and the weekday
    positions: tuple[int, ...]
    count: int | None
    until: str
    week_start: int

    @classmethod
    def parse(cls, text: str) -> "Rule":
        """Raises ValueError."""
        if len(text) > MAX_RULE_CHARS:
            raise ValueError(text)
        pairs = [part.partition("=")[::2] for part in text.split(";")]
        parts = dict(pairs)
        is_known = all(name in _PARTS and re.fullmatch(_PARTS[name], value, re.A) for name, value in pairs)
        if not is_known or len(parts) < len(pairs) or "FREQ" not in parts:
            raise ValueError(text)
        if not _fit_together(parts):
            raise ValueError(text)
        if {"COUNT", "UNTIL"} <= set(parts) or (parts["FREQ"] == "HOURLY" and set(parts) - _HOURLY_PARTS):
            raise ValueError(text)
        until = parts.get("UNTIL", "")
        if until:
            datetime.fromisoformat(until)  # raises ValueError for 31 February
        return cls(
            frequency=parts["FREQ"],
            interval=int(parts.get("INTERVAL", 1)),
            months=_numbers(parts.get("BYMONTH", "")),
            month_days=_numbers(parts.get("BYMONTHDAY", "")),
            days=tuple((int(day[:-2] or 0), DAYS.index(day[-2:])) for day in _split(parts.get("BYDAY", ""))),
            positions=_numbers(parts.get("BYSETPOS", "")),
            count=int(parts["COUNT"]) if "COUNT" in parts else None,
            until=until,
            week_start=DAYS.index(parts.get("WKST", "MO")),
        )

    def end(self, zone: ZoneInfo) -> datetime:
        """Return the last local moment at which the rule may occur."""
        if not self.until:
            return datetime.max
        until = datetime.fromisoformat(self.until)
        if until.tzinfo is not None:
            return until.astimezone(zone).replace(tzinfo=None)
        return until if "T" in self.until else datetime.combine(until, time.max)

    def moments(self, start: datetime, after: datetime, last: datetime) -> Iterator[datetime]:
        """Yield all moments after `after` and until `last`, and some earlier ones. Only COUNT needs all from the
        start: otherwise the search takes at most the time from `after` to `last`."""
        near = start if self.count else max(start, after)
        if self.frequency == "HOURLY":
            step = timedelta(hours=self.interval)
            moments = (start + number * step for number in count((near - start) // step))
        else:
            moments = (
                datetime.combine(day, start.time()) for day in self._dates(start.date(), near.date(), last.date())
            )
        for moment in islice(moments, self.count):
            if moment > last:
                return
            yield moment

    def days_between(self, start: datetime, first: date, last: date, zone: ZoneInfo) -> Iterator[date]:
        """Yield the days from `first` to `last` of a rule that starts at a local time. Costs are those of `moments`."""
        end = min(datetime.combine(last, time.max), self.end(zone))
        near = datetime.combine(first, time()) if start.date() < first else start
        for moment in self.moments(start, near, end):
            if moment.date() >= first:
                yield moment.date()

    def _dates(self, start: date, near: date, last: date) -> Iterator[date]:
        """Yield the dates from `start` to `last`, without some or all of those before `near`."""
        index = self._period_index(start, near)
        for number in count(index - index % self.interval, self.interval):
            period = self._period(start, number)
            if period[0] > last:
                return
            dates = [day for day in period if self._matches(day, start)]
            if self.positions:
                chosen = {position - (position > 0) for position in self.positions}
                size = len(dates)
                dates = [day for place, day in enumerate(dates) if place in chosen or place - size in chosen]
            yield from (day for day in dates if day >= start)

    def _period_index(self, start: date, day: date) -> int:
        """Return how many days, weeks, months or years after that of `start` the day is."""
        match self.frequency:
            case "DAILY":
                return (day - start).days
            case "WEEKLY":
                return (day - self._first_of_week(start)).days // 7
            case "MONTHLY":
                return (day.year - start.year) * 12 + day.month - start.month
        return day.year - start.year

    def _period(self, start: date, index: int) -> list[date]:
        match self.frequency:
            case "DAILY":
                first, length = start + timedelta(index), 1
            case "WEEKLY":
                first, length = self._first_of_week(start) + timedelta(weeks=index), 7
            case "MONTHLY":
                year, month = divmod(start.year * 12 + start.month - 1 + index, 12)
                first, length = date(year, month + 1, 1), monthrange(year, month + 1)[1]
            case _:
                first = date(start.year + index, 1, 1)
                length = (date(first.year + 1, 1, 1) - first).days
        return [first + timedelta(number) for number in range(length)]

    def _first_of_week(self, day: date) -> date:
        return day - timedelta((day.weekday() - self.week_start) % 7)

    def _matches(self, day: date, start: date) -> bool:
        """Return whether the day is one of the rule's, apart from INTERVAL and BYSETPOS."""
        months, month_days, days = self.months, self.month_days, self.days
        if not month_days and not days:  # on the day of the start
            if self.frequency == "WEEKLY":
                days = ((0, start.weekday()),)
            elif self.frequency != "DAILY":
                month_days = (start.day,)
                months = months or ((start.month,) if self.frequency == "YEARLY" else ())
        return (
            (not months or day.month in months)
            and (not month_days or _is_month_day(day, month_days))
            and (not days or any(day.weekday() == weekday and self._is_nth(day, nth) for nth, weekday in days))
        )

    def _is_nth(self, day: date, nth: int) -> bool:
        """Return whether the day is the nth of its weekday: in the month, or with FREQ=YEARLY alone in the year."""
        if not nth or self.frequency in ("DAILY", "WEEKLY"):
            return True
        if self.frequency == "YEARLY" and not self.months:
            number, length = day.timetuple().tm_yday, date(day.year, 12, 31).timetuple().tm_yday
        else:
            number, length = day.day, monthrange(day.year, day.month)[1]
        return nth == ((number - 1) // 7 + 1 if nth > 0 else -((length - number) // 7 + 1))


def _split(values: str) -> list[str]:
    return values.split(",") if values else []


def _numbers(values: str) -> tuple[int, ...]:
    return tuple(map(int, _split(values)))


def _is_month_day(day: date, month_days: tuple[int, ...]) -> bool:
    length = monthrange(day.year, day.month)[1]
    return day.day in month_days or day.day - length - 1 in month_days or (day.day == length < max(month_days))


def describe_rule(text: str) -> str:
    """Return the rule in words: “every Monday”, “every 2 weeks, until 5 May 2027”. It occurs no more often than they
    say: details that only make it rarer are left out."""
    rule = Rule.parse(text)
    words = _describe_period(rule)
    if rule.months:
        months = get_text_list([str(MONTHS[month]) for month in sorted(set(rule.months))], _("and"))
        words = _("%(often)s, in %(months)s") % {"often": words, "months": months}
    if rule.count == 1:
        words = _("once")
    elif rule.count:
        words = _("%(often)s, %(n)d times") % {"often": words, "n": rule.count}
    if rule.until:
        until = formats.date_format(datetime.fromisoformat(rule.until), "DATE_FORMAT")
        words = _("%(often)s, until %(day)s") % {"often": words, "day": until}
    return words


def _describe_period(rule: Rule) -> str:
    frequency, interval, month_days = rule.frequency, rule.interval, rule.month_days
    if len(rule.positions) == 1:  # one of the days in each period
        return _every(frequency, interval)
    weekdays = sorted({weekday for nth, weekday in rule.days if not nth or frequency in ("DAILY", "WEEKLY")})
    if weekdays and interval == 1 and not month_days:
        if weekdays == [0, 1, 2, 3, 4]:
            return _("on weekdays")
        return _("every %(days)s") % {"days": get_text_list([str(WEEKDAYS[day]) for day in weekdays], _("and"))}
    if frequency == "YEARLY" and month_days and interval == 1:
        frequency = "MONTHLY"
    if frequency == "MONTHLY" and interval == 1 and len(month_days) + len(rule.days) == 1:
        return _on_one_day(rule)
    named = [str(WEEKDAYS[day]) for day in weekdays]
    numbered = [f"{nth}{DAYS[weekday]}" for nth, weekday in rule.days if nth]
    times = named or [str(day) for day in month_days] or numbered
    can_be_often = {"HOURLY": False, "DAILY": False, "WEEKLY": bool(rule.days)}.get(frequency, True)
    is_often = len(times) > 1 or named or (frequency == "YEARLY" and month_days)
    is_one_day = frequency == "WEEKLY" and len(times) == 1
    words = _every(frequency, interval)
    return f"{words} ({', '.join(times)})" if can_be_often and is_often and not is_one_day else words


def _every(frequency: str, interval: int) -> str:
    single, multiple = {
        "HOURLY": (_("every hour"), _("every %(n)d hours")),
        "DAILY": (_("every day"), _("every %(n)d days")),
        "WEEKLY": (_("every week"), _("every %(n)d weeks")),
        "MONTHLY": (_("every month"), _("every %(n)d months")),
        "YEARLY": (_("every year"), _("every %(n)d years")),
    }[frequency]
    return single if interval == 1 else multiple % {"n": interval}


def _on_one_day(rule: Rule) -> str:
    if rule.month_days:
        day = rule.month_days[0]
        if day == -1:
            return _("on the last day of every month")
        return _("on day %(day)d of every month") % {"day": day} if day > 0 else _every("MONTHLY", 1)
    nth, weekday = rule.days[0]
    words = {
        1: _("on the first %(day)s of every month"),
        2: _("on the second %(day)s of every month"),
        3: _("on the third %(day)s of every month"),
        4: _("on the fourth %(day)s of every month"),
        5: _("on the fifth %(day)s of a month"),
        -1: _("on the last %(day)s of every month"),
    }
    return words[nth] % {"day": WEEKDAYS[weekday]} if nth in words else _every("MONTHLY", 1)
