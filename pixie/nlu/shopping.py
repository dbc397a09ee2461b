"""Clauses that change the list: additions, removals, purchases, new quantities and recurring items."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from groceries.parsing.entries import read_amount_words
from groceries.parsing.quantities import parse_amount
from pantry.money import parse_money
from pixie.nlu import phrases
from pixie.nlu.frequencies import Frequency, find_frequency
from pixie.nlu.items import HOME, KNOWN, MEASURED, Mention, is_certain_alone, mentions, names_other_list, trim
from pixie.nlu.outcome import SURE, Entity, Proposal, Reading, call
from pixie.nlu.patterns import GAP, first_match, pattern, patterns
from pixie.nlu.questions import LIST_ALONE, read_list_question, requested_items
from pixie.nlu.vocabulary import Vocabulary

# Confidence of a change, by the form of the clause and the evidence for the item, from HOME down to DOUBTFUL. Where
# there is none, nothing is changed.
_SURENESS = {
    "list": (0.98, 0.97, 0.93, 0.88, 0.55), "add": (0.97, 0.95, 0.9, 0.72), "need": (0.96, 0.93, 0.86, 0.6),
    "buy": (0.95, 0.92, 0.86, 0.55), "i need": (0.95, 0.92, 0.86), "get": (0.95, 0.92, 0.8), "out": (0.93, 0.9),
    "want": (0.86, 0.8, 0.7), "bare": (0.84, 0.8, 0.7), "no more": (0.82, 0.8), "got": (0.97, 0.94, 0.8),
    "done": (0.86, 0.8, 0.7), "remove": (0.95, 0.9), "remove listed": (0.97, 0.95, 0.9, 0.87, 0.6),
    "recurring": (0.96, 0.95, 0.86, 0.65), "thai add": (0.95, 0.92, 0.86, 0.6), "thai got": (0.95, 0.92, 0.75),
    "thai recurring": (0.94, 0.92, 0.86),
}  # fmt: skip


def read_shopping(
    clause: str, vocabulary: Vocabulary, topics: Sequence[Mention] = (), *, asks: bool = False
) -> Reading | None:
    """Read a change of the list. `topics` are what "it" may refer to; a clause that `asks` changes nothing."""
    if phrases.NO_ADD.match(clause):
        is_about_list = re.match(r"(?:please )?(?:don'?t|do not) (?:add|put|order)\b", clause, re.I)
        return Reading("chat", 0.9 if is_about_list else 0.6)
    asks = asks or bool(phrases.SHOW.match(clause)) or phrases.mentions_list(clause) and phrases.is_query(clause)
    if asks and first_match(phrases.LIST_COLON, clause) is None:
        return read_list_question(clause, vocabulary)
    if phrases.GOT_ALL.match(clause):
        return Reading("mark_purchased", 0.6, question=_("What did you get?"))
    for read in _READERS:
        if (reading := read(clause, vocabulary, topics)) is not None:
            return reading
    return read_list_question(clause, vocabulary) if LIST_ALONE.match(clause) else _read_bare_items(clause, vocabulary)


# Changes


def propose_changes(
    intent: str, form: str, items: Iterable[Mention], extra: dict[str, Any] | None = None, doubt: float = 0.0
) -> Reading | None:
    """Return a reading with the proposed changes; None if no item is certain enough for this form."""
    sureness = dict(zip(range(HOME, -1, -1), _SURENESS[form], strict=False))
    certain = tuple(item for item in items if item.evidence in sureness)
    if not certain:
        return None
    actions = tuple(
        Proposal(intent, _payload(intent, item, extra), sureness[item.evidence] - doubt) for item in certain
    )
    entities = tuple(entity for item in certain for entity in item.entities())
    confidence = min(action.confidence for action in actions)
    question = None if confidence >= SURE else confirmation_question(actions)
    return Reading(intent, confidence, entities, actions, question, certain)


def _payload(intent: str, item: Mention, extra: dict[str, Any] | None) -> dict[str, Any]:
    payload = item.payload()
    if intent == "add_item":
        return payload
    has_amount = intent != "remove_item" and item.quantity is not None
    amount = {key: payload[key] for key in ("quantity", "unit")} if has_amount else {}
    return {"name": item.name, **(extra or {}), **amount}


_CONFIRMATIONS = {
    "mark_purchased": _("Should I mark {names} as bought?"),
    "remove_item": _("Should I take {names} off the list?"),
    "set_recurring": _("Should I add {names} again and again?"),
}


def confirmation_question(actions: Sequence[Proposal]) -> str | Promise | None:
    """Return the question that confirms these changes, which are all of one kind."""
    names = ", ".join(str(action.payload["name"]) for action in actions if "name" in action.payload)
    if not names:
        return None
    return format_lazy(_CONFIRMATIONS.get(actions[0].type, _("Should I add {names} to the list?")), names=names)


def lower_confidence(reading: Reading) -> Reading:
    """Make changes that are only hinted at, such as "I think we need milk", need confirmation."""
    actions = tuple(replace(action, confidence=min(action.confidence, 0.8)) for action in reading.actions)
    question = reading.question or confirmation_question(actions)
    return replace(reading, confidence=min(reading.confidence, 0.8), actions=actions, question=question)


# Additions


def _object(clause: str) -> tuple[str, str] | None:
    """Return the form of a clause that asks for items, and the text of the items."""
    clause = phrases.LIST_FIRST.sub("", clause)
    if (match := first_match(phrases.LIST_COLON, clause)) is not None:
        return "list", match["object"]
    match = first_match(phrases.SHOULD_BE_ON, clause)
    if match is not None and phrases.LIST.search(match["list"] or ""):
        return "list", match["object"]
    for form, bank in phrases.REQUESTS.items():
        if (match := first_match(bank, clause)) is None:
            continue
        if form == "out":
            # The battery and the data are usually those of a phone.
            is_item = re.search(r"\b(?:battery|data|juice|gas|fuel)$", match["object"], re.I) is None
            return (form, match["object"]) if is_item else None
        if form in ("add", "i need", "need") and _names_list(clause):
            return "list", match["object"]
        if form == "need" and re.match(r"(?:i|you|he|she|they)\b", clause, re.I):
            form = "want" if _CRAVING.search(clause) else "i need"
        return form, match["object"]
    return None


def _names_list(text: str) -> bool:
    return phrases.LIST_TAIL.search(text) is not None and not names_other_list(text)


# "I need a coffee" is about drinking one.
_CRAVING = pattern(
    r"\b(?:need|want)s? (?:a|another|some) (?:\w+ )?(?:coffee|tea|beer|wine|drink|pizza|burger|cake|chocolate|snack|smoothie|vodka|whiske?y)$"
)
VAGUE_ADDITION = Reading("add_item", 0.5, question=_("What should go on the list?"))
_NO_THING = pattern(
    r"\b(?:it|them|that|this|those|some|something|stuff|things?|items?|groceries|food|more|list|shopping)\b"
)


def _read_addition(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    starts_with_add = phrases.ADD_START.match(clause) is not None
    request = None if starts_with_add and phrases.PLACE.search(clause) else _object(clause)
    if request is None:
        return VAGUE_ADDITION if phrases.ADD_EMPTY.match(clause) else None
    form, words = request
    if form not in ("list", "add", "out", "no more") and re.match(
        r"(?:to|you|me|him|them|it to|us to|for)\b", words, re.I
    ):
        return None
    items: Sequence[Mention] = mentions(words, vocabulary)
    if not items and form in ("list", "add", "buy", "need", "get", "i need"):
        items = topics
    if items:
        elsewhere = names_other_list(clause)
        return propose_changes("add_item", "list" if elsewhere else form, items, doubt=0.3 if elsewhere else 0.0)
    names_nothing = form == "list" or form in ("add", "i need") and starts_with_add and _NO_THING.search(words)
    return VAGUE_ADDITION if names_nothing else None


def _read_bare_items(clause: str, vocabulary: Vocabulary) -> Reading | None:
    if len(clause) > 300 or clause.endswith("?"):
        return None
    clause = re.sub(r"^[\w' ]{1,30}:\s+(?=\S)", "", clause)  # a heading
    items = mentions(clause, vocabulary)
    if not items or not all(map(is_certain_alone, items)):
        return None
    return propose_changes("add_item", "get" if phrases.PLEASE.search(clause) else "bare", items)


def read_condition(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read "Is milk on the list? If not, add it" as an addition, which is idempotent."""
    match = phrases.IF_NOT.match(sentence)
    return propose_changes("add_item", "list", requested_items(match["question"], vocabulary)) if match else None


