"""Parsing, adding and formatting amounts."""

import re
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from groceries.parsing.quantities import (
    QuantityError,
    add_amounts,
    add_quantities,
    are_compatible,
    format_amount,
    normalize_unit,
    parse_amount,
    parse_quantity,
)
from groceries.parsing.units import UNITS


def is_third(quantity):
    return quantity % 1 and abs(quantity * 3 - round(quantity * 3)) < Decimal("0.003")


amounts = st.decimals(min_value=Decimal("0.001"), max_value=Decimal(9999), places=3)
thirds = st.integers(1, 300).map(lambda count: parse_quantity(f"{count}/3"))


@pytest.mark.parametrize(
    ("text", "quantity", "unit", "rest"),
    [
        ("2 kg rice", "2", "kg", "rice"),
        ("2kg rice", "2", "kg", "rice"),
        ("rice 2 kg", "2", "kg", "rice"),
        ("rice 2kg", "2", "kg", "rice"),
        ("a dozen eggs", "1", "dozen", "eggs"),
        ("dozen eggs", "1", "dozen", "eggs"),
        ("half a dozen eggs", "0.5", "dozen", "eggs"),
        ("half a kilo of tomatoes", "0.5", "kg", "tomatoes"),
        ("1/2 l milk", "0.5", "liter", "milk"),
        ("1½ cups flour", "1.5", "cup", "flour"),
        ("1 1/2 cups flour", "1.5", "cup", "flour"),
        ("2 and a half kilos of rice", "2.5", "kg", "rice"),
        ("1½", "1.5", None, ""),
        ("500 g", "500", "g", ""),
        ("three onions", "3", None, "onions"),
        ("twenty-four eggs", "24", None, "eggs"),
        ("an onion", "1", None, "onion"),
        ("a couple of lemons", "2", None, "lemons"),
        ("x3 onions", "3", None, "onions"),
        ("3x onions", "3", None, "onions"),
        ("onions x3", "3", None, "onions"),
        ("eggs 12", "12", None, "eggs"),
        ("eggs (2 dozen)", "2", "dozen", "eggs"),
        ("2 x 500 ml cream", "1000", "ml", "cream"),
        # decimals and groups
        ("0,075 kg saffron", "0.075", "kg", "saffron"),
        ("milk 0,5 l", "0.5", "liter", "milk"),
        ("1.500,50 g flour", "1500.5", "g", "flour"),
        ("1,500.50 g flour", "1500.5", "g", "flour"),
        ("1’500 g flour", "1500", "g", "flour"),
        ("1\u202f500 g flour", "1500", "g", "flour"),
        ("12,5 kg flour", "12.5", "kg", "flour"),
        ("2.5kg flour", "2.5", "kg", "flour"),
        ("flour 1,25 kg", "1.25", "kg", "flour"),
        ("3,810x screws", "3810", None, "screws"),
        # in two parts
        ("1 cup plus 2 tablespoons olive oil", "1.125", "cup", "olive oil"),
        ("1 Tablespoon and 1 teaspoon cumin", "4", "teaspoon", "cumin"),
        ("1 Tablespoon, 1 teaspoon cumin", "4", "teaspoon", "cumin"),
        ("1 kg and 500 g flour", "1.5", "kg", "flour"),
        ("1 kg + 500 g flour", "1.5", "kg", "flour"),
        ("1 lb 8 oz chicken", "1.5", "lb", "chicken"),
        ("1 l & 250 ml milk", "1.25", "liter", "milk"),
        ("one kilo and fifty g ham", "1.05", "kg", "ham"),
        ("1 kg and 250 g and 250 g ham", "1.5", "kg", "ham"),
        ("flour 1 kg and 500 g", "1.5", "kg", "flour"),
        ("two and a half cups flour", "2.5", "cup", "flour"),
        ("one and a half kg tomatoes", "1.5", "kg", "tomatoes"),
        ("a kilo and a half of tomatoes", "1.5", "kg", "tomatoes"),
        ("a dozen and a half eggs", "1.5", "dozen", "eggs"),
        ("5 and a half cups rice", "5.5", "cup", "rice"),
        # a second measure, and the size of a package
        ("1 cup (120g) of flour", "1", "cup", "flour"),
        ("7 oz (200 g) mushrooms", "7", "oz", "mushrooms"),
        ("1 inch (2.5 cm) ginger", "1", "inch", "ginger"),
        ("16 ounces (2 cups) good sauce (or homemade)", "16", "oz", "good sauce (or homemade)"),
        ("4 ounces/112 grams cheese", "4", "oz", "cheese"),
        ("4 oz / 112 g cheese", "4", "oz", "cheese"),
        ("1 cup or 240 ml milk", "1", "cup", "milk"),
        ("1 lb (450 g) (drained) beans", "1", "lb", "beans"),
        ("flour 1 kg (2.2 lb)", "1", "kg", "flour"),
        ("2 packs of 500 g pasta", "2", "pack", "pasta"),
        ("1 can (14 oz) tomatoes", "1", "can", "tomatoes"),
        ("2 x 400g cans chickpeas", "2", "can", "chickpeas"),
        ("2 x 400 g tins of chickpeas", "2", "can", "chickpeas"),
        ("3 × 1,5 l bottles water", "3", "bottle", "water"),
        ("6x1.5l water", "9", "liter", "water"),
        ("2 15oz. cans beans", "2", "can", "beans"),
        ("1 1,5 l bottle water", "1", "bottle", "water"),
        # ranges
        ("1.0-2.5 cups rice", "2.5", "cup", "rice"),
        ("1,5 - 2,5 kg rice", "2.5", "kg", "rice"),
        ("2—3 onions", "3", None, "onions"),
        ("2‒3 onions", "3", None, "onions"),
        ("2−3 onions", "3", None, "onions"),
        ("0.5 to 1.5 l milk", "1.5", "liter", "milk"),
        ("one or two lemons", "2", None, "lemons"),
        ("between 2 and 3 kg potatoes", "3", "kg", "potatoes"),
        ("two dozen and six eggs", "2.5", "dozen", "eggs"),
        ("10 000 screws", "10000", None, "screws"),
        ("1 1/2 - 2 1/2 cups rice", "2.5", "cup", "rice"),
        ("½ c to 1 cup pistachios", "1", "cup", "pistachios"),
        ("300 g – 400 g ham", "400", "g", "ham"),
        ("rice 1-2 kg", "2", "kg", "rice"),
        ("onions 2-3", "3", None, "onions"),
        # units
        ("3 units of lemon", "3", "piece", "lemon"),
        ("1 unit apple", "1", "piece", "apple"),
        ("8large eggs", "8", None, "large eggs"),
        ("3medium onions", "3", None, "medium onions"),
        ("1 kg. flour", "1", "kg", "flour"),
        ("30 cm foil", "30", "cm", "foil"),
        # names stay as they are written
        ("2 ขวด น้ำปลา", "2", "bottle", "น้ำปลา"),
        ("２ｋｇ น้ำปลา", "2", "kg", "น้ำปลา"),
        ("1½ l ＣＤ™", "1.5", "liter", "ＣＤ™"),
        ("2 نان\u200cها", "2", None, "نان\u200cها"),
        ("2 क्\u200dष tea", "2", None, "क्\u200dष tea"),
        ("3 👨‍👩‍👧‍👦 cakes", "3", None, "👨‍👩‍👧‍👦 cakes"),
        ("1,5 kg flour", "1.5", "kg", "flour"),
        ("1,000 g flour", "1000", "g", "flour"),
        ("2-3 onions", "3", None, "onions"),
        ("1 14-oz can coconut milk", "1", "can", "coconut milk"),
        ("2 (400 g) cans tomatoes", "2", "can", "tomatoes"),
        ("5 garlic cloves", "5", "clove", "garlic"),
        ("1 T sugar", "1", "tablespoon", "sugar"),
        ("1 t salt", "1", "teaspoon", "salt"),
        ("pinch of nutmeg", None, "pinch", "nutmeg"),
        ("ไข่ 2 โหล", "2", "dozen", "ไข่"),
        ("นม2ขวด", "2", "bottle", "นม"),
        ("ข้าว 5 กิโล", "5", "kg", "ข้าว"),
        ("ไข่สิบฟอง", "10", "piece", "ไข่"),
        ("หมูสับครึ่งกิโล", "0.5", "kg", "หมูสับ"),
        ("หมูโลครึ่ง", "1.5", "kg", "หมู"),
        ("หมูสับ 2 โลครึ่ง", "2.5", "kg", "หมูสับ"),
        ("นม สองลิตรครึ่ง", "2.5", "liter", "นม"),
        ("drei Pfund Kartoffeln", "3", "Pfund", "Kartoffeln"),
        ("ein halbes Pfund Butter", "0.5", "Pfund", "Butter"),
        ("anderthalb Liter Milch", "1.5", "liter", "Milch"),
        ("tres kilos de arroz", "3", "kg", "arroz"),
        ("un kilo y medio de papas", "1.5", "kg", "papas"),
        ("media docena de huevos", "0.5", "dozen", "huevos"),
    ],
)
def test_parse_amount_finds_the_amount_anywhere(text, quantity, unit, rest):
    amount = parse_amount(text)
    assert (amount.quantity, amount.unit, amount.rest) == (quantity and Decimal(quantity), unit, rest)


