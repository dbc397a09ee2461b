"""Undo one event by a new one. Amounts are reversed by their difference, to keep what others added since."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from groceries.actions.entries import change_entry, put_back_entry, remove_entry, restore_purchase
from groceries.actions.recurring import stop_recurring, update_recurring_fields
from groceries.models import EntryState, ListEntry, RecurringItem
from groceries.schemas import AmountChange
from homes.events.actor import Actor
from homes.events.log import subject_of
from homes.events.models import Event
from pantry.errors import ActionError


def _undo_added(event: Event, by: Actor) -> None:
    _reduce_amount(_entry(event), Decimal(event.data["entry"]["quantity"]), event.data["entry"]["unit"], by)


def _undo_updated(event: Event, by: Actor) -> None:
    entry, fields = _entry(event), _values_before(event, ListEntry)
    if "quantity" in fields and "unit" not in fields:
        added = Decimal(event.changes["quantity"][1]) - fields["quantity"]
        if added > 0:
            _reduce_amount(entry, added, entry.unit, by)
            del fields["quantity"]
    if "item" in fields:
        fields["name"] = fields.pop("item")
    if entry.state != event.data["entry"]["state"]:
        fields.pop("price_paid", None)  # the price of another purchase
    if fields:
        change_entry(entry, by=by, **fields)


def _reduce_amount(entry: ListEntry, quantity: Decimal, unit: str, by: Actor) -> None:
    if entry.unit == unit and entry.quantity > quantity:
        change_entry(entry, by=by, amount_change=AmountChange.ADDED, quantity=entry.quantity - quantity)
    else:
        remove_entry(entry, by=by)


def _undo_purchased(event: Event, by: Actor) -> None:
    before = _values_before(event, ListEntry)
    if before["state"] == EntryState.REMOVED:
        remove_entry(_entry(event), by=by)
        return
    entry = put_back_entry(_entry(event), by=by)
    if before.get("price_paid") is not None and entry.pk == event.subject_id:
        change_entry(entry, by=by, price_paid=before["price_paid"])


def _undo_removed(event: Event, by: Actor) -> None:
    before = _values_before(event, ListEntry)
    if before["state"] == EntryState.PURCHASED:
        restore_purchase(_entry(event), before, by=by)
    else:
        put_back_entry(_entry(event), by=by)


def _undo_recurring(event: Event, by: Actor) -> None:
    """Stop a recurring item that the event created, or restore the values that it changed."""
    recurring: RecurringItem = subject_of(event, RecurringItem.objects.select_related("item"))
    if event.changes.get("frequency", [True])[0]:
        update_recurring_fields(recurring, by=by, **_values_before(event, RecurringItem))
    else:
        stop_recurring(recurring, by=by)


def _values_before(event: Event, model: type[Model]) -> dict[str, Any]:
    """Return the former values of the changed fields. Raises ActionError if a related row no longer exists."""
    values = {}
    for name, (old, _new) in event.changes.items():
        field: Any = model._meta.get_field(name)
        values[name] = field.to_python(old)
        if field.is_relation and old is not None:
            values[name] = field.related_model.objects.filter(pk=old).first()
            if values[name] is None:
                raise ActionError(_("That no longer exists."))
    return values


def _entry(event: Event) -> ListEntry:
    entry: ListEntry = subject_of(event, ListEntry.objects.select_related("list", "item"))
    return entry


UNDO: dict[str, Callable[[Event, Actor], None]] = {
    "list_item_added": _undo_added,
    "list_item_updated": _undo_updated,
    "list_item_purchased": _undo_purchased,
    "list_item_removed": _undo_removed,
    "recurring_set": _undo_recurring,
}
