"""Rule-based understanding of messages, local and within a few milliseconds."""

from pixie.nlu.intents import understand_message
from pixie.nlu.outcome import CHANGES, CHANGES_LIST, SURE, Entity, Proposal, Understanding
from pixie.nlu.vocabulary import EMPTY, Vocabulary

__all__ = [
    "CHANGES",
    "CHANGES_LIST",
    "EMPTY",
    "SURE",
    "Entity",
    "Proposal",
    "Understanding",
    "Vocabulary",
    "understand",
]


def understand(text: str, vocabulary: Vocabulary = EMPTY) -> Understanding:
    """Return the intent, entities and proposed tool calls of a message. Pure; never raises."""
    return understand_message(text, vocabulary)
