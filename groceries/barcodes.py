"""Read barcodes: GTINs are checked by their last digit, other codes are kept as they are."""

import re

from django.utils.translation import gettext as _

from groceries.models import Barcode
from homes.models import Home
from pantry.errors import ActionError, check_length
from pantry.text import clean_line

GTIN = re.compile(r"\d{8}|\d{12,13}", re.ASCII)  # EAN-8, UPC-A, EAN-13


def read_barcode(text: str) -> str:
    """Return the code. A UPC-A gets the zero with which it is an EAN-13, so that both are the same.

    Raises ActionError for an empty or too long text, and a GTIN whose check digit is wrong.
    """
    code = check_length(clean_line(text), Barcode.MAX_CHARS)
    if not code:
        raise ActionError(_("Scan or type a barcode."))
    digits = re.sub(r"[\s-]", "", code)
    if not GTIN.fullmatch(digits):
        return code
    if not has_valid_check_digit(digits):
        raise ActionError(_("The digits of that barcode don't add up. Check them, or scan it again."))
    return digits.zfill(13) if len(digits) == 12 else digits


def has_valid_check_digit(digits: str) -> bool:
    """Tell whether the weighted sum of the digits is a multiple of ten.

    From the right, the weights are 1 and 3 in turn (GS1 General Specifications, section 7.9.1).
    """
    return sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(digits))) % 10 == 0


def find_barcode(code: str, home: Home) -> Barcode | None:
    """Return what the home means by the code. Raises ActionError for an invalid one."""
    rows = Barcode.objects.select_related("item__category")
    barcode: Barcode | None = rows.filter(home=home, code=read_barcode(code)).first()
    return barcode
