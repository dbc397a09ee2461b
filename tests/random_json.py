"""Random JSON made of what parsers, databases and people trip over. The same seed makes the same values."""

import random
from typing import Any
from uuid import UUID

PARTS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 1e308, 2**31, 2**63, 10**30),
    *("", " ", "x", "x" * 5000, "\0", "a\0b", "\ud83d", "👍", "é" * 200, "\u202eabc", "milk", "general", "weekly"),
    *("1e309", "NaN", "-1", "2026-13-45T99:99", "9999-12-31T23:59:59.999999Z", "0001-01-01"),
    *("../../etc/passwd", "%s%n", "'; DROP TABLE home; --", "{{ 7*7 }}", "<script>", str(UUID(int=0))),
)
MAX_DEPTH, MAX_MEMBERS = 3, 4


class RandomJson:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 (no secret is made of it)

    def value(self, depth: int = 0) -> Any:
        kind = self.random.random() if depth < MAX_DEPTH else 1.0
        if kind < 0.1:
            return [self.value(depth + 1) for _ in range(self.random.randint(0, MAX_MEMBERS))]
        if kind < 0.2:
            return {str(self.part())[:80]: self.value(depth + 1) for _ in range(self.random.randint(0, MAX_MEMBERS))}
        return self.part()

    def part(self) -> Any:
        return self.random.choice(PARTS)

    def chosen(self, values: list[Any]) -> Any:
        """Return one of the values, and in a fifth of the cases anything."""
        return self.value() if self.random.random() < 0.2 else self.random.choice(values)

    def members(self, names: list[str], known: dict[str, list[Any]]) -> dict[str, Any]:
        """Return an object that has some of the names, with values that are known for them or anything."""
        chosen = self.random.sample(names, self.random.randint(0, len(names)))
        return {name: self.chosen(known[name]) if name in known else self.value() for name in chosen}
