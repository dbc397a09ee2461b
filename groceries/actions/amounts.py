"""Check amounts, which are limited by their columns."""

from decimal import Decimal

from django.utils.translation import gettext as _

from groceries.parsing.quantities import MAX_QUANTITY
from pantry.errors import ActionError


def validated_quantity(quantity: Decimal) -> Decimal:
    """Return the quantity as it is stored. Raises ActionError for none, and for more than a column can hold."""
    if not quantity.is_finite() or quantity <= Decimal("0.0005"):  # which rounds to zero
        raise ActionError(_("Enter an amount greater than zero, like 2 or 0.5."))
    if quantity > MAX_QUANTITY:
        raise ActionError(_("That's more than a list can hold. The maximum is %(max)s.") % {"max": "99,999"})
    return quantity.quantize(Decimal("0.001"))
