"""Benchmark of local understanding on public utterances: `python -m tests.bench.understanding`.

The utterances are not part of the project; name their folder with --data or UNDERSTANDING_DATA.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

from groceries.parsing.categories import guess_category
from groceries.parsing.names import normalize
from groceries.parsing.quantities import normalize_unit, parse_amount
from pixie.nlu import CHANGES, SURE, Understanding, Vocabulary, understand
from tests.bench.preparation import strip_preparation
from tests.pixie import dataset

Row = dict[str, Any]

_ROOT = Path(__file__).resolve().parents[2]
_VOCABULARY = Vocabulary(
    members=("Nok", "Ben", "Ploy"),
    rooms=("general", "kitchen"),
    now=datetime(2026, 3, 4, 9, 30, tzinfo=UTC),
    timezone="Asia/Bangkok",
)
# Labels of public rows that count as one intent here, because tasks and events are not supported yet.
_PLAN_LABELS = {"create_task", "list_tasks", "create_event", "list_events"}
_PLAN_INTENTS = {"schedule_message", "list_scheduled", "cancel_scheduled"} | _PLAN_LABELS
# The coarse classes of the public rows and the categories that match them.
_CATEGORIES = {
    "produce": {"produce"}, "dairy_eggs": {"dairy"}, "household": {"household"}, "meat_fish": {"protein"},
    "pantry": {"staple"}, "bakery": {"staple"}, "snacks": {"staple", "other"}, "drinks": {"other", "staple", "dairy"},
    "deli": {"protein", "dairy", "staple"}, "frozen": {"other", "produce", "protein", "staple"},
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    folder = options.data or default_folder()
    if folder is None or not folder.is_dir():
        print("No utterances found: name their folder with --data or UNDERSTANDING_DATA.", file=sys.stderr)
        return 2
    report = measure(folder)
    misses: list[str] = report.pop("misses")
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
        return 0
    _print(report)
    if options.misses:
        random.Random(options.seed).shuffle(misses)  # noqa: S311 - a sample to read, no secret
        print("\nMisses\n" + "\n".join(misses[: options.misses]))
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder with intents_en.jsonl and its neighbours")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--misses", type=int, default=0, metavar="N", help="print a sample of N wrong rows")
    parser.add_argument("--seed", type=int, default=0, help="seed of the sample")
    return parser.parse_args(arguments)


def default_folder() -> Path | None:
    if named := os.environ.get("UNDERSTANDING_DATA"):
        return Path(named)
    beside = _ROOT.parent / "shared" / "data" / "understanding"
    return beside if beside.is_dir() else None


def _rows(folder: Path, name: str) -> list[Row]:
    path = folder / f"{name}.jsonl"
    if not path.exists():
        return []
    with path.open(encoding="utf-8") as lines:
        return [_map_intents(json.loads(line)) for line in lines if line.strip()]


def _map_intents(row: Row) -> Row:
    if "accept" not in row or "intent" not in row:
        return row
    if _PLAN_LABELS.isdisjoint(row["accept"]):
        return row
    accepted = ["plan", *(intent for intent in row["accept"] if intent not in _PLAN_LABELS)]
    repeats = row["intent"] == "set_recurring"  # public rows label "remind me every monday" like this, too
    return {**row, "intent": "plan" if repeats or row["intent"] in _PLAN_LABELS else row["intent"], "accept": accepted}


def measure(folder: Path) -> dict[str, Any]:
    """Return the figures of the report and, under `misses`, one line per wrong row."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()  # questions are translated
    report: dict[str, Any] = {}
    misses: list[str] = []
    understand("add milk on march 5", _VOCABULARY)  # warm up: some data is loaded lazily
    for language in ("en", "th", "other"):
        rows = _rows(folder, f"intents_{language}")
        if rows:
            report[language] = _measure_intents(rows, misses)
    report["dataset"] = dataset.measure_accuracy()
    report["ingredients"] = _measure_ingredients(_rows(folder, "ingredients"), misses)
    report["categories"] = _measure_categories(_rows(folder, "categories"), misses)
    report["categories_noisy"] = _measure_categories(_rows(folder, "categories_kitchenowl_noisy"), [])
    return {**report, "misses": misses}


