"""Full-text and substring search.

PostgreSQL has an indexed, generated column with the stems, and a trigram index (pg_trgm). SQLite has a copy of the text
with two FTS5 indexes, of stems and of trigrams, which triggers keep up to date.
"""
# ruff: noqa: S608 (names come from models, input is passed as parameters)

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models.expressions import RawSQL

from pantry.db.operation import DatabaseOperation

MIN_SUBSTRING_CHARS = 3  # a trigram index cannot find shorter ones

# Marks (M*) are parts of words: Thai writes half of its vowels with them.
STEMS = "tokenize=\"porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'\""
TRIGRAMS = "tokenize='trigram'"


class TextIndex(DatabaseOperation):
    """Index a text column of `table` for `search_words` and `search_substrings`.

    Applying it again rebuilds the indexes, as SQLite needs after a migration that recreates the table.
    """

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
        inserts, deletes = [], []
        for index in indexes:
            source = f"FROM {table}_text WHERE key = "
            inserts.append(f"INSERT INTO {index}(rowid, body) SELECT number, body {source}NEW.id;")
            deletes.append(f"INSERT INTO {index}({index}, rowid, body) SELECT 'delete', number, body {source}OLD.id;")
        insert, delete = " ".join(inserts), " ".join(deletes)
        return [
            f"CREATE TABLE {table}_text (number integer PRIMARY KEY, key text NOT NULL UNIQUE, body text NOT NULL)",
            *(
                f"CREATE VIRTUAL TABLE {index} "
                f"USING fts5(body, content='{table}_text', content_rowid='number', {options})"
                for index, options in indexes.items()
            ),
            f"INSERT INTO {table}_text(key, body) SELECT id, {column} FROM {table} ORDER BY id",
            *(f"INSERT INTO {index}({index}) VALUES ('rebuild')" for index in indexes),
            f"CREATE TRIGGER {table}_text_put AFTER INSERT ON {table} BEGIN "
            f"INSERT INTO {table}_text(key, body) VALUES (NEW.id, NEW.{column}); {insert} END",
            f"CREATE TRIGGER {table}_text_changed AFTER UPDATE OF {column} ON {table} "
            f"WHEN NEW.{column} IS NOT OLD.{column} BEGIN {delete} "
            f"UPDATE {table}_text SET body = NEW.{column} WHERE key = NEW.id; {insert} END",
            f"CREATE TRIGGER {table}_text_gone AFTER DELETE ON {table} BEGIN {delete} "
            f"DELETE FROM {table}_text WHERE key = OLD.id; END",
        ]

    def _undo_sqlite(self) -> list[str]:
        return [
            *(f"DROP TRIGGER IF EXISTS {self.table}_text_{suffix}" for suffix in ("put", "changed", "gone")),
            *(f"DROP TABLE IF EXISTS {self.table}_{suffix}" for suffix in ("stems", "trigrams", "text")),
        ]


def search_words(
    rows: Any, column: str, words: Sequence[str], phrases: Sequence[str], *, newest: str, recent: int, limit: int
) -> list[Any]:
    """Return the rows whose text has all the words, by stem or prefix, and all the phrases; the newest first.

    `newest` is an increasing column; rows above `recent` in it are searched first. Words consist of letters and digits.
    At most two queries.
    """
    if not words and not phrases:
        return []
    if _vendor(rows) == "sqlite":
        terms = [f'"{word}" *' for word in words] + [f'"{_unquoted(phrase)}"' for phrase in phrases]
        return _fts(rows, "stems", " AND ".join(terms), newest, limit)
    parts = ["to_tsquery('english', %s)"] * len(words) + ["phraseto_tsquery('english', %s)"] * len(phrases)
    params = [*(f"'{word}':*" for word in words), *phrases]
    matches = f"{rows.model._meta.db_table}.{column}_stems @@ ({' && '.join(parts)})"
    by_index, row_by_row = (
        models.Q(RawSQL(sql, params, output_field=models.BooleanField()))  # noqa: S611
        for sql in (matches, f"COALESCE({matches}, FALSE)")  # COALESCE keeps the planner from using the index
    )
    return _newest(rows, row_by_row, by_index, newest, recent, limit)


def search_substrings(
    rows: Any, column: str, parts: Sequence[str], *, newest: str, recent: int, limit: int
) -> list[Any]:
    """As `search_words`, for substrings. Ignores those shorter than MIN_SUBSTRING_CHARS."""
    parts = [part for part in parts if len(part) >= MIN_SUBSTRING_CHARS]
    if not parts:
        return []
    if _vendor(rows) == "sqlite":
        query = " AND ".join(f'"{_unquoted(part)}"' for part in parts)
        return _fts(rows, "trigrams", query, newest, limit)
    matches = models.Q(*((f"{column}__icontains", part) for part in parts))
    return _newest(rows, matches, matches, newest, recent, limit)


def _newest(rows: Any, row_by_row: models.Q, by_index: models.Q, newest: str, recent: int, limit: int) -> list[Any]:
    """Scan the recent rows in order, then use the index for older ones.

    The planner cannot know how frequent a word is: scanning is faster for frequent words, the index for rare ones.
    """
    results: list[Any] = []
    for matches, within in [(row_by_row, (f"{newest}__gt", recent)), (by_index, (f"{newest}__lte", recent))]:
        if len(results) < limit:
            results += rows.filter(matches, models.Q(within)).order_by(f"-{newest}")[: limit - len(results)]
    return results


def _fts(rows: Any, kind: str, query: str, newest: str, limit: int) -> list[Any]:
    """Read the matches of FTS5, newest first, and check each against `rows` until there are enough."""
    table = rows.model._meta.db_table
    index = f"{table}_{kind}"
    try:
        match = rows.order_by().filter(pk=RawSQL("t.key", []))  # noqa: S611
        allowed, params = match.values("id").query.sql_with_params()
    except EmptyResultSet:
        return []
    sql = (
        f"SELECT t.key FROM {index} CROSS JOIN {table}_text t ON t.number = {index}.rowid "
        f"WHERE {index} MATCH %s AND EXISTS ({allowed}) "
        f"ORDER BY {index}.rowid DESC LIMIT %s"
    )
    with connections[rows.db].cursor() as cursor:
        cursor.execute(sql, [query, *params, limit])
        keys = [rows.model._meta.pk.to_python(key) for (key,) in cursor.fetchall()]
    return list(rows.filter(pk__in=keys).order_by(f"-{newest}")) if keys else []


def _vendor(rows: Any) -> str:
    return connections[rows.db].vendor


def _unquoted(text: str) -> str:
    return text.replace('"', " ")
