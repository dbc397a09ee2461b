"""Read tables: CSV with commas, semicolons or tabs, as spreadsheets and AnyList's converters write them.

`csv.Sniffer` guesses from frequent characters and takes the comma of “1,5” for a delimiter. Here the delimiter is the one
that makes the first row a header, with the most columns that are known. Without a header, it is the first of tab,
semicolon and comma that every row has equally often; commas only if they stand without a space after them and make a
column of amounts, since “flour, sifted” is a text. What is no table is None, to be read as text.

The decimal mark is one for the whole file: that of numbers that can be read in one way only (“2,50”, “1.234,5”), else the
comma beside semicolons, the point beside commas, and that of the language beside tabs.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from django.utils.translation import gettext as _

from groceries.parsing.foreign.rows import (
    FileLine,
    FileList,
    ForeignFile,
    build_line,
    check_count,
    is_amount_cell,
)
from groceries.parsing.notes import join_notes
from groceries.parsing.quantities import normalize_unit
from groceries.parsing.units import UNITS
from pantry.errors import ActionError

DELIMITERS = "\t;,"
MAX_COLUMNS = 100
_NONE = "\x1f"  # a delimiter that no text has, for a table with one column
_HEADERS = {
    "name": "item items name product products product_name item_name article food ingredient ingredients title what "
    "artikel artikelname produkt produktname bezeichnung lebensmittel zutat ware "
    "producto productos articulo articulos nombre ingrediente alimento "
    "ชื่อ รายการ สินค้า ชื่อสินค้า รายการสินค้า ของ วัตถุดิบ",
    "amount": "amount quantity qty count number menge anzahl stuckzahl cantidad cant numero จำนวน ปริมาณ",
    "unit": "unit units uom measure einheit masseinheit unidad unidades medida หน่วย",
    "note": "note notes comment comments description details remark remarks specification "
    "notiz notizen bemerkung kommentar beschreibung hinweis nota notas comentario observaciones descripcion "
    "หมายเหตุ โน้ต บันทึก รายละเอียด",
    "category": "category aisle section department group product_group "
    "kategorie abteilung gang warengruppe categoria pasillo seccion departamento หมวด หมวดหมู่ ประเภท แผนก",
    "store": "store shop supermarket laden geschaft markt supermarkt tienda supermercado ร้าน ร้านค้า",
    "price": "price cost preis kosten precio coste costo importe ราคา",
    "bought": "checked done bought purchased completed crossed_off is_checked in_cart "
    "erledigt gekauft abgehakt comprado hecho marcado completado ซื้อแล้ว เสร็จ เสร็จแล้ว",
    "list": "list list_name shopping_list liste einkaufsliste lista lista_de_compras ชื่อรายการ ลิสต์",
}
_PAYERS = frozenset(("paid by", "payer", "bezahlt von", "zahler", "pagado por", "pagador", "จ่ายโดย", "ผู้จ่าย"))
_ROLES = {word.replace("_", " "): role for role, words in _HEADERS.items() for word in words.split()}
_DECISIVE = re.compile(
    r"(?<![\d.,])(?:\d+(?P<mark>[.,])(?:\d{1,2}|\d{4,9})|\d{1,3}(?:[.,]\d{3})+(?P<last>[.,])\d{1,2})(?![\d.,])"
)
_SEPARATOR_LINE = re.compile(r"sep=(?P<delimiter>[,;\t])\r?\n", re.IGNORECASE)

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = tuple[int, list[str]]  # with the number of its first line


def read_table(text: str, names: Collection[str] = ()) -> ForeignFile | None:
    """Return the lists of a table; None if the text is none. Raises ActionError if a quoted cell doesn't end."""
    first_line = _SEPARATOR_LINE.match(text)
    offset = 1 if first_line else 0
    text, delimiters = (text[first_line.end() :], first_line["delimiter"]) if first_line else (text, DELIMITERS)
    if (header := _find_header(text, delimiters)) is not None:
        delimiter, roles, columns = header
        if len(columns) > MAX_COLUMNS:
            raise ActionError(_("A table can have %(max)d columns.") % {"max": MAX_COLUMNS})
        if any(_plain(column) in _PAYERS for column in columns):  # its amounts are money
            raise ActionError(_("This is a table of expenses. A list takes things to buy."))
        rows = list(_rows(text, delimiter, offset))[1:]
        ignored = tuple(column for column, role in zip(columns, roles, strict=True) if column and not role)
    else:
        layout = _find_columns(text, delimiters, offset)
        if layout is None:
            return None
        (delimiter, roles, rows), ignored = layout, ()
    check_count(len(rows))
    mark = _group_mark(rows, roles, delimiter)
    return ForeignFile(tuple(_lists(rows, roles, mark, names)), ignored)


