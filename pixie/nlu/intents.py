"""From a message to one Understanding: read each sentence by whom it concerns, then put the readings together."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from groceries.parsing.names import normalize, tidy
from pixie.nlu.chatting import cut_post, read_said, read_search, read_undo
from pixie.nlu.clauses import MAX_LENGTH, addressed, clauses, plain, sentences
from pixie.nlu.items import Mention
from pixie.nlu.list_questions import read_overview
from pixie.nlu.memories import read_memories
from pixie.nlu.outcome import CHANGES, SURE, Entity, Proposal, Reading, Understanding
from pixie.nlu.phrases import HEDGED, QUESTION
from pixie.nlu.plans import read_plan
from pixie.nlu.reminders import read_schedules
from pixie.nlu.shopping import ask, read_condition, read_shopping
from pixie.nlu.spending import read_spending
from pixie.nlu.talk import read_memory, read_talk
from pixie.nlu.thai import SCRIPT, read_thai
from pixie.nlu.vocabulary import Vocabulary

# Over this many words a message tells a story, and what looks like a wish in it is asked about first.
_STORY = 60
# "!!!!!!" and "no no no no" say it once; runs of hundreds would only cost time.
_STUTTER = re.compile(r"([^\w\s])(?:\s*\1){2,}|\b(\w+)(?:\W{1,3}\2\b){2,}")
# "Shopping list:" above a column of things is one sentence.
_HEADING = re.compile(r"([^\n]{2,40}:)\n")


def understand_message(text: str, known: Vocabulary) -> Understanding:
    """Cost is linear in the first 1,000 characters; the rest is not read."""
    quotes = {0xFFFD: " ", 0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x00B4: "'"}
    lines = [_STUTTER.sub(r"\1\2", tidy(line)) for line in text[:MAX_LENGTH].translate(quotes).splitlines()]
    cleaned = addressed("\n".join(line for line in lines if line), known)
    if (heading := _HEADING.match(cleaned)) is not None:
        cleaned = f"{heading[1]} " + ", ".join(line.strip(" ,-–•*") for line in cleaned[heading.end() :].splitlines())
    cleaned, post = cut_post(cleaned, known)
    readings: list[Reading] = []
    topics: Sequence[Mention] = ()
    for sentence in sentences(cleaned) if cleaned or post is None else ():
        for reading in _read_sentence(sentence, known, topics):
            readings.append(reading)
            topics = reading.topics or topics
    if post is not None:
        readings.append(post)
    return _together(text, readings or [Reading("unclear", 0.3)], hurried=len(cleaned.split()) > _STORY)


def _read_sentence(sentence: str, known: Vocabulary, topics: Sequence[Mention]) -> Iterator[Reading]:
    if (reading := read_undo(sentence) or read_memories(sentence) or read_search(sentence, known)) is not None:
        yield reading
        return
    command = plain(sentence, known)
    if (reading := read_schedules(command) or read_overview(command)) is not None:
        yield reading
        return
    if SCRIPT.search(sentence) and (reading := read_thai(sentence, known)) is not None:
        yield reading
        return
    if (reading := read_condition(sentence, known)) is not None:
        yield reading
        return
    if (reading := _read_whole(sentence, known)) is not None:
        yield reading
        return
    found = False
    for clause in clauses(sentence):
        command = plain(clause, known)
        reading = read_undo(command) or read_shopping(command, known, topics, asks=_asks(clause, known))
        if reading is not None:
            reading = _hedged(reading) if HEDGED.match(clause.strip()) else reading
            if reading.confidence < SURE and reading.actions and _GREETING.match(clause):
                continue  # "hi honey" wants no honey
            found, topics = True, reading.topics or topics
            yield reading
    if not found:
        command = plain(sentence, known)
        asks = _asks(sentence, known)
        remembered = (read_said(command, known) or read_memory(command, known)) if asks else None
        yield remembered or read_talk(command)


def _hedged(reading: Reading) -> Reading:
    """ "I think we need milk" is for the others to answer, so nothing happens before a yes."""
    doubted = tuple(replace(action, confidence=min(action.confidence, 0.8)) for action in reading.actions)
    return replace(
        reading, confidence=min(reading.confidence, 0.8), actions=doubted, question=reading.question or ask(doubted)
    )


_GREETING = re.compile(
    r"\s*(?:hi|hello|hey|thanks|thank you|thx|lol|haha\w*|cheers|bye|good (?:morning|night|evening)|love you)\b",
    re.I,
)


def _asks(clause: str, known: Vocabulary) -> bool:
    """Whether it is a question once "could you" is gone; "milk?" asks too, "can you add milk?" does not."""
    command = plain(clause, known)
    if QUESTION.match(command):
        return True
    return (
        clause.rstrip().endswith("?")
        and command == clause.strip(" ,;:-–.…")
        and not re.match(r"^(?:get|buy|add|put)\b", command, re.I)
    )


def _read_whole(sentence: str, known: Vocabulary) -> Reading | None:
    """What is not about the list is read in one piece: its verbs belong to a task, a day, a sum or a memory."""
    command, asks = plain(sentence, known), _asks(sentence, known)
    return read_spending(command) or read_plan(command, known, asks=asks)


def _together(text: str, readings: Sequence[Reading], *, hurried: bool) -> Understanding:
    """One intent for all: the first that changes something, else the first that answers something."""
    main = min(readings, key=_rank)
    actions = _distinct([action for reading in readings for action in reading.actions])
    if hurried:
        actions = [Proposal(action.type, action.payload, min(action.confidence, 0.8)) for action in actions]
    confidence = min((action.confidence for action in actions), default=main.confidence)
    entities: dict[tuple[str, str, int], Entity] = {}
    for number, reading in enumerate(readings):
        for entity in reading.entities:
            entities.setdefault(
                (entity.type, entity.value, number if entity.type in ("quantity", "unit") else 0), entity
            )
    question = next((reading.question for reading in readings if reading.question is not None), None)
    if question is None and confidence < SURE:
        doubtful = [action for action in actions if action.confidence < SURE]
        question = ask([action for action in doubtful if action.type == doubtful[0].type])
    asked = question if confidence < SURE or not actions else None
    return Understanding(text, main.intent, confidence, tuple(entities.values()), tuple(actions), asked)


def _rank(reading: Reading) -> int:
    if reading.intent in CHANGES:
        return 0
    return {"unclear": 3, "chat": 2}.get(reading.intent, 1)


def _distinct(actions: Sequence[Proposal]) -> list[Proposal]:
    """Each change once: "we're out of milk, add it to the list" names milk twice and means it once."""
    kept: dict[tuple[str, str], Proposal] = {}
    for number, action in enumerate(actions):
        name = action.payload.get("name")
        key = (action.type, normalize(name) if isinstance(name, str) else str(number))
        if key not in kept or kept[key].confidence < action.confidence:
            kept[key] = action
    return list(kept.values())
