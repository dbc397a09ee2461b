"""Finding rows by what is written in them.

PostgreSQL keeps the words' stems in a column that it generates, under an index, and the trigrams of the text in another
(pg_trgm). SQLite has a copy of the text under two indexes of FTS5, of stems and of trigrams, which triggers keep.
"""
# ruff: noqa: S608 (the names are the models' own, what was typed goes as a parameter)

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import RawSQL

from pantry.db.operation import DatabaseOperation

MIN_SUBSTRING_CHARS = 3  # letters: of fewer, no index of trigrams knows anything

# Marks belong to the letters: Thai writes half of its vowels with them.
STEMS = "tokenize=\"porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'\""
TRIGRAMS = "tokenize='trigram'"


class TextIndex(DatabaseOperation):
    """Let `search_words` and `search_substrings` look through a text column of `table`, for what is in it and what comes,
    however it comes. Said again, it begins anew: on SQLite that is needed after whatever remakes the table."""

    def __init__(self, table: str, column: str) -> None:
        self.table, self.column = table, column

    def forwards(self, vendor: str) -> list[str]:
        return [*self.backwards(vendor), *(self._postgresql() if vendor == "postgresql" else self._sqlite())]

    def backwards(self, vendor: str) -> list[str]:
        return self._undo_postgresql() if vendor == "postgresql" else self._undo_sqlite()

    def describe(self) -> str:
        return f"Index the text of {self.table}.{self.column}"

    def _postgresql(self) -> list[str]:
        table, column = self.table, self.column
        return [
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            f"ALTER TABLE {table} ADD COLUMN {column}_stems tsvector "
            f"GENERATED ALWAYS AS (to_tsvector('english'::regconfig, {column})) STORED",
            f"CREATE INDEX {table}_stems ON {table} USING gin ({column}_stems)",
            f"CREATE INDEX {table}_trigrams ON {table} USING gin (UPPER({column}::text) gin_trgm_ops)",
        ]

    def _undo_postgresql(self) -> list[str]:
        return [
            f"DROP INDEX IF EXISTS {self.table}_trigrams",
            f"ALTER TABLE {self.table} DROP COLUMN IF EXISTS {self.column}_stems",
        ]

    def _sqlite(self) -> list[str]:
        table, column = self.table, self.column
        indexes = {f"{table}_stems": STEMS, f"{table}_trigrams": TRIGRAMS}
        put, take = [], []
        for index in indexes:
            found = f"FROM {table}_text WHERE key = "
            put.append(f"INSERT INTO {index}(rowid, body) SELECT number, body {found}NEW.id;")
            take.append(f"INSERT INTO {index}({index}, rowid, body) SELECT 'delete', number, body {found}OLD.id;")
        keep, drop = " ".join(put), " ".join(take)
        return [
            f"CREATE TABLE {table}_text (number integer PRIMARY KEY, key text NOT NULL UNIQUE, body text NOT NULL)",
            *(
                f"CREATE VIRTUAL TABLE {index} USING fts5(body, content='{table}_text', content_rowid='number', {how})"
                for index, how in indexes.items()
            ),
            f"INSERT INTO {table}_text(key, body) SELECT id, {column} FROM {table} ORDER BY id",
            *(f"INSERT INTO {index}({index}) VALUES ('rebuild')" for index in indexes),
            f"CREATE TRIGGER {table}_text_put AFTER INSERT ON {table} BEGIN "
            f"INSERT INTO {table}_text(key, body) VALUES (NEW.id, NEW.{column}); {keep} END",
            f"CREATE TRIGGER {table}_text_changed AFTER UPDATE OF {column} ON {table} "
            f"WHEN NEW.{column} IS NOT OLD.{column} BEGIN {drop} "
            f"UPDATE {table}_text SET body = NEW.{column} WHERE key = NEW.id; {keep} END",
            f"CREATE TRIGGER {table}_text_gone AFTER DELETE ON {table} BEGIN {drop} "
            f"DELETE FROM {table}_text WHERE key = OLD.id; END",
        ]

    def _undo_sqlite(self) -> list[str]:
        return [
            *(f"DROP TRIGGER IF EXISTS {self.table}_text_{what}" for what in ("put", "changed", "gone")),
            *(f"DROP TABLE IF EXISTS {self.table}_{what}" for what in ("stems", "trigrams", "text")),
        ]


