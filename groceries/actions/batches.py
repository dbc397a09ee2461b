"""Put batches into the pantry, take out of them, and let them follow what is bought on lists.

These functions need the home's lock: the actions that call them have it.
"""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from groceries.actions.amounts import validated_quantity
from groceries.models import EntryState, Item, ListEntry, PantryBatch
from groceries.parsing.quantities import MAX_QUANTITY, add_amounts, amount_ratio
from homes.events.actor import Actor
from homes.events.log import record, save_changes
from homes.models import Home
from pantry.models import Changes

MAX_BATCHES = 2000  # of a home
PANTRY_FULL = _("A pantry can have %(max)d batches. Remove what is used up first.")
_SMALLEST = Decimal("0.001")


def put_in(
    item: Item,
    quantity: Decimal,
    unit: str,
    *,
    by: Actor,
    best_before: date | None = None,
    place: str = "",
    entry_id: UUID | None = None,
) -> PantryBatch:
    batch = PantryBatch(home=by.home, item=item, quantity=quantity, unit=unit, entry_id=entry_id)
    batch.assign(best_before=best_before, place=place)
    batch.save(force_insert=True)
    record("pantry_added", batch, by=by)
    return batch


def take_out(batch: PantryBatch, quantity: Decimal, unit: str, by: Actor) -> None:
    """Take an amount out of a batch that has at least so much. The unit must be convertible to that of the batch,
    which stays if there is too much for the smaller unit."""
    left = add_amounts(batch.quantity, batch.unit, -quantity, unit)
    assert left is not None
    if left[0] > MAX_QUANTITY:
        used = amount_ratio(quantity, unit, Decimal(1), batch.unit)
        assert used is not None
        left = batch.quantity - used, batch.unit
    rest = left[0].quantize(_SMALLEST)
    if rest <= 0:
        throw_out(batch, by)
    else:
        save_changes(batch, "pantry_updated", by=by, quantity=rest, unit=left[1])


def throw_out(batch: PantryBatch, by: Actor) -> None:
    """Delete a batch. Idempotent."""
    if PantryBatch.objects.filter(pk=batch.pk).delete()[0]:
        record("pantry_removed", batch, by=by)


def is_full(home: Home) -> bool:
    return bool(PantryBatch.objects.filter(home=home).count() >= MAX_BATCHES)


def follow_purchase(entry: ListEntry, changes: Changes, by: Actor) -> None:
    """Put what was bought into the pantry, if the home wants that and has room, and take it out when it is put back.

    What was used of it meanwhile stays used.
    """
    old_state = changes.get("state", [entry.state])[0]
    if entry.is_purchased and old_state != EntryState.PURCHASED:
        _put_in_purchase(entry, by)
    elif old_state == EntryState.PURCHASED and not changes.keys().isdisjoint({"state", "item", "quantity", "unit"}):
        batch = PantryBatch.objects.select_related("item__category").filter(entry_id=entry.pk).first()
        if batch is not None and entry.is_purchased:
            _correct(batch, entry, changes, by)
        elif batch is not None:
            throw_out(batch, by)


def _put_in_purchase(entry: ListEntry, by: Actor) -> None:
    is_wanted = Home.objects.filter(pk=by.home.pk, fills_pantry=True).exists()
    if is_wanted and not is_full(by.home) and not PantryBatch.objects.filter(entry_id=entry.pk).exists():
        put_in(entry.item, entry.quantity, entry.unit, by=by, entry_id=entry.pk)


def _correct(batch: PantryBatch, entry: ListEntry, changes: Changes, by: Actor) -> None:
    """Change the batch as the purchase was changed. Of one that was used in part, the unit stays."""
    quantity = Decimal(changes.get("quantity", [entry.quantity])[0])
    unit = changes.get("unit", [entry.unit])[0]
    fields: dict[str, Any] = {"item": entry.item}
    if (batch.quantity, batch.unit) == (quantity, unit):
        fields |= {"quantity": entry.quantity, "unit": entry.unit}
    elif batch.unit == unit == entry.unit:
        fields["quantity"] = batch.quantity + entry.quantity - quantity
    if fields.get("quantity", batch.quantity) > 0:
        fields["quantity"] = validated_quantity(fields.get("quantity", batch.quantity))
        save_changes(batch, "pantry_updated", by=by, **fields)
    else:
        throw_out(batch, by)
