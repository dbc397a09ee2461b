"""The items of a frame, with the names that the home has for them and exact amounts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from groceries.parsing.categories import guess_category
from groceries.parsing.entries import Line, parse_lines, read_amount_words
from groceries.parsing.names import normalize
from groceries.parsing.notes import is_description
from groceries.parsing.quantities import is_amount
from pantry.errors import ActionError
from pixie.nlu.frames import Frame, Thing
from pixie.nlu.outcome import Entity
from pixie.nlu.vocabulary import Vocabulary, find_item

_VAGUE = frozenset(
    "it that this them those these thing things stuff something anything one ones sie ihn es das damit lo la los las quítalo quítala quítalos "
    "quítalas bórralo bórrala bórralos มัน นี่ นั่น อันนั้น อันนี้".split()
)
_MUCH = frozenset(("lot", "lots", "a lot", "loads", "plenty"))  # say no amount
_LETTER = re.compile("[^\\W\\d_]|[\U0001f000-\U0001ffff]")  # or an emoji


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it was written, and as the home and the parsers read it."""

    thing: Thing
    line: Line

    @property
    def amount(self) -> dict[str, Any]:
        """Return the amount of a call, if one was given."""
        return {"quantity": _plain(self.line.quantity), "unit": self.line.unit} if self.line.quantity else {}

    @property
    def addition(self) -> dict[str, Any]:
        amount = {"quantity": _plain(self.line.quantity), "unit": self.line.unit}
        return {"name": self.line.name, **amount, "category": guess_category(self.line.name)}

    @property
    def price(self) -> str | None:
        return None if self.line.price is None else str(self.line.price)


def read_items(frame: Frame, vocabulary: Vocabulary, *, listed: bool) -> list[Item]:
    """Return the items with the names that the home has for them; “it” is what the last answer was about."""
    items, people = [], {name.casefold() for name in vocabulary.members}
    written = _written(frame, vocabulary)
    for thing in _with_descriptions(frame.things, vocabulary):
        if not _LETTER.search(thing.name):
            continue  # a number is no item
        name = vocabulary.topic if thing.name.casefold() in _VAGUE else thing.name
        name = vocabulary.own_name(name)
        home_name = find_item(name, vocabulary.on_list, partly=listed) or find_item(name, vocabulary.items)
        if name and name.casefold() not in people:
            line = read_line(thing, home_name or name, vocabulary.currency)
            if (exact := written.get(thing.name)) is not None:
                is_same = normalize(exact.name) == normalize(thing.name)
                has_notes = len(exact.name) > len(thing.name)  # “packed brown sugar”
                note = exact.note or ("" if has_notes or is_amount(line.note) else line.note)
                exact_name = vocabulary.own_name(exact.name)
                own = find_item(exact_name, vocabulary.on_list) or find_item(exact_name, vocabulary.items)
                line = replace(exact, name=line.name if is_same else own or exact.name, note=note)
            items.append(Item(thing, line))
    return items


def _with_descriptions(things: Sequence[Thing], vocabulary: Vocabulary) -> list[Thing]:
    """Return the things; what only describes the one before, as “deveined”, is among its notes."""
    described: list[Thing] = []
    for thing in things:
        is_own = normalize(thing.name) in vocabulary.aliases or find_item(thing.name, vocabulary.items) is not None
        if described and not thing.quantity and not thing.price and not is_own and is_description(thing.name):
            described[-1] = replace(described[-1], notes=[*described[-1].notes, thing.name, *thing.notes])
        else:
            described.append(thing)
    return described


def _written(frame: Frame, vocabulary: Vocabulary) -> dict[str, Line]:
    """Return the things by name as the list's field reads them, if it finds the same ones: it knows amounts exactly."""
    names = {*map(normalize, vocabulary.items), *vocabulary.aliases}
    if any(thing.price for thing in frame.things):
        return {}
    things = [thing for thing in frame.things if _LETTER.search(thing.name)]
    for stretch in frame.stretches:
        try:
            lines = parse_lines(stretch, names)
        except ActionError:  # too many for the field
            continue
        pairs = list(zip(things, lines, strict=False))
        if len(lines) == len(things) and all(map(_is_same_thing, things, lines)):
            return {thing.name: line for thing, line in pairs}
    return {}


def _is_same_thing(thing: Thing, line: Line) -> bool:
    """Return whether the line's name is the end of the thing's, as of “cans beans”, or has its notes, too."""
    marked, written = f" {normalize(thing.name)}", f" {normalize(line.name)}"
    notes = set(normalize(" ".join(thing.notes)).split())
    return marked.endswith(written) or (written.endswith(marked) and set(written.removesuffix(marked).split()) <= notes)


def read_line(thing: Thing, name: str, currency: str) -> Line:
    """Return the exact amount, price and note of a thing."""
    notes = ", ".join(thing.notes)
    is_much = f"{thing.quantity} {thing.unit}".strip().casefold() in _MUCH
    quantity, unit = ("", "") if is_much else (thing.quantity, thing.unit)
    return read_amount_words(name, quantity, unit, price=thing.price, note=notes, currency=currency)


def to_entities(items: Sequence[Item], confidence: float) -> tuple[Entity, ...]:
    entities = []
    for item in items:
        thing, line = item.thing, item.line
        for kind, words, value in (
            ("item", thing.name, line.name), ("quantity", thing.quantity, line.quantity), ("unit", thing.unit, line.unit),
            ("price", thing.price, line.price),
        ):  # fmt: skip
            if value is not None:
                norm = str(value)
                entities.append(Entity(kind, words or norm, confidence, norm if words and words != norm else None))
    return tuple(entities)


def _plain(quantity: Decimal | None) -> str | None:
    return None if quantity is None else str(quantity)
