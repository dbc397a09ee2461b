"""Read the recipe of a web page: schema.org's Recipe, written as JSON-LD or microdata.

lxml reads pages in linear time. recipe-scrapers needs minutes for a page made to be slow, and extruct,
on which it depends, 6 s; both bring an RDF library, too.
"""

import html
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree

from pantry.errors import ActionError
from pantry.text import clean_line, shorten

MAX_TITLE_CHARS = 250
MAX_VALUES = 200_000  # of a page's JSON that are looked at
MAX_INGREDIENTS = 1_000  # more than a text can have, which refuses them
MAX_VALUE_CHARS, MAX_TEXT_CHARS = 5_000, 1_000_000  # of a property, and of all properties in the page's own markup
_MAX_NAME_CHARS, _MAX_PORTIONS_CHARS = 180, 60
_TAG = re.compile(r"<[^<>]*>")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_SCRIPTS = etree.XPath("//script[contains(@type, 'ld+json')]")
_INGREDIENTS = ("recipeIngredient", "ingredients")
_YIELDS = ("recipeYield", "yield")
_WANTED = {"name", *_INGREDIENTS, *_YIELDS}


@dataclass(frozen=True)
class Recipe:
    """A recipe. `portions` is what it makes, in its own words (“4 servings”)."""

    name: str
    portions: str
    ingredients: tuple[str, ...]

    @property
    def title(self) -> str:
        """Return the name with the portions."""
        return ", ".join(filter(None, (self.name, self.portions)))

    @property
    def text(self) -> str:
        """Return the ingredients as a text to paste, one on each line."""
        return "\n".join(self.ingredients)

    @property
    def serves(self) -> Decimal | None:
        """Return for how many it is, if that is one number: not of “4 to 6”."""
        numbers = {Decimal(number.replace(",", ".")) for number in _NUMBER.findall(self.portions)}
        return numbers.pop() if len(numbers) == 1 and 0 not in numbers else None


def read_recipe(content: bytes, encoding: str | None = None) -> Recipe:
    """Return the first recipe with ingredients of a page of HTML. Takes linear time. Raises ActionError if it has none.

    The page is UTF-8 if it can be, whatever its server or itself says.
    """
    document = _parse(content, encoding)
    if document is not None:
        for find in (_find_in_json, _find_in_microdata):
            recipe = next((recipe for recipe in find(document) if recipe.ingredients), None)
            if recipe is not None:
                return recipe
    raise ActionError(
        _("There is no recipe on that page that can be read. Copy its ingredients and paste them as text.")
    )


def _parse(content: bytes, encoding: str | None) -> Any:
    """Return the root of the page, None if it is empty. libxml2 limits its depth and the size of its parts."""
    with suppress(UnicodeDecodeError):
        content.decode()
        encoding = "utf-8"
    try:
        parser = etree.HTMLParser(encoding=encoding, no_network=True)
    except (LookupError, ValueError):  # an encoding that doesn't exist, or whose name can't be one
        parser = etree.HTMLParser(no_network=True)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError:
        return None


def _find_in_json(document: Any) -> Iterator[Recipe]:
    for script in _SCRIPTS(document):
        with suppress(ValueError, RecursionError):  # the page may have others
            for row in _rows(json.loads(_without_comments(script.text or ""), strict=False)):
                yield Recipe(
                    shorten(_text(row.get("name")), _MAX_NAME_CHARS),
                    shorten(max(map(_text, _values(row, _YIELDS)), key=len, default=""), _MAX_PORTIONS_CHARS),
                    tuple(islice(_ingredients(row), MAX_INGREDIENTS)),
                )


def _ingredients(row: dict[str, Any]) -> Iterator[str]:
    return (line for value in _values(row, _INGREDIENTS) for line in _lines(value))


def _without_comments(text: str) -> str:
    """Return the text without the marks that hide it from browsers of long ago."""
    text = text.strip()
    for mark in ("//", "<!--", "<![CDATA["):
        text = text.removeprefix(mark).strip()
    for mark in ("-->", "]]>", "//", ";"):
        text = text.removesuffix(mark).strip()
    return text


def _rows(data: Any) -> Iterator[dict[str, Any]]:
    """Yield the recipes in the data, however deep: pages name them in a graph, a list, or as their main entity."""
    waiting = [data]
    for _count in range(MAX_VALUES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, dict):
            if any(str(kind).rpartition("/")[2] == "Recipe" for kind in _as_list(value.get("@type"))):
                yield value
            waiting += reversed(value.values())
        elif isinstance(value, list):
            waiting += reversed(value)


def _values(row: dict[str, Any], names: tuple[str, ...]) -> list[Any]:
    """Return the values of the first of these properties that has some, also of lists in a list."""
    values = next((_as_list(row[name]) for name in names if row.get(name)), [])
    return [value for each in values for value in _as_list(each)]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _find_in_microdata(document: Any) -> Iterator[Recipe]:
    for values in _properties(document):
        lines = next((values[name] for name in _INGREDIENTS if name in values), [])
        yield Recipe(
            shorten(_text(next(iter(values.get("name", [])), "")), _MAX_NAME_CHARS),
            shorten(
                max((_text(value) for name in _YIELDS for value in values.get(name, [])), key=len, default=""),
                _MAX_PORTIONS_CHARS,
            ),
            tuple(text for line in islice(lines, MAX_INGREDIENTS) if (text := _text(line))),
        )


def _properties(document: Any) -> list[dict[str, list[str]]]:
    """Return what is marked in each recipe of the page, but not in a part of it that is a thing of its own.

    Stops reading after MAX_TEXT_CHARS: elements can be in one another, each with the text of those in it.
    """
    recipes: list[dict[str, list[str]]] = []
    scopes: list[dict[str, list[str]] | None] = [None]
    left = MAX_TEXT_CHARS
    for event, element in etree.iterwalk(document, events=("start", "end"), tag="*"):
        if event == "end":
            scopes.pop()
            continue
        scope, is_scope = scopes[-1], element.get("itemscope") is not None
        if scope is not None and not is_scope and left > 0:
            for name in _WANTED & set((element.get("itemprop") or "").split()):
                value = element.get("content") or _inner_text(element)
                left -= len(value)
                scope.setdefault(name, []).append(value)
        if is_scope:
            scope = {} if "schema.org/Recipe" in (element.get("itemtype") or "") else None
            recipes += [scope] if scope is not None else []
        scopes.append(scope)
    return recipes


def _inner_text(element: Any) -> str:
    """Return the text in an element, as far as it is no longer than a value may be."""
    texts, size = [], 0
    for text in element.itertext():
        texts.append(text)
        if (size := size + len(text)) > MAX_VALUE_CHARS:
            break
    return " ".join(texts)[:MAX_VALUE_CHARS]


def _lines(value: Any) -> Iterator[str]:
    """Yield the ingredients of a value, which may be a text of several lines, or a PropertyValue."""
    texts = html.unescape(value).splitlines() if isinstance(value, str) else [value]
    return (line for text in texts if (line := _text(text)))


def _text(value: Any) -> str:
    """Return a value as a line of text, without tags: a text, a number, or a PropertyValue of such."""
    parts = [value.get(name) for name in ("value", "unitText", "name")] if isinstance(value, dict) else [value]
    return " ".join(filter(None, map(_line, parts)))


def _line(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = html.unescape(html.unescape(str(value)[:MAX_VALUE_CHARS])).encode(errors="replace").decode()
    return clean_line(_TAG.sub(" ", text))
