"""Proposals: the calls of tools that a frame asks for."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from groceries.parsing.categories import find_category
from groceries.parsing.impossible import why_impossible_in
from pantry.when.frequencies import find_frequency, find_thai_frequency
from pixie.nlu.chatting import read_message_question
from pixie.nlu.corpus import INTENTS
from pixie.nlu.doubts import TAKES, is_doubtful
from pixie.nlu.frames import Frame, Thing
from pixie.nlu.items import Item, read_items, to_entities
from pixie.nlu.outcome import (
    CHANGES,
    DOUBTFUL,
    SURE,
    Proposal,
    Reading,
    call,
    confirmation_question,
    frequency_entity,
    lower_confidence,
)
from pixie.nlu.phrases import (
    ASKS_WHETHER,
    ENDS,
    FORBIDS,
    IF_NOT,
    LEFT,
    LESS,
    MORE,
    ORDERED,
    RELATIVE,
    SAME,
    TAKEN_OFF,
    TOO,
    UNNEEDED,
)
from pixie.nlu.questions import period, spending_category
from pixie.nlu.reminders import PLAN
from pixie.nlu.vocabulary import Vocabulary, find_item

# What tells apart calls of one intent.
_ALL = re.compile(
    r"\b(?:all(?! (?:but (?:\d|one|two|three)|week|day|night|morning|month|year|the time|along|right|over|good|of a)\b)|everything|every thing|the lot|alles|todo)\b|ทั้งหมด|ทุกอย่าง|หมดเลย|ครบ",
    re.I,
)
_AT_HOME = re.compile(
    r"\b(?:have|has|got|there(?:'s| is| are)|haben|hay|tenemos)\b|\A(?>.*?(?:มี|เหลือ)).*(?:อยู่|แล้ว)", re.I
)
_WHO = re.compile(r"\b(?:who|whose|wer|qui[eé]n)\b|ใคร", re.I)
_BOUGHT = re.compile(
    r"\b(?:buy|bought|purchased?|paid|cost|gekauft|compr\w+)\b|\blast (?:get|got|time)\b|ใครซื้อ|\A(?>.*?ซื้อ).*(?:เมื่อไหร่|ไปแล้ว|ล่าสุด|อะไร)",
    re.I,
)
_NOTHING_BUT = re.compile(
    r"\b(?:(?:anything|nothing|none) (?:but|except|other than|apart from)|all but (?:\d|one|two|three|four|five|six|half))\b",
    re.I,
)
_HOW_MANY = re.compile(r"\bhow many (?:things|items)\b|กี่อย่าง", re.I)

# “Take it off”; Thai leaves the word out.
_IT = re.compile(r"\b(?:it|that|this|them|those|these|ihn|sie|es|das|lo|la|los|las)\b|[\u0e00-\u0e7f]", re.I)
_ONE_OF = re.compile(r"\b(?:one|some|two|three) of\b", re.I)
_THEM = re.compile(r"\b(?:them|those|these|both|sie|los|las)\b|ทั้งสอง|ทั้งหมดนั้น", re.I)
# “Swap it for butter”
_SWAPS = re.compile(r"\b(?:swap|switch|trade|replace|change) (?:it|that|them|em|'em|those)\b", re.I)
_TASK_LIST = re.compile(r"\b(?:to[- ]?dos?|tasks?|chores?|things to do|reminders?|errands?|jobs?)\b", re.I)
_OPEN_AMOUNT = re.compile(r"\d\s+(?:and|or)\s+\d+(?![\d/])")  # “5 and 6 kg potatoes”
_UNDOES_THING = re.compile(r"\W*undo (?:the|my|a|your) (?!last|previous|change)", re.I)  # “undo the zip of the tent”
_LIKELY = 0.6  # of a question that is answered; below it is not understood
_ADDS = re.compile(r"\b(?:add|need|want|get|buy|put)\b", re.I)
_REPEATS = 0.9  # confidence of “same for bread”
# The arguments of the last call that count for another thing, too.
_REPEATED = {
    "add_item": ("quantity", "unit", "store", "list"), "change_item": ("quantity", "unit", "note", "price", "store"),
    "set_recurring": ("frequency", "rrule"), "mark_purchased": (), "remove_item": ("list",), "have_at_home": (),
    "move_item": ("to_list",), "set_aisle": ("category",), "put_back": (),
}  # fmt: skip
_BUYING = frozenset(("add_item", "mark_purchased", "set_recurring"))

# What the message before was about, and labels that are about items all the same.
_PLANS = frozenset(("create_task", "create_event", "list_tasks", "list_events"))
_MEMORIES = frozenset(("remember", "search_memory", "forget"))
_OF_ITEMS = frozenset(("quantity", "unit", "price", "store", "list", "category"))

Build = Callable[[Frame, str, Vocabulary, float], Reading | None]


def propose(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Return the reading of a frame: what to call, and what to ask where a call lacks something."""
    if (repeated := _repeat(frame, text, vocabulary)) is not None:
        is_open = is_doubtful(replace(frame, intent=repeated.intent), text)
        return lower_confidence(repeated) if is_open else repeated
    if frame.intent == "add_item" and confidence > _LIKELY and ORDERED.match(text):
        confidence = max(confidence, _REPEATS)
    if frame.intent == "remove_item" and frame.things and TAKEN_OFF.match(text):
        confidence = max(confidence, _REPEATS)  # unless it is doubtful
    build = _BUILDERS.get(frame.intent)
    buys = frame.things and frame.intent in _BUYING
    is_date = not frame.things and bool(frame.words.get("event") or frame.words.get("task"))
    if _TASK_LIST.search(frame.word("list")) or is_date and frame.intent in _BUYING | TAKES:
        return PLAN
    if frame.things and FORBIDS.match(text) or buys and UNNEEDED.match(text):
        build, confidence = _remove, max(confidence, DOUBTFUL)
    elif buys and (ASKS_WHETHER.search(text) or _WHO.match(text)):
        build = _list
    if buys and (problem := why_impossible_in(text)) is not None:
        return Reading(frame.intent, 0.5, question=problem)
    reading = build(frame, text, vocabulary, confidence) if build else None
    if reading is None:
        return Reading(frame.intent, confidence)
    if any(action.type in CHANGES for action in reading.actions):
        is_bought = buys and build is not _remove and (FORBIDS.search(text) or UNNEEDED.search(text))
        if is_bought or is_doubtful(frame, text) or _NOTHING_BUT.search(text):
            reading = lower_confidence(reading)
    elif (reading.actions or reading.question) and confidence < _LIKELY:
        return Reading("unclear", confidence)
    is_other = reading is PLAN or build is not _BUILDERS.get(frame.intent) or reading.intent in INTENTS
    return reading if is_other else replace(reading, intent=frame.intent)


