"""Proposals: the calls of tools that a frame asks for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from groceries.parsing.categories import find_category, guess_category
from groceries.parsing.quantities import MAX_UNIT_LENGTH, parse_amount
from pixie.nlu.frames import Frame, Thing
from pixie.nlu.frequencies import find_frequency, find_thai_frequency
from pixie.nlu.outcome import SURE, Entity, Proposal, Reading, call
from pixie.nlu.questions import period
from pixie.nlu.reminders import PLAN, read_plan
from pixie.nlu.shopping import confirmation_question
from pixie.nlu.vocabulary import Vocabulary, find_item

# What tells apart calls of one intent.
_ALL = re.compile(r"\b(?:all|everything|every thing|the lot|alles|todo)\b|ทั้งหมด|ทุกอย่าง|หมดเลย|ครบ", re.I)
_AT_HOME = re.compile(r"\b(?:have|has|got|there(?:'s| is| are)|haben|hay|tenemos)\b|(?:มี|เหลือ).*(?:อยู่|แล้ว)", re.I)
_WHO = re.compile(r"\b(?:who|whose|wer|qui[eé]n)\b|ใคร", re.I)
_BOUGHT = re.compile(
    r"\b(?:buy|bought|purchased?|paid|cost|gekauft|compr\w+)\b|\blast (?:get|got|time)\b|ซื้อ.*(?:เมื่อไหร่|ไปแล้ว|ล่าสุด|อะไร)",
    re.I,
)
_HOW_MANY = re.compile(r"\bhow many (?:things|items)\b|กี่อย่าง", re.I)
_VAGUE = frozenset(
    "it that this them those these thing things stuff something anything one ones มัน นี่ นั่น อันนั้น อันนี้".split()
)

Build = Callable[[Frame, str, Vocabulary, float], Reading | None]


def propose(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Return the reading of a frame: what to call, and what to ask where a call lacks something."""
    build = _BUILDERS.get(frame.intent)
    reading = build(frame, text, vocabulary, confidence) if build else None
    return replace(reading, intent=frame.intent) if reading else Reading(frame.intent, confidence)


# Things


def _names(frame: Frame, vocabulary: Vocabulary, *, listed: bool) -> list[tuple[Thing, str]]:
    """Return the things with the names that the home has for them; “it” is what the last answer was about."""
    pairs = []
    for thing in frame.things:
        name = vocabulary.topic if thing.name.casefold() in _VAGUE else thing.name
        known = find_item(name, vocabulary.on_list, partly=listed) or find_item(name, vocabulary.items)
        if name:
            pairs.append((thing, known or name))
    return pairs


def read_amount(thing: Thing) -> tuple[Decimal | None, str | None, str]:
    """Return the quantity, the unit, and the words of an amount that is none."""
    words = f"{thing.quantity} {thing.unit}".strip()
    if not words:
        return None, None, ""
    amount = parse_amount(f"{words} x")
    if amount.rest.strip() == "x" and (amount.quantity is not None or amount.unit):
        return amount.quantity, amount.unit, ""
    number = parse_amount(f"{thing.quantity} x") if thing.quantity else None
    if number is None or number.quantity is None or number.rest.strip() != "x":
        return None, None, words
    return number.quantity, thing.unit[:MAX_UNIT_LENGTH] or None, ""


def _price(text: str) -> str | None:
    digits = re.search(r"\d{1,6}(?:[.,]\d{1,2})?", text)
    return digits[0].replace(",", ".") if digits else None


def _note(thing: Thing, rest: str, *more: str) -> str:
    return ", ".join(filter(None, [*thing.notes, rest, *more]))


def _entities(pairs: Sequence[tuple[Thing, str]], confidence: float) -> tuple[Entity, ...]:
    entities = []
    for thing, name in pairs:
        quantity, unit, _rest = read_amount(thing)
        entities.append(Entity("item", thing.name, confidence, name if name != thing.name else None))
        for kind, words, value in (("quantity", thing.quantity, quantity), ("unit", thing.unit, unit)):
            if value is not None:
                norm = str(value)
                entities.append(Entity(kind, words or norm, confidence, norm if words and words != norm else None))
        if thing.price and (price := _price(thing.price)):
            entities.append(Entity("price", thing.price, confidence, price))
    return tuple(entities)


def _each(
    tool: str, pairs: Sequence[tuple[Thing, str]], payloads: Sequence[dict[str, Any]], confidence: float
) -> Reading:
    actions = tuple(Proposal(tool, payload, confidence) for payload in payloads)
    question = confirmation_question(actions) if confidence < SURE else None
    return Reading(tool, confidence, _entities(pairs, confidence), actions, question)


# The list


