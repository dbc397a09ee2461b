"""Reading lists from files: tables in every encoding, exports of other products, and what is no list."""

import codecs
import json
import zipfile
from decimal import Decimal
from io import BytesIO

import pytest

from groceries.csv_export import EXPENSE_COLUMNS
from groceries.parsing.entries import parse_lines
from groceries.parsing.foreign import MAX_FILE_BYTES, MAX_FILE_LINES, read_file, texts
from groceries.parsing.names import normalize
from pantry.errors import ActionError
from tests.limits import limit

ENCODINGS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with BOM": lambda text: codecs.BOM_UTF8 + text.encode(),
    "utf-16 little": lambda text: codecs.BOM_UTF16_LE + text.encode("utf-16-le"),
    "utf-16 big": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "windows-1252": lambda text: text.encode("cp1252"),
}
HEADERS = {
    "en": "Item|Quantity|Unit|Note|Aisle|Price|Checked",
    "de": "Artikel|Menge|Einheit|Notiz|Kategorie|Preis|Erledigt",
    "es": "Artículo|Cantidad|Unidad|Comentario|Categoría|Precio|Comprado",
    "th": "สินค้า|จำนวน|หน่วย|หมายเหตุ|หมวดหมู่|ราคา|ซื้อแล้ว",
}
YES = {"en": "yes", "de": "ja", "es": "sí", "th": "ใช่"}


def lines(content):
    if not isinstance(content, bytes):
        content = (content if isinstance(content, str) else json.dumps(content)).encode()
    [only] = read_file(content).lists
    return only.lines


def brief(content):
    """Return name, quantity, unit and note of each line."""
    return [(line.name, line.quantity, line.unit, line.note) for line in lines(content)]


def problem(content):
    return next(line.problem for line in lines(content) if line.problem)


def refusal(content):
    with pytest.raises(ActionError) as error:
        read_file(content if isinstance(content, bytes) else content.encode())
    return str(error.value)


# Tables


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("decimal_mark", [".", ","])
@pytest.mark.parametrize("delimiter", ["\t", ";", ","])
@pytest.mark.parametrize("language", HEADERS)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_table_reads_alike_however_it_is_written(encoding, language, delimiter, decimal_mark, newline):
    if encoding == "windows-1252" and language == "th":
        pytest.skip("has no Thai letters")
    rows = [
        HEADERS[language].split("|"),
        ["Jalapeños", "1.5", "kg", "the big, red; ones", "Produce", "2.50", ""],
        ["Milk\nfresh", "2", "l", "", "", "", YES[language]],
    ]
    rows[1:] = [[cell.replace(".", decimal_mark) for cell in row] for row in rows[1:]]
    text = newline.join(delimiter.join(f'"{cell}"' for cell in row) for row in rows) + newline
    first, second = lines(ENCODINGS[encoding](text))
    assert (first.name, first.quantity, first.unit, first.note) == (
        "Jalapeños", Decimal("1.5"), "kg", "the big, red; ones",
    )  # fmt: skip
    assert (first.category, first.price, first.is_bought) == ("Produce", Decimal("2.50"), False)
    assert (second.name, second.quantity, second.unit, second.is_bought) == ("Milk fresh", 2, "liter", True)


