"""What the network reads in a message, sentence by sentence where they want different things."""

from dataclasses import dataclass, replace

from pixie.nlu.clauses import clauses, sentences
from pixie.nlu.frames import build
from pixie.nlu.network import Marks, Network
from pixie.nlu.outcome import CHANGES_LIST, Reading
from pixie.nlu.proposals import propose
from pixie.nlu.vocabulary import Vocabulary

QUIET = frozenset(("chat", "unclear"))  # want nothing, and count as one
_SURE_PART = 0.97  # of a sentence, to be read apart from the others
_ALTERNATIVES = 4  # intents of which those that are not chosen are kept
_MAX_PART = 400  # characters that are read at once


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the message, and the intent that is likeliest."""

    text: str
    marks: Marks
    intent: str
    probability: float


def read_learned(network: Network, text: str, vocabulary: Vocabulary) -> list[Reading]:
    """Return the readings of a message: one, unless its sentences surely want different things."""
    return [_propose(part, vocabulary) for part in _parts(network, text, vocabulary)]


def _propose(part: Part, vocabulary: Vocabulary) -> Reading:
    frame = build(part.text, part.intent, part.marks.spans)
    reading = propose(frame, part.text, vocabulary, part.probability)
    others = sorted(part.marks.intents, key=part.marks.intents.__getitem__, reverse=True)
    alternatives = tuple(intent for intent in others[:_ALTERNATIVES] if intent not in QUIET | {part.intent})
    uses_words = any(action.type in CHANGES_LIST - {"set_recurring"} for action in reading.actions)
    return replace(reading, alternatives=alternatives, unused=frame.unused if uses_words else ())


def _parts(network: Network, text: str, vocabulary: Vocabulary) -> list[Part]:
    if len(text) > _MAX_PART:
        return [part for stretch in _cut(text) for part in _read(network, [stretch], vocabulary.previous)]
    [whole] = _read(network, [text], vocabulary.previous)
    cuts = [clause for sentence in sentences(text) for clause in clauses(sentence)]
    if len(cuts) < 2 or whole.intent in QUIET and whole.probability > _SURE_PART:
        return [whole]
    acting = [part for part in _read(network, cuts, vocabulary.previous) if part.intent not in QUIET]
    differ = len({part.intent for part in acting}) > 1
    return acting if differ and all(part.probability > _SURE_PART for part in acting) else [whole]


def _read(network: Network, texts: list[str], previous: str) -> list[Part]:
    return [_part(text, marks) for text, marks in zip(texts, network.read(texts, previous), strict=True)]


def _part(text: str, marks: Marks) -> Part:
    chances = {intent: chance for intent, chance in marks.intents.items() if intent not in QUIET}
    quiet = max(QUIET, key=lambda intent: (marks.intents[intent], intent))
    chances[quiet] = sum(marks.intents[intent] for intent in QUIET)
    intent = max(chances, key=chances.__getitem__)
    return Part(text, marks, intent, chances[intent])


def _cut(text: str) -> list[str]:
    """Cut a long message into stretches of whole sentences or lines, and of words where one is longer."""
    stretches: list[str] = []
    for sentence in sentences(text):
        pieces = [sentence[start : start + _MAX_PART] for start in range(0, len(sentence), _MAX_PART)]
        for piece in pieces:
            if stretches and len(stretches[-1]) + len(piece) < _MAX_PART:
                stretches[-1] += f"\n{piece}"
            else:
                stretches.append(piece)
    return stretches
