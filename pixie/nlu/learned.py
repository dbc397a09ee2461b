"""What the network reads in a message, sentence by sentence where they want different things."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pixie.nlu.clauses import clauses, sentences
from pixie.nlu.corpus import Span
from pixie.nlu.frames import build
from pixie.nlu.network import Marks, Network
from pixie.nlu.outcome import CHANGES_LIST, SURE, Reading
from pixie.nlu.phrases import DECLINES, MORE
from pixie.nlu.proposals import propose
from pixie.nlu.vocabulary import Vocabulary, find_item, is_name

QUIET = frozenset(("chat", "unclear"))  # want nothing, and count as one
_LIKELY = 0.6  # below it a “no” at the beginning says more than the reading of the rest
_SURE_SENTENCE, _SURE_PART = 0.8, 0.95  # of a sentence, and a part of one, to be read apart from the others
# What the network calls the intents of answers that have other names.
_PREVIOUS = {
    "plan": "create_event",
    "schedule_message": "create_task",
    "list_scheduled": "list_tasks",
    "sum_up": "list_items",
}
_WORD = re.compile(r"[^\s,;.!?]+")
_MAX_MORE_WORDS = 3  # of a name, on each side of what was marked
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
    readings = []
    vocabulary = replace(vocabulary, previous=_PREVIOUS.get(vocabulary.previous, vocabulary.previous))
    for part in _parts(network, text, vocabulary):
        readings.append(_propose(part, vocabulary))
        names = [action.payload["name"] for action in readings[-1].actions if "name" in action.payload]
        if len(names) == 1:
            vocabulary = replace(vocabulary, topic=names[0])  # of “we need milk, make it 3”
    return readings


def _propose(part: Part, vocabulary: Vocabulary) -> Reading:
    if DECLINES.match(part.text) and (part.intent in QUIET or part.probability < _LIKELY):
        return Reading("no", max(part.probability, _LIKELY))
    frame = build(part.text, part.intent, name_items(part.text, part.marks.spans, vocabulary))
    probability = part.probability
    if part.intent == "change_item" and MORE.search(part.text):  # which is as well an addition
        probability = min(probability + part.marks.intents["add_item"], 1.0)
    reading = propose(frame, part.text, vocabulary, probability)
    others = sorted(part.marks.intents, key=part.marks.intents.__getitem__, reverse=True)
    alternatives = tuple(intent for intent in others[:_ALTERNATIVES] if intent not in QUIET | {part.intent})
    uses_words = any(action.type in CHANGES_LIST - {"set_recurring"} for action in reading.actions)
    return replace(reading, alternatives=alternatives, unused=frame.unused if uses_words else ())


def name_items(text: str, spans: Sequence[Span], vocabulary: Vocabulary) -> list[Span]:
    """Return the spans, where an item of the home that has more words than what was marked takes these words, too: “fish
    souce” where “fish” was marked, and “21 Seasoning Salute” whose number is no amount."""
    names, words = (*vocabulary.on_list, *vocabulary.items), list(_WORD.finditer(text))
    named: list[Span] = []
    for span in spans if names else ():
        inside = [number for number, word in enumerate(words) if word.start() < span.end and word.end() > span.start]
        if span.label == "item" and inside and (wider := _widen(text, words, inside, names)):
            named.append(wider)
    if names and not any(span.label == "item" for span in spans):
        named += _named(text, words, names)
    others = [span for span in spans if not any(span.start < wider.end and span.end > wider.start for wider in named)]
    return sorted([*named, *others], key=lambda span: span.start)


def _named(text: str, words: Sequence[re.Match[str]], names: tuple[str, ...]) -> list[Span]:
    """Return the first, longest stretch of words that is a name."""
    for start, first in enumerate(words):
        for last in reversed(words[start : start + _MAX_MORE_WORDS + 1]):
            if is_name(text[first.start() : last.end()], names):
                return [Span("item", first.start(), last.end(), text[first.start() : last.end()])]
    return []


def _widen(text: str, words: Sequence[re.Match[str]], inside: Sequence[int], names: tuple[str, ...]) -> Span | None:
    """Return the longest stretch of words around the marked ones that is a name, or None if it has no other words."""
    first, last = inside[0], inside[-1]
    windows = [
        (words[start].start(), words[end].end())
        for start in range(max(0, first - _MAX_MORE_WORDS), first + 1)
        for end in range(last, min(len(words), last + _MAX_MORE_WORDS + 1))
        if (start, end) != (first, last)
    ]
    windows.sort(key=lambda window: window[0] - window[1])
    for start, end in windows:
        if is_name(text[start:end], names):
            return Span("item", start, end, text[start:end])
    following = text[words[first].start() : words[min(last + 1, len(words) - 1)].end()]
    is_known = find_item(text[words[first].start() : words[last].end()], names) is not None
    if not is_known and find_item(following, names) is not None:
        start = words[first].start()
        return Span("item", start, start + len(following), following)
    return None


def _parts(network: Network, text: str, vocabulary: Vocabulary) -> list[Part]:
    if len(text) > _MAX_PART:
        return [part for stretch in _cut(text) for part in _read(network, [stretch], vocabulary.previous)]
    [whole] = _read(network, [text], vocabulary.previous)
    cuts = [clause for sentence in sentences(text) for clause in clauses(sentence)]
    if len(cuts) < 2 or whole.intent in QUIET and whole.probability > _SURE_PART:
        return [whole]
    parts = _read(network, cuts, vocabulary.previous)
    if whole.probability < SURE:  # “make it 3”, after “we need milk”
        parts[1:] = map(_surer, parts[1:], _read(network, cuts[1:], parts[0].intent))
    acting = [part for part in parts if part.intent not in QUIET]
    differ = len({part.intent for part in acting}) > 1
    is_clear = len(cuts) == len(sentences(text)) or whole.probability < SURE
    enough = _SURE_SENTENCE if is_clear else _SURE_PART
    return acting if differ and all(part.probability > enough for part in acting) else [whole]


def _read(network: Network, texts: list[str], previous: str) -> list[Part]:
    """Return the reading of each text. What is not sure by itself is read as said after the message before, too."""
    marks = network.read(texts, ("", previous) if previous else ("",))
    alone, after = marks[: len(texts)], marks[len(texts) :] or marks
    return [_surer(_part(text, one), _part(text, other)) for text, one, other in zip(texts, alone, after, strict=True)]


def _surer(alone: Part, after: Part) -> Part:
    return alone if alone.probability >= min(SURE, after.probability) else after


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
