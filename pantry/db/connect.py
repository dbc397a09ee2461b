"""Database settings from a URL, kinds of errors, and the check of foreign keys."""

import sqlite3
from pathlib import Path
from typing import Any

import environ
import psycopg
from django.db import connection
from django.db.utils import IntegrityError, InterfaceError, OperationalError

from pantry.data_folder import tighten

CONNECT_TIMEOUT_SECONDS = 5
PRIMARY_CODE_MASK = 0xFF  # of SQLite's extended error codes

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; "
    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8000;"
)

POSTGRES_OPTIONS = (
    # Queries are many and small: starting parallel workers takes longer than running one.
    "-c max_parallel_workers_per_gather=0 "
    # pgvector, if installed, keeps scanning when a filter removes the first matches.
    "-c hnsw.iterative_scan=strict_order"
)


def database(url: str, data_dir: Path) -> dict[str, Any]:
    """Return Django's database settings for `url`; without one, for a SQLite file in `data_dir`.

    SQLite takes its write lock when a transaction begins (IMMEDIATE), as `select_for_update` does on PostgreSQL, and
    syncs each commit to disk, so that it survives a power cut.
    """
    if not url:
        data_dir.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{data_dir / 'pantry.sqlite3'}"
    settings: dict[str, Any] = environ.Env.db_url_config(url)
    settings["CONN_MAX_AGE"] = None  # threads are pooled, and each keeps its connection
    if settings["ENGINE"].endswith("sqlite3"):
        settings["ENGINE"] = "pantry.db.sqlite3"
        for suffix in ("", "-wal", "-shm"):
            tighten(Path(f"{settings['NAME']}{suffix}"))
        settings["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": SQLITE_PRAGMAS}
    else:
        settings["CONN_HEALTH_CHECKS"] = True  # replace connections that broke when PostgreSQL restarted
        defaults = {"options": POSTGRES_OPTIONS, "connect_timeout": CONNECT_TIMEOUT_SECONDS}
        settings["OPTIONS"] = {**defaults, **settings.get("OPTIONS", {})}
    return settings


def is_temporary(error: BaseException | None) -> bool:
    """Tell whether the database is unavailable, busy or read-only (a standby), so that a retry may succeed."""
    cause = error.__cause__ if error else None
    if isinstance(cause, psycopg.errors.ReadOnlySqlTransaction):
        return True
    if isinstance(cause, sqlite3.Error):
        return getattr(cause, "sqlite_errorcode", 0) & PRIMARY_CODE_MASK in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return isinstance(error, OperationalError | InterfaceError)


def is_foreign_key_violation(error: IntegrityError) -> bool:
    """Tell whether the error is about a foreign key to a row that does not exist."""
    if isinstance(error.__cause__, sqlite3.Error):
        return error.__cause__.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY
    return isinstance(error.__cause__, psycopg.errors.ForeignKeyViolation)


def check_foreign_keys() -> None:
    """Check the foreign keys now instead of at the end of the transaction. Raises IntegrityError.

    Does nothing on SQLite, where transactions run one after another.
    """
    if connection.vendor == "postgresql":
        with connection.wrap_database_errors:
            connection.connection.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
