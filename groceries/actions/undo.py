"""Putting back what one event changed, as a new event. Amounts are taken back by their difference, so what others added
since stays."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from groceries.actions.entries import change_entry, put_back_entry, remove_entry
from groceries.actions.recurring import set_recurring, stop_recurring
from groceries.models import ListEntry, RecurringItem
from groceries.schemas import How
from homes.actors import Actor
from homes.errors import Refused
from homes.models import Event


def _undo_added(event: Event, by: Actor) -> None:
    _take(_entry(event), Decimal(event.data["entry"]["quantity"]), event.data["entry"]["unit"], by)


def _undo_updated(event: Event, by: Actor) -> None:
    entry = _entry(event)
    if "quantity" in event.changes and "unit" not in event.changes:
        before, after = (Decimal(value) for value in event.changes["quantity"])
        if after > before:
            return _take(entry, after - before, entry.unit, by)
    fields: dict[str, Any] = {
        name: Decimal(old) if name == "quantity" else old
        for name, (old, _new) in event.changes.items()
        if name in ("quantity", "unit", "note")
    }
    change_entry(entry, by=by, **fields)


def _take(entry: ListEntry, quantity: Decimal, unit: str, by: Actor) -> None:
    if entry.unit == unit and entry.quantity > quantity:
        change_entry(entry, by=by, how=How.ADDED, quantity=entry.quantity - quantity)
    else:
        remove_entry(entry, by=by)


def _undo_gone(event: Event, by: Actor) -> None:
    put_back_entry(_entry(event), by=by)


def _undo_recurring(event: Event, by: Actor) -> None:
    subject: Any = event.subject_id
    recurring = RecurringItem.objects.filter(pk=subject, home=by.home).select_related("item").first()
    before = {name: old for name, (old, _new) in event.changes.items() if old}
    if recurring is not None and "frequency" in before:
        set_recurring(recurring.item, before["frequency"], by=by, rrule=before.get("rrule", ""))
    elif recurring is not None:
        stop_recurring(recurring, by=by)


def _entry(event: Event) -> ListEntry:
    subject: Any = event.subject_id
    entry = ListEntry.objects.filter(pk=subject, home=event.home_id).select_related("list", "item").first()
    if entry is None:
        raise Refused(_("That is gone by now."))
    return entry


UNDO: dict[str, Callable[[Event, Actor], None]] = {
    "list_item_added": _undo_added,
    "list_item_updated": _undo_updated,
    "list_item_purchased": _undo_gone,
    "list_item_removed": _undo_gone,
    "recurring_set": _undo_recurring,
}
