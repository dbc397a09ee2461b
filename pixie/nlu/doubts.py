"""Words that make it doubtful whether a change is meant. They only ever turn an act into a question."""

from pixie.nlu.frames import Frame
from pixie.nlu.patterns import pattern
from pixie.nlu.phrases import (
    ALMOST,
    ASKS_THAI,
    CONDITION,
    COOKED,
    HEDGED,
    KEPT,
    LATER,
    MENTION,
    NOT_DONE,
    ORDERS,
    PLACE,
    QUESTION,
    REPORTS,
    REQUEST,
)

TAKES = frozenset(("remove_item", "change_item", "clear_list"))  # intents that take something away


# What is ordered without naming a thing: “bring it all back”.
_ORDER = pattern(
    r"\b(?:put|bring|take|undo|cancel|revert|clear|delete|remove|wipe|remember|keep in mind|note|forget|mark|tick|change|make)\b"
    r"|เอา|ลบ|ยกเลิก|จำ|ลืม|เปลี่ยน|แก้"
)
_LAST_WORD = pattern(r"\s++([a-z]{3,})\W*$")
_SENTENCE = pattern(r"[.!?;\n]")


def _before(frame: Frame, text: str) -> str:
    """Return what stands in the sentence of the order before it, where “Ben said” would make it Ben's."""
    order = _ORDER.search(text)
    end = text.find(frame.things[0].name) if frame.things else order.start() if order else len(text)
    return _SENTENCE.split(text[: max(end, 0)])[-1]


# What may stand behind an item without changing what it is.
_BEHIND = frozenset(
    "off out please pls now too again instead today already away back list from for to by then thanks thx asap lol".split()
)


def _goes_on(frame: Frame, text: str) -> bool:
    """Return whether one word that was not marked ends the sentence behind the only item: “remove the milk stain”."""
    if frame.intent != "remove_item" or len(frame.things) != 1:
        return False
    end = text.rfind(frame.things[0].name)
    match = _LAST_WORD.match(text, end + len(frame.things[0].name)) if end >= 0 else None
    marked = " ".join(word for words in frame.words.values() for word in words).casefold()
    return match is not None and match[1].casefold() not in _BEHIND and match[1].casefold() not in marked


def is_doubtful(frame: Frame, text: str) -> bool:
    """Return whether the words say that a change is perhaps not wanted, or not now, whatever the network reads."""
    asks = "?" in text or QUESTION.match(text) or ASKS_THAI.search(text)
    if HEDGED.match(text) or asks and not REQUEST.search(text) or ORDERS.match(text) and PLACE.search(text):
        return True
    if frame.intent in ("add_item", "set_recurring"):
        return False
    before = _before(frame, text)
    if frame.intent == "mark_purchased" and NOT_DONE.search(before) or _goes_on(frame, text):
        return True
    if frame.intent == "mark_purchased" and (ALMOST.search(text) or COOKED.search(text)):
        return True
    is_conditional = frame.intent in TAKES and bool(CONDITION.search(text) or LATER.search(text))
    return is_conditional or bool(MENTION.match(text) or REPORTS.search(before) or KEPT.search(text))