def _measure_intents(rows: Sequence[Row], misses: list[str]) -> dict[str, Any]:
    answers, times = [], []
    for row in rows:
        start = time.perf_counter()
        answers.append(understand(row["text"], _VOCABULARY))
        times.append((time.perf_counter() - start) * 1000)
    answers = [replace(answer, intent="plan") if answer.intent in _PLAN_INTENTS else answer for answer in answers]
    pairs = list(zip(rows, answers, strict=True))
    for row, answer in pairs:
        if answer.intent not in row["accept"]:
            misses.append(
                f"{row['intent']} read as {answer.intent} {answer.confidence:.2f} [{row['source']}]: {row['text']}"
            )
    per_intent = _per_intent([(row["intent"], answer.intent) for row, answer in pairs])
    supported = [scores["f1"] for scores in per_intent.values() if scores["support"]]
    times.sort()
    return {
        "rows": len(rows),
        "accepted": _share(answer.intent in row["accept"] for row, answer in pairs),
        "strict": _share(answer.intent == row["intent"] for row, answer in pairs),
        "macro_f1": round(sum(supported) / len(supported), 4),
        "intents": per_intent,
        "sources": {
            source: _share(answer.intent in row["accept"] for row, answer in pairs if row["source"] == source)
            for source in sorted({row["source"] for row in rows})
        },
        "entities": {kind: _entity_recall(pairs, kind, misses) for kind in ("item", "quantity", "unit")},
        **_false_actions(pairs, misses),
        "p50_ms": round(times[len(times) // 2], 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
    }


def _share(outcomes: Iterable[bool]) -> float:
    results = list(outcomes)
    return round(sum(results) / len(results), 4) if results else 0.0


def _per_intent(pairs: Sequence[tuple[str, str]]) -> dict[str, dict[str, float]]:
    right = Counter(truth for truth, answer in pairs if truth == answer)
    truths, answers = Counter(truth for truth, _ in pairs), Counter(answer for _, answer in pairs)
    scores = {}
    for intent in sorted(truths | answers):
        precision = right[intent] / answers[intent] if answers[intent] else 0.0
        recall = right[intent] / truths[intent] if truths[intent] else 0.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        scores[intent] = {
            "precision": round(precision, 3),
            "recall": round(recall, 3),
            "f1": round(f1, 3),
            "support": truths[intent],
        }
    return scores


def _plain_value(kind: str, value: str) -> str:
    if kind == "quantity":
        amount = parse_amount(f"{value} x").quantity or parse_amount(f"{value} kg").quantity
        return str(amount) if amount is not None else value.casefold()
    return normalize_unit(value) if kind == "unit" else normalize(value)


def _entity_recall(pairs: Sequence[tuple[Row, Understanding]], kind: str, misses: list[str]) -> dict[str, float]:
    exact, normalised, total = 0, 0, 0
    for row, answer in pairs:
        entities = [entity for entity in answer.entities if entity.type == kind]
        for entity in row["entities"]:
            if entity["type"] != kind:
                continue
            total += 1
            exact += any(entity["value"].casefold() == other.value.casefold() for other in entities)
            same = _plain_value(kind, entity["value"]) in {_plain_value(kind, other.value) for other in entities}
            normalised += same
            if not same:
                misses.append(f"{kind} {entity['value']!r} not in {[other.value for other in entities]}: {row['text']}")
    return {"support": total, "exact": _ratio(exact, total), "normalised": _ratio(normalised, total)}


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _false_actions(pairs: Sequence[tuple[Row, Understanding]], misses: list[str]) -> dict[str, float]:
    """Return how often text without a command would change something, at once or after confirmation."""
    outside = [(row, answer) for row, answer in pairs if set(row["accept"]) <= {"chat", "unclear"}]
    at_once, proposed = 0, 0
    for row, answer in outside:
        changes = [action for action in answer.actions if action.type in CHANGES]
        proposed += bool(changes)
        at_once += any(action.confidence >= SURE for action in changes)
        if changes:
            misses.append(
                f"false action {changes[0].type} {changes[0].confidence:.2f} {changes[0].payload}: {row['text']}"
            )
    return {
        "out_of_scope": len(outside),
        "false_actions": _ratio(at_once, len(outside)),
        "false_proposals": _ratio(proposed, len(outside)),
    }


def _measure_ingredients(rows: Sequence[Row], misses: list[str]) -> dict[str, float]:
    simple = [row for row in rows if row.get("simple")]
    right: Counter[str] = Counter()
    start = time.perf_counter()
    for row in simple:
        outcome = _ingredient_outcome(row)
        right.update(kind for kind, good in outcome.items() if good)
        right["all"] += all(outcome.values())
        if not all(outcome.values()):
            wrong = "+".join(kind for kind, good in outcome.items() if not good)
            amount = parse_amount(row["text"])
            misses.append(
                f"ingredient {wrong}: {row['text']} -> {amount.quantity} {amount.unit} {strip_preparation(amount.rest)}"
            )
    spent = (time.perf_counter() - start) * 1000
    shares = {kind: _ratio(right[kind], len(simple)) for kind in ("quantity", "unit", "item", "all")}
    return {"rows": len(simple), **shares, "mean_ms": round(spent / max(len(simple), 1), 3)}


def _ingredient_outcome(row: Row) -> dict[str, bool]:
    amount = parse_amount(row["text"])
    truth: dict[str, Row] = {entity["type"]: entity for entity in row["entities"]}
    quantity, unit, item = truth.get("quantity"), truth.get("unit"), truth.get("item")
    expected = parse_amount(f"{quantity['value']} x").quantity if quantity else None
    names = {normalize(item["value"]), normalize(item.get("norm") or "")} if item else {""}
    return {
        "quantity": amount.quantity == expected or _same_number(amount.quantity, quantity),
        "unit": normalize_unit(unit.get("norm") or unit["value"]) == amount.unit if unit else amount.unit is None,
        "item": normalize(strip_preparation(amount.rest)) in names,
    }


def _same_number(value: Decimal | None, quantity: Row | None) -> bool:
    return value is not None and quantity is not None and str(value) == quantity.get("norm")


def _measure_categories(rows: Sequence[Row], misses: list[str]) -> dict[str, float]:
    right = 0
    for row in rows:
        guess = guess_category(row["text"])
        good = any(guess in _CATEGORIES.get(accepted, set()) for accepted in row["accept"])
        right += good
        if not good:
            misses.append(f"category {row['accept']} guessed {guess}: {row['text']}")
    return {"rows": len(rows), "accuracy": _ratio(right, len(rows))}


def _print(report: dict[str, Any]) -> None:
    for language, title in (("en", "English"), ("th", "Thai"), ("other", "Other languages")):
        if language in report:
            _print_intents(title, report[language])
    accuracy = report["dataset"]
    intents, items = accuracy["intents"], accuracy["items"]
    print(f"\nHousehold messages ({accuracy['rows']}): intents {intents:.1%}, all items {items:.1%}")
    lines = report["ingredients"]
    shares = ", ".join(f"{kind} {lines[kind]:.1%}" for kind in ("quantity", "unit", "item"))
    print(f"Ingredient lines ({lines['rows']} simple): all three {lines['all']:.1%}, {shares}, {lines['mean_ms']} ms")
    for name in ("categories", "categories_noisy"):
        print(f"{name.replace('_', ', ').capitalize()} ({report[name]['rows']}): {report[name]['accuracy']:.1%}")


def _print_intents(title: str, figures: dict[str, Any]) -> None:
    print(f"\n{title}: {figures['rows']} rows, accepted {figures['accepted']:.1%}, strict {figures['strict']:.1%}, "
          f"macro F1 {figures['macro_f1']:.3f}, p50 {figures['p50_ms']} ms, p95 {figures['p95_ms']} ms")  # fmt: skip
    print(f"out of scope {figures['out_of_scope']}: false actions {figures['false_actions']:.2%}, "
          f"any proposal {figures['false_proposals']:.2%}")  # fmt: skip
    print(f"{'intent':<16}{'P':>7}{'R':>7}{'F1':>7}{'rows':>7}")
    for intent, scores in figures["intents"].items():
        print(f"{intent:<16}{scores['precision']:>7}{scores['recall']:>7}{scores['f1']:>7}{scores['support']:>7}")
    by_source: dict[str, float] = defaultdict(float, figures["sources"])
    print("sources: " + ", ".join(f"{source} {share:.1%}" for source, share in by_source.items()))
    for kind, recall in figures["entities"].items():
        if recall["support"]:
            print(f"{kind}: exact {recall['exact']:.1%}, normalised {recall['normalised']:.1%} of {recall['support']}")


if __name__ == "__main__":
    sys.exit(main())