def protect(cell: object) -> object:
    """Return the cell of a table, with an apostrophe before a text that a spreadsheet would calculate."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip("'").startswith(_FORMULA_STARTS) else cell


def _unprotect(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA_STARTS) else cell


def _rows(text: str, delimiter: str, offset: int = 0) -> Iterator[Row]:
    """Yield the rows that are not empty. Raises ActionError for a cell that doesn't end."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield start + offset, row
            start = reader.line_num + 1
    except csv.Error as error:
        message = _("Line %(number)d: the quotation marks of a cell don't fit. The file may be cut off.")
        raise ActionError(message % {"number": start + offset}) from error


def _role(cell: str) -> str:
    """Return what a column of that name has; "" for an unknown one."""
    return _ROLES.get(_plain(cell), "")


def _plain(cell: str) -> str:
    """Return the name of a column without case, accents and punctuation."""
    folded = unicodedata.normalize("NFD", cell.casefold()) if len(cell) < 40 else ""
    plain = "".join(char for char in folded if not "\u0300" <= char <= "\u036f")
    return " ".join(re.sub(r"[_:()?*-]", " ", unicodedata.normalize("NFC", plain)).split())


def _find_header(text: str, delimiters: str) -> tuple[str, list[str], list[str]] | None:
    """Return the delimiter, the roles of the columns and their names, if the first row names them."""
    best: tuple[str, list[str], list[str]] | None = None
    for delimiter in (_NONE, *delimiters):
        try:
            columns = next((row for _number, row in _rows(text, delimiter)), [])
        except ActionError:
            continue
        columns = [column.strip() for column in columns[: MAX_COLUMNS + 1]]
        roles = [_role(column) for column in columns]
        if "name" in roles and (best is None or _known(roles) > _known(best[1])):
            best = delimiter, _first_of_each(roles), columns
    return best


def _known(roles: Sequence[str]) -> int:
    return sum(map(bool, roles))


def _first_of_each(roles: Sequence[str]) -> list[str]:
    """Return the roles, of which only the first column of each counts, except for notes."""
    return [role if role == "note" or role not in roles[:index] else "" for index, role in enumerate(roles)]


def _find_columns(text: str, delimiters: str, offset: int) -> tuple[str, list[str], list[Row]] | None:
    """Return the delimiter, the roles of the columns by what they have, and the rows of a table without a header."""
    refused: ActionError | None = None
    for delimiter in delimiters:
        if delimiter not in text:
            continue
        try:
            rows = list(_rows(text, delimiter, offset))
        except ActionError as error:
            refused = error
            continue
        widths = Counter(len(row) for _number, row in rows)
        if len(widths) != 1 or not 2 <= (width := next(iter(widths))) <= MAX_COLUMNS:
            continue
        roles = [_content_role([row[column].strip() for _number, row in rows]) for column in range(width)]
        if delimiter == "," and ("amount" not in roles or ", " in text):
            continue
        named = roles.index("note") if "note" in roles else 0
        roles = _first_of_each(["name" if column == named else role for column, role in enumerate(roles)])
        return delimiter, [role or "note" for role in roles], rows
    if refused is not None and text.lstrip().startswith('"'):
        raise refused
    return None


def _content_role(cells: Sequence[str]) -> str:
    filled = [cell for cell in cells if cell]
    if filled and all(map(is_amount_cell, filled)):
        return "amount"
    return "unit" if filled and all(normalize_unit(cell) in UNITS for cell in filled) else "note"


def _group_mark(rows: Sequence[Row], roles: Sequence[str], delimiter: str) -> str:
    """Return the mark between groups of digits, "" for that of the language."""
    counts: Counter[str] = Counter()
    columns = [column for column, role in enumerate(roles) if role in ("amount", "price")]
    for _number, row in rows:
        for column in columns:
            if column < len(row) and (match := _DECISIVE.search(row[column][:40])):
                counts[match["mark"] or match["last"]] += 1
    if counts["."] != counts[","]:
        return "." if counts[","] > counts["."] else ","
    return {";": ".", ",": ","}.get(delimiter, "")


def _lists(rows: Sequence[Row], roles: Sequence[str], mark: str, names: Collection[str]) -> Iterator[FileList]:
    lists: dict[str, list[FileLine]] = {}
    for number, row in rows:
        values: dict[str, str] = {}
        for role, cell in zip(roles, row, strict=False):
            target = "note" if role == "store" else role
            cell = _unprotect(cell.strip())
            values[target] = join_notes(values.get(target, ""), cell) if target == "note" else cell
        values.pop("", None)
        place = _("Line %(number)d") % {"number": number}
        line = build_line(values, number, place, names, mark)
        if any(cell.strip() for cell in row[len(roles) :]):
            problem = _(
                "%(place)s: there are more cells than columns. A cell with the delimiter needs quotation marks."
            )
            line = FileLine(line.name, None, None, number=number, problem=problem % {"place": place})
        lists.setdefault(values.get("list", ""), []).append(line)
    for name, lines in lists.items():
        yield FileList(name, tuple(lines))
