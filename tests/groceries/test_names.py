"""Normalizing names and guessing categories."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groceries.parsing.categories import CATEGORIES, guess_category, is_known_item
from groceries.parsing.names import fold, normalize, tidy
from tests.bench.preparation import strip_preparation


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("Eggs", "egg"),
        ("  EGG ", "egg"),
        ("tomatoes", "tomato"),
        ("Strawberries", "strawberry"),
        ("Cherry   tomatoes!", "cherry tomato"),
        ("loaves", "loaf"),
        ("cookies", "cookie"),
        ("radishes", "radish"),
        ("boxes", "box"),
        ("ｍｉｌｋ", "milk"),
        ("milk\x00\u200b\n", "milk"),
        ("(milk)", "milk"),
        ("crème fraîche", "crème fraîche"),
        ("STRASSE straße", "strasse strasse"),
        ("น้ำปลา", "น้ำปลา".replace("\u0e33", "\u0e4d\u0e32")),
        ("🥚", "🥚"),
        ("...", ""),
    ],
)
def test_normalize_maps_spellings_to_one_key(typed, key):
    assert normalize(typed) == key


@pytest.mark.parametrize("name", ["hummus", "asparagus", "molasses", "swiss", "couscous", "lemongrass", "gas", "bus"])
def test_normalize_keeps_singulars_ending_in_s(name):
    assert normalize(name) == name


@given(st.text(max_size=200))
def test_normalize_is_idempotent(text):
    assert normalize(text) == normalize(text)
    assert "\x00" not in tidy(text)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Crème fraîche", "creme fraiche"), ("ÄPFEL", "apfel"), ("Smørrebrød", "smorrebrod"), ("Straße", "strasse"),
        ("œufs", "oeuf"), ("Jalapeños", "jalapeno"), ("ΕΛΙΆ", "ελια"), ("Ёлка", "елка"), ("ไข่", "ขไ่"),
        ("ﬁsh", "fish"), ("김치", "김치"), ("がんも", "がんも"),
    ],
)  # fmt: skip
def test_fold_drops_case_and_accents_but_no_letters(name, key):
    assert fold(name) == key


def test_names_sort_as_in_a_dictionary():
    assert sorted(["เกลือ", "กะทิ", "ไก่", "ขนม"], key=fold) == ["กะทิ", "เกลือ", "ไก่", "ขนม"]
    assert sorted(["Zimt", "Äpfel", "Birnen"], key=fold) == ["Äpfel", "Birnen", "Zimt"]


@pytest.mark.parametrize(
    ("line", "food"),
    [
        ("freshly grated parmesan, for serving", "parmesan"),
        ("onions, finely chopped", "onions"),
        ("butter (at room temperature)", "butter"),
        ("olive oil, plus more for serving", "olive oil"),
        ("of the good cheese", "cheese"),
        ("coconut oil for frying", "coconut oil"),
        ("milk", "milk"),
        ("", ""),
    ],
)
def test_strip_preparation_returns_the_food(line, food):
    assert strip_preparation(line) == food


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("Tomatoes", "produce"),
        ("Cherry tomatoes", "produce"),
        ("tomato sauce", "staple"),
        ("canned tomatoes", "staple"),
        ("Milk", "dairy"),
        ("coconut milk", "staple"),
        ("free range eggs", "dairy"),
        ("chicken thighs", "protein"),
        ("tofu", "protein"),
        ("Jasmine rice", "staple"),
        ("peanut butter", "staple"),
        ("toilet paper", "household"),
        ("dog food", "household"),
        ("beer", "other"),
        ("ice cream", "other"),
        ("xyzzy", "other"),
        ("น้ำปลา", "staple"),
        ("ไข่ไก่", "dairy"),
        ("น้ำ", "other"),
        ("", "other"),
    ],
)
def test_guess_category_returns_the_aisle(name, category):
    assert guess_category(name) == category
    assert category in CATEGORIES


@pytest.mark.parametrize(
    ("name", "expected"), [("brown bread", True), ("bread maker", False), ("stocks", False), ("meeting", False)]
)
def test_is_known_item_recognizes_groceries(name, expected):
    assert is_known_item(name) is expected
