from decimal import Decimal

import pytest
from pantry_pixie.amounts import read_amount


@pytest.mark.parametrize(
    ("text", "name", "quantity", "unit"),
    [
        ("2 dozen eggs", "eggs", "2", "dozen"),
        ("milk", "milk", None, None),
        ("1,5 kg thai  rice", "thai rice", "1.5", "kg"),
        ("1,500 g flour", "flour", "1500", "g"),
        ("1,500.5 g flour", "flour", "1500.5", "g"),
        ("0,500 kg flour", "flour", "0.5", "kg"),
        ("1.500 kg flour", "flour", "1.5", "kg"),
        ("1 1/2 l milk", "milk", "1.5", "l"),
        ("½ kg butter", "butter", "0.5", "kg"),
        ("1/3 cup oil", "oil", "0.333", "cup"),
        ("500g flour", "flour", "500", "g"),
        ("a dozen eggs", "eggs", "1", "dozen"),
        ("a bottle of wine", "wine", "1", "bottle"),
        ("half a kilo tomatoes", "tomatoes", "0.5", "kilo"),
        ("6 brown eggs", "brown eggs", "6", None),
        ("7up", "7up", None, None),
        ("a2 milk", "a2 milk", None, None),
        ("1/0 cake", "1/0 cake", None, None),
        ("apples", "apples", None, None),
        ("100 eggs", "eggs", "100", None),
    ],
)
def test_text_is_parsed_into_name_and_amount(text, name, quantity, unit):
    amount = {"quantity": quantity and Decimal(quantity), "unit": unit}
    assert read_amount(text) == (name, {field: value for field, value in amount.items() if value})


@pytest.mark.parametrize("text", ["2", "2 kg", "a dozen", "  ", "1/2"])
def test_amount_alone_has_no_name(text):
    assert read_amount(text)[0] == ""
