"""Finding rows by the words in them, and by their meaning.

Words: PostgreSQL keeps the stems of the column `words` in another, under an index; SQLite has the words once more in an
FTS5 table, which `index_row` and `unindex_row` hold to the rows. What is left there of rows that went another way is
found by nobody.

Meaning: PostgreSQL has a column of pgvector's where that extension is there, filled by `store_vectors`. Else the
vectors of a home are read into memory once, and only what is new is read again.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from pantry.db.matrix import matrix_of
from pantry.db.operation import DatabaseOperation

DIMENSIONS = 384
MOST_WORDS = 12  # of a question: each is looked for together with each other
OLDEST = "0.8"  # pgvector that goes on looking when a filter takes away what it found first


class WordSearch(DatabaseOperation):
    """Let `matching` find the rows of `table`, which has a column `words`."""

    def __init__(self, table: str) -> None:
        self.table = table

    def forwards(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [
                f"ALTER TABLE {self.table} ADD COLUMN stems tsvector "
                "GENERATED ALWAYS AS (to_tsvector('english'::regconfig, words)) STORED",
                f"CREATE INDEX {self.table}_by_words ON {self.table} USING gin (stems)",
            ]
        columns = "row UNINDEXED, words, tokenize = 'porter ascii'"
        return [f"CREATE VIRTUAL TABLE {self.table}_by_words USING fts5({columns})"]

    def backwards(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [f"ALTER TABLE {self.table} DROP COLUMN stems"]
        return [f"DROP TABLE {self.table}_by_words"]

    def describe(self) -> str:
        return f"Find rows of {self.table} by their words"


class VectorColumn(DatabaseOperation):
    """Let pgvector find the rows of `table` by meaning, where a server has it and its user may switch it on."""

    def __init__(self, table: str) -> None:
        self.table = table

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        schema_editor.execute(
            "DO $$ BEGIN CREATE EXTENSION IF NOT EXISTS vector; EXCEPTION WHEN OTHERS THEN NULL; END $$", params=None
        )
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
            found = cursor.fetchone()
        if found is None or _version(found[0]) < _version(OLDEST):
            return
        schema_editor.execute(f"ALTER TABLE {self.table} ADD COLUMN vector halfvec({DIMENSIONS})", params=None)
        schema_editor.execute(
            f"CREATE INDEX {self.table}_by_meaning ON {self.table} USING hnsw (vector halfvec_cosine_ops)", params=None
        )

    def backwards(self, vendor: str) -> list[str]:
        return [f"ALTER TABLE {self.table} DROP COLUMN IF EXISTS vector"] if vendor == "postgresql" else []

    def describe(self) -> str:
        return f"Find rows of {self.table} by their meaning"


# Words


def index_row(row: Any) -> None:
    """What is found of the row from now on. Inside the transaction that writes it."""
    if connection.vendor == "sqlite":
        table, number = f"{row._meta.db_table}_by_words", _number(row.pk)
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE rowid = %s", [number])  # noqa: S608
            cursor.execute(
                f"INSERT INTO {table} (rowid, row, words) VALUES (%s, %s, %s)",  # noqa: S608
                [number, row.pk.hex, row.words],
            )


def unindex_row(row: Any) -> None:
    """Inside the transaction that deletes it, before it is deleted."""
    if connection.vendor == "sqlite":
        table = f"{row._meta.db_table}_by_words"
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table} WHERE rowid = %s", [_number(row.pk)])  # noqa: S608


def search_by_words(rows: QuerySet[Any], words: Sequence[str], newest: Sequence[str], limit: int) -> list[UUID]:
    """Of `rows`, which are of one home, those with most of the first 12 words in them, the best first; `newest` is
    their order by age, with an index on it. The words are plain: letters and digits."""
    words = [word for word in words if word.isalnum()][:MOST_WORDS]
    if not words:
        return []
    if connection.vendor == "postgresql":
        return _by_tsvector(rows, words, newest, limit)
    return _by_fts(rows, words, limit)


def _by_tsvector(rows: QuerySet[Any], words: Sequence[str], newest: Sequence[str], limit: int) -> list[UUID]:
    """How many of the words a row has is what counts, then how new it is: PostgreSQL's own ranks know no rare words,
    and cost ten times as much where thousands match. Rows with two of the words are few, and all of them come before
    the newest of the many that have one. Two queries at most."""
    stems = f"{rows.model._meta.db_table}.stems"

    def having(asked: str) -> QuerySet[Any]:
        has = RawSQL(f"{stems} @@ to_tsquery('english', %s)", [asked])  # noqa: S611
        return rows.annotate(matches=has).filter(matches=True)

    found: list[UUID] = []
    if pairs := " | ".join(f"({one} & {other})" for one, other in combinations(words, 2)):
        has = f"({stems} @@ to_tsquery('english', %s))::int"
        shared = RawSQL(" + ".join([has] * len(words)), list(words))  # noqa: S611
        ranked = having(pairs).annotate(shared=shared).order_by("-shared", *newest)
        found = list(ranked.values_list("pk", flat=True)[:limit])
    if len(found) < limit:
        more = having(" | ".join(words)).exclude(pk__in=found).order_by(*newest)
        found += more.values_list("pk", flat=True)[: limit - len(found)]
    return found


def _by_fts(rows: QuerySet[Any], words: Sequence[str], limit: int) -> list[UUID]:
    """More is read than is wanted, for some of it is another home's, or not for the asker; if that is not enough, all
    of it."""
    for most in (2 * limit, None):
        found = _ranked_by_fts(f"{rows.model._meta.db_table}_by_words", words, most)
        seen = set(rows.filter(pk__in=found).values_list("pk", flat=True))
        if len(seen) >= limit or most is None or len(found) < most:
            break
    return [pk for pk in found if pk in seen][:limit]


def _ranked_by_fts(table: str, words: Sequence[str], most: int | None) -> list[UUID]:
    """Those with two of the words in FTS5's order, then those with one, the rarest first: to rank the thousands that
    share a common word costs more than all the rest."""
    found: dict[str, None] = {}
    with connection.cursor() as cursor:

        def look(what: str, asked: str, end: str = "") -> list[Any]:
            cursor.execute(f"SELECT {what} FROM {table} WHERE {table} MATCH %s {end}", [asked])  # noqa: S608
            return cursor.fetchall()

        pairs = " OR ".join(f'("{one}" AND "{other}")' for one, other in combinations(words, 2))
        if pairs:
            found |= dict.fromkeys(row for (row,) in look("row", pairs, f"ORDER BY rank LIMIT {most or -1}"))
        counted = sorted((look("count(*)", f'"{word}"')[0][0], f'"{word}"') for word in words)
        for _count, asked in counted:
            if most is not None and len(found) >= most:
                break
            found |= dict.fromkeys(row for (row,) in look("row", asked, f"LIMIT {most or -1}"))
    return [UUID(row) for row in found][:most]


def _number(pk: UUID) -> int:
    """The number of a row in its FTS5 table: the random half of its id."""
    return int.from_bytes(pk.bytes[8:], "big", signed=True)


def _tail(number: int) -> str:
    return number.to_bytes(8, "big", signed=True).hex()


def analyze_table(model: Any) -> None:
    """Let SQLite know how many rows of the table a home has: else it takes a home for few and looks through all of
    them. PostgreSQL counts by itself. Some milliseconds for thousands of rows; once a night is enough."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


