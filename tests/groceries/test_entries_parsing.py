"""Parsing text with several items."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groceries.parsing.entries import MAX_LINES, MAX_TEXT_CHARS, parse_lines
from pantry.errors import ActionError


def parse(text):
    return [(line.name, line.quantity, line.unit) for line in parse_lines(text)]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("eggs", [("eggs", None, None)]),
        ("2 kg rice", [("rice", 2, "kg")]),
        ("2 l milk and thai basil, eggs", [("milk", 2, "liter"), ("thai basil", None, None), ("eggs", None, None)]),
        ("eggs\nmilk\n\nrice", [("eggs", None, None), ("milk", None, None), ("rice", None, None)]),
        ("• eggs • milk", [("eggs", None, None), ("milk", None, None)]),
        ("eggs; milk & rice plus tea", [(name, None, None) for name in ("eggs", "milk", "rice", "tea")]),
        ("ไข่ และ นม", [("ไข่", None, None), ("นม", None, None)]),
        ("a dozen eggs", [("eggs", 1, "dozen")]),
    ],
)
def test_parse_lines_splits_several_items(text, lines):
    assert parse(text) == lines


@pytest.mark.parametrize("text", ["fish and chips", "mac & cheese", "salt and vinegar crisps", "half and half"])
def test_parse_lines_keeps_compound_names(text):
    assert len(parse_lines(text)) == 1


def test_parse_lines_keeps_decimal_commas():
    assert parse("1,5 kg rice") == [("rice", Decimal("1.5"), "kg")]
    assert len(parse_lines("1,500 g flour, 2 eggs")) == 2


@pytest.mark.parametrize("text", ["", "   ", "\n\n", ", ,;", "•"])
def test_parse_lines_of_blank_text_is_empty(text):
    assert parse_lines(text) == []


def test_parse_lines_uses_a_bare_amount_as_the_name():
    assert parse("2 kg") == [("2 kg", None, None)]


def test_parse_lines_limits_the_number_of_lines():
    lines = [f"spice {number}" for number in range(MAX_LINES + 1)]
    assert len(parse_lines("\n".join(lines[:-1]))) == MAX_LINES
    with pytest.raises(ActionError, match="at most 40 things at once: these are 41"):
        parse_lines("\n".join(lines))


def test_too_much_text_is_refused():
    with pytest.raises(ActionError, match="at most 4000 characters"):
        parse_lines("milk" + "\t" * MAX_TEXT_CHARS + "x")


@given(st.text(max_size=300))
def test_parse_lines_gives_every_line_a_name(text):
    for line in parse_lines(text):
        assert line.name.strip()
        assert line.quantity is None or line.quantity > 0
