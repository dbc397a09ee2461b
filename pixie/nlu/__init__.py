"""Pixie's own understanding: what a message asks for, read on this machine in a few milliseconds, by rules."""

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


def understand(text: str, known: Vocabulary = EMPTY) -> Understanding:
    """Never raises and writes nothing; what it proposes is for the tools to carry out, or to ask about first."""
    return understand_message(text, known)
