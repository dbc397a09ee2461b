"""Clauses that change the list: additions, removals, purchases and recurring items."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pixie.nlu import phrases
from pixie.nlu.changing import read_change
from pixie.nlu.frequencies import Frequency, find_frequency
from pixie.nlu.items import (
    DOUBTFUL,
    HOME,
    KNOWN,
    MEASURED,
    ROOM_KINDS,
    Mention,
    is_certain_alone,
    mentions,
    names_other_list,
)
from pixie.nlu.list_questions import LIST_ALONE, read_list_question, requested_items
from pixie.nlu.outcome import SURE, Entity, Proposal, Reading
from pixie.nlu.vocabulary import Vocabulary

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# Confidence of a change, by the form of the clause and the evidence for the item; absent means no change.
_SURENESS: dict[str, dict[int, float]] = {
    "list": {HOME: 0.98, KNOWN: 0.97, MEASURED: 0.93, ROOM_KINDS: 0.88, DOUBTFUL: 0.55},
    "add": {HOME: 0.97, KNOWN: 0.95, MEASURED: 0.9, ROOM_KINDS: 0.72},
    "need": {HOME: 0.96, KNOWN: 0.93, MEASURED: 0.86, ROOM_KINDS: 0.6},
    "buy": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.86, ROOM_KINDS: 0.55},
    "i need": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.86},
    "get": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.8},
    "out": {HOME: 0.93, KNOWN: 0.9},
    "want": {HOME: 0.86, KNOWN: 0.8, MEASURED: 0.7},
    "bare": {HOME: 0.84, KNOWN: 0.8, MEASURED: 0.7},
    "no more": {HOME: 0.82, KNOWN: 0.8},
    "got": {HOME: 0.97, KNOWN: 0.94, MEASURED: 0.8},
    "done": {HOME: 0.86, KNOWN: 0.8, MEASURED: 0.7},
    "remove": {HOME: 0.95, KNOWN: 0.9},
    "remove listed": {HOME: 0.97, KNOWN: 0.95, MEASURED: 0.9, ROOM_KINDS: 0.87, DOUBTFUL: 0.6},
    "recurring": {HOME: 0.96, KNOWN: 0.95, MEASURED: 0.86, ROOM_KINDS: 0.65},
}


def read_shopping(
    clause: str, vocabulary: Vocabulary, topics: Sequence[Mention] = (), *, asks: bool = False
) -> Reading | None:
    """Read a change of the list. `topics` are what "it" may refer to; a clause that `asks` changes nothing."""
    if any(pattern.match(clause) for pattern in phrases.NO_ADD):
        return _read_declined(clause)
    if (
        asks or phrases.SHOW.match(clause) or phrases.mentions_list(clause) and phrases.is_query(clause)
    ) and phrases.LIST_COLON.match(clause) is None:
        return read_list_question(clause, vocabulary)
    if phrases.GOT_ALL.match(clause):
        return Reading("mark_purchased", 0.6, question=_("What did you get?"))
    if (reading := read_change(clause, vocabulary, topics)) is not None:
        return reading
    for read in (_read_replacement, _read_recurring, _read_unneeded, _read_purchase, _read_removal, _read_addition):
        if (reading := read(clause, vocabulary, topics)) is not None:
            return reading
    return read_list_question(clause, vocabulary) if LIST_ALONE.match(clause) else _read_bare_items(clause, vocabulary)


def _read_declined(clause: str) -> Reading | None:
    if re.match(r"^(?:please )?(?:don'?t|do not) (?:add|put|order)\b", clause, re.I):
        return Reading("chat", 0.9)
    return Reading("chat", 0.6)


# Changes


def _change(
    intent: str, form: str, items: Iterable[Mention], payload: dict[str, Any] | None = None, doubt: float = 0.0
) -> Reading | None:
    """Return a reading with the proposed changes; None if no item is certain enough for this form."""
    sureness = _SURENESS[form]
    certain = [(item, sureness[item.evidence] - doubt) for item in items if item.evidence in sureness]
    if not certain:
        return None
    actions = tuple(Proposal(intent, _payload(intent, item, payload), sure) for item, sure in certain)
    entities = tuple(entity for item, _sure in certain for entity in item.entities())
    confidence = min(sure for _thing, sure in certain)
    question = None if confidence >= SURE else confirmation_question(actions)
    return Reading(intent, confidence, entities, actions, question, tuple(item for item, _sure in certain))


def _payload(intent: str, item: Mention, extra: dict[str, Any] | None) -> dict[str, Any]:
    full = item.payload()
    if intent == "add_item":
        return {**full, **(extra or {})}
    if intent == "remove_item":
        return {"name": full["name"], **(extra or {})}
    kept = {"name": full["name"], **(extra or {})}
    if full["quantity"] is not None:
        kept["quantity"] = full["quantity"]
        kept["unit"] = full["unit"]
    return kept


def confirmation_question(actions: Sequence[Proposal]) -> "StrOrPromise | None":
    """Return the question that confirms these changes, which are all of one kind."""
    names = ", ".join(str(action.payload["name"]) for action in actions if "name" in action.payload)
    if not names:
        return None
    if actions[0].type == "mark_purchased":
        return format_lazy(_("Should I mark {names} as bought?"), names=names)
    if actions[0].type == "remove_item":
        return format_lazy(_("Should I take {names} off the list?"), names=names)
    if actions[0].type == "set_recurring":
        return format_lazy(_("Should I add {names} again and again?"), names=names)
    return format_lazy(_("Should I add {names} to the list?"), names=names)


def _names_list(text: str) -> bool:
    return phrases.LIST_TAIL.search(text) is not None and not names_other_list(text)


def _object(clause: str) -> tuple[str, str] | None:
    """Return the form of a clause that asks for items, and the text of the items."""
    clause = phrases.LIST_FIRST.sub("", clause)
    if (match := phrases.LIST_COLON.match(clause)) is not None:
        return "list", match["object"] or match["object2"]
    if (match := phrases.first_match(phrases.SHOULD_BE_ON, clause)) is not None and phrases.LIST.search(
        match["list"] or ""
    ):
        return "list", match["object"]
    for form, bank in (("add", phrases.ADD), ("i need", phrases.PUT), ("out", phrases.OUT_OF), ("need", phrases.NEED)):
        if (match := phrases.first_match(bank, clause)) is not None:
            if form == "out" and re.search(r"\b(?:battery|data|juice|gas|fuel)$", match["object"], re.I):
                return None  # usually about a phone
            if form == "need" and re.match(r"(?:i|you|he|she|they)\b", clause, re.I):
                form = "want" if _CRAVING.search(clause) else "i need"
            return ("list" if form != "out" and _names_list(clause) else form), match["object"]
    for form, bank in (
        ("want", phrases.WANT),
        ("no more", phrases.NO_MORE),
        ("buy", phrases.BUY),
        ("get", phrases.GET),
    ):
        if (match := phrases.first_match(bank, clause)) is not None:
            return form, match["object"]
    return None


# "I need a coffee" is about drinking one.
_CRAVING = re.compile(
    r"\b(?:need|want)s? (?:a|another|some) (?:\w+ )?(?:coffee|tea|beer|wine|drink|pizza|burger|cake|chocolate|snack|smoothie|vodka|whiske?y)$",
    re.I,
)


def _read_addition(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    request = None if phrases.PLACE.search(clause) and phrases.ADD_START.match(clause) else _object(clause)
    if request is None:
        return _vague() if phrases.ADD_EMPTY.match(clause) else None
    form, words = request
    if form not in ("list", "add", "out", "no more") and re.match(
        r"^(?:to|you|me|him|them|it to|us to|for)\b", words, re.I
    ):
        return None
    items = mentions(words, vocabulary)
    if not items and topics and form in ("list", "add", "buy", "need", "get", "i need"):
        items = list(topics)
    if items:
        elsewhere = names_other_list(clause)
        return _change("add_item", "list" if elsewhere else form, items, doubt=0.3 if elsewhere else 0.0)
    return (
        _vague()
        if form == "list" or form in ("add", "i need") and phrases.ADD_START.match(clause) and _NO_THING.search(words)
        else None
    )


_NO_THING = re.compile(
    r"\b(?:it|them|that|this|those|some|something|stuff|things?|items?|groceries|food|more|list|shopping)\b", re.I
)


def _vague() -> Reading:
    return Reading("add_item", 0.5, question=_("What should go on the list?"))


_HEADING = re.compile(r"^[\w' ]{1,30}:\s+(?=\S)")


def _read_bare_items(clause: str, vocabulary: Vocabulary) -> Reading | None:
    if len(clause) > 300 or clause.endswith("?"):
        return None
    clause = _HEADING.sub("", clause)
    polite = phrases.PLEASE.search(clause) is not None
    items = mentions(clause, vocabulary)
    return (
        _change("add_item", "get" if polite else "bare", items) if items and all(map(is_certain_alone, items)) else None
    )


def _read_unneeded(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    match = phrases.first_match(phrases.NO_NEED, clause)
    return _removal(match["object"], clause, vocabulary, topics) if match else None


def _read_removal(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    match = (
        None
        if phrases.PLACE.search(clause)
        else phrases.first_match(phrases.REMOVE, phrases.LIST_FIRST.sub("", clause))
    )
    return _removal(match["object"], clause, vocabulary, topics) if match else None


def _removal(words: str, clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    listed = phrases.LIST.search(clause) is not None or bool(phrases.LIST_TAIL.search(clause))
    items = mentions(words, vocabulary, listed=True)
    if not items and topics:
        items = list(topics)
    if items:
        elsewhere = 0.3 if names_other_list(clause) else 0.0
        return _change("remove_item", "remove listed" if listed else "remove", items, doubt=elsewhere)
    if listed or re.search(r"\b(?:items?|product)\b", words, re.I):
        return Reading("remove_item", 0.5, question=_("What should come off the list?"))
    return None


_REPLACE = re.compile(
    r"^(?:replace|swap|change|switch|exchange)(?: out)? (?P<old>.+?) (?:with|for|to|by) (?P<new>.+?)(?: (?:on|in) (?:the|my|our) list)?$",
    re.I,
)


def _read_replacement(clause: str, vocabulary: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    """Read "swap butter for margarine", which needs confirmation because it changes two items."""
    match = _REPLACE.match(clause)
    if match is None:
        return None
    old = _change("remove_item", "bare", mentions(match["old"], vocabulary, listed=True))
    new = _change("add_item", "bare", mentions(match["new"], vocabulary))
    if old is None or new is None:
        return None
    actions = (*old.actions, *new.actions)
    question = format_lazy(_("Should I replace {old} with {new}?"), old=match["old"], new=match["new"])
    return Reading("add_item", 0.8, (*old.entities, *new.entities), actions, question, new.topics)


def _read_purchase(clause: str, vocabulary: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    clause = re.sub(r"[✅✔✓☑]\ufe0f?", " done", clause).strip()
    form, match = "got", phrases.first_match(phrases.GOT, clause)
    if match is None:
        form, match = "done", phrases.first_match(phrases.DONE, clause)
    if match is None:
        return None
    words, price = _without_price(match["object"] if "object" in match.groupdict() else clause)
    if match.groupdict().get("price"):
        price = _price(match["price"])
    items = mentions(words, vocabulary, listed=True)
    # "Got coffee with Sam" and "ordered pizza, coming at 7" are not purchases for the list.
    doubt = 0.15 if any(item.evidence < MEASURED or (item.note or "").startswith("with ") for item in items) else 0.0
    paid = {"price": price} if price and len(items) == 1 else None
    reading = _change("mark_purchased", form, items, paid, doubt)
    if reading is None or price is None:
        return reading
    return replace(reading, entities=(*reading.entities, Entity("price", price, 0.9)))


def _price(text: str) -> str | None:
    digits = re.search(r"\d{1,6}(?:[.,]\d{1,2})?", text)
    return digits[0].replace(",", ".") if digits else None


def _without_price(words: str) -> tuple[str, str | None]:
    """Split off a price: a number at the end with a currency, or after "for" or "at"."""
    match = phrases.PRICE.search(words)
    if match is None or match.start() == 0:
        return words, None
    if match["before"] or match["after"] or re.match(r"[\s,(]*(?:for|at|@|was|cost|=)", match[0], re.I):
        return words[: match.start()], _price(match["price"])
    # A bare number is a price if it is too high for a quantity.
    if float((match["price"]).replace(",", ".")) >= 20 and not re.search(r"\d", words[: match.start()]):
        return words[: match.start()], _price(match["price"])
    return words, None


# Recurrence

_THING = re.compile(
    r"^(?:(?:can you |please )?(?:make|set|have|keep|repeat|schedule|remind (?:me|us)(?: to)?(?: (?:buy|get|order|add|pick up|restock))?)"
    r"(?: up)? )?(?:(?:we|i) always )?(?P<object>.+?)(?: (?:a|as a|as|to be|to) )?(?: ?thing| ?recurring| ?automatic\w*| ?repeat\w*)?$",
    re.I,
)


_ENDS = re.compile(
    r"^(?:(?:i|we) )?(?:no\b|not\b|no longer|stop|cancel|remove|delete|don'?t|do not|skip|without|never|pause|end|drop|forget|take off)",
    re.I,
)


def _read_recurring(clause: str, vocabulary: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    frequency = find_frequency(clause)
    if frequency is None or (frequency.name == "custom" and "HOURLY" in frequency.rrule):
        return None
    if _ENDS.match(clause):
        return Reading("unclear", 0.5)
    rest = re.sub(r"\s+", " ", clause[: frequency.start] + " " + clause[frequency.end :]).strip(" ,:-.")
    rest = re.sub(r"\b(?:a|as a|the|on)\s+(?=thing\b|basis\b|$)|^(?:always|on|in)\s+", "", rest, flags=re.I).strip()
    # "Make milk a weekly thing" may leave a second frequency word.
    if (again := find_frequency(rest)) is not None:
        rest = (rest[: again.start] + rest[again.end :]).strip()
    request = _object(rest)
    items = mentions(request[1], vocabulary) if request and request[0] != "out" else []
    if not items and (match := _THING.match(rest)) is not None:
        items = [item for item in mentions(match["object"], vocabulary) if is_certain_alone(item)]
    return read_recurring_purchase(items, frequency)


def read_recurring_purchase(items: Sequence[Mention], frequency: Frequency) -> Reading | None:
    """Read a recurring purchase. A frequency that the list does not support needs confirmation."""
    doubt = 0.0 if frequency.name == frequency.nearest else 0.12
    rule = {"frequency": frequency.nearest, "rrule": frequency.rrule}
    reading = _change("set_recurring", "recurring", items, rule, doubt=doubt)
    if reading is None:
        return None
    often = Entity("recurring_frequency", frequency.phrase, 0.95, frequency.name)
    return replace(reading, entities=(*reading.entities, often))


def read_condition(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read "Is milk on the list? If not, add it" as an addition, which is idempotent."""
    match = phrases.IF_NOT.match(sentence)
    if match is None:
        return None
    items = requested_items(match["question"], vocabulary)
    return _change("add_item", "list", items) if items else None