@pytest.mark.parametrize(
    "name",
    [
        "7 up",
        "7up",
        "milk 3.5%",
        "2% milk",
        "2-ply toilet paper",
        "half and half",
        "half fat milk",
        "3in1 coffee",
        "bin bags 30 l",
        "omega 3",
        "WD-40",
        "1000 island dressing",
        "1,000 island dressing",
        "Ball Bearings (bag of 1,000)",
        "5 and 6 kg potatoes",
        "6-pack beer",
        "50-50 bread",
        "5'6 board",
        "1,2,3 eggs",
        "milk",
        "NaN",
        "0 eggs",
        "1e9 eggs",
        "-1 egg",
        "1/0 milk",
        "100000 eggs",
        "tres leches",
        "vier Käse",
        "pan de molde",
        "a",
        "",
    ],
)
def test_parse_amount_ignores_numbers_in_names(name):
    assert parse_amount(name) == parse_amount(name).__class__(None, None, name)


@given(st.text(max_size=300))
def test_parse_amount_accepts_any_text(text):
    amount = parse_amount(text)
    assert amount.quantity is None or 0 < amount.quantity <= Decimal("99999.999")


@pytest.mark.parametrize("text", ["9" * 5000, "1 " * 2500, "(" * 5000, "2 kg " * 1000, "\ud800 2 kg \x00 rice"])
def test_parse_amount_accepts_unusual_text(text):
    parse_amount(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", "2"),
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        ("0,500", "0.5"),
        ("½", "0.5"),
        ("1½", "1.5"),
        ("1 1/2", "1.5"),
        ("1/3", "0.333"),
        ("1,500", "1500"),
        ("1.500,5", "1500.5"),
        ("1’500", "1500"),
        ("0,075", "0.075"),
        ("2/3", "0.667"),
        (" 12 ", "12"),
        ("99999.999", "99999.999"),
        ("๒", "2"),
    ],
)
def test_parse_quantity_reads_form_input(text, value):
    assert parse_quantity(text) == Decimal(value)


