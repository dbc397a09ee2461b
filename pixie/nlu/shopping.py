"""Clauses that change the list: to add, to take off, bought, every week."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pixie.nlu import phrases
from pixie.nlu.changing import read_change
from pixie.nlu.frequencies import Frequency, find_frequency
from pixie.nlu.items import DOUBTFUL, HOME, KNOWN, MEASURED, NAMED, Mention, goes_to_other_list, mentions, stands_alone
from pixie.nlu.list_questions import LIST_ALONE, asked_after, read_list_question
from pixie.nlu.outcome import SURE, Entity, Proposal, Reading
from pixie.nlu.vocabulary import Vocabulary

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# How sure we are of a change, by the form of the clause and by how well we know the thing; absent: it is not meant.
_SURENESS: dict[str, dict[int, float]] = {
    "list": {HOME: 0.98, KNOWN: 0.97, MEASURED: 0.93, NAMED: 0.88, DOUBTFUL: 0.55},
    "add": {HOME: 0.97, KNOWN: 0.95, MEASURED: 0.9, NAMED: 0.72},
    "need": {HOME: 0.96, KNOWN: 0.93, MEASURED: 0.86, NAMED: 0.6},
    "buy": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.86, NAMED: 0.55},
    "i need": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.86},
    "get": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.8},
    "out": {HOME: 0.93, KNOWN: 0.9},
    "want": {HOME: 0.86, KNOWN: 0.8, MEASURED: 0.7},
    "bare": {HOME: 0.84, KNOWN: 0.8, MEASURED: 0.7},
    "no more": {HOME: 0.82, KNOWN: 0.8},
    "got": {HOME: 0.97, KNOWN: 0.94, MEASURED: 0.8},
    "done": {HOME: 0.86, KNOWN: 0.8, MEASURED: 0.7},
    "remove": {HOME: 0.95, KNOWN: 0.9},
    "remove listed": {HOME: 0.97, KNOWN: 0.95, MEASURED: 0.9, NAMED: 0.87, DOUBTFUL: 0.6},
    "recurring": {HOME: 0.96, KNOWN: 0.95, MEASURED: 0.86, NAMED: 0.65},
}


def read_shopping(
    clause: str, known: Vocabulary, topics: Sequence[Mention] = (), *, asks: bool = False
) -> Reading | None:
    """What the clause wants of the list; `topics` is what "it" may mean; a clause that `asks` changes nothing."""
    if any(pattern.match(clause) for pattern in phrases.NO_ADD):
        return _declined(clause)
    if (
        asks or phrases.SHOW.match(clause) or phrases.names_list(clause) and phrases.seeks(clause)
    ) and phrases.LIST_COLON.match(clause) is None:
        return read_list_question(clause, known)
    if phrases.GOT_ALL.match(clause):
        return Reading("mark_purchased", 0.6, question=_("What did you get?"))
    if (reading := read_change(clause, known, topics)) is not None:
        return reading
    for read in (_replaced, _recurring, _unneeded, _got, _removed, _added):
        if (reading := read(clause, known, topics)) is not None:
            return reading
    return read_list_question(clause, known) if LIST_ALONE.match(clause) else _bare(clause, known)


def _declined(clause: str) -> Reading | None:
    if re.match(r"^(?:please )?(?:don'?t|do not) (?:add|put|order)\b", clause, re.I):
        return Reading("chat", 0.9)
    return Reading("chat", 0.6)


# Changes


def _change(
    intent: str, form: str, things: Iterable[Mention], payload: dict[str, Any] | None = None, doubt: float = 0.0
) -> Reading | None:
    """The proposals of a change to the list; None when no thing is certain enough for this form."""
    sureness = _SURENESS[form]
    meant = [(thing, sureness[thing.evidence] - doubt) for thing in things if thing.evidence in sureness]
    if not meant:
        return None
    actions = tuple(Proposal(intent, _payload(intent, thing, payload), sure) for thing, sure in meant)
    entities = tuple(entity for thing, _sure in meant for entity in thing.entities())
    confidence = min(sure for _thing, sure in meant)
    question = None if confidence >= SURE else ask(actions)
    return Reading(intent, confidence, entities, actions, question, tuple(thing for thing, _sure in meant))


def _payload(intent: str, thing: Mention, extra: dict[str, Any] | None) -> dict[str, Any]:
    full = thing.payload()
    if intent == "add_item":
        return {**full, **(extra or {})}
    if intent == "remove_item":
        return {"name": full["name"], **(extra or {})}
    kept = {"name": full["name"], **(extra or {})}
    if full["quantity"] is not None:
        kept["quantity"] = full["quantity"]
        kept["unit"] = full["unit"]
    return kept


def ask(actions: Sequence[Proposal]) -> "StrOrPromise | None":
    """The question to put before carrying out these changes, which are all of one kind."""
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
    return phrases.LIST_TAIL.search(text) is not None and not goes_to_other_list(text)


def _object(clause: str) -> tuple[str, str] | None:
    """The form of a clause that asks for something, and the words for the something."""
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
                return None  # of the phone, mostly
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


# "I need a coffee" wants one to drink.
_CRAVING = re.compile(
    r"\b(?:need|want)s? (?:a|another|some) (?:\w+ )?(?:coffee|tea|beer|wine|drink|pizza|burger|cake|chocolate|snack|smoothie|vodka|whiske?y)$",
    re.I,
)


def _added(clause: str, known: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    asked = None if phrases.PLACE.search(clause) and phrases.ADD_START.match(clause) else _object(clause)
    if asked is None:
        return _vague() if phrases.ADD_EMPTY.match(clause) else None
    form, words = asked
    if form not in ("list", "add", "out", "no more") and re.match(
        r"^(?:to|you|me|him|them|it to|us to|for)\b", words, re.I
    ):
        return None
    things = mentions(words, known)
    if not things and topics and form in ("list", "add", "buy", "need", "get", "i need"):
        things = list(topics)
    if things:
        elsewhere = goes_to_other_list(clause)
        return _change("add_item", "list" if elsewhere else form, things, doubt=0.3 if elsewhere else 0.0)
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


def _bare(clause: str, known: Vocabulary) -> Reading | None:
    if len(clause) > 300 or clause.endswith("?"):
        return None
    clause = _HEADING.sub("", clause)
    polite = phrases.PLEASE.search(clause) is not None
    things = mentions(clause, known)
    return (
        _change("add_item", "get" if polite else "bare", things) if things and all(map(stands_alone, things)) else None
    )


def _unneeded(clause: str, known: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    match = phrases.first_match(phrases.NO_NEED, clause)
    return _take_off(match["object"], clause, known, topics) if match else None


def _removed(clause: str, known: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    match = (
        None
        if phrases.PLACE.search(clause)
        else phrases.first_match(phrases.REMOVE, phrases.LIST_FIRST.sub("", clause))
    )
    return _take_off(match["object"], clause, known, topics) if match else None


def _take_off(words: str, clause: str, known: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    listed = phrases.LIST.search(clause) is not None or bool(phrases.LIST_TAIL.search(clause))
    things = mentions(words, known, listed=True)
    if not things and topics:
        things = list(topics)
    if things:
        elsewhere = 0.3 if goes_to_other_list(clause) else 0.0
        return _change("remove_item", "remove listed" if listed else "remove", things, doubt=elsewhere)
    if listed or re.search(r"\b(?:items?|product)\b", words, re.I):
        return Reading("remove_item", 0.5, question=_("What should come off the list?"))
    return None


_REPLACE = re.compile(
    r"^(?:replace|swap|change|switch|exchange)(?: out)? (?P<old>.+?) (?:with|for|to|by) (?P<new>.+?)(?: (?:on|in) (?:the|my|our) list)?$",
    re.I,
)


def _replaced(clause: str, known: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    """ "Swap butter for margarine": both at once or neither, so it is asked about."""
    match = _REPLACE.match(clause)
    if match is None:
        return None
    old = _change("remove_item", "bare", mentions(match["old"], known, listed=True))
    new = _change("add_item", "bare", mentions(match["new"], known))
    if old is None or new is None:
        return None
    actions = (*old.actions, *new.actions)
    question = format_lazy(_("Should I replace {old} with {new}?"), old=match["old"], new=match["new"])
    return Reading("add_item", 0.8, (*old.entities, *new.entities), actions, question, new.topics)


def _got(clause: str, known: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    clause = re.sub(r"[✅✔✓☑]\ufe0f?", " done", clause).strip()
    form, match = "got", phrases.first_match(phrases.GOT, clause)
    if match is None:
        form, match = "done", phrases.first_match(phrases.DONE, clause)
    if match is None:
        return None
    words, price = _without_price(match["object"] if "object" in match.groupdict() else clause)
    if match.groupdict().get("price"):
        price = _price(match["price"])
    things = mentions(words, known, listed=True)
    # "Got coffee with Sam" is about Sam, and "ordered pizza, coming at 7" is about dinner.
    doubt = (
        0.15 if any(thing.evidence < MEASURED or (thing.note or "").startswith("with ") for thing in things) else 0.0
    )
    paid = {"price": price} if price and len(things) == 1 else None
    reading = _change("mark_purchased", form, things, paid, doubt)
    if reading is None or price is None:
        return reading
    return replace(reading, entities=(*reading.entities, Entity("price", price, 0.9)))


def _price(text: str) -> str | None:
    digits = re.search(r"\d{1,6}(?:[.,]\d{1,2})?", text)
    return digits[0].replace(",", ".") if digits else None


def _without_price(words: str) -> tuple[str, str | None]:
    """A number at the end is a price if money is named, or if "for" or "at" stands before it."""
    match = phrases.PRICE.search(words)
    if match is None or match.start() == 0:
        return words, None
    if match["before"] or match["after"] or re.match(r"[\s,(]*(?:for|at|@|was|cost|=)", match[0], re.I):
        return words[: match.start()], _price(match["price"])
    # A bare number is a price where nobody buys so many.
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


def _recurring(clause: str, known: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    frequency = find_frequency(clause)
    if frequency is None or (frequency.name == "custom" and "HOURLY" in frequency.rrule):
        return None
    if _ENDS.match(clause):
        return Reading("unclear", 0.5)
    rest = re.sub(r"\s+", " ", clause[: frequency.start] + " " + clause[frequency.end :]).strip(" ,:-.")
    rest = re.sub(r"\b(?:a|as a|the|on)\s+(?=thing\b|basis\b|$)|^(?:always|on|in)\s+", "", rest, flags=re.I).strip()
    # "Make milk a weekly thing" may leave a second word of recurrence behind.
    if (again := find_frequency(rest)) is not None:
        rest = (rest[: again.start] + rest[again.end :]).strip()
    asked = _object(rest)
    things = mentions(asked[1], known) if asked and asked[0] != "out" else []
    if not things and (match := _THING.match(rest)) is not None:
        things = [thing for thing in mentions(match["object"], known) if stands_alone(thing)]
    return read_recurring_purchase(things, frequency)


def read_recurring_purchase(things: Sequence[Mention], frequency: Frequency) -> Reading | None:
    """A frequency that the list has no word for is put to the person first."""
    doubt = 0.0 if frequency.name == frequency.nearest else 0.12
    rule = {"frequency": frequency.nearest, "rrule": frequency.rrule}
    reading = _change("set_recurring", "recurring", things, rule, doubt=doubt)
    if reading is None:
        return None
    often = Entity("recurring_frequency", frequency.phrase, 0.95, frequency.name)
    return replace(reading, entities=(*reading.entities, often))


def read_condition(sentence: str, known: Vocabulary) -> Reading | None:
    """ "Is milk on the list? If not, add it": adding is harmless where it is there already."""
    match = phrases.IF_NOT.match(sentence)
    if match is None:
        return None
    things = asked_after(match["question"], known)
    return _change("add_item", "list", things) if things else None
