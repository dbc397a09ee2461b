"""Read JSON that other products export or whose API returns it.

- KitchenOwl: the export of a household, {"items": […], "recipes": […], "shoppinglists": […]}, of which the lists are only
  names, and the lists of its API, with "items" of "name" and "description"
  (TomBursch/kitchenowl: backend/app/controller/exportimport, backend/app/models/household.py).
- Mealie: a list with "listItems" of quantity, unit, food, note, label and checked, and recipes with "recipeIngredient"
  (mealie-recipes/mealie: mealie/schema/household/group_shopping_list.py, mealie/schema/recipe/recipe_ingredient.py).
- Grocy: rows of `uihelper_shopping_list`, which has product_name and qu_name, of `shopping_list` together with those of
  products, quantity_units and shopping_lists, and `products` (grocy/grocy: grocy.openapi.json and its views).
- Bring!: "purchase" and "recently", also within "items", of name or itemId and specification
  (miaucl/bring-api: bring_api/types.py, foxriver76/node-bring-api: src/bring.ts).
- AnyList has no documented export. Lists of libraries for it have "items" of name, details, quantity and checked.
- Recipes as websites have them (schema.org: `recipeIngredient`), also within "@graph".

Nothing is requested from addresses in a file.
"""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.utils.translation import gettext as _

from groceries.parsing.foreign.rows import FileLine, FileList, ForeignFile, build_line, check_count
from groceries.parsing.foreign.texts import read_row
from groceries.parsing.notes import join_notes
from groceries.parsing.quantities import is_amount
from pantry.errors import ActionError
from pantry.text import clean_line

_START = re.compile(r'\s*+(?:\{|\[\s*+(?:[\[{"]|\]?\s*+\Z))')
_KEYS = {
    "amount": ("quantity", "amount"),
    "unit": ("unit", "quname", "quantityunit"),
    "category": ("category", "label", "productgroupname", "aisle", "section", "department"),
    "price": ("price",),
    "bought": ("checked", "done", "bought", "purchased", "completed", "ischecked", "crossedoff"),
}
_NAMES = ("name", "productname", "food", "product", "itemid", "item", "ingredient", "text")
_NOTES = ("note", "notes", "specification", "description", "details", "comment")
_CATALOG_KEYS = {"icon", "quidpurchase", "quidstock", "minstockamount"}


@dataclass(frozen=True)
class RawList:
    name: str
    rows: Sequence[Any]
    is_catalog: bool = False
    is_bought: bool = False


def is_export(text: str) -> bool:
    """Return whether the text is JSON. “[ ] milk” isn't."""
    return _START.match(text) is not None


def read_export(text: str, names: Collection[str] = ()) -> ForeignFile:
    """Return the lists of an export. Raises ActionError for JSON that is cut off, too deep or of an unknown kind."""
    raw = list(_find_lists(_parse(text)))
    check_count(sum(len(each.rows) for each in raw))
    lists: dict[tuple[str, bool], list[FileLine]] = {}
    for each in raw:
        lines = lists.setdefault((clean_line(each.name)[:80], each.is_catalog), [])
        for row in each.rows:
            for line in _read_row(row, len(lines) + 1, each.name, names):
                lines.append(replace(line, is_bought=line.is_bought or each.is_bought))
            check_count(sum(map(len, lists.values())))
    return ForeignFile(tuple(FileList(name, tuple(lines), catalog) for (name, catalog), lines in lists.items()))


def _parse(text: str) -> Any:
    """Parse JSON with numbers as Decimal. Refuses NaN, lone surrogates and what is nested more than 254 times."""
    try:
        orjson.dumps(orjson.loads(text))
    except orjson.JSONDecodeError as error:
        message = _("Line %(number)d: this is not valid JSON. The file may be cut off.")
        raise ActionError(message % {"number": error.lineno}) from error
    except orjson.JSONEncodeError as error:
        raise ActionError(_("This JSON is nested too deep.")) from error
    try:
        return json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except InvalidOperation as error:
        raise ActionError(_("There is a number in this file that is too long to be read.")) from error


def _find_lists(data: Any) -> Iterator[RawList]:
    """Yield the lists of an export. Raises ActionError if it is of an unknown kind."""
    if isinstance(data, list):
        yield from _find_in_rows(data)
    elif "format" in data and "home" in data:
        raise ActionError(_("This is the file of a whole home. Import it on the page of your homes."))
    elif isinstance(graph := data.get("@graph"), list):
        recipes = [each for each in graph if isinstance(each, dict) and _rows(each, "recipeIngredient")]
        if not recipes:
            raise _unknown()
        yield from map(_recipe, recipes)
    elif isinstance(data.get("shopping_list"), list):
        yield from _find_in_grocy(data)
    elif (rows := _rows(data, "listItems", "list_items", "recipeIngredient", "recipe_ingredient")) is not None:
        yield RawList(_text(data.get("name")), rows)
    elif {"purchase", "recently"} & (bring := data["items"] if isinstance(data.get("items"), dict) else data).keys():
        yield RawList(_text(data.get("name")), _rows(bring, "purchase") or [])
        yield RawList(_text(data.get("name")), _rows(bring, "recently") or [], is_bought=True)
    elif (tables := [_rows(data, key) for key in ("items", "recipes", "lists", "products")]) != [None] * 4:
        yield from _find_in_tables(data, tables)
    else:
        raise _unknown()