@pytest.mark.parametrize(
    "text", ["NaN", "inf", "1e9", "-1", "0", "0.0001", "100000", "1.2345", "two", "", "1/0", "2 kg", "1.2.3"]
)
def test_parse_quantity_with_invalid_input_raises_a_message(text):
    with pytest.raises(QuantityError) as refused:
        parse_quantity(text)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("typed", "unit"),
    [
        ("l", "liter"),
        ("Litres", "liter"),
        ("KG", "kg"),
        ("kilos", "kg"),
        ("lbs.", "lb"),
        ("tins", "can"),
        ("T", "tablespoon"),
        ("t", "teaspoon"),
        ("โหล", "dozen"),
        ("แพ็ค", "pack"),
        ("ฟอง", "piece"),
        ("", ""),
        (" crate of 24 things and more ", "crate of 24 things a"),
    ],
)
def test_normalize_unit_returns_the_canonical_name(typed, unit):
    assert normalize_unit(typed) == unit


@pytest.mark.parametrize(
    ("first", "second", "total"),
    [
        (("500", "g"), ("1", "kg"), ("1.5", "kg")),
        (("600", "g"), ("600", "g"), ("1.2", "kg")),
        (("0.5", "kg"), ("0.25", "kg"), ("0.75", "kg")),
        (("500", "ml"), ("1", "l"), ("1.5", "liter")),
        (("2", "dozen"), ("6", "piece"), ("2.5", "dozen")),
        (("2", "dozen"), ("3", "piece"), ("27", "piece")),
        (("1", "dozen"), ("1", "dozen"), ("2", "dozen")),
        (("1", "lb"), ("8", "oz"), ("1.5", "lb")),
        (("1", "lb"), ("1", "kg"), ("1.45359237", "kg")),
        (("1", "cup"), ("1", "pint"), ("713.176473", "ml")),
        (("2", "bottles"), ("1", "bottle"), ("3", "bottle")),
        (("1", "hamper"), ("2", "Hamper"), ("3", "hamper")),
        (("1", ""), ("2", "piece"), ("3", "piece")),
    ],
)
def test_add_amounts_of_compatible_units_returns_the_sum(first, second, total):
    assert add_amounts(Decimal(first[0]), first[1], Decimal(second[0]), second[1]) == (Decimal(total[0]), total[1])


