"""Labelled messages of a household, and the accuracy of understanding on them."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from groceries.parsing.names import normalize
from pixie.nlu import CHANGES_LIST, Vocabulary, understand

NOW = datetime(2026, 3, 4, 2, 30, tzinfo=UTC)  # a Wednesday morning, half past nine in Bangkok
PEOPLE = Vocabulary(members=("Nok", "Ben", "Ploy"), now=NOW, timezone="Asia/Bangkok")
HOME = Vocabulary(
    items=("Eggs", "Tomatoes", "Coriander", "Ground coffee", "Oat milk", "Salt and vinegar chips", "Fish sauce"),
    on_list=("Eggs", "Ground coffee", "Fish sauce"),
    members=("Nok", "Ben", "Ploy"),
    now=NOW,
    timezone="Asia/Bangkok",
)
MESSAGES = [json.loads(line) for line in (Path(__file__).parent / "household_messages.jsonl").read_text().splitlines()]


def changes(text: str, vocabulary: Vocabulary = PEOPLE) -> list[tuple[Any, ...]]:
    """Return the changes that a message makes to the list, as (tool, name, quantity, unit)."""
    return [
        (action.type, action.payload["name"], action.payload.get("quantity"), action.payload.get("unit"))
        for action in understand(text, vocabulary).actions
        if action.type in CHANGES_LIST
    ]


def measure_accuracy() -> dict[str, float]:
    """Return the share of messages with the right intent, and of messages with items whose names, quantities and units
    are all right."""
    with_items = [row for row in MESSAGES if row["items"]]
    return {
        "rows": len(MESSAGES),
        "intents": _share(_is_same_intent(understand(row["text"], PEOPLE).intent, row["intent"]) for row in MESSAGES),
        "items": _share(_read_items(row["text"]) == _expected_items(row) for row in with_items),
    }


def _share(results: Iterable[bool]) -> float:
    results = list(results)
    return sum(results) / len(results)


def _is_same_intent(intent: str, expected: str) -> bool:
    return intent == expected or {intent, expected} <= {"chat", "unclear", "help"}


def _read_items(text: str) -> list[Any]:
    return sorted((normalize(name), quantity, unit) for _tool, name, quantity, unit in changes(text))


def _expected_items(row: dict[str, Any]) -> list[Any]:
    return sorted((normalize(item["name"]), item["quantity"], item["unit"]) for item in row["items"])
