"""Quick replies: messages that a person can send with a tap, under an answer of the agent's.

Each is a sentence in the reader's language that local understanding surely reads as what it says; where a translation
is not, it is the English one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from groceries.models import Frequency
from groceries.parsing.names import normalize, tidy
from groceries.templatetags.amounts import amount
from pantry.money import money
from pixie.nlu import SURE, Understanding, Vocabulary, understand
from pixie.nlu.clauses import strip_agent_names
from pixie.nlu.followups import FREQUENCIES
from pixie.replies.small_talk import matches_smalltalk
from pixie.runs.outcomes import Doubt, Outcome, Refusal

MAX_REPLIES, MAX_REPLY_CHARS = 6, 120
MAX_NEAREST = 2
MAX_ITEM_WORDS = 4  # of a text that may be the name of an item


class ListedItem(NamedTuple):
    name: str
    quantity: Decimal
    unit: str
    price: Decimal | None


@dataclass(frozen=True, slots=True)
class HomeFacts:
    """Facts of the home that examples are made of. `usual` items were bought most often of late and are on no list."""

    usual: tuple[str, ...] = ()
    listed: tuple[ListedItem, ...] = ()
    recurring: tuple[tuple[str, str], ...] = ()
    """Names and rules of recurring items."""
    aisles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    """Names of the other members."""
    currency: str = "USD"


class Example(NamedTuple):
    """A sentence, and the call that it has to be understood as, with some of its arguments."""

    kind: str
    text: str
    tool: str
    arguments: dict[str, Any]


def needs_facts(understood: Understanding, outcomes: Sequence[Outcome]) -> bool:
    """Return whether `quick_replies` needs the vocabulary and the facts of the home."""
    is_talk = understood.question is None and understood.intent != "help" and matches_smalltalk(understood.text)
    return not outcomes and not is_talk


def quick_replies(
    understood: Understanding, outcomes: Sequence[Outcome], facts: HomeFacts, vocabulary: Vocabulary
) -> list[str]:
    """Return the messages to offer under the answer: for what it asks, examples, or what may have been meant."""
    if any(isinstance(outcome, Doubt) for outcome in outcomes):
        return []  # has its Yes and No
    if outcomes:
        calls = [outcome.open_call for outcome in outcomes if isinstance(outcome, Refusal) and outcome.open_call]
        replies = list(calls[0].choices) if calls else []
    elif understood.question is not None:
        replies = _answers(understood, facts)
    elif understood.intent == "help":
        replies = examples(facts, vocabulary)
    elif understood.intent == "plan":
        text = _("%(text)s tomorrow at 9") % {"text": _topic(understood, vocabulary)}
        replies = _surely(Example("", text, "schedule_message", {}), vocabulary)
    else:
        replies = [] if matches_smalltalk(understood.text) else nearest(understood, vocabulary)
    return [text for text in dict.fromkeys(replies) if len(text) <= MAX_REPLY_CHARS][:MAX_REPLIES]


def _answers(understood: Understanding, facts: HomeFacts) -> list[str]:
    """Return answers to the question of an intent that lacks something; none where only free text fits."""
    intent, names_item = understood.intent, any(entity.type == "item" for entity in understood.entities)
    if intent == "add_item":
        return list(facts.usual)
    if intent in ("mark_purchased", "remove_item") or (intent == "change_item" and not names_item):
        return [item.name for item in facts.listed]
    return [str(label) for label, _frequency in FREQUENCIES] if intent == "set_recurring" else []


# Examples


def examples(facts: HomeFacts, vocabulary: Vocabulary) -> list[str]:
    """Return six messages of different kinds that work in this home."""
    candidates = list(_candidates(facts))
    with translation.override("en"):
        candidates += _candidates(facts)
    by_kind: dict[str, str] = {}
    for candidate in candidates:
        if candidate.kind not in by_kind and len(by_kind) < MAX_REPLIES and len(candidate.text) <= MAX_REPLY_CHARS:
            for text in _surely(candidate, vocabulary):
                by_kind[candidate.kind] = text
    return list(by_kind.values())


def _candidates(facts: HomeFacts) -> Iterator[Example]:
    """Yield examples, those that teach most first, and of each kind the closest to the home first."""
    for name in (*facts.usual, _("eggs")):
        yield Example("add", _("We need %(item)s") % {"item": name}, "add_item", {"name": name})
    for item in sorted(facts.listed, key=lambda item: not item.price):
        values = {"item": item.name, "price": money(item.price, facts.currency)}
        text = _("I got the %(item)s for %(price)s") if item.price else _("I got the %(item)s")
        price = {"price": item.price} if item.price else {}
        yield Example("tick", text % values, "mark_purchased", {"name": item.name} | price)
    for name in facts.aisles:
        text = _("How much did we spend on %(aisle)s this month?") % {"aisle": name}
        yield Example("question", text, "budget_query", {"category": name})
    yield Example("question", _("What's on the list?"), "list_items", {})
    for name, rrule in facts.recurring:
        for frequency in Frequency:
            if frequency.rrule == rrule:
                text = _("%(item)s %(often)s") % {"item": name, "often": frequency.label}
                yield Example("recurring", text, "set_recurring", {"name": name, "rrule": rrule})
    for name in (*facts.usual, _("Rice")):
        text = _("%(item)s %(often)s") % {"item": name, "often": Frequency.MONTHLY.label}
        yield Example("recurring", text, "set_recurring", {"name": name, "rrule": Frequency.MONTHLY.rrule})
    yield Example("reminder", _("Remind me tomorrow at 9 to go shopping"), "schedule_message", {})
    for name in facts.people:
        yield Example(
            "memory", _("What do you know about %(name)s?") % {"name": name}, "search_memory", {"query": name}
        )
    yield Example("memory", _("Remember that we shop on Saturdays"), "remember", {})
    for item in facts.listed:
        more = {"quantity": item.quantity + 1, "unit": item.unit}
        text = _("Change %(item)s to %(amount)s") % {"item": item.name, "amount": amount(more)}
        yield Example("change", text, "change_item", {"name": item.name, "quantity": item.quantity + 1})
    yield Example("spending", _("How much did we spend this month?"), "budget_query", {"period": "month"})


def _surely(example: Example, vocabulary: Vocabulary) -> list[str]:
    """Return the example's text if local understanding is sure that it is this call, and only this."""
    understood = understand(example.text, vocabulary)
    calls = [(action.type, action.confidence >= SURE) for action in understood.actions]
    is_same = calls == [(example.tool, True)] and all(
        _is_equal(understood.actions[0].payload.get(name), value) for name, value in example.arguments.items()
    )
    return [example.text] if is_same else []