@pytest.mark.parametrize(
    ("a", "b"), [("bottle", "can"), ("kg", "liter"), ("piece", "kg"), ("hamper", "kg"), ("pack", "piece")]
)
def test_add_amounts_of_incompatible_units_returns_none(a, b):
    assert not are_compatible(a, b)
    assert add_amounts(Decimal(1), a, Decimal(1), b) is None


_groups = [[name for name, unit in UNITS.items() if unit.dimension == kind] for kind in ("count", "mass", "volume")]
same_kind = st.sampled_from(_groups)


def _to_base_units(sum_: tuple[Decimal, str]) -> Decimal:
    return sum_[0] * UNITS[sum_[1]].factor


@given(amounts, amounts, same_kind, st.data())
def test_add_amounts_is_commutative(a, b, kind, data):
    first, second = data.draw(st.sampled_from(kind)), data.draw(st.sampled_from(kind))
    assert add_amounts(a, first, b, second) == add_amounts(b, second, a, first)


@given(
    amounts.filter(lambda quantity: not is_third(quantity)), amounts.filter(lambda quantity: not is_third(quantity)),
    amounts, same_kind, st.data(),
)  # fmt: skip
def test_add_amounts_is_associative_and_exact(a, b, c, kind, data):
    units = [data.draw(st.sampled_from(kind)) for _ in range(3)]
    left = add_amounts(*add_amounts(a, units[0], b, units[1]), c, units[2])
    right = add_amounts(a, units[0], *add_amounts(b, units[1], c, units[2]))
    exact = sum(quantity * UNITS[unit].factor for quantity, unit in zip((a, b, c), units, strict=True))
    assert _to_base_units(left) == _to_base_units(right) == exact


@pytest.mark.parametrize(
    ("quantity", "unit", "locale", "written"),
    [
        ("1.500", "kg", "en", "1.5 kg"),
        ("1.5", "kg", "de", "1,5 kg"),
        ("2", "bunch", "en", "2 bunches"),
        ("1", "bunch", "en", "1 bunch"),
        ("0.5", "liter", "en", "0.5 liter"),
        ("2", "bunch", "th", "2 กำ"),
        ("2", "bottle", "de", "2 Flaschen"),
        ("1", "bottle", "de", "1 Flasche"),
        ("2", "bunch", "xx-nowhere", "2 bunches"),
        ("12", "piece", "en", "12"),
        ("12", None, "en", "12"),
        ("2000", "g", "en-GB", "2000 g"),
        ("2", "hamper", "xx-nowhere", "2 hamper"),
    ],
)
def test_format_amount_is_readable(quantity, unit, locale, written):
    assert format_amount(Decimal(quantity), unit, locale) == written


