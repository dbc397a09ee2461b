"""Check amounts, which are limited by their columns."""

from decimal import Decimal

from groceries.parsing.impossible import NONE, TOO_MUCH
from groceries.parsing.quantities import MAX_QUANTITY
from pantry.errors import ActionError


def validated_quantity(quantity: Decimal) -> Decimal:
    """Return the quantity as it is stored. Raises ActionError for none, and for more than a column can hold."""
    if not quantity.is_finite() or quantity <= Decimal("0.0005"):  # which rounds to zero
        raise ActionError(str(NONE))
    if quantity > MAX_QUANTITY:
        raise ActionError(str(TOO_MUCH))
    return quantity.quantize(Decimal("0.001"))
