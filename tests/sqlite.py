"""SQLite as the tests use it."""

from typing import Any

from pantry.db.connect import SQLITE_PRAGMAS


def without_syncing(database: dict[str, Any]) -> None:
    """Let commits return before they are on the disk. The tests' data lives no longer than the tests."""
    if database["ENGINE"].endswith("sqlite3"):
        pragmas = SQLITE_PRAGMAS.replace("synchronous = FULL", "synchronous = OFF")
        assert pragmas != SQLITE_PRAGMAS
        database["OPTIONS"]["init_command"] = pragmas