# Removals


def _read_unneeded(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    return _removal(first_match(phrases.NO_NEED, clause), clause, vocabulary, topics)


def _read_removal(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    bank = () if phrases.PLACE.search(clause) else phrases.REMOVE
    return _removal(first_match(bank, phrases.LIST_FIRST.sub("", clause)), clause, vocabulary, topics)


def _removal(
    match: re.Match[str] | None, clause: str, vocabulary: Vocabulary, topics: Sequence[Mention]
) -> Reading | None:
    if match is None:
        return None
    is_listed = bool(phrases.LIST.search(clause) or phrases.LIST_TAIL.search(clause))
    if items := mentions(match["object"], vocabulary, listed=True) or topics:
        doubt = 0.3 if names_other_list(clause) else 0.0
        return propose_changes("remove_item", "remove listed" if is_listed else "remove", items, doubt=doubt)
    if is_listed or re.search(r"\b(?:items?|product)\b", match["object"], re.I):
        return Reading("remove_item", 0.5, question=_("What should come off the list?"))
    return None


_REPLACE = pattern(
    r"^(?:replace|swap|change|switch|exchange)(?: out)? (?P<old>.+?) (?:with|for|to|by) (?P<new>.+?)(?: (?:on|in) (?:the|my|our) list)?$"
)


def _read_replacement(clause: str, vocabulary: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    """Read "swap butter for margarine", which needs confirmation because it changes two items."""
    if (match := _REPLACE.match(clause)) is None:
        return None
    old = propose_changes("remove_item", "bare", mentions(match["old"], vocabulary, listed=True))
    new = propose_changes("add_item", "bare", mentions(match["new"], vocabulary))
    if old is None or new is None:
        return None
    question = format_lazy(_("Should I replace {old} with {new}?"), old=match["old"], new=match["new"])
    return Reading("add_item", 0.8, old.entities + new.entities, old.actions + new.actions, question, new.topics)


# Purchases


def _read_purchase(clause: str, vocabulary: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    clause = re.sub(r"[✅✔✓☑]\ufe0f?", " done", clause).strip()
    got = first_match(phrases.GOT, clause)
    if (match := got or first_match(phrases.DONE, clause)) is None:
        return None
    words, cost = _without_price(match["object"])
    cost = match.groupdict().get("price") or cost
    items = mentions(words, vocabulary, listed=True)
    # "Got coffee with Sam" and "ordered pizza, coming at 7" are not purchases for the list.
    doubt = 0.15 if any(item.evidence < MEASURED or (item.note or "").startswith("with ") for item in items) else 0.0
    price = _price(cost, items[0], vocabulary) if cost and len(items) == 1 else None
    if cost and price is None:
        doubt = 0.3  # whose price it is, or how much, remains unclear
    paid = {"price": price} if price else None
    reading = propose_changes("mark_purchased", "got" if got else "done", items, paid, doubt)
    if reading is None or price is None:
        return reading
    return replace(reading, entities=(*reading.entities, Entity("price", price, 0.9)))


def _price(text: str, item: Mention, vocabulary: Vocabulary) -> str | None:
    """Return the price of the whole purchase: a price “each” counts for each of its quantity."""
    quantity = "" if item.quantity is None else f"{item.quantity:f}"
    price = read_amount_words(item.name, quantity, item.unit or "", text, currency=vocabulary.currency).price
    return None if price is None else f"{price:f}"


def _without_price(words: str) -> tuple[str, str | None]:
    """Split off a price: a number at the end with a currency, or after "for" or "at", or too high for a quantity."""
    match = phrases.PRICE.search(words)
    if match is None or match.start() == 0:
        return words, None
    price, rest = match["price"].strip(), words[: match.start()]
    is_named = match["before"] or match["after"] or re.match(r"(?:for|at|@|was|cost|=)", match[0].lstrip(" ,("), re.I)
    is_high = (parse_money(price) or 0) >= 20 and not re.search(r"\d", rest)
    return (rest, price) if is_named or is_high else (words, None)


# New quantities

_VERB = r"(?:change|set|update|adjust|correct|raise|increase|lower|reduce|decrease|bump)(?: up| down)?"
_ITEM = r"(?:the |our |my )?(?:(?:amount|quantity|number) (?:of|for) (?:the )?)?(?P<item>.+?)"
_AMOUNT = (
    r"(?P<amount>(?:only |just )?(?:\d|(?:an?|half|one|two|three|four|five|six|seven|eight|nine|ten|twelve)\b).*)$"
)
_NEW_QUANTITIES = patterns(
    rf"{_VERB} {_ITEM} (?:to|=) {_AMOUNT}",
    rf"make {_ITEM} {_AMOUNT}",
    rf"{_ITEM} (?:should|must) be {_AMOUNT}",
    rf"(?:แก้|เปลี่ยน|ปรับ)(?:จำนวน)?\s*+(?P<item>.+?){GAP}(?:เป็น|ให้เป็น)\s*+(?P<amount>\d.*)$",
)
_PRONOUNS = frozenset("it that this them those these".split())


def read_new_quantity(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention] = ()) -> Reading | None:
    """Read a new quantity for a listed item. “It” is the item just named, or that of the last answer."""
    if (match := first_match(_NEW_QUANTITIES, clause)) is None:
        return None
    if match["item"].lower() not in _PRONOUNS:
        name = _listed_name(match["item"], vocabulary)
    else:
        name = topics[0].name if len(topics) == 1 else "" if topics else vocabulary.topic
    text = trim(match["amount"])
    amount = parse_amount(f"{text} {name}")
    if not name or amount.quantity is None or amount.rest.strip().casefold() != name.casefold():
        return None
    payload = {"name": name, "quantity": str(amount.quantity), "unit": amount.unit}
    entities = (Entity("item", match["item"], 0.9, name), Entity("quantity", text, 0.9, payload["quantity"]))
    return call("change_item", payload, 0.92, entities)


def _listed_name(text: str, vocabulary: Vocabulary) -> str:
    """Return the item's name on the list, or an empty string if it is not listed."""
    items = mentions(text, vocabulary, listed=True)
    is_listed = len(items) == 1 and items[0].evidence >= KNOWN and items[0].name in vocabulary.on_list
    return items[0].name if is_listed else ""


# Recurring items

_ALWAYS = pattern(
    r"^(?:(?:can you |please )?(?:make|set|have|keep|repeat|schedule|remind (?:me|us)(?: to)?(?: (?:buy|get|order|add|pick up|restock))?)"
    r"(?: up)? )?(?:(?:we|i) always )?(?P<object>.+?)(?: (?:a|as a|as|to be|to) )?(?: ?thing| ?recurring| ?automatic\w*| ?repeat\w*)?$"
)
_ENDS = pattern(
    r"^(?:(?:i|we) )?(?:no\b|not\b|no longer|stop|cancel|remove|delete|don'?t|do not|skip|without|never|pause|end|drop|forget|take off)"
)


def _read_recurring(clause: str, vocabulary: Vocabulary, _topics: Sequence[Mention]) -> Reading | None:
    frequency = find_frequency(clause)
    if frequency is None or "HOURLY" in frequency.rrule:
        return None
    if _ENDS.match(clause):
        return Reading("unclear", 0.5)
    rest = frequency.rest.strip(" ,:-.")
    rest = re.sub(r"\b(?:a|as a|the|on)\s+(?=thing\b|basis\b|$)|^(?:always|on|in)\s+", "", rest, flags=re.I).strip()
    # "Make milk a weekly thing" may leave a second frequency word.
    if (again := find_frequency(rest)) is not None:
        rest = again.rest
    request = _object(rest)
    items = mentions(request[1], vocabulary) if request and request[0] != "out" else []
    if not items and (match := _ALWAYS.match(rest)) is not None:
        items = [item for item in mentions(match["object"], vocabulary) if is_certain_alone(item)]
    return propose_recurrence(items, frequency)


def propose_recurrence(items: Sequence[Mention], frequency: Frequency, form: str = "recurring") -> Reading | None:
    """Return a recurring purchase. A frequency that the list does not support needs confirmation."""
    doubt = 0.0 if frequency.name == frequency.nearest else 0.12
    rule = {"frequency": frequency.nearest, "rrule": frequency.rrule}
    reading = propose_changes("set_recurring", form, items, rule, doubt)
    return reading and replace(
        reading, entities=(*reading.entities, frequency.entity(0.95 if form == "recurring" else 0.9))
    )


_READERS = (
    read_new_quantity, _read_replacement, _read_recurring, _read_unneeded, _read_purchase, _read_removal, _read_addition,
)  # fmt: skip
