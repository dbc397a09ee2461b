"""Migration operations: append-only tables, and indexes for search by text, words and embeddings."""
# ruff: noqa: S608 (names come from migrations)

from typing import Any

from django.db.migrations.operations.base import Operation

from pantry.db.search import DIMENSIONS

MIN_PGVECTOR_VERSION = "{0,8}"  # the first with iterative scans

# Marks (M*) are parts of words: Thai writes half of its vowels with them.
STEMS = "tokenize=\"porter unicode61 remove_diacritics 2 categories 'L* N* Co M*'\""
TRIGRAMS = "tokenize='trigram'"


class DatabaseOperation(Operation):
    """Run SQL that differs between the databases, without changing the models. It cannot be reversed."""

    reversible = False

    def __init__(self, table: str, column: str = "", name: str = "") -> None:
        self.table, self.column, self.name = table, column, name

    def postgresql(self) -> list[str]:
        return []

    def sqlite(self) -> list[str]:
        return []

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        for statement in self.postgresql() if is_postgresql else self.sqlite():
            schema_editor.execute(statement, params=None)


class AppendOnly(DatabaseOperation):
    """Forbid UPDATE and DELETE on `table`, TRUNCATE, REPLACE, and rows whose `number` is not the highest of its parent.

    Two changes are allowed: a redaction, which sets `mark` from NULL once, empties the JSON columns `emptied`, empties
    or keeps the `salt` and changes no `frozen` column; and the deletion of rows whose row in `parent` (by
    `parent_column`) is deleted already, as when a home is erased. A row of `parent` keeps its id, and none comes back
    while `table` has rows of it.
    """

    def __init__(
        self,
        table: str,
        *,
        number: str,
        frozen: tuple[str, ...],
        emptied: tuple[str, ...],
        salt: str,
        mark: str,
        parent: str,
        parent_column: str,
    ) -> None:
        self.table, self.frozen, self.emptied, self.salt, self.mark = table, frozen, emptied, salt, mark
        self.parent, self.number = parent, number
        self.is_left = f"EXISTS (SELECT 1 FROM {table} WHERE {parent_column} = NEW.id)"
        self.erasure = f"NOT EXISTS (SELECT 1 FROM {parent} WHERE id = OLD.{parent_column})"
        # SQLite fires no DELETE trigger for the rows that REPLACE deletes.
        self.replacement = (
            f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM {table} "
            f"WHERE {parent_column} = NEW.{parent_column} AND {number} >= NEW.{number})"
        )

    def sqlite(self) -> list[str]:
        # A rowid that the statement doesn't name is -1 here. REPLACE deletes the row that has the same rowid, too.
        is_rowid_taken = f"NEW.rowid <> -1 AND EXISTS (SELECT 1 FROM {self.table} WHERE rowid = NEW.rowid)"
        is_no_number = f"typeof(NEW.{self.number}) <> 'integer'"  # any column takes any text, which sorts after numbers
        triggers = {
            "no_insert": ("INSERT", self.table, f"{self.replacement} OR {is_no_number} OR {is_rowid_taken}"),
            "no_update": ("UPDATE", self.table, f"NOT ({self._redaction('IS')} AND NEW.rowid IS OLD.rowid)"),
            "no_delete": ("DELETE", self.table, f"NOT ({self.erasure})"),
            "no_return": ("INSERT", self.parent, self.is_left),
            "no_move": ("UPDATE OF id", self.parent, "NEW.id IS NOT OLD.id"),
        }
        return [
            f"CREATE TRIGGER {self.table}_{name} BEFORE {verb} ON {table} WHEN {condition} "
            f"BEGIN SELECT RAISE(ABORT, '{self.table} is append-only'); END"
            for name, (verb, table, condition) in triggers.items()
        ]

    def postgresql(self) -> list[str]:
        function, stays = f"{self.table}_append_only", f"{self.table}_parent_stays"
        triggers = {
            "no_insert": ("INSERT", self.table, "ROW", function),
            "no_update": ("UPDATE", self.table, "ROW", function),
            "no_delete": ("DELETE", self.table, "ROW", function),
            "no_truncate": ("TRUNCATE", self.table, "STATEMENT", function),
            "no_return": ("INSERT", self.parent, "ROW", stays),
            "no_move": ("UPDATE OF id", self.parent, "ROW", stays),
        }
        return [
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'INSERT' AND NOT ({self.replacement}) THEN RETURN NEW; END IF; "
            f"IF TG_OP = 'UPDATE' AND ({self._redaction('IS NOT DISTINCT FROM')}) THEN RETURN NEW; END IF; "
            f"IF TG_OP = 'DELETE' AND {self.erasure} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{self.table} is append-only'; END $$",
            f"CREATE FUNCTION {stays}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"IF TG_OP = 'INSERT' AND NOT {self.is_left} THEN RETURN NEW; END IF; "
            f"IF TG_OP = 'UPDATE' AND NEW.id = OLD.id THEN RETURN NEW; END IF; "
            f"RAISE EXCEPTION '{self.table} is append-only'; END $$",
            *(
                f"CREATE TRIGGER {self.table}_{name} BEFORE {verb} ON {table} "
                f"FOR EACH {each} EXECUTE FUNCTION {check}()"
                for name, (verb, table, each, check) in triggers.items()
            ),
        ]

    def _redaction(self, distinct: str) -> str:
        unchanged = " AND ".join(f"NEW.{column} {distinct} OLD.{column}" for column in self.frozen)
        empty = " AND ".join(f"NEW.{column} = '{{}}'" for column in self.emptied)
        salt = f"NEW.{self.salt} IN ('', OLD.{self.salt})"
        return f"OLD.{self.mark} IS NULL AND NEW.{self.mark} IS NOT NULL AND {empty} AND {salt} AND {unchanged}"


