"""Understanding of a whole message: exact commands by patterns, everything else by the network."""

import re
from collections.abc import Iterator, Sequence

from groceries.parsing.names import normalize, tidy
from pantry.patterns import BLANKS, pattern
from pixie.nlu.chatting import cut_post, read_help, read_memories, read_search, read_undo
from pixie.nlu.clauses import MAX_LENGTH, sentences, simplify, strip_agent_names
from pixie.nlu.learned import read_learned
from pixie.nlu.lessons import apply_lesson
from pixie.nlu.network import network
from pixie.nlu.outcome import (
    CHANGES,
    DOUBTFUL,
    SURE,
    Entity,
    Proposal,
    Reading,
    Understanding,
    confirmation_question,
    lower_confidence,
)
from pixie.nlu.pantry import read_pantry
from pixie.nlu.phrases import TAKEN_BACK
from pixie.nlu.questions import read_overview
from pixie.nlu.recurring import read_recurring
from pixie.nlu.reminders import read_reminder_request, read_schedules
from pixie.nlu.thai import read_thai_reminder
from pixie.nlu.vocabulary import EMPTY, Vocabulary
from pixie.nlu.whole_lists import read_back, read_exceptions

# Longer messages are probably stories: changes in them need confirmation.
_MAX_COMMAND_WORDS = 60
# Repetitions such as "!!!!!!" and "no no no no" are collapsed, to save time.
_REPETITION = re.compile(r"([^\w\s])(?:\s*\1){2,}|\b(\w+)(?:\W{1,3}\2\b){2,}")
# A heading such as "Shopping list:" and the items below it are one sentence.
_HEADING = re.compile(r"([^\n]{2,40}:)\n")
# Lines of which each is marked as an item of a list are one sentence, too.
_BULLET = re.compile(r"\A(?:[-–•*]\s*|\d{1,2}[.)]\s+|\[[ xX]?\]\s*)(?=\S)")
# “Add milk, no wait, add oat milk instead”, “add 2 eggs, sorry, 3 eggs”
_CORRECTED = pattern(
    r"\A(?P<lead>(?:(?:please|can you|could you|pixie),? )*(?P<verb>add|put|get|buy|we need|i need|need))\b(?P<old>[^.!?\n]{1,100}?)"
    r"[\s,;.–—-]++(?:oh |ah |oops |er )?(?:(?:no,? wait|wait,? no|no,? sorry|sorry,? no|wait|sorry|scratch that|no|i mean|i meant|rather)[,:–—-]++\s*"
    r"(?P<again>make (?:that|it) |i mean(?:t)? )?|(?:no,? |actually,? )?(?:make (?:that|it)|i meant?) )(?P<new>[^.!?\n]{1,200}?)[.!\s]*\Z"
)
_VERB = pattern(r"\A(?:add|put|get|buy|we need|i need|need)\b")
_AMOUNT = pattern(
    r"\A(?:\d[\d.,/]{0,12}|an?|one|two|three|four|five|six) ?(?:(?:kg|g|l|ml|lbs?|oz|cans?|bottles?|packs?|bags?|bunch(?:es)?|boxe?s?)(?: of)? )?(?=\S)"
)
_GOES_ON = pattern(r"\b(?:and|plus|or|und|y)[ ,]*\Z")  # “pasta and, sorry, pesto”
_DIGITS = pattern(r"\d{1,6}(?:[.,]\d{1,3})?")
_SEVERAL = pattern(r",|;| (?:and|&|plus|und|y) ")
_NO_THING = pattern(  # “sorry, I'm late”
    r"(?:i|we|you|he|she|they|it|that|this|there|what|when|where|who|why|how|is|are|was|do|does|did|can|could|should|would|will|let|never|and|also|plus|until|till)\b(?! need)"
)
_INSTEAD = pattern(rf"{BLANKS}(?:instead|rather|then)\Z")
_RANKS = {"unclear": 3, "chat": 2} | dict.fromkeys(CHANGES, 0)


