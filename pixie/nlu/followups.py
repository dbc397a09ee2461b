"""Short answers to the agent's questions: “every week”, “milk”, “2 kg”."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from groceries.parsing.names import normalize
from pantry.when.dates import find_when
from pantry.when.frequencies import Frequency, find_frequency, find_thai_frequency
from pixie.nlu.clauses import strip_agent_names
from pixie.nlu.intents import understand
from pixie.nlu.outcome import SURE, Entity, Proposal, Understanding
from pixie.nlu.vocabulary import Vocabulary, find_item

ANSWERED = 0.95  # confidence of a call that an answer completes
FREQUENCIES = (
    (_("Every week"), Frequency("weekly", "FREQ=WEEKLY", "every week", "")),
    (_("Every two weeks"), Frequency("biweekly", "FREQ=WEEKLY;INTERVAL=2", "every two weeks", "")),
    (_("Every month"), Frequency("monthly", "FREQ=MONTHLY", "every month", "")),
)
_ABOUT_ITEMS = ("add_item", "mark_purchased", "remove_item", "change_item")
# Words around a frequency or a time that make it no less of an answer.
_FILLERS = frozenset("please ok okay maybe just then thanks it i think say let's about ครับ ค่ะ คะ นะ ก็ได้".split())
_VAGUE = ("unclear", "chat", "plan", "add_item")  # intents of a bare item, amount or time


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call of which the value of one argument is open. `choices` are possible values, by their words."""

    tool: str
    payload: dict[str, Any]
    argument: str
    choices: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a person: about the intent and entities of their message, or about open calls. `replies` are the
    answers that were offered."""

    intent: str = ""
    entities: Sequence[Mapping[str, Any]] = ()
    calls: Sequence[OpenCall] = ()
    replies: Sequence[str] = ()


def complete(question: Question, text: str, vocabulary: Vocabulary) -> Understanding | None:
    """Return what the person wants, if the text answers the question. Pure.

    A text that says something by itself is no answer, unless it was offered or names only an item.
    """
    words = strip_agent_names(text.strip(), vocabulary).strip(" .!")
    if question.calls:
        return _choose(question, text, words, vocabulary)
    alone = understand(text, vocabulary)
    is_item = _item(words, vocabulary) is not None and question.intent in _ABOUT_ITEMS
    is_bare = alone.intent in (*_VAGUE, question.intent) and not (alone.actions and alone.confidence >= SURE)
    is_offered = normalize(words) in {normalize(strip_agent_names(each, vocabulary)) for each in question.replies}
    build = _BUILDERS.get(question.intent)
    if build is None or not (is_item or is_bare or is_offered):
        return None
    answer = build(question, words, vocabulary)
    return replace(answer, text=text) if answer else None


def _choose(question: Question, text: str, words: str, vocabulary: Vocabulary) -> Understanding | None:
    """Make the open calls with the value that the words choose, or with the time that they are."""
    actions = []
    for call in question.calls:
        choice = find_item(words, tuple(call.choices), partly=True)
        when = find_when(words, vocabulary.local_now()) if call.argument == "at" and choice is None else None
        if choice is None and (when is None or not _is_filler(when.rest)):
            return None
        value = when.moment.isoformat() if when else call.choices[choice or ""]
        actions.append(Proposal(call.tool, {**call.payload, call.argument: value}, ANSWERED))
    return Understanding(text, actions[0].type, ANSWERED, actions=tuple(actions))


def _is_filler(text: str) -> bool:
    return not set(text.casefold().split()) - _FILLERS


def _item(words: str, vocabulary: Vocabulary) -> str | None:
    """Return the home's item that the words are, and nothing else."""
    names = (*vocabulary.on_list, *vocabulary.items)
    return next((name for name in names if normalize(name) == normalize(words)), None)


def _things(question: Question) -> list[dict[str, Any]]:
    """Return the items that the question is about, with their amounts."""
    things: list[dict[str, Any]] = []
    for entity in question.entities:
        value = entity.get("norm") or entity["value"]
        if entity["type"] == "item":
            things.append({"name": value})
        elif entity["type"] in ("quantity", "unit") and things:
            things[-1][entity["type"]] = value
    return things


def _done(tool: str, payloads: Sequence[dict[str, Any]], confidence: float = ANSWERED) -> Understanding:
    calls = tuple(Proposal(tool, payload, confidence) for payload in payloads)
    entities = tuple(Entity("item", payload["name"], confidence) for payload in payloads)
    return Understanding("", tool, confidence, entities, calls)


def _of_items(question: Question, words: str, vocabulary: Vocabulary) -> Understanding | None:
    """Add, tick or remove the items, whatever a sentence of its own would do with them."""
    if (name := _item(words, vocabulary)) is not None:
        return _done(question.intent, [{"name": name}])
    sentence = {"mark_purchased": "I got {}", "remove_item": "take {} off the list"}.get(question.intent, "add {}")
    answer = understand(sentence.format(words), vocabulary)
    if not all(action.type == question.intent for action in answer.actions):
        return None
    return answer if answer.actions else None


def _frequency(words: str) -> Frequency | None:
    offered = {normalize(str(label)): frequency for label, frequency in FREQUENCIES}
    frequency = offered.get(normalize(words)) or find_frequency(words) or find_thai_frequency(words)
    return frequency if frequency and _is_filler(frequency.rest) else None


def _recur(question: Question, words: str, vocabulary: Vocabulary) -> Understanding | None:
    frequency, things = _frequency(words), _things(question)
    if frequency is None or not things:
        return None
    rule = {"frequency": frequency.nearest, "rrule": frequency.rrule}
    return _done("set_recurring", [thing | rule for thing in things])


def _change(question: Question, words: str, vocabulary: Vocabulary) -> Understanding | None:
    """Change the item of the question; without one, the words are the item, and what to change is asked next."""
    things = _things(question)
    if things:
        answer = understand(f"change {things[0]['name']} to {words}", vocabulary)
        return answer if answer.actions and answer.intent == "change_item" else None
    if (name := _item(words, vocabulary)) is None:
        return None
    text = format_lazy(_("What should I change about {item}?"), item=name)
    return Understanding("", "change_item", 0.5, (Entity("item", name, ANSWERED),), question=text)


def _remind(question: Question, words: str, vocabulary: Vocabulary) -> Understanding | None:
    times = [entity["value"] for entity in question.entities if entity["type"] in ("datetime", "recurring_frequency")]
    answer = understand(f"remind me {' '.join(times)} to {words}", vocabulary)
    return answer if answer.actions and answer.intent == "schedule_message" else None


_BUILDERS = {
    "add_item": _of_items, "mark_purchased": _of_items, "remove_item": _of_items, "change_item": _change,
    "set_recurring": _recur, "schedule_message": _remind,
}  # fmt: skip