def test_format_amount_without_a_quantity_is_empty():
    assert format_amount(None, "kg", "en") == ""


@given(amounts, st.sampled_from(sorted(UNITS)))
def test_formatted_amount_can_be_parsed(quantity, unit):
    written = format_amount(quantity, unit, "en")
    amount = parse_amount(f"{written} rice")
    assert amount.rest == "rice"
    assert amount.quantity == quantity
    assert amount.unit == (None if unit == "piece" else unit)
    assert not re.search(r"\.\d*0( |$)", written)


@given(st.lists(thirds, min_size=2, max_size=9), st.sampled_from(["cup", "piece", "tablespoon", "dozen", "hamper"]))
def test_sum_of_thirds_is_as_exact_as_they_are(quantities, unit):
    total = sum((round(quantity * 3) for quantity in quantities), 0)
    summed = quantities[0]
    for quantity in quantities[1:]:
        summed, unit = add_amounts(summed, unit, quantity, unit)
    assert summed == parse_quantity(f"{total}/3")


@given(amounts, amounts)
def test_metric_sums_are_exact(a, b):
    assert add_quantities(a, b, "kg") == a + b


marks = st.sampled_from([".", ","])


@given(st.integers(1, 9999), st.integers(0, 99), marks, st.sampled_from(["kg", "g", "l", "cups", "cans"]))
def test_decimal_mark_never_changes_the_amount(whole, hundredths, mark, unit):
    for text in (f"{whole}{mark}{hundredths:02} {unit} rice", f"rice {whole}{mark}{hundredths:02} {unit}"):
        assert parse_amount(text).quantity == Decimal(f"{whole}.{hundredths:02}")
        assert parse_amount(text).rest == "rice"


@given(
    amounts.filter(lambda kilos: kilos < 90),
    amounts.filter(lambda grams: grams < 900),
    st.sampled_from(["and", "plus", "+", "&", ","]),
)
def test_amount_in_two_parts_is_their_sum(first, second, sign):
    amount = parse_amount(f"{first:f} kg {sign} {second:f} g flour")
    assert amount.rest == "flour"
    assert amount.quantity * UNITS[amount.unit].factor == first * 1000 + second


@given(st.integers(1, 90), st.integers(1, 9), st.sampled_from("-‐‒–—−"), st.sampled_from(["", " "]))
def test_range_takes_its_upper_end(low, more, dash, blank):
    text = f"{low}.5{blank}{dash}{blank}{low + more},25 cups rice"
    assert parse_amount(text) == parse_amount(f"{low + more}.25 cups rice")


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("2 x 400g cans chickpeas", "400g"),
        ("1 14-oz can coconut milk", "14-oz"),
        ("2 (400 g) cans tomatoes", "400 g"),
        ("7 oz (200 g) mushrooms", "200 g"),
        ("4 ounces/112 grams cheese", "112 grams"),
        ("1 lb (450 g) (drained) beans", "450 g, drained"),
        ("2 packs of 500 g pasta", "500 g"),
        ("2 x 500 g pasta", "2 x 500 g"),
        ("flour 1 kg (2.2 lb)", "2.2 lb"),
        ("2 kg rice", ""),
    ],
)
def test_parse_amount_keeps_the_size(text, size):
    assert parse_amount(text).size == size


@pytest.mark.parametrize(("language", "quantity"), [("en", "1500"), ("de", "1.5"), ("fr", "1.5"), ("th", "1500")])
def test_ambiguous_mark_is_read_in_the_active_language(language, quantity):
    with translation.override(language):
        assert parse_quantity("1,500") == parse_amount("1,500 g flour").quantity == Decimal(quantity)