# Meaning


def store_vectors(model: Any, vectors: Mapping[UUID, Sequence[float]]) -> None:
    """Beside the column `embedding`, which holds them on every database."""
    if has_vectors(model._meta.db_table):
        sql = f"UPDATE {model._meta.db_table} SET vector = %s::halfvec WHERE id = %s"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(_literal(vector), pk) for pk, vector in vectors.items()])


def search_by_vector(rows: QuerySet[Any], home_id: UUID, vector: Any, limit: int) -> list[tuple[UUID, float]]:
    """Of `rows`, which are of one home, those that mean most nearly what the vector means, with the cosine, the best
    first."""
    if not has_vectors(rows.model._meta.db_table):
        return matrix_of(rows.model, home_id).nearest(rows, vector, limit)
    table = rows.model._meta.db_table
    distance = RawSQL(f"{table}.vector <=> %s::halfvec", [_literal(vector)])  # noqa: S611
    known = rows.extra(where=[f"{table}.vector IS NOT NULL"])  # noqa: S610
    found = known.annotate(distance=distance).order_by("distance").values_list("pk", "distance")
    return [(pk, 1 - away) for pk, away in found[:limit]]


@lru_cache
def has_vectors(table: str) -> bool:
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'vector'", [table])
        return cursor.fetchone() is not None


def _literal(vector: Sequence[float]) -> str:
    return "[" + ",".join(f"{number:.5g}" for number in vector) + "]"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:2])
