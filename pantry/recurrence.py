"""Rules for repeating (RFC 5545), by a home's clock: the same hour of the day, also across daylight saving."""

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
# At most once an hour, and none that would be searched for ever.
RULE = re.compile(rf"FREQ=(?:HOURLY(?:;INTERVAL=[1-9]\d?)?|(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:{_PART}))*)")


def is_rule(rule: str) -> bool:
    return len(rule) <= 200 and RULE.fullmatch(rule) is not None and not ("COUNT=" in rule and "UNTIL=" in rule)


def next_time(rule: str, start: datetime, zone: ZoneInfo, after: datetime) -> datetime | None:
    """The first time of the rule that began at `start` which comes after `after`; None when it has run out.

    An hour that the clock leaves out comes an hour later on that day alone; one that it shows twice counts once.
    """
    times = rrulestr(rule, dtstart=start.astimezone(zone).replace(tzinfo=None))
    for moment in times.xafter(after.astimezone(zone).replace(tzinfo=None, fold=0)):
        if (found := moment.replace(tzinfo=zone).astimezone(UTC)) > after:
            return found
    return None


def describe_rule(rule: str) -> str:
    """“every Monday”, “every two weeks”. What is finer than that is named by its beat alone."""
    parts = dict(part.split("=", 1) for part in rule.split(";"))
    every, days = int(parts.get("INTERVAL", 1)), parts.get("BYDAY", "")
    if parts["FREQ"] == "WEEKLY" and days and every == 1:
        named = [day for day in DAYS if day in days]
        if named == list(DAYS[:5]):
            return _("on weekdays")
        days = get_text_list([str(WEEKDAYS[DAYS.index(day)]) for day in named], _("and"))
        return _("every %(days)s") % {"days": days}
    once, often = {
        "HOURLY": (_("every hour"), _("every %(n)d hours")),
        "DAILY": (_("every day"), _("every %(n)d days")),
        "WEEKLY": (_("every week"), _("every %(n)d weeks")),
        "MONTHLY": (_("every month"), _("every %(n)d months")),
        "YEARLY": (_("every year"), _("every %(n)d years")),
    }[parts["FREQ"]]
    return once if every == 1 else often % {"n": every}