@pytest.mark.parametrize(
    ("text", "quantity"),
    [
        ("Artikel;Menge\nMehl;1,500", "1.5"),
        ("Artikel;Menge\nMehl;1.500", "1500"),
        ("Item,Amount\nFlour,1.500", "1.5"),
        ('Item,Amount\nFlour,"1,500"', "1500"),
        ('Item,Amount\nFlour,"1,500"\nOil,"0,75"', "1.5"),
        ("Item;Amount\nFlour;1.500\nOil;0.75", "1.5"),
        ("Item;Amount\nFlour;½", "0.5"),
        ("Item;Amount\nFlour;1 1/2", "1.5"),
    ],
)
def test_decimal_mark_is_that_of_the_whole_file(text, quantity):
    assert lines(text)[0].quantity == Decimal(quantity)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Milk,2,l\nEggs,12,", [("Milk", 2, "liter", ""), ("Eggs", 12, None, "")]),
        ("Milk;fresh\nBread;dark", [("Milk", None, None, "fresh"), ("Bread", None, None, "dark")]),
        ("2\tl\tMilk\n5\tkg\tRice", [("Milk", 2, "liter", ""), ("Rice", 5, "kg", "")]),
        ("Item\n2 l milk\nEggs", [("milk", 2, "liter", ""), ("Eggs", None, None, "")]),
        ("sep=;\nItem;Amount\nMilk;2 l", [("Milk", 2, "liter", "")]),
        ("\n\nItem;Amount\n\nMilk;2 l\n;\n", [("Milk", 2, "liter", "")]),
        ("Item;Amount\nMilk;a few\nTins;2 x 400 g", [("Milk", None, None, "a few"), ("Tins", 800, "g", "2 x 400 g")]),
        ("Item;Store;Note\nMilk;Corner shop;fresh", [("Milk", None, None, "Corner shop, fresh")]),
        # texts, whatever their commas
        ("flour, sifted\nsugar, white", [("flour", None, None, "sifted"), ("sugar", None, None, "white")]),
        ("2 l milk, eggs\nbread", [("milk", 2, "liter", ""), ("eggs", None, None, ""), ("bread", None, None, "")]),
    ],
)
def test_table_or_text_is_recognized_by_its_content(text, expected):
    assert brief(text) == expected


def test_lists_of_a_table_are_told_apart():
    file = read_file(b"List,Item,Barcode\nParty,Chips,1\nWeek,Milk,2\nParty,Cola,3\n")
    assert [(each.name, [line.name for line in each.lines]) for each in file.lists] == [
        ("Party", ["Chips", "Cola"]), ("Week", ["Milk"]),
    ]  # fmt: skip
    assert file.ignored == ("Barcode",)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Milk;-3;;;", "“-3” is no amount"),
        ("Milk;0;;;", "more than zero"),
        ("Milk;1e99;;;", "“1e99” is no amount"),
        ("Milk;NaN;;;", "“NaN” is no amount"),
        ("Milk;#REF!;;;", "“#REF!” is no amount"),
        ("Milk;100000;;;", "99,999.999 at most"),
        ("Milk;1.23456;;;", "three decimals"),
        ("Milk;12.3.4;;;", "is no amount"),
        (";2;;;", "The name is missing"),
        ("…;;;;", "The name is missing"),
        (f"{'x' * 101};;;;", "too long: 100"),
        (f"Milk;;{'x' * 201};;", "too long: 200"),
        (f"Milk;;{'x' * 1001};;", "too long: 1000"),
        ("Milk;;;free?;", "“free?” is no price"),
        ("Milk;;;-1;", "“-1” is no price"),
        ("Milk;;;;perhaps", "“perhaps” doesn't say"),
        ("Milk;1;;;;surplus", "more cells than columns"),
    ],
)
def test_row_that_makes_no_sense_is_shown_with_its_line(row, words):
    text = f'Item;Amount;Note;Price;Done\nEggs;12;"from\nthe farm";;\n{row}\nRice;5 kg;;;\n'
    good, bad, last = lines(text)
    assert (good.problem, last.problem, last.quantity) == ("", "", 5)
    assert bad.problem.startswith("Line 4: ") and words in bad.problem
    assert (bad.number, bad.quantity) == (4, None)


@pytest.mark.parametrize("text", ['Item;Amount\nMilk;2\n"Bre', '"Milk";2\n"Bre', 'Item,Amount\n"Milk"x,2'])
def test_table_with_an_open_quotation_mark_is_refused_with_its_line(text):
    assert f"Line {text.count(chr(10)) + 1}: the quotation marks" in refusal(text)


