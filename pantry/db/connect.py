"""The connection, from one URL."""

from pathlib import Path
from typing import Any

import environ

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;"
)

ASKED_SO = (
    # Many ask at once, each for little: to start helpers for one of them takes longer than its answer.
    "-c max_parallel_workers_per_gather=0 "
    # pgvector, where it is, goes on looking when a filter takes away what it found first.
    "-c hnsw.iterative_scan=strict_order"
)


def database(url: str, data_dir: Path) -> dict[str, Any]:
    """Django's settings for `url`; without one, a SQLite file in `data_dir`.

    SQLite takes its one write lock when a transaction begins (IMMEDIATE), which is what
    `select_for_update` does on PostgreSQL, and syncs each commit to disk, so that what was answered
    survives a power cut.
    """
    if not url:
        data_dir.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{data_dir / 'pantry.sqlite3'}"
    settings: dict[str, Any] = environ.Env.db_url_config(url)
    if settings["ENGINE"].endswith("sqlite3"):
        settings["ENGINE"] = "pantry.db.sqlite3"
        settings["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
        settings["CONN_MAX_AGE"] = None  # the threads stay, and so do their connections
    else:
        pool = {"min_size": 1, "max_size": 10, "timeout": 20}
        settings["OPTIONS"] = {"options": ASKED_SO, **settings.get("OPTIONS", {}), "pool": pool}
    return settings
