"""Proposals: the calls of tools that a frame asks for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from groceries.parsing.categories import find_category, guess_category
from groceries.parsing.entries import Line, parse_lines, read_amount_words
from groceries.parsing.names import normalize
from groceries.parsing.quantities import is_amount
from pantry.errors import ActionError
from pixie.nlu.chatting import read_message_question
from pixie.nlu.corpus import INTENTS
from pixie.nlu.doubts import TAKES, is_doubtful
from pixie.nlu.frames import Frame, Thing
from pixie.nlu.frequencies import find_frequency, find_thai_frequency
from pixie.nlu.outcome import (
    CHANGES,
    SURE,
    Entity,
    Proposal,
    Reading,
    call,
    confirmation_question,
    lower_confidence,
)
from pixie.nlu.phrases import ASKS_WHETHER, ENDS, FORBIDS, IF_NOT, UNNEEDED
from pixie.nlu.questions import period, spending_category
from pixie.nlu.reminders import PLAN
from pixie.nlu.vocabulary import Vocabulary, find_item

# What tells apart calls of one intent.
_ALL = re.compile(r"\b(?:all|everything|every thing|the lot|alles|todo)\b|ทั้งหมด|ทุกอย่าง|หมดเลย|ครบ", re.I)
_AT_HOME = re.compile(
    r"\b(?:have|has|got|there(?:'s| is| are)|haben|hay|tenemos)\b|\A(?>.*?(?:มี|เหลือ)).*(?:อยู่|แล้ว)", re.I
)
_WHO = re.compile(r"\b(?:who|whose|wer|qui[eé]n)\b|ใคร", re.I)
_BOUGHT = re.compile(
    r"\b(?:buy|bought|purchased?|paid|cost|gekauft|compr\w+)\b|\blast (?:get|got|time)\b|\A(?>.*?ซื้อ).*(?:เมื่อไหร่|ไปแล้ว|ล่าสุด|อะไร)",
    re.I,
)
_HOW_MANY = re.compile(r"\bhow many (?:things|items)\b|กี่อย่าง", re.I)
_VAGUE = frozenset(
    "it that this them those these thing things stuff something anything one ones มัน นี่ นั่น อันนั้น อันนี้".split()
)

_LETTER = re.compile("[^\\W\\d_]|[\U0001f000-\U0001ffff]")  # or an emoji

_TASK_LIST = re.compile(r"\b(?:to[- ]?dos?|tasks?|chores?|things to do|reminders?|errands?|jobs?)\b", re.I)
_OPEN_AMOUNT = re.compile(r"\d\s+(?:and|or)\s+\d+(?![\d/])")  # “5 and 6 kg potatoes”
_UNDOES_THING = re.compile(r"\W*undo (?:the|my|a|your) (?!last|previous|change)", re.I)  # “undo the zip of the tent”
_LIKELY = 0.6  # of a question that is answered; below it is not understood
_BUYING = frozenset(("add_item", "mark_purchased", "set_recurring"))

Build = Callable[[Frame, str, Vocabulary, float], Reading | None]


def propose(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Return the reading of a frame: what to call, and what to ask where a call lacks something."""
    build = _BUILDERS.get(frame.intent)
    buys = frame.things and frame.intent in _BUYING
    is_date = not frame.things and bool(frame.words.get("event") or frame.words.get("task"))
    if _TASK_LIST.search(frame.word("list")) or is_date and frame.intent in _BUYING | TAKES:
        return PLAN
    if buys and (FORBIDS.match(text) or UNNEEDED.match(text)):
        build = _remove
    elif buys and ASKS_WHETHER.search(text):
        build = _list
    reading = build(frame, text, vocabulary, confidence) if build else None
    if reading is None:
        return Reading(frame.intent, confidence)
    if any(action.type in CHANGES for action in reading.actions):
        is_bought = buys and build is not _remove and (FORBIDS.search(text) or UNNEEDED.search(text))
        if is_bought or is_doubtful(frame, text):
            reading = lower_confidence(reading)
    elif (reading.actions or reading.question) and confidence < _LIKELY:
        return Reading("unclear", confidence)
    is_other = reading is PLAN or build is not _BUILDERS[frame.intent] or reading.intent in INTENTS
    return reading if is_other else replace(reading, intent=frame.intent)


