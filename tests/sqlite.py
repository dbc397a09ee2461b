"""SQLite settings for tests."""

from typing import Any

from pantry.db.connect import SQLITE_PRAGMAS


def without_syncing(database: dict[str, Any]) -> None:
    """Let commits return before the data is on disk, since it is deleted after the tests."""
    if database["ENGINE"].endswith("sqlite3"):
        pragmas = SQLITE_PRAGMAS.replace("synchronous = FULL", "synchronous = OFF")
        assert pragmas != SQLITE_PRAGMAS
        database["OPTIONS"]["init_command"] = pragmas
