"""What a family wrote to its assistant, and how much of it is understood."""

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


def changes(text: str, known: Vocabulary = PEOPLE) -> list[tuple[Any, ...]]:
    """What the message would do to the list, as (tool, name, quantity, unit)."""
    return [
        (action.type, action.payload["name"], action.payload.get("quantity"), action.payload.get("unit"))
        for action in understand(text, known).actions
        if action.type in CHANGES_LIST
    ]


def understood() -> dict[str, float]:
    """The shares of messages whose intent is right, and of those that name things in which each thing's name, quantity
    and unit are."""
    naming = [row for row in MESSAGES if row["items"]]
    return {
        "rows": len(MESSAGES),
        "intents": _share(_means(understand(row["text"], PEOPLE).intent, row["intent"]) for row in MESSAGES),
        "things": _share(_things(row["text"]) == _meant(row) for row in naming),
    }


def _share(right: Iterable[bool]) -> float:
    seen = list(right)
    return sum(seen) / len(seen)


def _means(intent: str, expected: str) -> bool:
    return intent == expected or {intent, expected} <= {"chat", "unclear"}


def _things(text: str) -> list[Any]:
    return sorted((normalize(name), quantity, unit) for _tool, name, quantity, unit in changes(text))


def _meant(row: dict[str, Any]) -> list[Any]:
    return sorted((normalize(item["name"]), item["quantity"], item["unit"]) for item in row["items"])