# Items


@dataclass(frozen=True, slots=True)
class _Item:
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


def _items(frame: Frame, vocabulary: Vocabulary, *, listed: bool) -> list[_Item]:
    """Return the items with the names that the home has for them; “it” is what the last answer was about."""
    items, people = [], {name.casefold() for name in vocabulary.members}
    written = _written(frame, vocabulary)
    for thing in frame.things:
        if not _LETTER.search(thing.name):
            continue  # a number is no item
        name = vocabulary.topic if thing.name.casefold() in _VAGUE else thing.name
        home_name = find_item(name, vocabulary.on_list, partly=listed) or find_item(name, vocabulary.items)
        if name and name.casefold() not in people:
            line = read_line(thing, home_name or name, vocabulary.currency)
            if (exact := written.get(thing.name)) is not None:
                is_same = normalize(exact.name) == normalize(thing.name)
                has_notes = len(exact.name) > len(thing.name)  # “packed brown sugar”
                note = exact.note or ("" if has_notes or is_amount(line.note) else line.note)
                line = replace(exact, name=line.name if is_same else exact.name, note=note)
            items.append(_Item(thing, line))
    return items


def _written(frame: Frame, vocabulary: Vocabulary) -> dict[str, Line]:
    """Return the things by name as the list's field reads them, if it finds the same ones: it knows amounts exactly."""
    names = {normalize(name) for name in vocabulary.items}
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
    return read_amount_words(name, thing.quantity, thing.unit, price=thing.price, note=notes, currency=currency)


def _entities(items: Sequence[_Item], confidence: float) -> tuple[Entity, ...]:
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


def _each(tool: str, items: Sequence[_Item], payloads: Sequence[dict[str, Any]], confidence: float) -> Reading:
    actions = tuple(Proposal(tool, payload, confidence) for payload in payloads)
    question = confirmation_question(actions) if confidence < SURE else None
    return Reading(tool, confidence, _entities(items, confidence), actions, question)


# The list


