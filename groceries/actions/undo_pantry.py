"""Undo events of the pantry and of barcodes."""

from collections.abc import Callable
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from groceries.actions.amounts import validated_quantity
from groceries.actions.barcodes import forget_barcode
from groceries.actions.batches import throw_out
from groceries.actions.undo import changed_since, require_unchanged, values_before
from groceries.models import Barcode, Item, PantryBatch
from groceries.parsing.quantities import add_quantities
from groceries.schemas import BarcodeSnapshot, BatchSnapshot, ItemSnapshot
from homes.events.actor import Actor
from homes.events.log import record, save_changes, subject_of
from homes.events.models import Event
from homes.events.queries import was_part_undone
from pantry.errors import ActionError


def _undo_pantry_added(event: Event, by: Actor) -> None:
    """Take out what is left of the batch."""
    throw_out(subject_of(event, PantryBatch.objects.select_related("item__category")), by)


def _undo_pantry_updated(event: Event, by: Actor) -> None:
    """Restore the fields, and an amount by its difference. Nothing, if the batch has followed the purchase back."""
    if was_part_undone(event, "list_item_updated", subject_id=event.data["batch"]["entry_id"]):
        return
    batch: PantryBatch = subject_of(event, PantryBatch.objects.select_related("item__category"))
    fields, after = values_before(event, PantryBatch), {name: new for name, (_old, new) in event.changes.items()}
    if "quantity" in fields and "unit" not in fields:
        require_unchanged(batch, {"unit": event.data["batch"]["unit"]})
        quantity = add_quantities(batch.quantity, fields["quantity"] - Decimal(after.pop("quantity")), batch.unit)
        fields["quantity"] = quantity
    require_unchanged(batch, after)
    if fields.get("quantity", batch.quantity) > 0:
        fields["quantity"] = validated_quantity(fields.get("quantity", batch.quantity))
        save_changes(batch, "pantry_updated", by=by, **fields)
    else:
        throw_out(batch, by)


def _undo_pantry_removed(event: Event, by: Actor) -> None:
    state = BatchSnapshot.model_validate(event.data["batch"])
    is_same = Q(pk=state.id) | Q(entry_id__isnull=False, entry_id=state.entry_id)
    if not PantryBatch.objects.filter(is_same).exists():
        item = _item_of(state.item, by)
        batch = PantryBatch.objects.create(home=by.home, item=item, **state.model_dump(exclude={"item"}))
        record("pantry_added", batch, by=by)


def _undo_barcode_added(event: Event, by: Actor) -> None:
    forget_barcode(subject_of(event, Barcode.objects.all()), by=by)


def _undo_barcode_removed(event: Event, by: Actor) -> None:
    state = BarcodeSnapshot.model_validate(event.data["barcode"])
    if Barcode.objects.filter(home=by.home, code=state.code).exclude(pk=state.id).exists():
        raise changed_since()
    if not Barcode.objects.filter(pk=state.id).exists():
        item = _item_of(state.item, by)
        barcode = Barcode.objects.create(home=by.home, item=item, **state.model_dump(exclude={"item"}))
        record("barcode_added", barcode, by=by)


def _item_of(snapshot: ItemSnapshot, by: Actor) -> Item:
    item: Item | None = Item.objects.filter(home=by.home, pk=snapshot.id).select_related("category").first()
    if item is None:
        raise ActionError(_("That no longer exists."))
    return item


UNDO_PANTRY: dict[str, Callable[[Event, Actor], None]] = {
    "pantry_added": _undo_pantry_added,
    "pantry_updated": _undo_pantry_updated,
    "pantry_removed": _undo_pantry_removed,
    "barcode_added": _undo_barcode_added,
    "barcode_removed": _undo_barcode_removed,
}