def search_words(
    rows: Any, column: str, words: Sequence[str], phrases: Sequence[str], *, newest: str, recent: int, limit: int
) -> list[Any]:
    """Those of `rows` whose text has all the words, by their stem or as they begin, and the phrases; the newest first.
    `newest` is the column that grows with every row, and what is more than `recent` in it is looked at first. A word is
    letters and digits, nothing else. Two queries at most."""
    if not words and not phrases:
        return []
    if _vendor(rows) == "sqlite":
        asked = [f'"{word}" *' for word in words] + [f'"{_unquoted(phrase)}"' for phrase in phrases]
        return _fts(rows, "stems", " AND ".join(asked), newest, limit)
    parts = ["to_tsquery('english', %s)"] * len(words) + ["phraseto_tsquery('english', %s)"] * len(phrases)
    asked = [*(f"'{word}':*" for word in words), *phrases]
    holds = f"{rows.model._meta.db_table}.{column}_stems @@ ({' && '.join(parts)})"
    by_index, row_by_row = (
        models.Q(RawSQL(each, asked, output_field=models.BooleanField()))  # noqa: S611
        for each in (holds, f"COALESCE({holds}, FALSE)")  # the second is for no index, and taken for half of all rows
    )
    return _newest(rows, row_by_row, by_index, newest, recent, limit)


def search_substrings(
    rows: Any, column: str, parts: Sequence[str], *, newest: str, recent: int, limit: int
) -> list[Any]:
    """As `search_words`, for letters anywhere in the text. Parts of fewer than three letters are passed over."""
    parts = [part for part in parts if len(part) >= MIN_SUBSTRING_CHARS]
    if not parts:
        return []
    if _vendor(rows) == "sqlite":
        asked = " AND ".join(f'"{_unquoted(part)}"' for part in parts)
        return _fts(rows, "trigrams", asked, newest, limit)
    holds = models.Q(*((f"{column}__icontains", part) for part in parts))
    return _newest(rows, holds, holds, newest, recent, limit)


def _newest(rows: Any, row_by_row: models.Q, by_index: models.Q, newest: str, recent: int, limit: int) -> list[Any]:
    """The planner can't know how many rows have a word, and so whether its index or the order is the shorter way: the
    order is tried for a while."""
    found: list[Any] = []
    for holds, within in [(row_by_row, (f"{newest}__gt", recent)), (by_index, (f"{newest}__lte", recent))]:
        if len(found) < limit:
            found += rows.filter(holds, models.Q(within)).order_by(f"-{newest}")[: limit - len(found)]
    return found


def _fts(rows: Any, kind: str, asked: str, newest: str, limit: int) -> list[Any]:
    """FTS5 leads, from its newest row backwards, and each hit is held against `rows` until there are enough."""
    table = rows.model._meta.db_table
    index = f"{table}_{kind}"
    try:
        hit = rows.order_by().filter(pk=RawSQL("t.key", []))  # noqa: S611
        allowed, params = hit.values("id").query.sql_with_params()
    except EmptyResultSet:
        return []
    sql = (
        f"SELECT t.key FROM {index} CROSS JOIN {table}_text t ON t.number = {index}.rowid "
        f"WHERE {index} MATCH %s AND EXISTS ({allowed}) "
        f"ORDER BY {index}.rowid DESC LIMIT %s"
    )
    with connections[rows.db].cursor() as cursor:
        cursor.execute(sql, [asked, *params, limit])
        keys = [rows.model._meta.pk.to_python(key) for (key,) in cursor.fetchall()]
    return list(rows.filter(pk__in=keys).order_by(f"-{newest}")) if keys else []


def _vendor(rows: Any) -> str:
    return connections[rows.db].vendor


def _unquoted(text: str) -> str:
    return text.replace('"', " ")