def _each(tool: str, items: Sequence[Item], payloads: Sequence[dict[str, Any]], confidence: float) -> Reading:
    actions = tuple(Proposal(tool, payload, confidence) for payload in payloads)
    question = confirmation_question(actions) if confidence < SURE else None
    return Reading(tool, confidence, to_entities(items, confidence), actions, question)


def _repeat(frame: Frame, text: str, vocabulary: Vocabulary) -> Reading | None:
    """Read “same for bread”: do with it what was done last, as far as it says nothing else. “Bread too” is asked."""
    tool = vocabulary.last[-1].type if vocabulary.last else ""
    if relative := RELATIVE.match(text):
        return _times(relative["times"], vocabulary)
    goes_on = tool not in ("add_item", "change_item") and TOO.match(text) and not _ADDS.search(text)
    if not goes_on and not SAME.match(text):
        return None
    items = read_items(frame, vocabulary, listed=tool != "add_item")
    if tool not in _REPEATED or not items:
        return None
    last = vocabulary.last[-1].payload
    repeated = {name: last[name] for name in _REPEATED[tool] if name in last}
    changes = [item.amount | _given(price=item.price, note=item.line.note) for item in items]
    if tool == "add_item":
        payloads = [item.addition | repeated | more for item, more in zip(items, changes, strict=True)]
    else:
        payloads = [{"name": item.line.name} | repeated | more for item, more in zip(items, changes, strict=True)]
    reading = _each(tool, items, payloads, DOUBTFUL if goes_on else _REPEATS)
    return reading if tool in INTENTS else replace(reading, intent="change_item")


