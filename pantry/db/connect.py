"""Database settings from one URL, and which errors pass."""

import sqlite3
from pathlib import Path
from typing import Any

import environ
from django.db.utils import InterfaceError, OperationalError

CONNECT_SECONDS = 5  # until a PostgreSQL that does not answer counts as away
PRIMARY_CODE = 0xFF  # of SQLite's extended error codes

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;"
)

POSTGRES_OPTIONS = (
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
    settings["CONN_MAX_AGE"] = None  # the threads stay, and each keeps its connection
    if settings["ENGINE"].endswith("sqlite3"):
        settings["ENGINE"] = "pantry.db.sqlite3"
        settings["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
    else:
        settings["CONN_HEALTH_CHECKS"] = True  # one that PostgreSQL's restart cut is replaced before it is used
        defaults = {"options": POSTGRES_OPTIONS, "connect_timeout": CONNECT_SECONDS}
        settings["OPTIONS"] = {**defaults, **settings.get("OPTIONS", {})}
    return settings


def is_temporary(error: BaseException | None) -> bool:
    """Tell whether the database is away or too busy, so that the same request may succeed later."""
    cause = error.__cause__ if error else None
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & PRIMARY_CODE in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return isinstance(error, OperationalError | InterfaceError)
