"""Undo one event of the calendar by a new one. What was changed again since is not undone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from homes.events.actor import Actor
from homes.events.log import subject_of
from homes.events.models import Event
from pantry.errors import ActionError
from planner.actions.events import delete_event, restore_event
from planner.models import CalendarEvent
from planner.schemas import CalendarEventSnapshot


def _undo_event(event: Event, by: Actor) -> None:
    """Restore the event as it was before, unless it was changed again. Remove a new one."""
    row: CalendarEvent = subject_of(event, CalendarEvent.objects.with_guests().select_related("home"))
    if CalendarEventSnapshot.model_validate(row).model_dump(mode="json") != event.data["calendar_event"]:
        raise _changed_again()
    if event.type == "calendar_event_created":
        delete_event(row, by)
        return
    before = dict(event.changes)
    guest_ids, _new = before.pop("guest_ids", (None, None))
    fields: dict[str, Any] = {}
    for name, (old, _new) in before.items():
        field: Any = CalendarEvent._meta.get_field(name)
        value = field.to_python(old)
        fields[name] = _series(value) if name == "series" else value
    if row.changed_days.filter(series_on__in=set(row.skipped) - set(fields.get("skipped", row.skipped))).exists():
        raise _changed_again()  # the day would be there twice
    restore_event(row, fields, None if guest_ids is None else list(map(UUID, guest_ids)), by=by)


def _undo_event_removed(event: Event, by: Actor) -> None:
    snapshot = CalendarEventSnapshot.model_validate(event.data["calendar_event"])
    if not CalendarEvent.objects.filter(pk=snapshot.id).exists():
        fields = snapshot.model_dump(exclude={"guest_ids", "skipped", "series_id"})
        series = None if snapshot.series_id is None else _series(snapshot.series_id)
        row = CalendarEvent(home=by.home, skipped=list(snapshot.skipped), series=series, **fields)
        restore_event(row, {}, snapshot.guest_ids, by=by)


def _series(pk: UUID) -> CalendarEvent:
    series: CalendarEvent | None = CalendarEvent.objects.filter(pk=pk).first()
    if series is None:
        raise ActionError(_("That no longer exists."))
    return series


def _changed_again() -> ActionError:
    return ActionError(_("This was changed again since then, so undoing it could overwrite that. Change it by hand."))


UNDO: dict[str, Callable[[Event, Actor], None]] = {
    "calendar_event_created": _undo_event,
    "calendar_event_updated": _undo_event,
    "calendar_event_removed": _undo_event_removed,
}
