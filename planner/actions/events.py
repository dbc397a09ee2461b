"""Create, change and remove events of the calendar."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record
from homes.models import Membership
from pantry.errors import ActionError, check_length
from pantry.models import Changes
from pantry.recurrence import MAX_RULE_CHARS, Rule, is_rule, normalize_rule
from pantry.text import clean_line, clean_text, visible_line
from pantry.years import YEARS
from planner.models import CalendarEvent, EventGuest

MAX_TITLE_LENGTH, MAX_PLACE_LENGTH, MAX_NOTES_LENGTH = 200, 200, 4000
MAX_EVENTS = 10_000
MAX_REPEATING_EVENTS = 300
MAX_GUESTS = 20
MAX_DAYS, MAX_REPEATED_DAYS = 366, 31
MAX_RULE_LENGTH = MAX_RULE_CHARS - len(";UNTIL=20260314")  # so that every rule can be ended
MAX_SKIPPED = 500


class Scope(models.TextChoices):
    """Which days of an event that repeats are meant."""

    THIS = "this", gettext_lazy("Only this one")
    FOLLOWING = "following", gettext_lazy("This and all that follow")
    ALL = "all", gettext_lazy("All of them")


@action
def create_event(
    title: str,
    *,
    by: Actor,
    starts_on: date,
    start_time: time | None = None,
    ends_on: date | None = None,
    end_time: time | None = None,
    place: str = "",
    notes: str = "",
    rrule: str = "",
    guest_ids: Collection[UUID] = (),
) -> CalendarEvent:
    """Create an event, without times on whole days. Without an end it ends on its first day, or when it begins.

    Idempotent by the actor's `op_id`. Raises ActionError for an invalid field or rule, an end before the start, a guest
    who is no member, and too many events.
    """
    if (event_id := find_previous_result(by, "calendar_event_created")) is not None:
        return get_event(event_id)
    fields = {"title": title, "place": place, "notes": notes, "rrule": rrule, "starts_on": starts_on}
    times = {"start_time": start_time, "ends_on": ends_on or starts_on, "end_time": end_time or start_time}
    event = CalendarEvent(home=by.home, created_by=by.user, **clean_fields({**fields, **times}))
    check_event(event)
    check_room(event)
    check_members(guest_ids, by)
    insert_event(event, guest_ids, by)
    return get_event(event.pk)


def change_fields(event: CalendarEvent, fields: dict[str, Any], guest_ids: Collection[UUID] | None, by: Actor) -> None:
    """Change an event. Without a new end it lasts as long as before."""
    was_repeating = bool(event.rrule)
    changes = event.assign(**with_end(event, clean_fields(fields)))
    check_event(event)
    if event.rrule and not was_repeating:
        check_room(event)
    if guest_ids is not None:
        check_members(set(guest_ids) - set(event.guest_ids), by)
        changes |= invite(event, guest_ids)
    save_event(event, changes, by)


def delete_event(event: CalendarEvent, by: Actor) -> None:
    """Remove an event with the days that were changed alone. The caller must hold the home's lock."""
    days: Iterable[CalendarEvent] = event.changed_days.with_guests()
    for each in [*days, event]:
        record("calendar_event_removed", each, by=by)
    CalendarEvent.objects.filter(pk=event.pk).delete()


def uninvite_member(member: Membership, by: Actor) -> None:
    """Take a member who leaves the home off the events. The caller must hold the home's lock."""
    events = CalendarEvent.objects.filter(home=by.home, invitations__user=member.user_id).with_guests()
    for event in events.select_related("home"):
        save_event(event, invite(event, set(event.guest_ids) - {member.user_id}), by)


def restore_event(
    event: CalendarEvent, fields: dict[str, Any], guest_ids: Collection[UUID] | None, *, by: Actor
) -> None:
    """Set fields and guests, if given, to earlier values. Who is no longer a member is left out.

    An event that was removed is created again. The caller must hold the home's lock.
    """
    members = Membership.objects.filter(home=by.home, user__in=guest_ids or ()).values_list("user", flat=True)
    if not CalendarEvent.objects.filter(pk=event.pk).exists():
        check_room(event)
        insert_event(event, members, by)
        return
    changes = event.assign(**fields)
    if guest_ids is not None:
        changes |= invite(event, members)
    save_event(event, changes, by)


def insert_event(event: CalendarEvent, guest_ids: Collection[UUID], by: Actor) -> None:
    event.last_on = event.find_last_day()
    event.save(force_insert=True)
    rows = (EventGuest(event=event, user_id=pk) for pk in dict.fromkeys(guest_ids))
    event.invited = EventGuest.objects.bulk_create(rows)
    record("calendar_event_created", event, by=by)


def save_event(event: CalendarEvent, changes: Changes, by: Actor) -> None:
    if changes:
        event.last_on = event.find_last_day()
        event.save()
        record("calendar_event_updated", event, by=by, changes=changes)


def get_event(pk: UUID) -> CalendarEvent:
    event: CalendarEvent = CalendarEvent.objects.with_guests().select_related("home").get(pk=pk)
    return event


