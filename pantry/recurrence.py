"""Recurrence rules (RFC 5545) in a home's time zone: the local time stays the same across daylight saving."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_DAY = rf"(?:[+-]?[1-5])?(?:{'|'.join(DAYS)})"
_MONTHDAY = r"-?(?:[1-9]|[12]\d|3[01])"
_PART = (
    rf"INTERVAL=[1-9]\d{{0,2}}|BYDAY={_DAY}(?:,{_DAY})*|BYMONTHDAY={_MONTHDAY}(?:,{_MONTHDAY})*"
    r"|COUNT=[1-9]\d{0,2}|UNTIL=\d{8}(?:T\d{6})?"
)
# At most hourly, and no combination for which the search for the next time could run forever.
RULE = re.compile(rf"FREQ=(?:HOURLY(?:;INTERVAL=[1-9]\d?)?|(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:{_PART}))*)")


def is_rule(rule: str) -> bool:
    return len(rule) <= 200 and RULE.fullmatch(rule) is not None and not ("COUNT=" in rule and "UNTIL=" in rule)


def next_time(rule: str, start: datetime, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Return the rule's first time after `after`, with the rule starting at `start`; None if it has ended.

    A local time that daylight saving skips is moved an hour later on that day; one that occurs twice counts once.
    """
    times = rrulestr(rule, dtstart=start.astimezone(zone).replace(tzinfo=None))
    for moment in times.xafter(after.astimezone(zone).replace(tzinfo=None, fold=0)):
        if (next_moment := moment.replace(tzinfo=zone).astimezone(UTC)) > after:
            return next_moment
    return None


def describe_rule(rule: str) -> str:
    """Return the rule in words: “every Monday”, “every 2 weeks”. Other details are left out."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    interval, days = int(parts.get("INTERVAL", 1)), parts.get("BYDAY", "")
    if parts["FREQ"] == "WEEKLY" and days and interval == 1:
        weekdays = [day for day in DAYS if day in days]
        if weekdays == list(DAYS[:5]):
            return _("on weekdays")
        days = get_text_list([str(WEEKDAYS[DAYS.index(day)]) for day in weekdays], _("and"))
        return _("every %(days)s") % {"days": days}
    single, multiple = {
        "HOURLY": (_("every hour"), _("every %(n)d hours")),
        "DAILY": (_("every day"), _("every %(n)d days")),
        "WEEKLY": (_("every week"), _("every %(n)d weeks")),
        "MONTHLY": (_("every month"), _("every %(n)d months")),
        "YEARLY": (_("every year"), _("every %(n)d years")),
    }[parts["FREQ"]]
    return single if interval == 1 else multiple % {"n": interval}
