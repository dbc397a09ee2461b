"""Barcodes: check digits, and what a home means by a code."""

from decimal import Decimal
from uuid import uuid4

import pytest

from groceries.actions import (
    add_scanned,
    add_to_pantry,
    forget_barcode,
    remember_barcode,
    update_item,
    use_scanned,
)
from groceries.actions.barcodes import MAX_BARCODES
from groceries.barcodes import find_barcode, read_barcode
from groceries.models import Barcode
from groceries.stock import Stock
from homes.events.undo import undo_operation
from pantry.errors import ActionError, Forbidden
from tests.factories import by
from tests.limits import limit

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("4006381333931", "4006381333931"),  # EAN-13
        ("96385074", "96385074"),  # EAN-8
        ("036000291452", "0036000291452"),  # UPC-A
        (" 4 006381 333931 ", "4006381333931"),
        ("12345", "12345"),
        ("LOT-7/b", "LOT-7/b"),
        ("[01]04012345123456", "[01]04012345123456"),
    ],
)
def test_codes_are_read(text, code):
    assert read_barcode(text) == code


@pytest.mark.parametrize("digits", ["4006381333931", "96385074", "036000291452"])
def test_one_wrong_digit_is_noticed(digits):
    for place, digit in enumerate(digits):
        wrong = digits[:place] + str((int(digit) + 1) % 10) + digits[place + 1 :]
        with pytest.raises(ActionError, match="don't add up"):
            read_barcode(wrong)


@pytest.mark.parametrize("text", ["", "  ", "x" * 65])
def test_empty_and_long_codes_are_refused(text):
    assert limit("Barcode") == Barcode.MAX_CHARS == 64
    with pytest.raises(ActionError):
        read_barcode(text)


def test_home_remembers_what_it_means_by_a_code(nok, mai):
    barcode = remember_barcode("036000291452", "Tissues", by=by(nok), quantity=Decimal(3), unit="boxes")
    match = find_barcode("0036000291452", nok.home)
    assert (match, match.item.name, match.quantity, match.unit) == (barcode, "Tissues", 3, "box")
    assert find_barcode("036000291452", mai.home) is None


def test_remembering_again_is_idempotent_and_another_item_replaces_it(nok, events):
    first = remember_barcode("96385074", "Tea", by=by(nok))
    assert remember_barcode("96385074", "tea", by=by(nok)) == first
    assert events(nok.home) == ["barcode_added"]
    me = by(nok, op_id=uuid4())
    remember_barcode("96385074", "Coffee", by=me)
    assert find_barcode("96385074", nok.home).item.name == "Coffee"
    undo_operation(me.op_id, by=by(nok))
    assert find_barcode("96385074", nok.home) == first


@pytest.mark.parametrize("amount", [{}, {"quantity": Decimal(2)}, {"unit": "l"}])
@pytest.mark.parametrize("usual", [{}, {"default_quantity": Decimal(2), "default_unit": "kg"}])
def test_as_much_is_scanned_out_as_in(nok, amount, usual):
    item = add_to_pantry("Rice", by=by(nok), quantity=Decimal(5), unit="kg").item
    update_item(item, by=by(nok), **usual)
    remember_barcode("96385074", "Rice", by=by(nok), **amount)
    before = Stock.of(item).amounts
    add_scanned("96385074", by=by(nok))
    use_scanned("96385074", by=by(nok))
    assert Stock.of(item).amounts == before


def test_forgetting_is_idempotent(nok, events):
    barcode = remember_barcode("96385074", "Tea", by=by(nok))
    for _time in range(2):
        forget_barcode(barcode, by=by(nok))
    assert events(nok.home) == ["barcode_added", "barcode_removed"]


def test_too_many_barcodes_are_refused(nok, monkeypatch):
    assert limit("Barcodes of a home") == MAX_BARCODES
    monkeypatch.setattr("groceries.actions.barcodes.MAX_BARCODES", 1)
    remember_barcode("96385074", "Tea", by=by(nok))
    remember_barcode("96385074", "Coffee", by=by(nok))
    with pytest.raises(ActionError, match="1 barcodes"):
        remember_barcode("LOT-7", "Tea", by=by(nok))


def test_item_of_another_home_is_refused(nok, mai):
    with pytest.raises(Forbidden):
        remember_barcode("96385074", add_to_pantry("Tea", by=by(mai)).item, by=by(nok))