# Encodings and what is no text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8 with BOM", "utf-16 little", "utf-16 big"])
def test_text_that_is_cut_within_a_letter_is_refused(encoding):
    content = ENCODINGS[encoding]("Äpfel\nKäse\nนม")
    assert "cut off or damaged" in refusal(content[:-1])


def zipped():
    with zipfile.ZipFile(content := BytesIO(), "w") as file:
        file.writestr("list.csv", "Item\nMilk\n")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [zipped(), b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xd8\xff\xe0\x00\x10JFIF", b"%PDF-1.7\n%\x81", b"%PDF-1.7\nx",
     b"milk\x00eggs", "Milch".encode("utf-16-le"), b"<!doctype html><p>milk", b"{\\rtf1 milk}", b"\x81\x8d milk"],
)  # fmt: skip
def test_what_is_no_text_is_refused(content):
    assert "isn't a text" in refusal(content)


@pytest.mark.parametrize("content", [b"", b" \n\n", codecs.BOM_UTF8, b"Item;Amount\n", b'{"items": []}', b"[]"])
def test_file_without_things_is_refused(content):
    refusal(content)


def test_large_file_is_refused():
    assert limit("File whose lines are taken onto a list") == MAX_FILE_BYTES
    assert "too large" in refusal(b"x" * (MAX_FILE_BYTES + 1))
    assert "100,000 characters" in refusal(b"x" * MAX_FILE_BYTES)


@pytest.mark.parametrize("header", [",".join(EXPENSE_COLUMNS), "Title,Amount,Payer", "Artikel;Menge;Bezahlt von"])
def test_table_of_expenses_is_refused(header):
    """Its amounts of money are none of things."""
    mark = ";" if ";" in header else ","
    assert "expenses" in refusal(f"{header}\n{mark.join(['300'] * len(header.split(mark)))}\n")


def test_table_with_many_columns_is_refused():
    most = limit("Columns of a table in such a file")
    assert lines(f"Item{';' * (most - 1)}\nMilk")[0].name == "Milk"
    assert f"{most} columns" in refusal(f"Item{';' * most}\nMilk")


def test_long_line_is_shown_with_the_limit():
    most = limit("Line or cell of such a file")
    assert "is too long: 100 " in problem(b"x" * most)
    assert f"too long: {most} " in problem(b"x" * (most + 1))
    assert f"too long: {most} " in problem(f"Item;Note\nMilk;{'x' * (most + 1)}")


@pytest.mark.parametrize(
    "content",
    ["milk\n", "milk;2\n", [{"name": "milk"}], {"items": ["milk"]}, {"purchase": [{"name": "milk"}]}],
)  # fmt: skip
def test_file_with_many_things_is_refused(content):
    def with_count(count):
        if isinstance(content, str):
            return (content * count).encode()
        if isinstance(content, list):
            return json.dumps(content * count).encode()
        return json.dumps({key: rows * count for key, rows in content.items()}).encode()

    assert limit("Things in such a file") == MAX_FILE_LINES
    assert len(lines(with_count(MAX_FILE_LINES))) == MAX_FILE_LINES
    assert "more than 2,000 things" in refusal(with_count(MAX_FILE_LINES + 1))


# Plain text


def test_ticked_boxes_of_a_text_are_bought():
    text = "- [ ] 2 l milk\n- [x] eggs\n☑ rice\n✓ tea\n☐ bread"
    assert [(line.name, line.is_bought) for line in lines(text)] == [
        ("milk", False), ("eggs", True), ("rice", True), ("tea", True), ("bread", False),
    ]  # fmt: skip
    assert [line.number for line in lines(text)] == [1, 2, 3, 4, 5]


def test_names_of_the_home_are_not_split():
    [only] = read_file(b"salt and pepper crisps\n", frozenset({normalize("salt and pepper crisps")})).lists
    assert [line.name for line in only.lines] == ["salt and pepper crisps"]


# Exports of products

