"""Remember and forget what a home means by a barcode."""

from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from groceries.actions.amounts import validated_quantity
from groceries.actions.items import get_or_create_item
from groceries.barcodes import read_barcode
from groceries.models import Barcode, Item
from groceries.parsing.quantities import normalize_unit
from homes.events.actor import Actor
from homes.events.log import action, record
from pantry.errors import ActionError

MAX_BARCODES = 5000  # of a home
TOO_MANY_BARCODES = _("A home can have %(max)d barcodes. Forget one first.")


@action
def remember_barcode(
    code: str, name: str | Item, *, by: Actor, quantity: Decimal | None = None, unit: str | None = None
) -> Barcode:
    """Remember the item, and maybe its amount, by a code, also if another item was meant by it before. Idempotent.

    Raises ActionError for an invalid code, name or amount, and if the home has too many barcodes.
    """
    code = read_barcode(code)
    item = get_or_create_item(name, by=by)
    quantity = None if quantity is None else validated_quantity(quantity)
    unit = normalize_unit(unit or "") or ("piece" if quantity is not None else "")
    existing = Barcode.objects.select_related("item__category").filter(home=by.home, code=code).first()
    if existing is not None:
        if (existing.item_id, existing.quantity, existing.unit) == (item.pk, quantity, unit):
            return existing
        forget_barcode(existing, by=by)
    elif Barcode.objects.filter(home=by.home).count() >= MAX_BARCODES:
        raise ActionError(TOO_MANY_BARCODES % {"max": MAX_BARCODES})
    barcode: Barcode = Barcode.objects.create(home=by.home, code=code, item=item, quantity=quantity, unit=unit)
    record("barcode_added", barcode, by=by)
    return barcode


@action
def forget_barcode(barcode: Barcode, *, by: Actor) -> None:
    """Forget a barcode. Idempotent."""
    current = Barcode.objects.select_related("item__category").filter(pk=barcode.pk).first()
    if current is not None:
        Barcode.objects.filter(pk=current.pk).delete()
        record("barcode_removed", current, by=by)