def understand(text: str, vocabulary: Vocabulary = EMPTY) -> Understanding:
    """Return the intent, entities and proposed tool calls of a message. Pure; never raises. Takes linear time,
    and reads the 4,000 characters that a message may have.

    Without a network only exact commands are understood. What the home has taught about the message makes the reading
    surer or less sure, but never another one.
    """
    corrected, is_clear = _take_correction(_clean(text, vocabulary))
    cleaned, post = cut_post(corrected, vocabulary)
    readings = list(_read_parts(cleaned, vocabulary))
    if post is not None:
        readings.append(post)
    elif not is_clear or TAKEN_BACK.search(cleaned):
        readings = [lower_confidence(reading) if _changes(reading) else reading for reading in readings]
    is_long = len(cleaned.split()) > _MAX_COMMAND_WORDS
    understood = _combine(text, readings or [Reading("unclear", 0.3)], is_long=is_long)
    return apply_lesson(understood, vocabulary.lessons)


def _changes(reading: Reading) -> bool:
    return any(action.type in CHANGES for action in reading.actions)


def _clean(text: str, vocabulary: Vocabulary) -> str:
    quotes = {0xFFFD: " ", 0x2019: "'", 0x2018: "'", 0x201C: '"', 0x201D: '"', 0x00B4: "'"}
    lines = [_REPETITION.sub(r"\1\2", tidy(line)) for line in text[:MAX_LENGTH].translate(quotes).splitlines()]
    cleaned = strip_agent_names("\n".join(line for line in lines if line), vocabulary)
    if (heading := _HEADING.match(cleaned)) is not None:
        cleaned = f"{heading[1]} " + ", ".join(line.strip(" ,-–•*") for line in cleaned[heading.end() :].splitlines())
    elif len(rows := cleaned.splitlines()) > 1 and all(_BULLET.match(row) for row in rows):
        cleaned = ", ".join(_BULLET.sub("", row).strip(" ,") for row in rows)
    return cleaned


def _take_correction(text: str) -> tuple[str, bool]:
    """Return the text with what the person said instead of what they said first, if they corrected themselves, and
    whether it is clear what that replaces. An amount stays if only another thing is named."""
    match = _CORRECTED.match(text)
    if match is None or _NO_THING.match(match["new"]) or _GOES_ON.search(match["old"]):
        return text, True
    new, old = _INSTEAD.sub("", match["new"]), match["old"].strip(" ,")
    if _DIGITS.fullmatch(new):  # “get 2 l juice, actually make that 3”
        return (f"{match['verb']} {_DIGITS.sub(new, old, count=1)}" if _DIGITS.search(old) else text), True
    if new.casefold().startswith("no "):
        return text, False
    if not _VERB.match(new):
        amount = _AMOUNT.match(old)
        new = f"{match['verb']} {amount[0] if amount and not _AMOUNT.match(new) else ''}{new}"
    return new, _SEVERAL.search(old) is None


def _read_parts(text: str, vocabulary: Vocabulary) -> Iterator[Reading]:
    """Yield the exact commands among the sentences, then what the network reads in the others."""
    others = []
    for sentence in sentences(text):
        if (reading := _read_exact(sentence, vocabulary)) is None:
            others.append(sentence)
        else:
            yield reading
    rest = "\n".join(others) if len(others) < len(sentences(text)) else text
    if rest and (model := network()) is not None:
        yield from read_learned(model, rest, vocabulary)


def _read_exact(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    command = simplify(sentence, vocabulary)
    return (
        read_help(sentence)
        or read_undo(sentence)
        or read_memories(sentence)
        or read_search(sentence, vocabulary)
        or read_schedules(command)
        or read_recurring(command, vocabulary)
        or read_overview(command)
        or read_exceptions(command, vocabulary)
        or read_back(command, vocabulary)
        or read_pantry(command, vocabulary)
        or read_reminder_request(command, vocabulary)
        or read_thai_reminder(sentence, vocabulary)
    )


def _combine(text: str, readings: Sequence[Reading], *, is_long: bool) -> Understanding:
    """Combine the readings. The intent is that of the first change, else of the first query."""
    main = min(readings, key=lambda reading: (_RANKS.get(reading.intent, 1), not reading.actions))
    actions = _distinct([action for reading in readings for action in reading.actions])
    if is_long:
        actions = [Proposal(action.type, action.payload, min(action.confidence, DOUBTFUL)) for action in actions]
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
