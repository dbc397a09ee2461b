"""Times, days and enumerations in answers."""

from datetime import datetime, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from pantry.recurrence import describe_rule, is_rule


def format_schedule(at: datetime | str, rrule: str) -> str:
    """Format a time and its recurrence: “every Monday, next on 9 March, 08:00”."""
    local = local_time(at)
    day_and_time = f"{format_day(local)}, {formats.date_format(local, 'TIME_FORMAT')}"
    rule = rrule.removeprefix("RRULE:").upper()
    if not is_rule(rule):
        return day_and_time
    return _("%(often)s, next on %(day)s") % {"often": describe_rule(rule), "day": day_and_time}


def local_time(at: datetime | str) -> datetime:
    """Return the time in the active time zone. A time without a zone is local already."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def format_day(at: datetime | str) -> str:
    """Format a date, with the year unless it is this one."""
    local = local_time(at)
    same_year = local.year == timezone.localtime().year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")


def format_when(at: datetime | str) -> str:
    """Format a past day as part of a sentence: “today”, “yesterday”, “on 9 March”."""
    days = (timezone.localtime().date() - local_time(at).date()) // timedelta(days=1)
    return {0: _("today"), 1: _("yesterday")}.get(days) or _("on %(day)s") % {"day": format_day(at)}


def join_names(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}