KITCHENOWL = {
    "name": "Apartment 42", "language": "en", "view_ordering": ["shoppinglist"], "planner_feature": True,
    "expenses_feature": False, "member": ["nok"], "shoppinglists": ["Default"],
    "items": [{"name": "Oat milk", "icon": "milk", "category": "Dairy"}, {"name": "Rice"}],
    "recipes": [
        {"name": "Fried rice", "description": "Fry it.", "time": 20, "source": "", "tags": ["quick"],
         "items": [{"name": "Rice", "description": "400 g", "optional": False},
                   {"name": "Coriander", "description": "chopped", "optional": True}]},
    ],
    "expenses": [],
}  # fmt: skip
KITCHENOWL_LISTS = [
    {"id": 1, "name": "Default", "household_id": 1, "created_at": 1767225600000, "items": [
        {"id": 7, "name": "Oat milk", "description": "2", "icon": "milk", "ordering": 0,
         "category": {"id": 3, "name": "Dairy"}},
    ], "recentItems": []},
]  # fmt: skip
MEALIE_LIST = {
    "id": "0d0e", "name": "Week", "listItems": [
        {"quantity": 2.0, "unit": {"name": "liter", "abbreviation": "l"}, "food": {"name": "milk",
         "label": {"name": "Dairy", "color": "#fff"}}, "note": "fresh", "checked": True, "position": 0,
         "display": "2 liters milk fresh", "isFood": True},
        {"quantity": 1, "unit": None, "food": None, "note": "2 kg potatoes", "checked": False,
         "display": "2 kg potatoes"},
        {"quantity": 0, "unit": None, "food": {"name": "salt"}, "note": "", "checked": False, "display": "salt"},
        {"quantity": 0.3333333333333333, "unit": {"name": "cup"}, "food": {"name": "oil"}, "note": "",
         "checked": False},
    ], "recipeReferences": [], "labelSettings": [],
}  # fmt: skip
MEALIE_RECIPE = {
    "name": "Soup", "slug": "soup", "recipeYield": "4", "recipeIngredient": [
        {"quantity": 3, "unit": None, "food": {"name": "carrots"}, "note": "diced", "title": "For the pot",
         "disableAmount": False, "originalText": "3 carrots, diced", "referenceId": "a1"},
        {"quantity": 1.0, "unit": None, "food": None, "note": "1 l stock", "title": None, "disableAmount": True},
    ],
    "recipeInstructions": [{"text": "Boil."}],
}  # fmt: skip
RECIPE_PAGE = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "WebPage", "url": "https://kitchen.example/dal"},
        {"@type": ["Recipe"], "name": "Dal", "recipeIngredient": ["250 g red lentils", "1 onion, chopped"]},
    ],
}
GROCY_ROWS = [
    {"id": 1, "product_id": 5, "note": None, "amount": 2, "shopping_list_id": 1, "done": 0, "qu_id": 3,
     "product_name": "Milk", "qu_name": "Pack", "product_group_name": "Fridge", "price": 1.19},
    {"id": 2, "product_id": None, "note": "Candles", "amount": "1", "shopping_list_id": 1, "done": "1", "qu_id": None},
]  # fmt: skip
GROCY_TABLES = {
    "shopping_lists": [{"id": 1, "name": "Weekly"}, {"id": 2, "name": "Hardware"}],
    "products": [{"id": 5, "name": "Milk", "product_group_id": 9}, {"id": 6, "name": "Screws"}],
    "product_groups": [{"id": 9, "name": "Fridge"}],
    "quantity_units": [{"id": 3, "name": "Pack"}],
    "shopping_list": [
        {"id": 1, "product_id": 5, "note": "", "amount": 2, "shopping_list_id": 1, "done": 0, "qu_id": 3},
        {"id": 2, "product_id": 6, "note": "steel", "amount": 20, "shopping_list_id": 2, "done": 0, "qu_id": None},
        {"id": 3, "product_id": 77, "note": "", "amount": 1, "shopping_list_id": 2, "done": 0, "qu_id": None},
    ],
}
GROCY_PRODUCTS = [{"id": 5, "name": "Milk", "description": None, "qu_id_purchase": 3, "qu_id_stock": 3,
                   "min_stock_amount": 2}]  # fmt: skip