def _add(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    items = _items(frame, vocabulary, listed=False)
    if not items:
        return Reading("add_item", 0.5, question=_("What should go on the list?"))
    if IF_NOT.match(text):  # “Is butter on the list? If not, add it”
        names = [item.line.name for item in items if item.line.name in vocabulary.on_list]
        if names:
            return _each("item_on_list", items, [{"name": name} for name in names], _read(confidence))
    shared = _given(list=frame.word("list"), store=frame.word("store"))
    payloads = [item.addition | _given(note=item.line.note, price=item.price) | shared for item in items]
    reading = _each("add_item", items, payloads, confidence)
    return lower_confidence(reading) if _OPEN_AMOUNT.search(text) else reading


def _mark(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    items = _items(frame, vocabulary, listed=True)
    if not items and _ALL.search(text):
        return call("mark_all_purchased", _given(list=frame.word("list"), keep=frame.words.get("kept")), confidence)
    if not items:
        return Reading("mark_purchased", 0.5, question=_("What did you get?"))
    prices = ["" if frame.shares_price else item.price for item in items]
    payloads = [
        {"name": item.line.name} | item.amount | _given(price=price) for item, price in zip(items, prices, strict=True)
    ]
    reading = _each("mark_purchased", items, payloads, confidence)
    is_unclear = any(item.thing.price and not price for item, price in zip(items, prices, strict=True))
    return lower_confidence(reading) if is_unclear else reading


def _remove(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    if not frame.things and not _ALL.search(text):  # “no lardons” mentions what must not be bought
        frame = replace(frame, things=tuple(Thing(name) for name in frame.words.get("kept", ())))
    items = _items(frame, vocabulary, listed=True)
    if not items and _ALL.search(text):
        return _clear(frame, text, vocabulary, confidence)
    if not items:
        return Reading("remove_item", 0.5, question=_("What should come off the list?"))
    tool = "have_at_home" if _AT_HOME.search(text) else "remove_item"
    place = _given(list=frame.word("list")) if tool == "remove_item" else {}
    is_listed = any(item.line.name in vocabulary.on_list for item in items)
    if FORBIDS.search(text) or UNNEEDED.search(text):  # the tool says that it is not there
        confidence = confidence if is_listed else _read(confidence)
    reading = _each(tool, items, [{"name": item.line.name} | place for item in items], confidence)
    return lower_confidence(reading) if is_listed and FORBIDS.search(text) else reading


def _clear(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    return call("clear_list", _given(list=frame.word("list"), keep=frame.words.get("kept")), confidence)


def _change(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    items = _items(replace(frame, things=frame.things or _topic(frame, vocabulary)), vocabulary, listed=True)
    if not items:
        return Reading("change_item", 0.5, question=_("What should I change?"))
    if old := frame.word("old"):
        return _swap(old, items, vocabulary, confidence)
    if to_list := frame.word("list"):
        payloads = [{"name": item.line.name, "to_list": to_list} for item in items]
        return _each("move_item", items, payloads, confidence)
    if aisle := frame.word("category"):
        payloads = [{"name": item.line.name, "category": aisle} for item in items]
        return _each("set_aisle", items, payloads, confidence)
    if len(items) == 2 and not any(item.amount or item.thing.notes for item in items):  # “lamb → mutton”
        return _swap(items[0].line.name, items[1:], vocabulary, confidence)
    store = frame.word("store")
    changes = [item.amount | _given(note=item.line.note, store=store, price=item.price) for item in items]
    for item, change in zip(items, changes, strict=True):
        if not change:
            question = format_lazy(_("What should I change about {item}?"), item=item.line.name)
            return Reading("change_item", 0.5, _entities([item], 0.5), question=question)
    payloads = [{"name": item.line.name} | change for item, change in zip(items, changes, strict=True)]
    return _each("change_item", items, payloads, confidence)


def _topic(frame: Frame, vocabulary: Vocabulary) -> tuple[Thing, ...]:
    """Return what the last answer was about, with the amount or note of a message without an item: “make it 4 kg”."""
    quantity, _mark, unit = frame.word("quantity").partition("\x1f")
    unit, notes = unit or frame.word("unit"), frame.words.get("note", [])
    is_amount = quantity or unit or notes or frame.words.get("old") or frame.words.get("list")
    return (Thing(vocabulary.topic, quantity, unit, notes=notes),) if vocabulary.topic and is_amount else ()


def _swap(old: str, items: Sequence[_Item], vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read “butter instead of margarine”. Of several new things the first takes the old one's place."""
    name = find_item(old, vocabulary.on_list, partly=True) or old
    first, *others = items
    swap = {"name": name, "new": first.line.name} | first.amount | _given(note=first.line.note)
    calls = [Proposal("swap_item", swap, confidence)]
    calls += [Proposal("add_item", item.addition | _given(note=item.line.note), confidence) for item in others]
    return Reading("change_item", confidence, _entities(items, confidence), tuple(calls))


def _recur(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    frequency = find_frequency(text) or find_thai_frequency(text)
    things = frame.things or (
        (Thing(vocabulary.topic),) if frequency and vocabulary.topic else ()
    )  # “every 3 weeks then”
    items = _items(replace(frame, things=things), vocabulary, listed=False)
    if ENDS.match(text):
        return Reading("unclear", confidence)
    if not items:
        return PLAN
    if frequency is None:
        question = format_lazy(_("How often should {item} come back?"), item=items[0].line.name)
        return Reading("set_recurring", 0.5, _entities(items, 0.5), question=question)
    rule = {"frequency": frequency.nearest, "rrule": frequency.rrule}
    reading = _each(
        "set_recurring", items, [{"name": item.line.name} | rule | item.amount for item in items], confidence
    )
    reading = replace(reading, entities=(*reading.entities, frequency.entity()))
    return reading if frequency.name == frequency.nearest else lower_confidence(reading)  # no such rule on the list


def _list(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read a question about the list: who added a thing, when it was bought, whether it is there, or what is there."""
    if frame.things and IF_NOT.match(text):
        return replace(_add(frame, text, vocabulary, confidence), intent="add_item")
    items, person = _items(frame, vocabulary, listed=True), _member(frame, vocabulary)
    named = [item.line.name for item in items] or ([vocabulary.topic] if vocabulary.topic and _WHO.search(text) else [])
    entities, sure = _entities(items, confidence), _read(confidence)
    if named:
        tool = "who_added" if _WHO.search(text) else "purchases" if _BOUGHT.search(text) else "item_on_list"
        calls = tuple(Proposal(tool, {"name": name} | _given(list=frame.word("list") if tool != "purchases" else ""), sure)
                      for name in named)  # fmt: skip
        return Reading("list_items", sure, entities, calls)
    category = find_category(frame.word("category").casefold())
    payload = _given(list=frame.word("list"), member=person, category=category)
    return call("list_items", payload | ({"count_only": True} if _HOW_MANY.search(text) else {}), sure, entities)


def _member(frame: Frame, vocabulary: Vocabulary) -> str:
    names = {name.casefold(): name for name in vocabulary.members}
    return next((names[word.casefold()] for word in frame.words.get("person", ()) if word.casefold() in names), "")


def _budget(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    payload = {"period": period(text)}
    if category := spending_category(frame.word("category")):
        payload["category"] = category
    return call("budget_query", payload, _read(confidence))


# Plans, memory and the rest


def _plan(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    return PLAN


def _search(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    if reading := read_message_question(text, vocabulary):
        return reading
    person, sure = _member(frame, vocabulary), _read(confidence)
    about = [thing.name for thing in frame.things] or frame.words.get("query", [])
    names = [name for word in about if (name := find_item(word, vocabulary.items, partly=True))]
    if _BOUGHT.search(text) and (names or person and not about):
        return call("purchases", _given(name=names[0] if names else "", member=person), sure)
    return call("search_memory", {"query": text.strip(" ?!.")}, sure)


def _remember(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    content = frame.word("query") or text
    return call("remember", {"content": content[:1].upper() + content[1:]}, confidence)


def _forget(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    return call("forget", {"query": query}, confidence) if (query := frame.word("query")) else None


def _undo(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read “undo”, or which thing to put back on the list."""
    if items := _items(frame, vocabulary, listed=False):
        return _each("put_back", items, [{"name": item.line.name} for item in items], confidence)
    return Reading("unclear", confidence) if _UNDOES_THING.match(text) else call("undo", {}, confidence)


def _read(confidence: float) -> float:
    """Return the confidence of a call that only reads, which needs no confirmation."""
    return max(confidence, 0.9)


def _given(**values: Any) -> dict[str, Any]:
    """Return the values that are not empty."""
    return {name: value for name, value in values.items() if value}


def _plain(quantity: Decimal | None) -> str | None:
    return None if quantity is None else str(quantity)


_BUILDERS: dict[str, Build] = {
    "add_item": _add, "mark_purchased": _mark, "remove_item": _remove, "clear_list": _clear, "change_item": _change, "set_recurring": _recur,
    "list_items": _list, "budget_query": _budget, "create_task": _plan, "create_event": _plan, "list_tasks": _plan,
    "list_events": _plan, "search_memory": _search, "remember": _remember, "forget": _forget, "undo": _undo,
}  # fmt: skip
