"""Understanding of a whole message: reads each sentence and combines the readings."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from groceries.parsing.names import normalize, tidy
from pixie.nlu.chatting import cut_post, read_help, read_memories, read_message_question, read_search, read_undo
from pixie.nlu.clauses import MAX_LENGTH, clauses, sentences, simplify, strip_agent_names
from pixie.nlu.items import Mention
from pixie.nlu.learned import read_learned
from pixie.nlu.lessons import apply_lesson
from pixie.nlu.network import network
from pixie.nlu.outcome import CHANGES, SURE, Entity, Proposal, Reading, Understanding
from pixie.nlu.patterns import pattern
from pixie.nlu.phrases import CONDITION, HEDGED, LATER, MAY_WE, QUESTION, REPORTS, TAKEN_BACK
from pixie.nlu.questions import read_memory_question, read_overview, read_small_talk, read_spending
from pixie.nlu.reminders import read_plan, read_schedules
from pixie.nlu.shopping import confirmation_question, lower_confidence, read_condition, read_shopping
from pixie.nlu.thai import SCRIPT, read_thai
from pixie.nlu.vocabulary import EMPTY, Vocabulary

_DOUBTFUL = 0.8  # of a change that only one of the two ways of reading finds
# Longer messages are probably stories: changes in them need confirmation.
_MAX_COMMAND_WORDS = 60
# Repetitions such as "!!!!!!" and "no no no no" are collapsed, to save time.
_REPETITION = re.compile(r"([^\w\s])(?:\s*\1){2,}|\b(\w+)(?:\W{1,3}\2\b){2,}")
# A heading such as "Shopping list:" and the items below it are one sentence.
_HEADING = re.compile(r"([^\n]{2,40}:)\n")
_GREETING = pattern(
    r"\A\s*+(?:hi|hello|hey|thanks|thank you|thx|lol|haha\w*|cheers|bye|good (?:morning|night|evening)|love you)\b"
)
# Commands that the patterns read in whole.
_EXACT = frozenset(("help", "post_message", "schedule_message", "list_scheduled", "cancel_scheduled"))
_RANKS = {"unclear": 3, "chat": 2} | dict.fromkeys(CHANGES, 0)


def understand(text: str, vocabulary: Vocabulary = EMPTY) -> Understanding:
    """Return the intent, entities and proposed tool calls of a message. Pure; never raises. Takes linear time,
    and reads the 4,000 characters that a message may have.

    Exact commands are read by patterns, everything else by the network, and by patterns alone without one. What the
    home has taught about the message makes the reading surer or less sure, but never another one.
    """
    return apply_lesson(_read(text, vocabulary), vocabulary.lessons)


def _read(text: str, vocabulary: Vocabulary) -> Understanding:
    cleaned, post = cut_post(_clean(text, vocabulary), vocabulary)
    readings = _read_patterns(cleaned, vocabulary)
    if post is not None:
        readings.append(post)
    elif TAKEN_BACK.search(cleaned):
        readings = [lower_confidence(reading) if reading.actions else reading for reading in readings]
    is_long = len(cleaned.split()) > _MAX_COMMAND_WORDS
    exact = _combine(text, readings or [Reading("unclear", 0.3)], is_long=is_long)
    is_exact = post is not None or exact.intent in _EXACT and exact.confidence >= SURE
    if is_exact or not cleaned or (model := network()) is None:
        return exact
    return _choose(exact, _combine(text, read_learned(model, cleaned, vocabulary), is_long=is_long))


def _clean(text: str, vocabulary: Vocabulary) -> str:
    quotes = {0xFFFD: " ", 0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x00B4: "'"}
    lines = [_REPETITION.sub(r"\1\2", tidy(line)) for line in text[:MAX_LENGTH].translate(quotes).splitlines()]
    cleaned = strip_agent_names("\n".join(line for line in lines if line), vocabulary)
    if (heading := _HEADING.match(cleaned)) is not None:
        cleaned = f"{heading[1]} " + ", ".join(line.strip(" ,-–•*") for line in cleaned[heading.end() :].splitlines())
    return cleaned


def _choose(exact: Understanding, learned: Understanding) -> Understanding:
    """Return the network's reading. A change that the patterns are sure of, and the network does not see, is asked."""
    if exact.actions and exact.confidence >= SURE and not learned.actions and exact.intent in CHANGES:
        actions = tuple(replace(action, confidence=min(action.confidence, _DOUBTFUL)) for action in exact.actions)
        question = exact.question or confirmation_question(actions)
        return replace(exact, confidence=_DOUBTFUL, actions=actions, question=question)
    return learned


