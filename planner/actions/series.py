"""Change and remove an event: one day of it, that and all that follow, or all of them."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from uuid_utils.compat import uuid7

from homes.events.actor import Actor
from homes.events.log import action
from pantry.errors import ActionError
from pantry.recurrence import Rule
from planner.actions.events import (
    Scope,
    change_fields,
    check_event,
    check_members,
    check_room,
    clean_fields,
    delete_event,
    get_event,
    insert_event,
    save_event,
    with_end,
)
from planner.models import CalendarEvent

COPIED = ("title", "place", "notes", "start_time", "end_time")


@action
def change_event(
    event: CalendarEvent,
    *,
    by: Actor,
    scope: str = Scope.ALL,
    on: date | None = None,
    guest_ids: Collection[UUID] | None = None,
    **fields: Any,
) -> CalendarEvent:
    """Change an event, or one that repeats on the day `on` of it, from that day on, or on all days.

    The fields are those of `create_event`; the days among them are those of the day `on`, and all days move with it.
    Without a new end the event lasts as long as before. Days that were changed alone stay as they are. Returns the
    event that has the changes. The errors are those of `create_event`; raises ActionError, too, if the event does not
    come on that day.
    """
    event, fields = get_event(event.pk), clean_fields(fields)
    scope, on = _which(event, scope, on)
    if on is not None and scope == Scope.THIS:
        return _change_day(event, on, fields, guest_ids, by)
    if on is not None and scope == Scope.FOLLOWING:
        return _change_following(event, on, fields, guest_ids, by)
    shift = timedelta(0)
    if on is not None:
        shift = fields.get("starts_on", on) - on
        fields |= {name: fields[name] - (on - event.starts_on) for name in ("starts_on", "ends_on") if name in fields}
    elif "starts_on" in fields:
        shift = fields["starts_on"] - event.starts_on
    if fields.get("rrule") == "":
        fields["skipped"] = []
    elif shift:
        fields["skipped"] = [str(date.fromisoformat(day) + shift) for day in event.skipped]
    change_fields(event, fields, guest_ids, by)
    if shift:
        _move_days(event, event, event.starts_on - shift, shift, by)
    return get_event(event.pk)


@action
def remove_event(event: CalendarEvent, *, by: Actor, scope: str = Scope.ALL, on: date | None = None) -> None:
    """Remove an event, or one that repeats on the day `on` of it, from that day on, or on all days. Idempotent.

    Raises ActionError if it does not come on that day.
    """
    current = CalendarEvent.objects.with_guests().select_related("home").filter(pk=event.pk).first()
    if current is None:
        return
    scope, on = _which(current, scope, on)
    if on is None or scope == Scope.ALL:
        delete_event(current, by)
    elif scope == Scope.THIS:
        _skip(current, on, by)
    else:
        _end_before(current, on, by)
        for each in _changed_days(current, on):
            delete_event(each, by)


def _which(event: CalendarEvent, scope: str, on: date | None) -> tuple[str, date | None]:
    """Return the scope and the day, which is None for an event that does not repeat."""
    if scope not in Scope.values:
        names = ", ".join(Scope.values)
        raise ActionError(_("“%(value)s” is none of %(names)s.") % {"value": scope, "names": names})
    if not event.rrule:
        return Scope.ALL, None
    if on is None and scope != Scope.ALL:
        raise ActionError(_("Say on which day, since this event repeats."))
    if on is not None and not any(event.days(on, on)):
        raise ActionError(_("This event does not come on that day."))
    return (Scope.ALL if scope == Scope.FOLLOWING and on == event.starts_on else scope), on


def _change_day(
    series: CalendarEvent, on: date, fields: dict[str, Any], guest_ids: Collection[UUID] | None, by: Actor
) -> CalendarEvent:
    _skip(series, on, by)
    day = _copy(series, on, fields)
    day.series, day.series_on = series, on
    return _insert(day, series, guest_ids, by)


def _change_following(
    series: CalendarEvent, on: date, fields: dict[str, Any], guest_ids: Collection[UUID] | None, by: Actor
) -> CalendarEvent:
    rest = _copy(series, on, {"rrule": _rest_of_rule(series, on), **fields})
    shift = rest.starts_on - on
    rest.skipped = [str(date.fromisoformat(day) + shift) for day in series.skipped if day >= on.isoformat()]
    _end_before(series, on, by)
    _insert(rest, series, guest_ids, by)
    _move_days(series, rest, on, shift, by)
    return get_event(rest.pk)


def _copy(series: CalendarEvent, on: date, fields: dict[str, Any]) -> CalendarEvent:
    """Return a new event that is like the series on that day, apart from the fields."""
    copied = {name: getattr(series, name) for name in COPIED}
    days = {"starts_on": on, "ends_on": on + (series.ends_on - series.starts_on)}
    event = CalendarEvent(home=series.home, **copied, **days)
    event.assign(**with_end(event, clean_fields(fields)))
    return event


def _insert(
    event: CalendarEvent, series: CalendarEvent, guest_ids: Collection[UUID] | None, by: Actor
) -> CalendarEvent:
    event.pk, event.created_by = uuid7(), by.user
    check_event(event)
    check_room(event)
    guests = series.guest_ids if guest_ids is None else guest_ids
    check_members(set(guests) - set(series.guest_ids), by)
    insert_event(event, guests, by)
    return get_event(event.pk)


def _skip(series: CalendarEvent, on: date, by: Actor) -> None:
    changes = series.assign(skipped=sorted({*series.skipped, on.isoformat()}))
    check_event(series)
    save_event(series, changes, by)


def _end_before(series: CalendarEvent, on: date, by: Actor) -> None:
    until = (on - timedelta(1)).strftime("%Y%m%d")
    skipped = [day for day in series.skipped if day < on.isoformat()]
    save_event(series, series.assign(rrule=f"{_without_end(series.rrule)};UNTIL={until}", skipped=skipped), by)


def _rest_of_rule(series: CalendarEvent, on: date) -> str:
    """Return the rule from that day on: with COUNT, as many times as are left."""
    count = Rule.parse(series.rrule).count
    if count is None:
        return series.rrule
    return f"{_without_end(series.rrule)};COUNT={count - series.count_before(on)}"


def _without_end(rule: str) -> str:
    return ";".join(part for part in rule.split(";") if not part.startswith(("COUNT=", "UNTIL=")))


def _changed_days(series: CalendarEvent, first: date) -> Iterable[CalendarEvent]:
    days: Any = series.changed_days
    rows: Iterable[CalendarEvent] = days.filter(series_on__gte=first).with_guests().select_related("home")
    return rows


def _move_days(series: CalendarEvent, to: CalendarEvent, first: date, shift: timedelta, by: Actor) -> None:
    """Let the days that were changed alone, from the first on, stand for days of another event or for others."""
    days = sorted(_changed_days(series, first), key=_day_in_series, reverse=shift > timedelta(0))
    for each in days:  # in an order in which no two stand for the same day
        save_event(each, each.assign(series=to, series_on=_day_in_series(each) + shift), by)


def _day_in_series(event: CalendarEvent) -> date:
    assert event.series_on is not None
    return event.series_on
