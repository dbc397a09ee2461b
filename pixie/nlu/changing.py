"""Changes of quantities on the list: “make it 3”, “change eggs to 2 dozen”."""

import re
from collections.abc import Sequence

from groceries.parsing.quantities import parse_amount
from pixie.nlu.items import KNOWN, Mention, mentions, trim
from pixie.nlu.outcome import Entity, Proposal, Reading
from pixie.nlu.vocabulary import Vocabulary

_VERB = r"(?:change|set|update|adjust|correct|raise|increase|lower|reduce|decrease|bump)(?: up| down)?"
_THING = r"(?:the |our |my )?(?:(?:amount|quantity|number) (?:of|for) (?:the )?)?(?P<thing>.+?)"
_AMOUNT = r"(?P<amount>(?:only |just )?(?:\d|an?\b|half\b|one\b|two\b|three\b|four\b|five\b|six\b|seven\b|eight\b|nine\b|ten\b|twelve\b).*)"
_IT = re.compile(r"(?:it|that|this|them|those|these)", re.I)
_FORMS = [
    re.compile(rf"^{_VERB} {_THING} (?:to|=) {_AMOUNT}$", re.I),
    re.compile(rf"^make {_THING} {_AMOUNT}$", re.I),
    re.compile(rf"^{_THING} (?:should|must) be {_AMOUNT}$", re.I),
    re.compile(r"^(?:แก้|เปลี่ยน|ปรับ)(?:จำนวน)?\s*(?P<thing>.+?)\s*(?:เป็น|ให้เป็น)\s*(?P<amount>\d.*)$"),
]


def read_change(clause: str, vocabulary: Vocabulary, topics: Sequence[Mention] = ()) -> Reading | None:
    """Read a new quantity for a listed item. “It” is the item just named, or that of the last answer."""
    match = next((hit for form in _FORMS if (hit := form.match(clause))), None)
    if match is None:
        return None
    name = (
        _topic_name(vocabulary, topics) if _IT.fullmatch(match["thing"]) else _listed_name(match["thing"], vocabulary)
    )
    amount_text = trim(match["amount"])
    amount = parse_amount(f"{amount_text} {name}")
    if not name or amount.quantity is None or amount.rest.strip().casefold() != name.casefold():
        return None
    payload = {"name": name, "quantity": str(amount.quantity), "unit": amount.unit}
    entities = [
        Entity("item", match["thing"], 0.9, name),
        Entity("quantity", amount_text, 0.9, str(amount.quantity)),
    ]
    return Reading("change_item", 0.92, tuple(entities), (Proposal("change_item", payload, 0.92),))


def _topic_name(vocabulary: Vocabulary, topics: Sequence[Mention]) -> str:
    return str(topics[0].payload()["name"]) if len(topics) == 1 else "" if topics else vocabulary.topic


def _listed_name(item: str, vocabulary: Vocabulary) -> str:
    """Return the item's name on the list, or an empty string if it is not listed."""
    items = mentions(item, vocabulary, listed=True)
    name = str(items[0].payload()["name"]) if len(items) == 1 and items[0].evidence >= KNOWN else ""
    return name if name in vocabulary.on_list else ""