def _is_equal(argument: Any, value: Any) -> bool:
    if isinstance(value, Decimal):
        return argument is not None and Decimal(str(argument)) == value
    return normalize(str(argument)) == normalize(value)


# What may have been meant


def nearest(understood: Understanding, vocabulary: Vocabulary) -> list[str]:
    """Return up to two messages for what the person may have wanted, by the likelihood of the intents. Pure."""
    topic = _topic(understood, vocabulary)
    is_name = 0 < len(topic.split()) <= MAX_ITEM_WORDS and not understood.text.rstrip().endswith("?")
    usual = ["add_item"] * is_name + ["list_items", "search_memory", "budget_query"]
    texts: list[str] = []
    for intent in dict.fromkeys([*understood.alternatives, *usual]):
        if intent in _MEANINGS and len(texts) < MAX_NEAREST:
            tool, sentence = _MEANINGS[intent]
            example = Example("", sentence % {"text": topic}, tool, {})
            texts += _surely(example, vocabulary) if len(example.text) <= MAX_REPLY_CHARS else []
    return texts


def _topic(understood: Understanding, vocabulary: Vocabulary) -> str:
    """Return the items of the message, or all of its text, without the agent's name and the marks at its ends."""
    names = [entity.value for entity in understood.entities if entity.type == "item"]
    text = ", ".join(names) or tidy(strip_agent_names(understood.text, vocabulary))
    return text.strip(" .,;:!?\"“”'")


_REMIND = __("Remind me tomorrow at 9 to %(text)s")
# By intent: the tool, and the sentence.
_MEANINGS = {
    "add_item": ("add_item", __("Add %(text)s to the list")),
    "mark_purchased": ("mark_purchased", __("I got the %(text)s")),
    "remove_item": ("remove_item", __("Take %(text)s off the list")),
    "set_recurring": ("set_recurring", __("%(text)s every week")),
    "list_items": ("list_items", __("What's on the list?")),
    "budget_query": ("budget_query", __("How much did we spend this month?")),
    "create_task": ("schedule_message", _REMIND),
    "create_event": ("schedule_message", _REMIND),
    "search_memory": ("search", __("Search for %(text)s")),
    "remember": ("remember", __("Remember that %(text)s")),
    "undo": ("undo", __("Undo that")),
}
