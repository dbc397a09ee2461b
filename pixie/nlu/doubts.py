"""Words that make it doubtful whether a change is meant. They only ever turn an act into a question."""

from pixie.nlu.frames import Frame
from pixie.nlu.phrases import (
    ALMOST,
    ASKS_THAI,
    CONDITION,
    HEDGED,
    KEPT,
    LATER,
    MENTION,
    ORDERS,
    PLACE,
    QUESTION,
    REPORTS,
    REQUEST,
)

TAKES = frozenset(("remove_item", "change_item", "clear_list"))  # intents that take something away


def is_doubtful(frame: Frame, text: str) -> bool:
    """Return whether the words say that a change is perhaps not wanted, or not now, whatever the network reads."""
    asks = "?" in text or QUESTION.match(text) or ASKS_THAI.search(text)
    if HEDGED.match(text) or asks and not REQUEST.search(text) or ORDERS.match(text) and PLACE.search(text):
        return True
    if frame.intent == "add_item":
        return False
    before = text[: text.find(frame.things[0].name)] if frame.things else text
    if frame.intent == "mark_purchased" and ALMOST.search(text):
        return True
    is_conditional = frame.intent in TAKES and bool(CONDITION.search(text) or LATER.search(text))
    return is_conditional or bool(MENTION.match(text) or REPORTS.search(before) or KEPT.search(text))
