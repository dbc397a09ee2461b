"""Clauses about the list: to add, to take off, bought, every week, what is on it."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from . import phrases
from .frequencies import Frequency, find_frequency
from .items import DOUBTFUL, HOME, KNOWN, MEASURED, NAMED, Mention, goes_to_other_list, mentions, stands_alone
from .outcome import SURE, Entity, Proposal, Reading
from .vocabulary import Vocabulary

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
        return _question(clause, known)
    if phrases.GOT_ALL.match(clause):
        return Reading("mark_purchased", 0.6, question=_("What did you get?"))
    for read in (_replaced, _recurring, _unneeded, _got, _removed, _added):
        if (reading := read(clause, known, topics)) is not None:
            return reading
    return _question(clause, known) if _LIST_ALONE.match(clause) else _bare(clause, known)


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


def _first(bank: Iterable[re.Pattern[str]], clause: str) -> re.Match[str] | None:
    return next((match for pattern in bank if (match := pattern.match(clause)) is not None), None)


def _names_list(text: str) -> bool:
    return phrases.LIST_TAIL.search(text) is not None and not goes_to_other_list(text)


def _object(clause: str) -> tuple[str, str] | None:
    """The form of a clause that asks for something, and the words for the something."""
    clause = phrases.LIST_FIRST.sub("", clause)
    if (match := phrases.LIST_COLON.match(clause)) is not None:
        return "list", match["object"] or match["object2"]
    if (match := _first(phrases.SHOULD_BE_ON, clause)) is not None and phrases.LIST.search(match["list"] or ""):
        return "list", match["object"]
    for form, bank in (("add", phrases.ADD), ("i need", phrases.PUT), ("out", phrases.OUT_OF), ("need", phrases.NEED)):
        if (match := _first(bank, clause)) is not None:
            if form == "need" and re.match(r"(?:i|you|he|she|they)\b", clause, re.I):
                form = "i need"
            return ("list" if form != "out" and _names_list(clause) else form), match["object"]
    for form, bank in (
        ("want", phrases.WANT),
        ("no more", phrases.NO_MORE),
        ("buy", phrases.BUY),
        ("get", phrases.GET),
    ):
        if (match := _first(bank, clause)) is not None:
            return form, match["object"]
    return None


def _added(clause: str, known: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    asked = _object(clause)
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
    things = mentions(clause, known)
    return _change("add_item", "bare", things) if things and all(map(stands_alone, things)) else None


def _unneeded(clause: str, known: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    match = _first(phrases.NO_NEED, clause)
    return _take_off(match["object"], clause, known, topics) if match else None


def _removed(clause: str, known: Vocabulary, topics: Sequence[Mention]) -> Reading | None:
    match = _first(phrases.REMOVE, phrases.LIST_FIRST.sub("", clause))
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
    match = _first(phrases.GOT, clause)
    if match is None:
        return None
    words, price = _without_price(match["object"] if "object" in match.groupdict() else clause)
    if match.groupdict().get("price"):
        price = _price(match["price"])
    things = mentions(words, known, listed=True)
    reading = _change("mark_purchased", "got", things, {"price": price} if price and len(things) == 1 else None)
    if reading is None or price is None:
        return reading
    money = Entity("price", price, 0.9)
    return Reading(
        reading.intent,
        reading.confidence,
        (*reading.entities, money),
        reading.actions,
        reading.question,
        reading.topics,
    )


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
    # A frequency that the list has no word for is put to the person first.
    doubt = 0.0 if frequency.name == frequency.nearest else 0.12
    reading = _change("set_recurring", "recurring", things, _rule(frequency), doubt=doubt)
    if reading is None:
        return None
    often = Entity("recurring_frequency", frequency.phrase, 0.95, frequency.name)
    return Reading(
        reading.intent,
        reading.confidence,
        (*reading.entities, often),
        reading.actions,
        reading.question,
        reading.topics,
    )


def _rule(frequency: Frequency) -> dict[str, Any]:
    return {"frequency": frequency.nearest, "rrule": frequency.rrule}


# Questions

_LIST_ALONE = re.compile(
    rf"^(?:(?:the|my|our|current|full|whole) )*(?:{phrases.GROCERY} )?lists?(?: please| pls| plz| now)?[.!?]*$|^groceries\?$",
    re.I,
)
_WHAT_WE_NEED = re.compile(
    r"^(?:(?:so )?what(?:'?s| is| are| do| did| should| must| can| else| all| items| things| groceries| products)*(?: (?:i|we|you|else|am i|"
    r"are we|things?|items?|still|also))*(?: (?:do|did|should|am|are|need to)(?: (?:i|we))?(?: still)?)?"
    r" ?(?:need|buy|get|buying|pick(?:ing)? up|missing|out of|low on|left to (?:buy|get)|supposed to (?:get|buy|pick up)|"
    r"plan(?:ning)? to buy|going to buy|needed|still missing|purchase|shop for|shopping for|run out of|running low on|"
    r"(?:need|have|want) to (?:buy|get|pick up|purchase|shop for|go shopping for|shop))(?: (?:from|at|for|in|when|this|today|now|to "
    r"(?:buy|get|pick up|purchase|go shopping for)|for the|on|tomorrow|tonight)\b.*)?[?!. ]*$"
    r"|what (?:do|did|have|else do) (?:we|i|you)(?: still| already)? (?:have|got)(?: (?:at home|left|in (?:the|our) (?:fridge|"
    r"pantry|kitchen|cart|freezer|house)|so far|down|listed).*)?[?!. ]*$"
    r"|(?:do|does) (?:we|i|you|anyone|anybody) (?:still )?need (?:anything|something|stuff|groceries|to (?:go )?(?:shop|buy))\b.*$"
    r"|(?:(?:you )?(?:need|want) (?:anything|something)(?: (?:from|at|else)\b.*)?[?!. ]*$|anything\?|"
    r"anything (?:else )?(?:we|i|you)(?: still)? need|anything (?:else )?(?:from|at|to buy|missing|"
    r"needed)|what(?:'?s| is) (?:still )?(?:missing|needed|left)(?: to (?:buy|get))?)\b.*$"
    r"|(?:is there )?anything else[?!. ]*$|what to buy.*$|what else[?!. ]*$)",
    re.I,
)
_SHOPPING = re.compile(
    r"\b(?:(?:my|our|the) (?:shopping|groceries|grocery)\b|(?:(?:i|we|me to)(?: still| also)? (?:need|have|want|plan|planned|supposed|meant)|left|remember(?:ed)?)"
    r" to (?:buy|shop for|purchase|get (?:from|at) the))",
    re.I,
)
_HAVE_WE = re.compile(
    r"^(?:and |if |whether )*(?:do|does|did|have|has|is|are|was|were|should)(?: (?:i|we|you|anyone|somebody|someone|there))(?: (?:already|still|have|got|"
    r"get|buy|bought|add|added|put|need|any|out of|run out of|enough|low on|some|more|to buy|remember|forget|to (?:get|buy|put|add)))+ "
    r"(?P<object>[^?]+?)(?: (?:left|at home|in the (?:fridge|freezer|pantry|cupboard|house|kitchen)|yet|already|today|anymore|now))*"
    r"[? ]*$|^how (?:many|much) (?P<object3>[^?]+?) (?:do|should|did|is|are|have) (?:(?:we|i|there)(?: still)? )?(?:left|need|buy|get|have|got|on the list)"
    r"\b[^?]{0,12}[? ]*$|^is there (?:any |still |enough )?(?P<object2>[^?]+?)(?: (?:left|at home|in the \w+))?[? ]*$",
    re.I,
)


def _question(clause: str, known: Vocabulary) -> Reading | None:
    """A question about the list, which never changes it."""
    if phrases.names_list(clause) and not _speaks_of_other_lists(clause):
        return _shown(0.95, _asked_after(clause, known))
    if _WHAT_WE_NEED.match(clause):
        return _shown(0.93, [])
    if (match := _HAVE_WE.match(clause)) is not None:
        if re.match(r"^(?:and )?should\b", clause, re.I):
            return Reading("chat", 0.7, topics=tuple(_asked_after(clause, known)))
        things = mentions(match["object"] or match["object2"] or match["object3"], known, listed=True)
        if things and all(stands_alone(thing) for thing in things):
            return _shown(0.88, things)
    if _SHOPPING.search(clause) and not re.search(r"\b(?:your|stores?|online|mall|cost|spend|price)\b", clause, re.I):
        return _shown(0.85, [])
    return _shown(0.9, []) if _LIST_ALONE.match(clause) else None


def _speaks_of_other_lists(clause: str) -> bool:
    if re.search(r"\b(?:shopping|grocery|groceries) (?:list|cart)|list for shopping", clause, re.I):
        return False
    return bool(
        re.search(
            r"\b(?:price|best|top|contact|mailing|invite|guest|black|a|channel|track|dean'?s) lists?\b", clause, re.I
        )
    )


def _asked_after(clause: str, known: Vocabulary) -> list[Mention]:
    match = _first(phrases.ON_THE_LIST, clause)
    if match is None or re.match(r"^(?:what|anything|everything|it|me|you)\b", match["object"], re.I):
        return []
    return [thing for thing in mentions(match["object"], known, listed=True) if thing.evidence > DOUBTFUL][:5]


def _shown(confidence: float, things: Sequence[Mention]) -> Reading:
    entities = tuple(entity for thing in things for entity in thing.entities())
    return Reading("list_items", confidence, entities, (Proposal("list_items", {}, confidence),), topics=tuple(things))


def read_condition(sentence: str, known: Vocabulary) -> Reading | None:
    """ "Is milk on the list? If not, add it": adding is harmless where it is there already."""
    match = phrases.IF_NOT.match(sentence)
    if match is None:
        return None
    things = _asked_after(match["question"], known)
    return _change("add_item", "list", things) if things else None
