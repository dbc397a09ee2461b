"""The limits that docs/limits.md promises. Tests get them with `limit`, so that the table is what is enforced."""

import re
from pathlib import Path

TABLE = Path(__file__).resolve().parent.parent / "docs" / "limits.md"
ROW = re.compile(r"^\| (?P<what>.+?) \| (?P<how_much>.+?) \| (?P<answer>.+?) \|$", re.MULTILINE)
HEADER = ("what", "---")


def rows() -> dict[str, str]:
    """Return how much is allowed, by what."""
    limits = {row["what"]: row["how_much"] for row in ROW.finditer(TABLE.read_text())}
    return {what: how_much for what, how_much in limits.items() if what not in HEADER}


def limit(what: str) -> int:
    """Return the first number of a row. Raises KeyError if there is no such row."""
    number = re.match(r"[\d,]+", rows()[what])
    assert number, what
    return int(number[0].replace(",", ""))
