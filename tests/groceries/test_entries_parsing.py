"""Parsing text with several items."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groceries.parsing.entries import MAX_LINES, MAX_TEXT_CHARS, Line, parse_lines, read_amount_words
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


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("sixty eggs", Line("eggs", Decimal(60), None)),
        ("two hundred and fifty g butter", Line("butter", Decimal(250), "g")),
        ("five hundred ml cream", Line("cream", Decimal(500), "ml")),
        ("กะเพรา 2 กำ", Line("กะเพรา", Decimal(2), "bunch")),
        ("ไข่แผงนึง", Line("ไข่", Decimal(1), "tray")),
        ("กล้วยหอมหวีนึง", Line("กล้วยหอม", Decimal(1), "bunch")),
        ("ไข่สามสิบฟอง", Line("ไข่", Decimal(30), "piece")),
        ("เบียร์สิบสองกระป๋อง", Line("เบียร์", Decimal(12), "can")),
        ("มะม่วงสองสามลูก", Line("มะม่วงสองสามลูก", None, None)),
        ("butter two hundred and fifty g", Line("butter two hundred", None, None, "fifty g")),
        ("two percent milk", Line("two percent milk", None, None)),
        ("thousand island dressing", Line("thousand island dressing", None, None)),
    ],
)
def test_parse_lines_reads_numbers_in_words(text, line):
    assert parse_lines(text) == [line]


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


NAMES = frozenset(
    {"21 seasoning salute", "4 cheese pizza", "milk, semi-skimmed", "salt & pepper mill", "buy me a coffee"}
)
"""Keys of a home's items that could be read as something else."""


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        # a decimal comma never separates
        ("0,5 l milk, 2 eggs", ["0.5 liter milk", "2 eggs"]),
        ("milk 0,5 l,2 eggs", ["0.5 liter milk", "2 eggs"]),
        ("milk,2 eggs", ["milk", "2 eggs"]),
        # of an amount in two parts, none is lost
        ("1 cup plus 2 tablespoons olive oil", ["1.125 cup olive oil"]),
        ("1 Tablespoon, 1 teaspoon cumin, salt", ["4 teaspoon cumin", "salt"]),
        ("one and a half cups milk and eggs", ["1.5 cup milk", "eggs"]),
        ("a dozen and a half eggs & rice", ["1.5 dozen eggs", "rice"]),
        ("flour 1 kg and 500 g, eggs", ["1.5 kg flour", "eggs"]),
        ("rice 2 kg and 500 g flour", ["2 kg rice", "500 g flour"]),
        ("5 and 6 kg potatoes", ["5 and 6 kg potatoes"]),
        ("pasta, 500 g, milk", ["500 g pasta", "milk"]),
        ("eggs, 12, milk", ["12 eggs", "milk"]),
        ("rice, one sack, 50 kg", ["1 bag rice (50 kg)"]),
        # what describes an item is its note
        ("300 g asparagus, ends trimmed; stalks peeled", ["300 g asparagus (ends trimmed, stalks peeled)"]),
        ("1 lb peeled and deveined shrimp (30-40 per pound)", ["1 lb shrimp (peeled and deveined, 30-40 per pound)"]),
        ("1/2 pound sausage, cut into 1/4-inch slices", ["0.5 lb sausage (cut into 1/4-inch slices)"]),
        ("1/4 cup slivered almonds, toasted", ["0.25 cup slivered almonds (toasted)"]),
        ("sugar, brown", ["sugar (brown)"]),
        ("salt and pepper to taste", ["salt", "pepper (to taste)"]),
        ("olive oil, plus more for serving", ["olive oil (plus more for serving)"]),
        ("onions, finely chopped, and garlic", ["onions (finely chopped)", "garlic"]),
        ("shrimp, peeled and deveined, rice", ["shrimp (peeled, deveined)", "rice"]),
        ("eggs, large, 12", ["12 eggs (large)"]),
        ("butter at room temperature", ["butter (at room temperature)"]),
        ("olive oil (the big one) for Saturday", ["olive oil (the big one, for Saturday)"]),
        ("chicken 2 kg for sunday", ["2 kg chicken (for sunday)"]),
        ("2 packs of pasta, 500g each", ["2 pack pasta (500g each)"]),
        ("2 packs pasta, 500 g", ["2 pack pasta (500 g)"]),
        ("2 x 400g cans chickpeas", ["2 can chickpeas (400g)"]),
        ("tomatoes (red, ripe), milk", ["tomatoes (red, ripe)", "milk"]),
        ("sauce (or homemade)", ["sauce (or homemade)"]),
        ("Ball Bearings (bag of 1,000)", ["Ball Bearings (bag of 1,000)"]),
        ("sliced bread, ground beef, brown rice", ["sliced bread", "ground beef", "brown rice"]),
        ("canned tomatoes and chopped parsley", ["canned tomatoes", "chopped parsley"]),
        # prices are kept
        ("milk 45 baht", ["milk (45 baht)"]),
        ("rice 5kg @ 120", ["5 kg rice (@ 120)"]),
        ("milk for 45, eggs 12", ["milk (for 45)", "12 eggs"]),
        ("eggs 2,49 €", ["eggs (2,49 €)"]),
        ("6 beers at 1.20 each", ["6 beers (at 1.20 each)"]),
        ("tea $3.50, 2 lb beef", ["tea ($3.50)", "2 lb beef"]),
        # pasted lists, and as people say it
        ("- apples\n- 2 kg oranges\n* bananas\n3. grapes", ["apples", "2 kg oranges", "bananas", "grapes"]),
        ("[ ] pears\n- [x] plums\n☐ limes\n4) figs", ["pears", "plums", "limes", "figs"]),
        ("• nuts\n– dates\n-kiwis", ["nuts", "dates", "kiwis"]),
        ("a) nuts\n2.dates\n--- kiwis!", ["nuts", "dates", "kiwis"]),
        ("can you get between 2 and 3 kg potatoes and milk", ["3 kg potatoes", "milk"]),
        ("to buy: two dozen and six eggs, milk.", ["2.5 dozen eggs", "milk"]),
        ("1. 3 eggs\n2. 1,5 l milk\n10. rice", ["3 eggs", "1.5 liter milk", "rice"]),
        ("dish soap, sponges, and bin bags", ["dish soap", "sponges", "bin bags"]),
        ("we need milk", ["milk"]),
        ("buy milk and we also need bread", ["milk", "bread"]),
        ("please add 2 kg rice, and some eggs", ["2 kg rice", "eggs"]),
        ("don't forget milk", ["milk"]),
        ("milk + eggs", ["milk", "eggs"]),
        ("Ben & Jerry's, milk", ["Ben & Jerry's", "milk"]),
        ("ben and jerry's", ["ben and jerry's"]),
        ("Head & Shoulders and Milk", ["Head & Shoulders", "Milk"]),
        ("Milk & Eggs", ["Milk", "Eggs"]),
        ("fish and chips and milk", ["fish and chips", "milk"]),
        ("oats with dried mulberry and pumpkin seed, milk", ["oats with dried mulberry and pumpkin seed", "milk"]),
        ("bread and butter", ["bread", "butter"]),
        ("3 units of lemon, 8large eggs", ["3 piece lemon", "8 large eggs"]),
        # what the home knows by name
        ("21 Seasoning Salute", ["21 Seasoning Salute"]),
        ("4 cheese pizza, 2 4 cheese pizza", ["4 cheese pizza", "2 4 cheese pizza"]),
        ("Milk, semi-skimmed, eggs", ["Milk, semi-skimmed", "eggs"]),
        ("2 milk, semi-skimmed and eggs", ["2 milk, semi-skimmed", "eggs"]),
        ("eggs and Salt & Pepper mill", ["eggs", "Salt & Pepper mill"]),
        ("Buy me a coffee", ["Buy me a coffee"]),
        ("1,000 island dressing", ["1,000 island dressing"]),
        # names keep their joiners
        ("نان\u200cها, क्\u200dष tea", ["نان\u200cها", "क्\u200dष tea"]),
        ("👨‍👩‍👧‍👦 cake and น้ำปลา 2 ขวด", ["👨‍👩‍👧‍👦 cake", "2 bottle น้ำปลา"]),
    ],
)  # fmt: skip
def test_parse_lines_reads_text_as_it_is_meant(text, lines):
    def as_text(line):
        parts = (line.quantity and f"{line.quantity:f}", line.unit, line.name, line.note and f"({line.note})")
        return " ".join(part for part in parts if part)

    assert [as_text(line) for line in parse_lines(text, NAMES)] == lines