def _add(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    pairs = _names(frame, vocabulary, listed=False)
    if not pairs:
        return Reading("add_item", 0.5, question=_("What should go on the list?"))
    shared = _given(list=frame.word("list"), store=frame.word("store"))
    payloads = []
    for thing, name in pairs:
        quantity, unit, rest = read_amount(thing)
        details = _given(note=_note(thing, rest), price=_price(thing.price))
        payload = {"name": name, "quantity": _plain(quantity), "unit": unit, "category": guess_category(name)}
        payloads.append(payload | details | shared)
    return _each("add_item", pairs, payloads, confidence)


def _mark(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    pairs = _names(frame, vocabulary, listed=True)
    if not pairs and (_ALL.search(text) or frame.words.get("kept")):
        return call("mark_all_purchased", _given(list=frame.word("list"), keep=frame.words.get("kept")), confidence)
    if not pairs:
        return Reading("mark_purchased", 0.5, question=_("What did you get?"))
    payloads = []
    for thing, name in pairs:
        quantity, unit, _rest = read_amount(thing)
        amount = {"quantity": _plain(quantity), "unit": unit} if quantity is not None else {}
        payloads.append({"name": name} | amount | _given(price=_price(thing.price)))
    return _each("mark_purchased", pairs, payloads, confidence)


def _remove(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    pairs = _names(frame, vocabulary, listed=True)
    if not pairs and (_ALL.search(text) or frame.words.get("kept")):
        return _clear(frame, text, vocabulary, confidence)
    if not pairs:
        return Reading("remove_item", 0.5, question=_("What should come off the list?"))
    tool = "have_at_home" if _AT_HOME.search(text) else "remove_item"
    payloads = [{"name": name} | _given(list=frame.word("list")) for _thing, name in pairs]
    return _each(tool, pairs, payloads, confidence)


def _clear(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    return call("clear_list", _given(list=frame.word("list"), keep=frame.words.get("kept")), confidence)


def _change(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    if frame.words.get("event") or frame.words.get("task"):
        return PLAN
    things = frame.things or _topic(frame, vocabulary)
    pairs = _names(replace(frame, things=things), vocabulary, listed=True)
    if not pairs:
        return Reading("change_item", 0.5, question=_("What should I change?"))
    if old := frame.word("old"):
        return _swap(old, pairs, vocabulary, confidence)
    if to_list := frame.word("list"):
        payloads = [{"name": name, "to_list": to_list} for _thing, name in pairs]
        return _each("move_item", pairs, payloads, confidence)
    if aisle := frame.word("category"):
        return _each("set_aisle", pairs, [{"name": name, "category": aisle} for _thing, name in pairs], confidence)
    payloads = []
    for thing, name in pairs:
        quantity, unit, rest = read_amount(thing)
        details = _given(note=_note(thing, rest), store=frame.word("store"), price=_price(thing.price))
        if quantity is None and not details:
            question = format_lazy(_("What should I change about {item}?"), item=name)
            return Reading("change_item", 0.5, _entities([(thing, name)], 0.5), question=question)
        payloads.append({"name": name, "quantity": _plain(quantity), "unit": unit} | details)
    return _each("change_item", pairs, payloads, confidence)


def _topic(frame: Frame, vocabulary: Vocabulary) -> tuple[Thing, ...]:
    """Return what the last answer was about, with the amount or note of a message without an item: “make it 4 kg”."""
    quantity, _mark, unit = frame.word("quantity").partition("\x1f")
    unit, notes = unit or frame.word("unit"), frame.words.get("note", [])
    is_amount = quantity or unit or notes or frame.words.get("old") or frame.words.get("list")
    return (Thing(vocabulary.topic, quantity, unit, notes=notes),) if vocabulary.topic and is_amount else ()


def _swap(old: str, pairs: Sequence[tuple[Thing, str]], vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read “butter instead of margarine”. Of several new things the first takes the old one's place."""
    name = find_item(old, vocabulary.on_list, partly=True) or old
    calls = []
    for number, (thing, new) in enumerate(pairs):
        quantity, unit, rest = read_amount(thing)
        details = _given(quantity=_plain(quantity), unit=unit, note=_note(thing, rest))
        payload = {"name": new, "category": guess_category(new)} if number else {"name": name, "new": new}
        calls.append(Proposal("add_item" if number else "swap_item", payload | details, confidence))
    return Reading("change_item", confidence, _entities(pairs, confidence), tuple(calls))


def _recur(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    frequency = find_frequency(text) or find_thai_frequency(text)
    pairs = _names(frame, vocabulary, listed=False)
    if not pairs:
        return PLAN
    if frequency is None:
        question = format_lazy(_("How often should {item} come back?"), item=pairs[0][1])
        return Reading("set_recurring", 0.5, _entities(pairs, 0.5), question=question)
    payloads = []
    for thing, name in pairs:
        quantity, unit, _rest = read_amount(thing)
        amount = {"quantity": _plain(quantity), "unit": unit} if quantity is not None else {}
        payloads.append({"name": name, "frequency": frequency.nearest, "rrule": frequency.rrule, **amount})
    reading = _each("set_recurring", pairs, payloads, confidence)
    return replace(reading, entities=(*reading.entities, frequency.entity()))


def _list(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read a question about the list: who added a thing, when it was bought, whether it is there, or what is there."""
    pairs, person = _names(frame, vocabulary, listed=True), _member(frame, vocabulary)
    named = [name for _thing, name in pairs] or ([vocabulary.topic] if vocabulary.topic and _WHO.search(text) else [])
    entities, sure = _entities(pairs, confidence), _read(confidence)
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
    if category := find_category(frame.word("category").casefold()):
        payload["category"] = category
    return call("budget_query", payload, _read(confidence))


# Plans, memory and the rest


def _plan(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    reading = read_plan(text, vocabulary, asks=frame.intent.startswith("list_"))
    return reading if reading is not None and reading.actions and not frame.intent.startswith("list_") else PLAN


def _search(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
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
    if pairs := _names(frame, vocabulary, listed=False):
        return _each("put_back", pairs, [{"name": name} for _thing, name in pairs], confidence)
    return call("undo", {}, confidence)


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