BRING = {
    "uuid": "b1", "status": "REGISTERED",
    "purchase": [{"specification": "2 l", "name": "Milch"}, {"specification": "reif, 3", "name": "Bananen"}],
    "recently": [{"specification": "", "name": "Brot"}],
}  # fmt: skip
BRING_NESTED = {
    "uuid": "b1", "status": "SHARED", "items": {
        "purchase": [{"uuid": "p", "itemId": "Milch", "specification": "2 l", "attributes": []}], "recently": []},
}  # fmt: skip
ANYLIST = {"name": "Groceries", "items": [
    {"identifier": "i1", "name": "Cherries", "details": "ripe", "quantity": "2 lb", "checked": False,
     "categoryMatchId": "produce"},
    {"identifier": "i2", "name": "Butter", "details": "", "quantity": None, "checked": True},
]}  # fmt: skip
ANYLIST_TABLE = "Name,Quantity,Category,Notes,Crossed Off\nCherries,2 lb,Produce,ripe,false\nButter,,Dairy,,true\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (KITCHENOWL_LISTS, [("Oat milk", 2, None, "")]),
        (MEALIE_LIST, [("milk", 2, "liter", "fresh"), ("potatoes", 2, "kg", ""), ("salt", None, None, ""),
                       ("oil", Decimal("0.333"), "cup", "")]),
        (MEALIE_RECIPE, [("carrots", 3, None, "diced"), ("stock", 1, "liter", "")]),
        (RECIPE_PAGE, [("red lentils", 250, "g", ""), ("onion", 1, None, "chopped")]),
        ([RECIPE_PAGE["@graph"][1]], [("red lentils", 250, "g", ""), ("onion", 1, None, "chopped")]),
        (GROCY_ROWS, [("Milk", 2, "pack", ""), ("Candles", None, None, "")]),
        (GROCY_PRODUCTS, [("Milk", None, None, "")]),
        (BRING, [("Milch", 2, "liter", ""), ("Bananen", None, None, "reif, 3"), ("Brot", None, None, "")]),
        (BRING_NESTED, [("Milch", 2, "liter", "")]),
        (ANYLIST, [("Cherries", 2, "lb", "ripe"), ("Butter", None, None, "")]),
        (ANYLIST_TABLE, [("Cherries", 2, "lb", "ripe"), ("Butter", None, None, "")]),
        (["2 l milk", "eggs"], [("milk", 2, "liter", ""), ("eggs", None, None, "")]),
    ],
)  # fmt: skip
def test_export_is_read(content, expected):
    assert brief(content) == expected
    assert not any(line.problem for line in lines(content))


@pytest.mark.parametrize(
    ("content", "bought"),
    [(MEALIE_LIST, {"milk"}), (GROCY_ROWS, {"Candles"}), (BRING, {"Brot"}), (ANYLIST, {"Butter"}),
     (ANYLIST_TABLE, {"Butter"}), (KITCHENOWL_LISTS, set())],
)  # fmt: skip
def test_what_is_bought_in_an_export_is_known(content, bought):
    assert {line.name for line in lines(content) if line.is_bought} == bought


@pytest.mark.parametrize(
    ("content", "category"),
    [(MEALIE_LIST, "Dairy"), (GROCY_ROWS, "Fridge"), (KITCHENOWL_LISTS, "Dairy"), (ANYLIST_TABLE, "Produce")],
)
def test_aisle_of_an_export_is_read(content, category):
    assert lines(content)[0].category == category


def test_price_of_an_export_is_read():
    assert lines(GROCY_ROWS)[0].price == Decimal("1.19")


