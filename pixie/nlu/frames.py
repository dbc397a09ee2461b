"""Frames: what a message wants and of which things, from the words that the network has marked."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from groceries.parsing.entries import parse_lines
from groceries.parsing.quantities import normalize_unit, parse_amount
from groceries.parsing.units import UNITS
from pantry.spoken import with_digits
from pixie.nlu.corpus import Span

_BREAK = re.compile(r"[;&+/\n]|[,.](?!\d)|\b(?:and|n|plus|also|und|y)\b|และ|กับ", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_ARTICLE = re.compile(r"\A(?:(?:an?|the|some|any|more|zero|my|our|those|these|that|this)\s+)+(?=\S)", re.IGNORECASE)
_LINK = re.compile(
    r"(?<!\s)\s++(?:and|or|und|oder|y|e|o|hinzu|dazu)\Z|(?<!\s)\s*+(?:และ|กับ|หรือ)\Z", re.IGNORECASE
)  # behind a name
_UNIT_AND = re.compile(r"([^\W\d]{1,20}) (?:plus|and|\+|&)", re.IGNORECASE)
_PRICE = r"([^\s\d]{0,4}\d[\d.,]{0,12}[^\s\d]{0,6})"
_TWO_PRICES = re.compile(rf"{_PRICE} (?:and|und|y|&|และ|กับ) {_PRICE}", re.IGNORECASE)
_LINKED = re.compile(r"(?<!\s)\s++(?:and|&|und|y)\s++", re.IGNORECASE)
_BARE_NUMBER = re.compile(r"\d[\d.,]*\Z")
_END_LINK = re.compile(r"(?<!\s)\s++(?:and|or|und|y|e)\Z", re.IGNORECASE)
_EACH = re.compile(
    r"(?<!\s)\s*+(?:each|apiece|ea\b|a piece|per \w+|/ ?\w+|cada un[oa]|je Stück|ต่อ\S+)", re.IGNORECASE
)  # of a price
_OF_THING = ("quantity", "unit", "price", "note")
# What stands between an item and a word costs: a sign or “and”, another item, each word; and a little, if the message
# begins with the other order: “milk 2, bread 3” against “2 milk, 3 bread”.
_BREAK_COST, _ITEM_COST, _WORD_COST, _ORDER_COST = 5.0, 6.0, 1.0, 0.4
_MAX_UNIT_GAP = 2  # characters between a number and its unit


@dataclass(slots=True)
class Thing:
    """An item of a message and what belongs to it, in the message's words."""

    name: str
    quantity: str = ""
    unit: str = ""
    price: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def amount(self) -> str:
        return f"{self.quantity} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Frame:
    """A message or sentence, as what it wants and of which things.

    `words` are the other marked words by their label, in order; `unused` are numbers that belong to nothing; `stretches`
    are parts of the text that tell of things and of nothing else; `shares_price` is whether one price stands behind
    several things.
    """

    intent: str
    things: tuple[Thing, ...] = ()
    words: dict[str, list[str]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    stretches: tuple[str, ...] = ()
    shares_price: bool = False

    def word(self, label: str) -> str:
        """Return the first words of a label, or an empty string."""
        return next(iter(self.words.get(label, ())), "")


def build(text: str, intent: str, spans: Sequence[Span]) -> Frame:
    """Return the frame of a text. Each amount, price and note goes to the item that it costs least to reach."""
    marked = spans = _as_amounts(text, _joined(text, _split(spans)))
    items = [span for span in spans if span.label == "item"]
    things = [Thing(_name(span.value)) for span in items]
    words: dict[str, list[str]] = {}
    unlinked: list[Span] = []
    prices = _prices_behind(spans, items)
    if prices and len(prices) == len(items):  # “milk and rice, 35 and 89”
        for each, span in zip(things, prices, strict=True):
            each.price = _END_LINK.sub("", span.value.strip())
        spans = [span for span in spans if span.label != "price"]
    first = min(
        spans, key=lambda span: span.start if span.label in ("item", "quantity", "price") else len(text), default=None
    )
    items_first = first is not None and first.label == "item"
    for span in _nearest_prices_first(text, _amounts(text, spans), items):
        if span.label not in _OF_THING:
            if span.label != "item":
                words.setdefault(span.label, []).append(span.value.strip())
        elif thing := _nearest(text, span, items, things, items_first=items_first, corrects=intent == "change_item"):
            _attach(thing, span, corrects=intent == "change_item")
        else:
            unlinked.append(span)
    for span in unlinked:
        words.setdefault(span.label, []).append(span.value.strip())
    shares_price = len(items) > len(prices) == 1
    left = tuple(span.value.replace("\x1f", " ") for span in unlinked if things)  # “eggs for 60, 35”
    return Frame(intent, tuple(things), words, (*_unused(text, marked), *left), _stretches(text, marked), shares_price)


def _nearest_prices_first(text: str, spans: Sequence[Span], items: Sequence[Span]) -> list[Span]:
    """Return the spans with the prices at the end: first the price that stands nearest to an item, so that of two prices
    the item gets its own."""
    prices = [span for span in spans if span.label == "price"]
    prices.sort(key=lambda span: min((_cost(text, span, item, items, True) for item in items), default=0.0))
    return [*(span for span in spans if span.label != "price"), *prices]


def _joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """Join neighbouring items that are one: “mac” and “cheese”, and, where signs separate the items, a brand and its
    product with only a space between."""
    ordered = sorted(spans, key=lambda span: span.start)
    items = [span for span in ordered if span.label == "item"]
    gaps = [text[first.end : second.start] for first, second in itertools.pairwise(items)]
    has_signs = any(_BREAK.search(gap) for gap in gaps)
    joined: list[Span] = []
    for span in ordered:
        last = joined[-1] if joined else None
        if last is not None and last.label == span.label == "item":
            gap, whole = text[last.end : span.start], f"{last.value} and {span.value}"
            if has_signs and gap.strip(" -") == "" and "  " not in gap:
                joined[-1] = Span("item", last.start, span.end, f"{last.value}{gap}{span.value}")
                continue
            if gap.casefold().strip() in ("and", "&", "n", "'n'") and len(parse_lines(whole)) == 1:
                joined[-1] = Span("item", last.start, span.end, whole)
                continue
        joined.append(span)
    return joined


def _as_amounts(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans with bare numbers that stand before a unit or an item as quantities: “99999 g of rice” has no
    price. What is no unit is an item, if no other follows: “400 melons”, “2 eggs, 1 kg of pork”."""
    spans = [
        replace(span, label="item")
        if span.label == "unit" and normalize_unit(span.value) not in UNITS and not _has_item_behind(text, span, spans)
        else span
        for span in spans
    ]
    spans = [_trimmed(span) for span in spans]
    starts = {span.start for span in spans if span.label in ("unit", "item")}
    return [
        replace(span, label="quantity")
        if span.label == "price" and _is_bare_number(span.value) and _next_word(text, span.end) in starts
        else span
        for span in spans
    ]


def _is_bare_number(words: str) -> bool:
    return _BARE_NUMBER.match(words) is not None or with_digits(words).isdecimal()


def _trimmed(span: Span) -> Span:
    """Return “cup plus”, of “1 cup plus 2 tablespoons”, as the unit that it is."""
    unit = _UNIT_AND.fullmatch(span.value) if span.label == "item" else None
    if unit is None or normalize_unit(unit[1]) not in UNITS:
        return span
    return Span("unit", span.start, span.start + len(unit[1]), unit[1])


def _split(spans: Sequence[Span]) -> list[Span]:
    """Return the spans with “35 and 89” as two prices, and “salt and pepper” as two items."""
    parts: list[Span] = []
    for span in spans:
        if span.label == "item" and (things := _two_items(span)):
            parts += things
            continue
        two = _TWO_PRICES.fullmatch(span.value) if span.label == "price" else None
        if two is None or span.end - span.start != len(span.value):
            parts.append(span)
        else:
            first, second = (Span("price", span.start + two.start(n), span.start + two.end(n), two[n]) for n in (1, 2))
            parts += [first, second]
    return parts


def _two_items(span: Span) -> list[Span]:
    """Return the two items that were marked as one; none for “mac and cheese”."""
    link = _LINKED.search(span.value) if span.end - span.start == len(span.value) else None
    if link is None or len(parse_lines(span.value)) != 2:
        return []
    first, second = span.value[: link.start()], span.value[link.end() :]
    return [
        Span("item", span.start, span.start + link.start(), first),
        Span("item", span.start + link.end(), span.end, second),
    ]


def _has_item_behind(text: str, unit: Span, spans: Sequence[Span]) -> bool:
    """Return whether an item is marked behind the unit, or before it, with nothing between that separates items."""
    items = [span for span in spans if span.label == "item"]
    gaps = [text[unit.end : item.start] if item.start >= unit.end else text[item.end : unit.start] for item in items]
    return any(not _BREAK.search(gap) for gap in gaps)


def _next_word(text: str, end: int) -> int:
    return end + len(text[end:]) - len(text[end:].lstrip())


def _amounts(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans in order, with each unit joined to the number before it, as “quantity” with both, and “each” to
    the price before it."""
    joined: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        last = joined[-1] if joined else None
        if (
            span.label == "unit"
            and last is not None
            and last.label == "quantity"
            and span.start - last.end <= _MAX_UNIT_GAP
        ):
            joined[-1] = Span("quantity", last.start, span.end, f"{last.value}\x1f{span.value}")
        elif span.label == "price" and (each := _EACH.match(text, span.end)):
            joined.append(Span("price", span.start, each.end(), f"{span.value}{each[0]}"))
        else:
            joined.append(span)
    return joined


def _prices_behind(spans: Sequence[Span], items: Sequence[Span]) -> list[Span]:
    """Return the prices, if they all stand behind several items."""
    prices = [span for span in spans if span.label == "price"]
    is_behind = len(items) > 1 and prices and prices[0].start >= items[-1].end
    return prices if is_behind else []


def _name(words: str) -> str:
    return _LINK.sub("", _ARTICLE.sub("", words.strip())) or words.strip()


def _nearest(
    text: str, span: Span, items: Sequence[Span], things: Sequence[Thing], *, items_first: bool, corrects: bool
) -> Thing | None:
    """Return the thing that a span belongs to: the nearest that has no other of its label. The nearest one can have a
    second amount, if one of both is the size of a piece, or if the message corrects the first one."""
    by_cost = sorted(range(len(things)), key=lambda number: _cost(text, span, items[number], items, items_first))
    nearest = things[by_cost[0]] if things else None
    if nearest is not None and span.label == "quantity" and nearest.quantity:
        is_size = _is_measure(nearest.amount) != _is_measure(span.value)
        if corrects or is_size:
            return nearest
    return next((things[number] for number in by_cost if _is_free(things[number], span)), None)


def _is_measure(amount: str) -> bool:
    unit = parse_amount(amount.replace("\x1f", " ")).unit
    return unit in UNITS and UNITS[unit].dimension in ("mass", "volume", "length")


def _is_free(thing: Thing, span: Span) -> bool:
    if span.label == "note":
        return True
    if span.label == "quantity":
        return not (thing.quantity or "\x1f" in span.value and thing.unit)
    return not getattr(thing, span.label)


def _cost(text: str, span: Span, item: Span, items: Sequence[Span], items_first: bool) -> float:
    first, second = sorted((span, item), key=lambda each: each.start)
    between = text[first.end : second.start]
    crossed = sum(first.end <= other.start < second.start for other in items if other is not item)
    cost = _BREAK_COST * len(_BREAK.findall(between)) + _ITEM_COST * crossed + _WORD_COST * len(between.split())
    return cost + (_ORDER_COST if items_first != (item.start < span.start) else 0)


def _attach(thing: Thing, span: Span, *, corrects: bool) -> None:
    if span.label == "note":
        thing.notes.append(span.value.strip())
    elif span.label == "price":
        thing.price = _END_LINK.sub("", span.value.strip())
    elif span.label == "unit":
        thing.unit = span.value.strip()
    elif thing.quantity and not corrects and _is_measure(span.value):
        thing.notes.append(span.value.replace("\x1f", " "))
    else:
        if thing.quantity and not corrects:
            thing.notes.append(thing.amount)
            thing.unit = ""
        thing.quantity, _mark, unit = span.value.partition("\x1f")
        thing.unit = unit or thing.unit


def _stretches(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the text from the first word about a thing to the end, and to the last one, if it is about nothing else."""
    about = [span for span in spans if span.label in ("item", *_OF_THING)]
    if not about:
        return ()
    start, end = min(span.start for span in about), max(span.end for span in about)
    others = [span.start for span in spans if span.label not in ("item", *_OF_THING) and span.start > start]
    ends = [len(text), end] if not others else [end] if min(others) >= end else []
    return tuple(text[start:each].rstrip(" .!?") for each in ends)


def _unused(text: str, spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the numbers outside of all marked words."""
    return tuple(
        match[0]
        for match in _NUMBER.finditer(text)
        if not any(span.start < match.end() and span.end > match.start() for span in spans)
    )