def _times(times: str, vocabulary: Vocabulary) -> Reading | None:
    """Read “twice that” after “2 kg of rice”."""
    last = vocabulary.last[-1].payload if len(vocabulary.last) == 1 else {}
    if "name" not in last or not last.get("quantity"):
        return None
    quantity = Decimal(last["quantity"]) * (Decimal("0.5") if times.casefold() == "half" else 2)
    amount = {"quantity": f"{quantity.normalize():f}", "unit": last.get("unit")}
    return call("change_item", {"name": last["name"], **amount}, _REPEATS)


# The list


def _add(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    things = frame.things or _topic(frame, text, vocabulary)
    items = read_items(replace(frame, things=things), vocabulary, listed=False)
    if not items:
        return Reading("add_item", 0.5, question=_("What should go on the list?"))
    if IF_NOT.match(text):  # “Is butter on the list? If not, add it”
        names = [item.line.name for item in items if item.line.name in vocabulary.on_list]
        if names:
            return _each("item_on_list", items, [{"name": name} for name in names], _read(confidence))
    if LEFT.search(text):
        items = [replace(item, line=replace(item.line, quantity=None, unit=None)) for item in items]
    shared = _given(list=frame.word("list"), store=frame.word("store"))
    payloads = [item.addition | _given(note=item.line.note, price=item.price) | shared for item in items]
    reading = _each("add_item", items, payloads, confidence)
    return lower_confidence(reading) if _OPEN_AMOUNT.search(text) else reading


def _mark(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    items = read_items(frame, vocabulary, listed=True)
    if not items and not _ALL.search(text):
        candidates = read_items(replace(frame, things=_topic(frame, text, vocabulary)), vocabulary, listed=True)
        items = [
            item for item in candidates if item.line.name in vocabulary.on_list
        ]  # what is bought is not bought again
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
    is_named_before = False
    is_all = bool(_ALL.search(text)) and not (_THEM.search(text) and (vocabulary.topic or vocabulary.last))
    if not frame.things and frame.word("quantity") and (less := _less(frame, text, vocabulary, confidence)):
        return less  # “take two off”
    if not frame.things and not is_all:  # “no lardons” mentions what must not be bought
        exceptions = tuple(Thing(name) for name in frame.words.get("kept", ()))
        is_named_before = not exceptions
        frame = replace(frame, things=exceptions or _topic(frame, text, vocabulary))
    items = read_items(frame, vocabulary, listed=True)
    if not items and _ALL.search(text):
        return _clear(frame, text, vocabulary, confidence)
    if not items:
        return Reading("remove_item", 0.5, question=_("What should come off the list?"))
    is_listed = any(item.line.name in vocabulary.on_list for item in items)
    if vocabulary.previous in _MEMORIES and not is_listed:  # “and drop the plant pot one”
        return call("forget", {"query": items[0].line.name}, min(confidence, DOUBTFUL))
    tool = "have_at_home" if _AT_HOME.search(text) else "remove_item"
    place = _given(list=frame.word("list")) if tool == "remove_item" else {}
    if FORBIDS.search(text) or UNNEEDED.search(text):  # the tool says that it is not there
        confidence = confidence if is_listed else _read(confidence)
    reading = _each(tool, items, [{"name": item.line.name} | place for item in items], confidence)
    is_implied = is_listed and FORBIDS.search(text) or is_named_before and UNNEEDED.search(text)
    return lower_confidence(reading) if is_implied else reading


def _clear(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    return call("clear_list", _given(list=frame.word("list"), keep=frame.words.get("kept")), confidence)


def _change(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    if not frame.things and vocabulary.previous in _PLANS and frame.word("date") and not _OF_ITEMS & set(frame.words):
        return PLAN  # “half nine instead of eight”, of the reminder before
    if not frame.things and vocabulary.previous in _MEMORIES:  # “she's a 6 now”
        return replace(_remember(frame, text, vocabulary, min(confidence, DOUBTFUL)), intent="remember")
    if not frame.things and (find_frequency(text) or find_thai_frequency(text)):  # “every two weeks instead”
        return _recur(frame, text, vocabulary, confidence)
    items = read_items(replace(frame, things=frame.things or _topic(frame, text, vocabulary)), vocabulary, listed=True)
    if not items:
        return Reading("change_item", 0.5, question=_("What should I change?"))
    if LESS.search(text) and (less := _less(frame, text, vocabulary, confidence)):
        return less
    if MORE.search(text) and all(item.amount for item in items) and not frame.words.get("kept"):
        unit = vocabulary.last[0].payload.get("unit") if not frame.things and len(vocabulary.last) == 1 else None
        payloads = [item.addition | ({"unit": unit} if unit and not item.line.unit else {}) for item in items]
        return replace(_each("add_item", items, payloads, confidence), intent="add_item")
    if old := frame.word("old"):
        return _swap(old, items, vocabulary, confidence)
    if to_list := frame.word("list"):
        payloads = [{"name": item.line.name, "to_list": to_list} for item in items]
        return _each("move_item", items, payloads, confidence)
    if aisle := frame.word("category"):
        payloads = [{"name": item.line.name, "category": aisle} for item in items]
        return _each("set_aisle", items, payloads, confidence)
    if len(frame.things) == len(items) == 2 and not any(
        item.amount or item.thing.notes for item in items
    ):  # “lamb → mutton”
        return _swap(items[0].line.name, items[1:], vocabulary, confidence)
    if frame.things and vocabulary.topic and _SWAPS.search(text):
        return _swap(vocabulary.topic, items, vocabulary, confidence)
    store = frame.word("store")
    changes = [item.amount | _given(note=item.line.note, store=store, price=item.price) for item in items]
    for item, change in zip(items, changes, strict=True):
        if not change:
            question = format_lazy(_("What should I change about {item}?"), item=item.line.name)
            return Reading("change_item", 0.5, to_entities([item], 0.5), question=question)
    payloads = [{"name": item.line.name} | change for item, change in zip(items, changes, strict=True)]
    return _each("change_item", items, payloads, confidence)


def _topic(frame: Frame, text: str, vocabulary: Vocabulary) -> tuple[Thing, ...]:
    """Return what the last answer was about, with the amount or note of a message without an item: “make it 4 kg”,
    “take them off”."""
    quantity, _mark, unit = frame.word("quantity").partition("\x1f")
    unit, notes = unit or frame.word("unit"), frame.words.get("note", [])
    price, others = frame.word("price"), frame.words.get("old") or frame.words.get("list") or frame.words.get("store")
    if vocabulary.topic and (quantity or unit or notes or price or others or _IT.search(text)):
        return (Thing(vocabulary.topic, quantity, unit, price, notes),)
    if not _THEM.search(text) or _ONE_OF.search(text):
        return ()
    names = [str(call.payload["name"]) for call in vocabulary.last if "name" in call.payload]
    return tuple(Thing(name, quantity, unit, price, list(notes)) for name in names)


def _less(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    """Read “two less” as the amount that is left of the last one; ask if it is not known."""
    items = read_items(replace(frame, things=frame.things or _topic(frame, text, vocabulary)), vocabulary, listed=True)
    if len(items) != 1 or items[0].line.quantity is None:
        return None
    last = vocabulary.last[0].payload if len(vocabulary.last) == 1 else {}
    name, unit = items[0].line.name, items[0].line.unit or last.get("unit")
    is_known = last.get("name") == name and last.get("quantity") and unit == last.get("unit")
    left = Decimal(last["quantity"]) - items[0].line.quantity if is_known else Decimal(0)
    if left <= 0:
        question = format_lazy(_("What should I change about {item}?"), item=name)
        return Reading("change_item", 0.5, to_entities(items, 0.5), question=question)
    return _each("change_item", items, [{"name": name, "quantity": f"{left.normalize():f}", "unit": unit}], confidence)


def _swap(old: str, items: Sequence[Item], vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read “butter instead of margarine”. Of several new things the first takes the old one's place."""
    name = find_item(vocabulary.own_name(old), vocabulary.on_list, partly=True) or old
    first, *others = items
    swap = {"name": name, "new": first.line.name} | first.amount | _given(note=first.line.note)
    calls = [Proposal("swap_item", swap, confidence)]
    calls += [Proposal("add_item", item.addition | _given(note=item.line.note), confidence) for item in others]
    return Reading("change_item", confidence, to_entities(items, confidence), tuple(calls))


def _recur(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    frequency = find_frequency(text) or find_thai_frequency(text)
    things = frame.things or (
        (Thing(vocabulary.topic),) if frequency and vocabulary.topic else ()
    )  # “every 3 weeks then”
    items = read_items(replace(frame, things=things), vocabulary, listed=False)
    if frequency:  # the number of “every 2 weeks” is none of the item's
        items = [replace(item, line=replace(item.line, quantity=None, unit=None))
                 if item.thing.quantity and f"{item.thing.amount}" in frequency.phrase else item for item in items]  # fmt: skip
    if ENDS.match(text):
        return Reading("unclear", confidence)
    if not items:
        return PLAN
    if frequency is None:
        question = format_lazy(_("How often should {item} come back?"), item=items[0].line.name)
        return Reading("set_recurring", 0.5, to_entities(items, 0.5), question=question)
    rule = {"frequency": frequency.nearest, "rrule": frequency.rrule}
    reading = _each(
        "set_recurring", items, [{"name": item.line.name} | rule | item.amount for item in items], confidence
    )
    reading = replace(reading, entities=(*reading.entities, frequency_entity(frequency)))
    return lower_confidence(reading) if frequency.is_guess else reading


def _list(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read a question about the list: who added a thing, when it was bought, whether it is there, or what is there."""
    if frame.things and IF_NOT.match(text):
        return replace(_add(frame, text, vocabulary, confidence), intent="add_item")
    items, person = read_items(frame, vocabulary, listed=True), _member(frame, vocabulary)
    named = [item.line.name for item in items] or ([vocabulary.topic] if vocabulary.topic and _WHO.search(text) else [])
    entities, sure = to_entities(items, confidence), _read(confidence)
    if named:
        tool = "purchases" if _BOUGHT.search(text) else "who_added" if _WHO.search(text) else "item_on_list"
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
    names = [name for word in about if (name := find_item(vocabulary.own_name(word), vocabulary.items, partly=True))]
    if _BOUGHT.search(text) and (names or person and not about):
        return call("purchases", _given(name=names[0] if names else "", member=person), sure)
    return call("search_memory", {"query": text.strip(" ?!.")}, sure)


def _remember(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    content = frame.word("query") or text
    return call("remember", {"content": content[:1].upper() + content[1:]}, confidence)


def _forget(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    return call("forget", {"query": query}, confidence) if (query := frame.word("query")) else None


def _undo(frame: Frame, text: str, vocabulary: Vocabulary, confidence: float) -> Reading:
    """Read “undo”, or which thing to put back on the list."""
    if items := read_items(frame, vocabulary, listed=False):
        return _each("put_back", items, [{"name": item.line.name} for item in items], confidence)
    return Reading("unclear", confidence) if _UNDOES_THING.match(text) else call("undo", {}, confidence)


def _read(confidence: float) -> float:
    """Return the confidence of a call that only reads, which needs no confirmation."""
    return max(confidence, 0.9)


def _given(**values: Any) -> dict[str, Any]:
    """Return the values that are not empty."""
    return {name: value for name, value in values.items() if value}


_BUILDERS: dict[str, Build] = {
    "add_item": _add, "mark_purchased": _mark, "remove_item": _remove, "clear_list": _clear, "change_item": _change, "set_recurring": _recur,
    "list_items": _list, "budget_query": _budget, "create_task": _plan, "create_event": _plan, "list_tasks": _plan,
    "list_events": _plan, "search_memory": _search, "remember": _remember, "forget": _forget, "undo": _undo,
}  # fmt: skip
