"""Results of understanding a message: intent, entities and proposed tool calls."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pantry.when.frequencies import Frequency

# Proposals from this confidence on are executed at once; others need confirmation.
SURE = 0.85
DOUBTFUL = 0.8  # of what is asked, at most

# Tools that change what a home buys.
CHANGES_LIST = frozenset({
    "add_item", "change_item", "mark_purchased", "remove_item", "set_recurring", "clear_list", "mark_all_purchased",
    "have_at_home", "swap_item", "move_item", "put_back", "set_aisle", "approve_list", "complete_list",
    "start_list", "rename_list", "archive_list", "delete_list",
})  # fmt: skip
# Tools that change anything at all.
CHANGES = CHANGES_LIST | {
    "change_recurring", "answer_forecast", "add_to_pantry", "use_from_pantry", "keep_in_stock", "post_message", "undo", "remember", "forget", "schedule_message",
    "cancel_scheduled",
    "create_task",
    "complete_task",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """A named part of the message; `norm` is its canonical form where that differs."""

    type: str
    value: str
    confidence: float
    norm: str | None = None

    def as_dict(self) -> dict[str, Any]:
        entity: dict[str, Any] = {"type": self.type, "value": self.value, "confidence": round(self.confidence, 2)}
        return entity if self.norm is None else {**entity, "norm": self.norm}


def frequency_entity(frequency: Frequency) -> Entity:
    return Entity("recurring_frequency", frequency.phrase, 0.9, frequency.name)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed call of the tool named `type`."""

    type: str
    payload: dict[str, Any]
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """The result for a message. `question` is what to ask before anything can be done; `alternatives` are the other
    intents that it may have, the likeliest first; `unused` are words that should have had a use, such as numbers."""

    text: str
    intent: str
    confidence: float
    entities: tuple[Entity, ...] = ()
    actions: tuple[Proposal, ...] = ()
    question: str | Promise | None = None
    alternatives: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return {
            "text": self.text,
            "intent": self.intent,
            "confidence": round(self.confidence, 2),
            "entities": [entity.as_dict() for entity in self.entities],
            "actions": [{"type": action.type, "payload": action.payload} for action in self.actions],
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """The result for one clause. `topics` are the items it mentions, for a later "add it" to refer to; see
    `Understanding` for the others."""

    intent: str
    confidence: float
    entities: tuple[Entity, ...] = ()
    actions: tuple[Proposal, ...] = ()
    question: str | Promise | None = None
    topics: tuple[Any, ...] = ()
    alternatives: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def call(tool: str, payload: dict[str, Any], confidence: float, entities: tuple[Entity, ...] = ()) -> Reading:
    """Return the reading that proposes one call; its intent is the name of the tool."""
    return Reading(tool, confidence, entities, (Proposal(tool, payload, confidence),))


_CONFIRMATIONS = {
    "add_item": _("Should I add {names} to the list?"),
    "mark_purchased": _("Should I mark {names} as bought?"),
    "remove_item": _("Should I take {names} off the list?"),
    "set_recurring": _("Should I add {names} again and again?"),
}


def confirmation_question(actions: Sequence[Proposal]) -> str | Promise | None:
    """Return the question that confirms these changes, which are all of one kind."""
    names = ", ".join(str(action.payload["name"]) for action in actions if "name" in action.payload)
    question = _CONFIRMATIONS.get(actions[0].type) if names else None
    return format_lazy(question, names=names) if question else None


def lower_confidence(reading: Reading) -> Reading:
    """Make changes that are only hinted at, such as "I think we need milk", need confirmation."""
    actions = tuple(replace(action, confidence=min(action.confidence, DOUBTFUL)) for action in reading.actions)
    question = reading.question or confirmation_question(actions)
    return replace(reading, confidence=min(reading.confidence, DOUBTFUL), actions=actions, question=question)
