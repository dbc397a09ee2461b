"""Understanding of messages without a language model, within some 15 milliseconds."""

from pixie.nlu.intents import understand
from pixie.nlu.outcome import CHANGES, CHANGES_LIST, SURE, Understanding
from pixie.nlu.vocabulary import Vocabulary

__all__ = ["CHANGES", "CHANGES_LIST", "SURE", "Understanding", "Vocabulary", "understand"]
