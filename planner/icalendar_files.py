"""The events of a home as an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import icalendar
from django.utils.translation import gettext as _

from homes.models import Home
from pantry.recurrence import Rule
from planner.models import CalendarEvent, Occurrence
from planner.models.event import LAST_DAY

SHORTEST_MONTH = 28  # days


def write_calendar(home: Home, events: Iterable[CalendarEvent]) -> bytes:
    """Return the file. The events need their guests.

    A changed day is part of its series, unless that no longer comes on the day or is not among the events.
    """
    rows: dict[UUID | None, CalendarEvent] = {event.pk: event for event in events}
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Pantry Pixie//Calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", home.name)
    replaced: dict[UUID | None, set[str]] = {}  # days with another event, by series
    for event in rows.values():
        event.home = home
        series = rows.get(event.series_id)
        if series is not None and event.series_on is not None and series.comes_by_rule(event.series_on):
            replaced.setdefault(series.pk, set()).add(event.series_on.isoformat())
            event.series = series
        else:
            event.series = None
    for event in rows.values():
        calendar.add_component(_component(event, set(event.skipped) - replaced.get(event.pk, set())))
    if any(not event.is_all_day for event in rows.values()):
        calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _component(event: CalendarEvent, left_out: set[str]) -> icalendar.Event:
    component, occurrence = icalendar.Event(), Occurrence(event, event.starts_on)
    component.add("uid", f"{event.series_id or event.pk}@pantry-pixie")
    component.add("dtstamp", event.updated_at)
    component.add("summary", event.title)
    component.add("dtstart", _start(event, event.starts_on))
    if event.is_all_day:
        component.add("dtend", event.ends_on + timedelta(1))
    elif occurrence.ends_at > occurrence.starts_at:
        component.add("dtend", occurrence.ends_at)
    if event.rrule:
        component.add("rrule", icalendar.vRecur.from_ical(rule_of(event)))
    for day in sorted(left_out) if event.rrule else []:
        component.add("exdate", _start(event, date.fromisoformat(day)))
    if event.series is not None and event.series_on is not None:
        component.add("recurrence-id", _start(event.series, event.series_on))
    if event.place:
        component.add("location", event.place)
    guests = ", ".join(user.name for user in event.guests)
    parts = [event.notes, _("Guests: %(names)s") % {"names": guests} if guests else ""]
    if description := "\n\n".join(filter(None, parts)):
        component.add("description", description)
    return component


def _start(event: CalendarEvent, day: date) -> date | datetime:
    return day if event.start_time is None else datetime.combine(day, event.start_time, event.home.zone)


def rule_of(event: CalendarEvent) -> str:
    """Return the rule as RFC 5545 has it: UNTIL in UTC or as a day, and the last day of a month that lacks the day."""
    rule = Rule.parse(event.rrule)
    parts = dict(part.split("=") for part in event.rrule.split(";"))
    if rule.until:
        parts["UNTIL"] = _until(rule, event)
    days = rule.month_days or ((event.starts_on.day,) if rule.frequency in ("MONTHLY", "YEARLY") else ())
    if len(days) == 1 and days[0] > SHORTEST_MONTH and not rule.days and not rule.positions:
        months = rule.months or ((event.starts_on.month,) if rule.frequency == "YEARLY" and not rule.month_days else ())
        if rule.frequency == "YEARLY" and len(months) == 1:
            parts["BYMONTH"] = str(months[0])
        elif rule.frequency in ("YEARLY", "DAILY") and rule.interval == 1:
            parts["FREQ"] = "MONTHLY"
        elif rule.frequency != "MONTHLY":
            return ";".join(f"{name}={value}" for name, value in parts.items())
        parts["BYMONTHDAY"] = ",".join(str(day) for day in range(SHORTEST_MONTH, days[0] + 1))
        parts["BYSETPOS"] = "-1"
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _until(rule: Rule, event: CalendarEvent) -> str:
    end = min(rule.end(event.home.zone), datetime.combine(LAST_DAY, time.max))
    if event.is_all_day:
        return f"{end:%Y%m%d}"
    return f"{end.replace(tzinfo=event.home.zone).astimezone(UTC):%Y%m%dT%H%M%SZ}"