SIGNS = ("2", "1,5", "0.5", "kg", "g", "cans", "and", "&", "plus", ",", ";", "(", ")", "-", "—", "for", "to", "@")
WORDS = ("milk", "eggs", "rice", "Sunday", "chopped", "taste", "Ben's", "brown", "baht", "sliced", "onions")


@given(st.lists(st.sampled_from([*SIGNS, *WORDS]), max_size=14).map(" ".join))
def test_every_word_of_a_text_is_kept(text):
    """But for signs between items, amounts, which are read, and “and” and “for” at the ends."""
    lines = parse_lines(text)
    written = " ".join(f"{line.name} {line.note}" for line in lines)
    for word in WORDS:
        assert written.count(word) >= min(1, text.count(word))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("chickpeas", "2 x 400g", "cans"), Line("chickpeas", Decimal(2), "can", "400g")),
        (("flour", "1 kg and 500 g"), Line("flour", Decimal("1.5"), "kg")),
        (("flour", "1,5", "kg"), Line("flour", Decimal("1.5"), "kg")),
        (("eggs", "a dozen"), Line("eggs", Decimal(1), "dozen")),
        (("salt", "", "pinch"), Line("salt", None, "pinch")),
        (("salt", "lots"), Line("salt", None, None, "lots")),
        (("4 cheese pizza", "2"), Line("4 cheese pizza", Decimal(2), None)),
        (("milk", "2", "", "1.17 each", "", "EUR"), Line("milk", Decimal(2), None, "", Decimal("2.34"))),
        (("yogurt", "4", "cups", "0,99 each", "", "EUR"), Line("yogurt", Decimal(4), "cup", "0,99 each")),
        (("beer", "3", "bottles", "for 2 each"), Line("beer", Decimal(3), "bottle", "", Decimal(6))),
        (("eggs", "2 dozen", "", "0.50 each"), Line("eggs", Decimal(2), "dozen", "", Decimal(12))),
        (("rice", "1500 g", "", "40 per kg"), Line("rice", Decimal(1500), "g", "", Decimal(60))),
        (("rice", "5", "kg", "@ 120"), Line("rice", Decimal(5), "kg", "", Decimal(120))),
        (("rice", "", "", "50.000", "", "IDR"), Line("rice", None, None, "", Decimal(50000))),
        (("rice", "", "", "1,250", "", "THB"), Line("rice", None, None, "", Decimal(1250))),
        (("tea", "", "", "13,99 €", "green", "EUR"), Line("tea", None, None, "green", Decimal("13.99"))),
        (("tea", "", "", "$5", "green", "EUR"), Line("tea", None, None, "green, $5")),
        (("tea", "", "", "2 each", "", "EUR"), Line("tea", None, None, "2 each")),
        (("tea", "", "", "cheap"), Line("tea", None, None, "cheap")),
        (("tomates", "dos", "kilos"), Line("tomates", Decimal(2), "kg")),
        (("pesto", "zwei Gläser"), Line("pesto", Decimal(2), "jar")),
        (("Nudeln", "2", "Packungen"), Line("Nudeln", Decimal(2), "pack")),
        (("leche", "un par de", "botellas"), Line("leche", Decimal(2), "bottle")),
        (("eggs", "sixty"), Line("eggs", Decimal(60), None)),
        (("rice", "five hundred", "grams"), Line("rice", Decimal(500), "g")),
        (("cake", "half"), Line("cake", Decimal("0.5"), None)),
        (("milk", "3x"), Line("milk", Decimal(3), None)),
        (("Mehl", "achthundert", "g"), Line("Mehl", Decimal(800), "g")),
        (("queso", "un cuarto", "kilo"), Line("queso", Decimal("0.25"), "kg")),
        (("ไข่", "นึง", "แผง"), Line("ไข่", Decimal(1), "tray")),
        (("ไข่", "สามสิบ", "ฟอง"), Line("ไข่", Decimal(30), "piece")),
        (("กะเพรา", "2", "กำ"), Line("กะเพรา", Decimal(2), "bunch")),
        (("หมู", "ครึ่ง", "โล"), Line("หมู", Decimal("0.5"), "kg")),
        (("หมู", "สาม", "ขีด"), Line("หมู", Decimal(3), "ขีด")),
        (("gum", "", "", ".99", "", "USD"), Line("gum", None, None, "", Decimal("0.99"))),
        (("gum", "", "", "three pounds twenty", "", "GBP"), Line("gum", None, None, "", Decimal("3.20"))),
        (("rice", "2", "kg", "35 baht the kilo", "", "THB"), Line("rice", Decimal(2), "kg", "", Decimal(70))),
        (("Unagi", "uno", ""), Line("Unagi", Decimal(1), None)),
        (("Einkorn", "einkorn", ""), Line("Einkorn", None, None, "einkorn")),
    ],
)
def test_read_amount_words_of_a_message(words, line):
    assert read_amount_words(*words) == line