class TextIndex(DatabaseOperation):
    """Index a text column of the new `table` for `search_words` and `search_substrings`."""

    def postgresql(self) -> list[str]:
        table, column = self.table, self.column
        return [
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            f"ALTER TABLE {table} ADD COLUMN {column}_stems tsvector "
            f"GENERATED ALWAYS AS (to_tsvector('english'::regconfig, {column})) STORED",
            f"CREATE INDEX {table}_stems ON {table} USING gin ({column}_stems)",
            f"CREATE INDEX {table}_trigrams ON {table} USING gin (UPPER({column}::text) gin_trgm_ops)",
        ]

    def sqlite(self) -> list[str]:
        table, column = self.table, self.column
        indexes = {f"{table}_stems": STEMS, f"{table}_trigrams": TRIGRAMS}
        source = f"SELECT number, body FROM {table}_text WHERE key = NEW.id"
        insert = " ".join(f"INSERT INTO {index}(rowid, body) {source};" for index in indexes)
        source = f"SELECT 'delete', number, body FROM {table}_text WHERE key = OLD.id"
        delete = " ".join(f"INSERT INTO {index}({index}, rowid, body) {source};" for index in indexes)
        return [
            f"CREATE TABLE {table}_text (number integer PRIMARY KEY, key text NOT NULL UNIQUE, body text NOT NULL)",
            *(
                f"CREATE VIRTUAL TABLE {index} "
                f"USING fts5(body, content='{table}_text', content_rowid='number', {options})"
                for index, options in indexes.items()
            ),
            f"CREATE TRIGGER {table}_text_put AFTER INSERT ON {table} BEGIN "
            f"INSERT INTO {table}_text(key, body) VALUES (NEW.id, NEW.{column}); {insert} END",
            f"CREATE TRIGGER {table}_text_changed AFTER UPDATE OF {column} ON {table} "
            f"WHEN NEW.{column} IS NOT OLD.{column} BEGIN {delete} "
            f"UPDATE {table}_text SET body = NEW.{column} WHERE key = NEW.id; {insert} END",
            f"CREATE TRIGGER {table}_text_gone AFTER DELETE ON {table} BEGIN {delete} "
            f"DELETE FROM {table}_text WHERE key = OLD.id; END",
        ]


class TrigramIndex(DatabaseOperation):
    """Index a text column for `istartswith` and `icontains` on PostgreSQL. SQLite scans a home's rows fast enough."""

    def postgresql(self) -> list[str]:
        expression = f"UPPER({self.column}::text) gin_trgm_ops"  # the expression of these lookups in Django
        return [
            "CREATE EXTENSION IF NOT EXISTS pg_trgm",
            f"CREATE INDEX {self.name} ON {self.table} USING gin ({expression})",
        ]


class NoPendingList(DatabaseOperation):
    """Write entries of a GIN index immediately instead of into its pending list.

    The list may grow to 4 MB until the next vacuum, and each search scans it: more than a millisecond for each word.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def postgresql(self) -> list[str]:
        return [f"ALTER INDEX {self.name} SET (fastupdate = off)", f"SELECT gin_clean_pending_list('{self.name}')"]


class WordSearch(DatabaseOperation):
    """Index the column `words` of `table` for `search_by_words`."""

    def postgresql(self) -> list[str]:
        return [
            f"ALTER TABLE {self.table} ADD COLUMN stems tsvector "
            "GENERATED ALWAYS AS (to_tsvector('english'::regconfig, words)) STORED",
            f"CREATE INDEX {self.table}_by_words ON {self.table} USING gin (stems)",
        ]

    def sqlite(self) -> list[str]:
        columns = "row UNINDEXED, words, tokenize = 'porter ascii'"
        return [f"CREATE VIRTUAL TABLE {self.table}_by_words USING fts5({columns})"]


class VectorColumn(DatabaseOperation):
    """Add an indexed pgvector column to `table`, if the extension can be created."""

    def postgresql(self) -> list[str]:
        has_extension = (
            "SELECT FROM pg_extension "
            f"WHERE extname = 'vector' AND string_to_array(extversion, '.')::int[] >= '{MIN_PGVECTOR_VERSION}'"
        )
        return [
            "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS vector; EXCEPTION WHEN OTHERS THEN NULL; END $$",
            f"DO $$ BEGIN IF EXISTS ({has_extension}) THEN "
            f"ALTER TABLE {self.table} ADD COLUMN vector halfvec({DIMENSIONS}); "
            f"CREATE INDEX {self.table}_by_meaning ON {self.table} USING hnsw (vector halfvec_cosine_ops); "
            "END IF; END $$",
        ]