def _read_patterns(cleaned: str, vocabulary: Vocabulary) -> list[Reading]:
    """Return the readings of a message by patterns, sentence by sentence."""
    readings: list[Reading] = []
    topics: Sequence[Mention] = ()
    for sentence in sentences(cleaned):
        for reading in _read_sentence(sentence, vocabulary, topics):
            readings.append(reading)
            topics = reading.topics or topics
    return readings


def _read_sentence(sentence: str, vocabulary: Vocabulary, topics: Sequence[Mention]) -> Iterator[Reading]:
    command = simplify(sentence, vocabulary)
    asks = _is_question(sentence, command)
    whole = (
        read_help(sentence)
        or read_undo(sentence)
        or read_memories(sentence)
        or read_search(sentence, vocabulary)
        or read_schedules(command)
        or read_overview(command)
        or (read_thai(sentence, vocabulary) if SCRIPT.search(sentence) else None)
        or read_condition(sentence, vocabulary)
        or read_spending(command)
        or read_plan(command, vocabulary, asks=asks)
    )
    if whole is not None:
        yield whole
        return
    has_reading = False
    for clause in clauses(sentence):
        part = simplify(clause, vocabulary)
        reading = read_undo(part) or read_shopping(part, vocabulary, topics, asks=_is_question(clause, part))
        if reading is None:
            continue
        is_of_now = not CONDITION.search(sentence) and not LATER.search(sentence)
        is_conditional = reading.intent in ("remove_item", "change_item") and not is_of_now
        is_mention = reading.intent != "add_item" and _is_mention(clause, sentence)
        if HEDGED.match(clause.strip()) or is_conditional or is_mention:
            reading = lower_confidence(reading)
        if reading.confidence < SURE and reading.actions and _GREETING.match(clause):
            continue  # "hi honey" does not ask for honey
        has_reading, topics = True, reading.topics or topics
        yield reading
    if not has_reading:
        question = read_message_question(command, vocabulary) or read_memory_question(command, vocabulary)
        yield asks and question or read_small_talk(command)


def _is_mention(clause: str, sentence: str) -> bool:
    """Return whether the clause may be a question or somebody else's words: "Ben: remove the milk"."""
    before = sentence[: max(0, sentence.find(clause))].rstrip()
    return before.endswith(":") or bool(MAY_WE.match(clause) or REPORTS.search(before)) or clause[:1] in ('"', "'", ">")


_WE = re.compile(r"\b(?:we|i)\b", re.I)  # not in "Ben got milk?", of which the command is "we got milk?"


def _is_question(clause: str, command: str) -> bool:
    """Return whether the clause is a question; "milk?" is one, "can you add milk?" is not."""
    is_unchanged = command == clause.strip(" ,;:-–.…") or command.startswith("we ") and not _WE.search(clause)
    is_request = re.match(r"(?:get|buy|add|put)\b", command, re.I)
    return bool(QUESTION.match(command)) or clause.rstrip().endswith("?") and is_unchanged and not is_request


def _combine(text: str, readings: Sequence[Reading], *, is_long: bool) -> Understanding:
    """Combine the readings. The intent is that of the first change, else of the first query."""
    main = min(readings, key=lambda reading: _RANKS.get(reading.intent, 1))
    actions = _distinct([action for reading in readings for action in reading.actions])
    if is_long:
        actions = [Proposal(action.type, action.payload, min(action.confidence, 0.8)) for action in actions]
    confidence = min((action.confidence for action in actions), default=main.confidence)
    entities: dict[tuple[str, str, int], Entity] = {}
    for number, reading in enumerate(readings):
        for entity in reading.entities:
            is_amount = entity.type in ("quantity", "unit")
            entities.setdefault((entity.type, entity.value, number if is_amount else 0), entity)
    question = next((reading.question for reading in readings if reading.question is not None), None)
    if question is None and confidence < SURE:
        uncertain = [action for action in actions if action.confidence < SURE]
        question = confirmation_question([action for action in uncertain if action.type == uncertain[0].type])
    open_question = question if confidence < SURE or not actions else None
    unused = tuple(word for reading in readings for word in reading.unused)
    return Understanding(
        text,
        main.intent,
        confidence,
        tuple(entities.values()),
        tuple(actions),
        open_question,
        main.alternatives,
        unused,
    )


def _distinct(actions: Sequence[Proposal]) -> list[Proposal]:
    """Drop duplicate changes: "we're out of milk, add it to the list" adds milk once."""
    best: dict[tuple[str, str], Proposal] = {}
    for number, action in enumerate(actions):
        key = (action.type, normalize(action.payload["name"]) if "name" in action.payload else str(number))
        if key not in best or best[key].confidence < action.confidence:
            best[key] = action
    return list(best.values())