def _find_in_rows(data: list[Any]) -> Iterator[RawList]:
    keys = ("items", "listItems", "list_items", "recipeIngredient", "purchase", "shopping_list")
    nested = [each for each in data if isinstance(each, dict) and not each.keys().isdisjoint(keys)]
    if not nested:
        if not all(isinstance(each, dict | str) for each in data):
            raise _unknown()
        yield from _find_in_grocy({"shopping_list": data})
    elif len(nested) < len(data):
        raise _unknown()
    for each in nested:
        yield from _find_lists(each)


def _find_in_tables(data: dict[str, Any], tables: list[list[Any] | None]) -> Iterator[RawList]:
    """KitchenOwl's export, a list with its items, or several of them."""
    items, recipes, lists, products = tables
    is_kitchenowl = recipes is not None or "shoppinglists" in data
    if items:
        is_catalog = is_kitchenowl or _is_catalog(items)
        yield RawList(_("Items") if is_catalog else _text(data.get("name")), items, is_catalog)
    for recipe in recipes or []:
        if not isinstance(recipe, dict):
            raise _unknown()
        yield _recipe(recipe)
    if lists:
        yield from _find_in_rows(lists)
    if products:
        yield RawList(_("Items"), products, is_catalog=True)


def _recipe(recipe: dict[str, Any]) -> RawList:
    rows = _rows(recipe, "items", "recipeIngredient", "recipe_ingredient", "ingredients")
    return RawList(_text(recipe.get("name")), rows or [])


def _find_in_grocy(data: dict[str, Any]) -> Iterator[RawList]:
    """Yield the rows by list, with the names that other tables of the file have for their numbers."""
    tables = {
        table: {_text(row.get("id")): row for row in _rows(data, table) or [] if isinstance(row, dict)}
        for table in ("products", "quantity_units", "shopping_lists", "product_groups")
    }
    lists: dict[str, list[Any]] = {}
    for row in data["shopping_list"]:
        if isinstance(row, dict):
            product = tables["products"].get(_text(row.get("product_id")), {})
            unit = tables["quantity_units"].get(_text(row.get("qu_id")), {})
            group = tables["product_groups"].get(_text(product.get("product_group_id")), {})
            names = {"product_name": product, "qu_name": unit, "product_group_name": group}
            row = {**{key: _text(value.get("name")) for key, value in names.items() if value}, **row}  # noqa: PLW2901
        number = _text(row.get("shopping_list_id")) if isinstance(row, dict) else ""
        lists.setdefault(number, []).append(row)
    for number, rows in lists.items():
        name = _text(tables["shopping_lists"].get(number, {}).get("name"))
        default = _("List %(number)s") % {"number": number} if number else ""
        yield RawList(name or (default if len(lists) > 1 else ""), rows, _is_catalog(rows))


def _is_catalog(rows: Sequence[Any]) -> bool:
    return any(isinstance(row, dict) and not _CATALOG_KEYS.isdisjoint(map(_key, row)) for row in rows)


def _rows(data: dict[str, Any], *keys: str) -> list[Any] | None:
    """Return the first of these that is a list."""
    return next((data[key] for key in keys if isinstance(data.get(key), list)), None)


def _read_row(row: Any, number: int, list_name: str, names: Collection[str]) -> list[FileLine]:
    place = _("“%(list)s”, item %(number)d") if list_name else _("Item %(number)d")
    place %= {"list": list_name[:80], "number": number}
    if isinstance(row, str):
        return read_row(" ".join(row.split()), number, place, names)
    if not isinstance(row, dict):
        return [
            FileLine(
                str(row)[:80], None, None, number=number, problem=_("%(place)s: this is no item.") % {"place": place}
            )
        ]
    fields = {_key(key): value for key, value in row.items()}
    values = {role: _first(fields, keys) for role, keys in _KEYS.items()}
    values["name"] = _first(fields, _NAMES)
    values["note"] = join_notes(*(_text(fields.get(key)) for key in _NOTES))
    if isinstance(food := fields.get("food"), dict):
        values["category"] = values["category"] or _text(food.get("label"))
    if isinstance(values["amount"], str) and re.fullmatch(r"0(?:\.0+)?", values["amount"]):
        values["amount"] = ""  # Mealie and Grocy have 0 for no amount
    return [build_line(_without_food(values, fields), number, place, names, ",")]


def _without_food(values: dict[str, str], fields: dict[str, Any]) -> dict[str, str]:
    """Return the values with a name from the note, where there is no other, and with the amount that is in a note."""
    if not values["name"]:
        written = values["note"] or _first(fields, ("originaltext", "display", "title"))
        amount = "" if values["amount"] == "1" and not values["unit"] else values["amount"]  # Mealie's default
        return {**values, "name": written, "amount": amount, "note": ""}
    if not values["amount"] and values["note"] and is_amount(values["note"]):
        return {**values, "amount": values["note"], "note": ""}
    return values


def _key(key: str) -> str:
    return key.replace("_", "").casefold()


def _first(fields: dict[str, Any], keys: Sequence[str]) -> str:
    return next((text for key in keys if (text := _text(fields.get(key)))), "")


def _text(value: Any) -> str:
    """Return text, a number, yes or no, or the name of a nested row as text; "" for anything else."""
    if isinstance(value, Decimal):
        try:
            return f"{value.quantize(Decimal('0.001')).normalize():f}"
        except InvalidOperation:  # beyond all amounts
            return str(value)
    if isinstance(value, dict):
        return _text(value.get("name")) if not isinstance(value.get("name"), dict) else ""
    return value if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else ""


def _unknown() -> ActionError:
    return ActionError(
        _("This JSON has no list of a kind that is known: KitchenOwl, Mealie, Grocy, AnyList, Bring! or a recipe.")
    )
