"""How well messages of households are understood that training has not seen: `python -m tests.bench.households FOLDER`.

A network of its own is measured with --network, on files of the project with --files:
    manage.py train_nlu --leave-out 03,11 --out /tmp/network.npz
    python -m tests.bench.households --network /tmp/network.npz --files 03,11
"""

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

from groceries.parsing.names import normalize
from groceries.parsing.quantities import normalize_unit
from groceries.parsing.units import UNITS
from pixie.nlu import CHANGES, SURE, Understanding, Vocabulary, understand
from pixie.nlu.corpus import DATA, Example, read_corpus
from pixie.nlu.frames import Thing, build
from pixie.nlu.items import read_line
from pixie.nlu.learned import QUIET

# Tools that answer what the messages are marked with, beside those of the same name.
TOOLS = {
    "schedule_message": {"create_task", "create_event"},
    "plan": {"create_task", "create_event", "list_tasks", "list_events"},
    "list_scheduled": {"list_tasks", "list_events"}, "search": {"search_memory"}, "sum_up": {"list_items"},
}  # fmt: skip
_CHANGE_THINGS = frozenset(("add_item", "mark_purchased", "remove_item", "change_item", "set_recurring"))
_BINS = (0.0, 0.5, 0.7, 0.85, 0.9, 0.95, 0.98, 1.01)

Key = tuple[str, Decimal, str]


@dataclass
class Answer:
    """An example, what was understood of it, and whether that was right."""

    example: Example
    understood: Understanding
    is_accepted: bool
    is_whole: bool | None
    """Whether all items have the right name, amount and unit; None if there are none."""
    milliseconds: float

    @property
    def acts(self) -> bool:
        return any(action.confidence >= SURE and action.type in CHANGES for action in self.understood.actions)

    @property
    def asks(self) -> bool:
        return (
            self.understood.question is not None or bool(self.understood.actions) and self.understood.confidence < SURE
        )


def answer(example: Example, before: "Answer | None" = None) -> Answer:
    last = before.understood.actions if before else ()
    names = [str(action.payload["name"]) for action in last if "name" in action.payload]
    vocabulary = Vocabulary(
        members=("Nok", "Ben", "Ploy"),
        now=datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
        timezone="Asia/Bangkok",
        previous=before.understood.intent if before else "",
        topic=names[0] if len(names) == 1 else "",
        last=last,
    )
    started = time.process_time()
    understood = understand(example.text, vocabulary)
    milliseconds = (time.process_time() - started) * 1000
    intents = {understood.intent} | TOOLS.get(understood.intent, set())
    is_quiet = understood.intent in QUIET
    is_accepted = bool(intents & example.accept) or is_quiet and bool(QUIET & example.accept)
    return Answer(example, understood, is_accepted, _is_whole(example, understood, is_accepted), milliseconds)


def _is_whole(example: Example, understood: Understanding, is_accepted: bool) -> bool | None:
    if example.intent not in _CHANGE_THINGS:
        return None
    expected = [_keys(thing) for thing in _things(example)]
    if not expected:
        return None
    got = [_payload_key(action.payload) for action in understood.actions if "name" in action.payload]
    if understood.intent == "remove_item":  # takes all of it off
        expected = [{(name, *_plain(Decimal(1), "")) for name, *_amount in keys} for keys in expected]
    return is_accepted and len(expected) == len(got) and all(any(key in keys for key in got) for keys in expected)


def _things(example: Example) -> list[tuple[Thing, Thing]]:
    """Return the marked things, with normal forms and as they were written."""
    written = [replace(span, value=example.text[span.start : span.end]) for span in example.spans]
    normal = build(example.text, example.intent, example.spans).things
    as_written = build(example.text, example.intent, written).things
    return list(zip(normal, as_written if len(as_written) == len(normal) else normal, strict=True))


def _keys(forms: tuple[Thing, Thing]) -> set[Key]:
    normal, written = forms
    quantity, unit = _amount(normal)
    return {(normalize(name), quantity, unit) for name in (normal.name, written.name)}


def _amount(thing: Thing) -> tuple[Decimal, str]:
    line = read_line(thing, thing.name, "")
    return _plain(line.quantity or Decimal(1), line.unit or "")


def _plain(quantity: Decimal, unit: str) -> tuple[Decimal, str]:
    """Return the amount in grams, milliliters or pieces: half a dozen is six, and 500 g is half a kilo."""
    name = normalize_unit(unit) or "piece"
    return (quantity * UNITS[name].factor, UNITS[name].dimension) if name in UNITS else (quantity, name)