def test_kitchenowl_export_has_its_items_as_a_catalog_and_its_recipes():
    file = read_file(json.dumps(KITCHENOWL).encode())
    assert [(each.name, each.is_catalog, [line.name for line in each.lines]) for each in file.lists] == [
        ("Items", True, ["Oat milk", "Rice"]), ("Fried rice", False, ["Rice", "Coriander"]),
    ]  # fmt: skip
    assert [(line.quantity, line.note) for line in file.lists[1].lines] == [(400, ""), (None, "chopped")]


def test_grocy_products_are_a_catalog():
    [only] = read_file(json.dumps(GROCY_PRODUCTS).encode()).lists
    assert only.is_catalog


def test_grocy_numbers_are_named_by_the_other_tables():
    weekly, hardware = read_file(json.dumps(GROCY_TABLES).encode()).lists
    assert (weekly.name, hardware.name) == ("Weekly", "Hardware")
    [milk] = weekly.lines
    assert (milk.name, milk.quantity, milk.unit, milk.category) == ("Milk", 2, "pack", "Fridge")
    screws, unknown = hardware.lines
    assert (screws.name, screws.note) == ("Screws", "steel")
    assert unknown.problem == "“Hardware”, item 2: The name is missing."


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"name": "Milk", "quantity": -1}, "“-1” is no amount"),
        ({"name": "Milk", "quantity": 1e300}, "is no amount"),
        ({"name": "Milk", "checked": "perhaps"}, "doesn't say"),
        ({"name": ["Milk"]}, "The name is missing"),
        ({"name": "x" * 101}, "too long"),
        ({}, "The name is missing"),
        (5, "this is no item"),
        (None, "this is no item"),
        (["Milk"], "this is no item"),
    ],
)
def test_row_of_an_export_that_makes_no_sense_is_shown_with_its_number(row, words):
    good, bad = lines({"name": "Week", "listItems": [{"name": "Eggs"}, row]})
    assert good.problem == ""
    assert bad.problem.startswith("“Week”, item 2: ") and words in bad.problem


@pytest.mark.parametrize("whole", [KITCHENOWL, MEALIE_LIST, GROCY_ROWS, BRING, RECIPE_PAGE, ANYLIST])
def test_export_that_is_cut_off_is_refused(whole):
    text = json.dumps(whole, indent=1)
    for end in range(3, len(text) - 1, 17):
        assert refusal(text[:end]) == (
            f"Line {text[:end].count(chr(10)) + 1}: this is not valid JSON. The file may be cut off."
        )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"recipes": 5}', "no list of a kind that is known"),
        ('{"format": 1, "home": {"name": "Apartment 42"}}', "whole home"),
        ('{"version": 3, "tasks": [{"name": "milk"}]}', "no list of a kind that is known"),
        ('{"@graph": [{"@type": "WebPage"}]}', "no list of a kind that is known"),
        ('[{"items": []}, 5]', "no list of a kind that is known"),
        ('[["milk"]]', "no list of a kind that is known"),
        ('{"listItems": [NaN]}', "not valid JSON"),
        ('{"listItems": ["\\ud800"]}', "not valid JSON"),
        ('{"a":' * 300 + "1" + "}" * 300, "nested too deep"),
        ("[[" * 50_000, "not valid JSON"),
    ],
)
def test_json_of_another_kind_is_refused(content, words):
    assert words in refusal(content)


@pytest.mark.parametrize("number", ["1e-99999999999999999999", "0e99999999999999999999"])
def test_number_that_is_too_long_is_refused(number):
    with pytest.raises(ActionError, match="number in this file"):
        read_file(f'[{{"name": "milk", "quantity": {number}}}]'.encode())


@pytest.mark.parametrize("is_export", [False, True])
def test_rows_with_many_things_are_not_all_read(monkeypatch, is_export):
    parsed, rows = [], ["a and " * 160] * 1900
    monkeypatch.setattr(texts, "parse_lines", lambda *args: parsed.append(args) or parse_lines(*args))
    assert "more than 2,000 things" in refusal(json.dumps({"items": rows}) if is_export else "\n".join(rows[:100]))
    assert 1 < len(parsed) < 30