def invite(event: CalendarEvent, guest_ids: Iterable[UUID]) -> Changes:
    """Invite these people and no others. Returns the changes."""
    old, new = event.guest_ids, sorted(set(guest_ids))
    if old == new:
        return {}
    event.invitations.exclude(user__in=new).delete()
    added = EventGuest.objects.bulk_create(EventGuest(event=event, user_id=pk) for pk in new if pk not in old)
    event.invited = [each for each in event.invited if each.user_id in new] + added
    return {"guest_ids": [list(map(str, old)), list(map(str, new))]}


def with_end(event: CalendarEvent, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with an end that fits a new start: as long after it as before."""
    fields = dict(fields)
    if "start_time" in fields and fields["start_time"] is None:
        fields.setdefault("end_time", None)
    starts_on, start_time = (fields.get(name, getattr(event, name)) for name in ("starts_on", "start_time"))
    is_moved = (starts_on, start_time) != (event.starts_on, event.start_time)
    if is_moved and not fields.keys() & {"ends_on", "end_time"} and not event.is_all_day:
        end = datetime.combine(starts_on, start_time) + event.length
        return {**fields, "ends_on": end.date(), "end_time": end.time()}
    if "ends_on" not in fields:
        fields["ends_on"] = starts_on + (event.ends_on - event.starts_on)
    if event.is_all_day and start_time is not None and fields.get("end_time") is None:
        fields["end_time"] = start_time
    return fields


def check_room(event: CalendarEvent) -> None:
    """Raise ActionError if the home has as many events, or events that repeat, as it can have."""
    others = CalendarEvent.objects.filter(home=event.home).exclude(pk=event.pk)
    if others.count() >= MAX_EVENTS:
        raise ActionError(_("A home can have %(max)d events. Remove one first.") % {"max": MAX_EVENTS})
    if event.rrule and others.exclude(rrule="").count() >= MAX_REPEATING_EVENTS:
        message = _("A home can have %(max)d events that repeat. Remove one first.")
        raise ActionError(message % {"max": MAX_REPEATING_EVENTS})


def check_members(user_ids: Collection[UUID], by: Actor) -> None:
    if len(user_ids) > MAX_GUESTS:
        raise ActionError(_("An event can have %(max)d guests.") % {"max": MAX_GUESTS})
    if Membership.objects.filter(home=by.home, user__in=user_ids).count() != len(set(user_ids)):
        raise ActionError(_("Only members of the home can be invited."))


def check_event(event: CalendarEvent) -> None:
    """Raise ActionError for times that contradict each other, and for an invalid rule."""
    if (event.start_time is None) != (event.end_time is None):
        raise ActionError(_("An event has a start and an end time, or neither."))
    check_day(event.ends_on)
    if event.length < timedelta(0):
        raise ActionError(_("The end must not be before the start."))
    most = MAX_REPEATED_DAYS if event.rrule else MAX_DAYS
    if (event.ends_on - event.starts_on).days >= most:
        message = (
            _("An event that repeats can take %(max)d days.") if event.rrule else _("An event can take %(max)d days.")
        )
        raise ActionError(message % {"max": most})
    if event.rrule and not event.begins_by_its_rule():
        raise ActionError(_("The first day must be one on which the event comes by its rule."))
    if event.rrule and event.series_id:
        raise ActionError(_("A single day of an event that repeats can't repeat itself."))
    if len(event.skipped) > MAX_SKIPPED:
        message = _("An event that repeats can be changed or left out on %(max)d days. Create it anew from here on.")
        raise ActionError(message % {"max": MAX_SKIPPED})


def clean_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields as they are stored. Raises ActionError for an invalid one."""
    cleaned = dict(fields)
    if "title" in cleaned:
        cleaned["title"] = check_length(visible_line(cleaned["title"]), MAX_TITLE_LENGTH)
        if not cleaned["title"]:
            raise ActionError(_("An event needs a title."))
    if "place" in cleaned:
        cleaned["place"] = check_length(clean_line(cleaned["place"]), MAX_PLACE_LENGTH)
    if "notes" in cleaned:
        cleaned["notes"] = check_length(clean_text(cleaned["notes"]), MAX_NOTES_LENGTH)
    if "rrule" in cleaned:
        cleaned["rrule"] = rule = normalize_rule(cleaned["rrule"])
        if rule and (len(rule) > MAX_RULE_LENGTH or not is_rule(rule) or Rule.parse(rule).frequency == "HOURLY"):
            raise ActionError(_("“%(rule)s” is no rule of days, like FREQ=WEEKLY;BYDAY=MO.") % {"rule": rule})
    for name in cleaned.keys() & {"starts_on", "ends_on"}:
        check_day(cleaned[name])
    return cleaned


def check_day(day: date) -> None:
    if day.year not in YEARS:
        raise ActionError(_("The day must be from %(first)d to %(last)d.") % {"first": YEARS[0], "last": YEARS[-1]})