def _payload_key(payload: dict[str, Any]) -> Key:
    quantity = Decimal(payload["quantity"]) if payload.get("quantity") else Decimal(1)
    return (normalize(str(payload.get("new") or payload["name"])), *_plain(quantity, payload.get("unit") or ""))


def measure(examples: Iterable[Example]) -> tuple[dict[str, Any], list[Answer]]:
    """Return the figures, and the answers they are made of."""
    understand("add milk", Vocabulary())  # opens the network
    answers, last = [], dict[tuple[str, str], Answer]()
    for example in examples:
        talk = (example.writer, example.talk)
        before = last.get(talk) if example.talk else None
        done = answer(example, before)
        answers.append(done)
        last[talk] = done
    return _figures(answers), answers


def _figures(answers: Sequence[Answer]) -> dict[str, Any]:
    quiet = [each for each in answers if each.example.accept <= QUIET]
    whole = [each.is_whole for each in answers if each.is_whole is not None]
    acting = [each for each in answers if each.acts]
    by_language, by_writer, talks = defaultdict(list), defaultdict(list), defaultdict(list)
    for each in answers:
        by_language[each.example.language].append(each.is_accepted)
        by_writer[each.example.writer].append(each.is_accepted)
        if each.example.talk:
            talks[each.example.writer, each.example.talk].append(each.is_accepted and each.is_whole is not False)
    times = sorted(each.milliseconds for each in answers)
    return {
        "messages": len(answers),
        "accepted": _share(each.is_accepted for each in answers),
        "accepted_by_language": {name: _share(right) for name, right in sorted(by_language.items())},
        "worst_writer": min((_share(right), name) for name, right in by_writer.items()),
        "whole": _share(whole),
        "whole_of": len(whole),
        "false_actions": _share(each.acts for each in quiet),
        "wants_nothing": len(quiet),
        "wrong_actions": _share(not each.is_accepted or each.is_whole is False for each in acting),
        "wrong_intents_acted_on": _share(not each.is_accepted for each in acting),
        "acts": len(acting),
        "questions": _share(each.asks for each in answers),
        "needs_a_model": _share(_needs_model(each.understood) for each in answers),
        "talks": _share(all(right) for right in talks.values()),
        "talks_of": len(talks),
        "reliability": _reliability(answers),
        "p50_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(len(times) * 0.95)], 1),
    }


def _needs_model(understood: Understanding) -> bool:
    """Return whether the message would be sent to a language model in a home that has one."""
    from pixie.llm.routing import needs_model
    from pixie.tools import TOOLS

    return needs_model(understood, "", TOOLS)


def _reliability(answers: Sequence[Answer]) -> list[tuple[str, int, float]]:
    """Return, for each range of confidence, how many changes had it and how many of them were right."""
    rows = []
    for low, high in zip(_BINS, _BINS[1:], strict=False):
        inside = [each for each in answers if each.understood.actions and low <= each.understood.confidence < high
                  and any(action.type in CHANGES for action in each.understood.actions)]  # fmt: skip
        right = _share(each.is_accepted and each.is_whole is not False for each in inside)
        rows.append((f"{low:.2f}-{min(high, 1):.2f}", len(inside), right))
    return rows


def _share(outcomes: Iterable[object]) -> float:
    results = [bool(each) for each in outcomes]
    return round(sum(results) / len(results), 4) if results else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "folder", type=Path, nargs="?", default=DATA, help="folder with files like those of pixie/nlu/data"
    )
    parser.add_argument("--files", default="", help="only these files, such as 03,11")
    parser.add_argument("--network", type=Path, help="artifact of the network to measure")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="print N messages that were misunderstood")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from pixie.nlu import network

    if options.network:
        network.ARTIFACT = options.network
    files = set(filter(None, options.files.split(",")))
    figures, answers = measure(each for each in read_corpus(options.folder) if not files or each.file in files)
    print(json.dumps(figures, ensure_ascii=False) if options.json else _table(figures))
    wrong = [each for each in answers if not each.is_accepted or each.is_whole is False]
    for each in wrong[: options.misses]:
        calls = [(action.type, action.payload) for action in each.understood.actions]
        understood = each.understood
        print(f"{each.example.intent} → {understood.intent} {understood.confidence:.2f}: {each.example.text!r}")
        print(f"    {calls}")
    return 0


def _table(figures: dict[str, Any]) -> str:
    rows = [f"{name.replace('_', ' '):28}{value}" for name, value in figures.items() if name != "reliability"]
    rows.append("confidence    changes  right")
    return "\n".join([*rows, *(f"{name:14}{count:7}  {right:.3f}" for name, count, right in figures["reliability"])])


if __name__ == "__main__":
    sys.exit(main())
