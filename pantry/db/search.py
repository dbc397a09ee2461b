"""Search rows by text, by words and by embeddings.

Text: PostgreSQL has an indexed, generated column with the stems, and a trigram index. SQLite has a copy of the text
with FTS5 indexes of stems and of trigrams, which triggers keep up to date.
Words: PostgreSQL has such a column with the stems of the column `words`. SQLite has an FTS5 table, kept up to date by
`index_row` and `unindex_row`; entries of rows that were deleted otherwise never match.
Embeddings: PostgreSQL has a pgvector column if the extension is available, filled by `store_vectors`. Otherwise the
vectors of a home are cached in memory (`pantry.db.matrix`).
"""
# ruff: noqa: S608 (names come from models, input is passed as parameters)

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from pantry.db.matrix import matrix_of

MIN_SUBSTRING_CHARS = 3  # a trigram index cannot find shorter ones
DIMENSIONS = 384
MAX_QUERY_WORDS = 12  # every pair of them is searched for


def search_words(
    rows: Any, column: str, words: Sequence[str], phrases: Sequence[str], *, newest: str, recent: int, limit: int
) -> list[Any]:
    """Return the rows whose text has all the words, by stem or prefix, and all the phrases; the newest first.

    `newest` is an increasing column; rows above `recent` in it are searched first. Words consist of letters and digits.
    At most two queries.
    """
    if not words and not phrases:
        return []
    if connection.vendor == "sqlite":
        terms = [f'"{word}" *' for word in words] + [f'"{_unquoted(phrase)}"' for phrase in phrases]
        return _fts(rows, "stems", " AND ".join(terms), newest, limit)
    parts = ["to_tsquery('english', %s)"] * len(words) + ["phraseto_tsquery('english', %s)"] * len(phrases)
    params = [*(f"'{word}':*" for word in words), *phrases]
    matches = f"{rows.model._meta.db_table}.{column}_stems @@ ({' && '.join(parts)})"
    by_index, row_by_row = (
        models.Q(RawSQL(sql, params, output_field=models.BooleanField()))  # noqa: S611 (as above)
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
    if connection.vendor == "sqlite":
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
        match = rows.order_by().filter(pk=RawSQL("t.key", []))  # noqa: S611 (as above)
        allowed, params = match.values("id").query.sql_with_params()
    except EmptyResultSet:
        return []
    sql = (
        f"SELECT t.key FROM {index} CROSS JOIN {table}_text t ON t.number = {index}.rowid "
        f"WHERE {index} MATCH %s AND EXISTS ({allowed}) "
        f"ORDER BY {index}.rowid DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [query, *params, limit])
        keys = [rows.model._meta.pk.to_python(key) for (key,) in cursor.fetchall()]
    return list(rows.filter(pk__in=keys).order_by(f"-{newest}")) if keys else []


def _unquoted(text: str) -> str:
    return text.replace('"', " ")


def index_row(row: Any) -> None:
    """Update the word index for the row. Call it in the transaction that writes the row."""
    unindex_row(row)
    if connection.vendor == "sqlite":
        sql = f"INSERT INTO {row._meta.db_table}_by_words (rowid, row, words) VALUES (%s, %s, %s)"
        with connection.cursor() as cursor:
            cursor.execute(sql, [_rowid(row.pk), row.pk.hex, row.words])


def unindex_row(row: Any) -> None:
    """Remove the row from the word index. Call it in the transaction that deletes the row, before the deletion."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {row._meta.db_table}_by_words WHERE rowid = %s", [_rowid(row.pk)])


def search_by_words(rows: QuerySet[Any], words: Sequence[str], newest: Sequence[str], limit: int) -> list[UUID]:
    """Return the ids of `rows` with most of the words, the best first.

    The rows belong to one home. `newest` is an indexed order, newest first. Words are letters and digits; the first
    MAX_QUERY_WORDS count.
    """
    words = [word for word in words if word.isalnum()][:MAX_QUERY_WORDS]
    if not words:
        return []
    if connection.vendor == "postgresql":
        return _search_tsvector(rows, words, newest, limit)
    return _search_fts(rows, words, limit)


def _search_tsvector(rows: QuerySet[Any], words: Sequence[str], newest: Sequence[str], limit: int) -> list[UUID]:
    """Rank by the number of matching words, then by age. At most two queries.

    PostgreSQL's own ranking ignores how rare a word is, and costs ten times as much for thousands of matches. The first
    query returns the few rows with at least two of the words, the second fills up with rows that have one.
    """
    stems = f"{rows.model._meta.db_table}.stems"

    def search_by_words(query: str) -> QuerySet[Any]:
        matches = RawSQL(f"{stems} @@ to_tsquery('english', %s)", [query])  # noqa: S611 (as above)
        return rows.annotate(matches=matches).filter(matches=True)

    ids: list[UUID] = []
    if pairs := " | ".join(f"({first} & {second})" for first, second in combinations(words, 2)):
        has_word = f"({stems} @@ to_tsquery('english', %s))::int"
        shared = RawSQL(" + ".join([has_word] * len(words)), list(words))  # noqa: S611 (as above)
        ranked = search_by_words(pairs).annotate(shared=shared).order_by("-shared", *newest)
        ids = list(ranked.values_list("pk", flat=True)[:limit])
    if len(ids) < limit:
        more = search_by_words(" | ".join(words)).exclude(pk__in=ids).order_by(*newest)
        ids += more.values_list("pk", flat=True)[: limit - len(ids)]
    return ids


def _search_fts(rows: QuerySet[Any], words: Sequence[str], limit: int) -> list[UUID]:
    """Search for twice the limit, since some matches are not in `rows`; if that is not enough, for all matches."""
    for maximum in (2 * limit, None):
        ids = _rank_fts(f"{rows.model._meta.db_table}_by_words", words, maximum)
        visible = set(rows.filter(pk__in=ids).values_list("pk", flat=True))
        if len(visible) >= limit or maximum is None or len(ids) < maximum:
            break
    return [pk for pk in ids if pk in visible][:limit]


def _rank_fts(table: str, words: Sequence[str], maximum: int | None) -> list[UUID]:
    """Return rows with at least two of the words in FTS5's order, then rows with one of them, the rarest word first.

    Ranking the thousands of rows with a common word would cost more than all the rest.
    """
    ids: dict[str, None] = {}
    with connection.cursor() as cursor:

        def select(columns: str, query: str, suffix: str = "") -> list[Any]:
            cursor.execute(f"SELECT {columns} FROM {table} WHERE {table} MATCH %s {suffix}", [query])
            return cursor.fetchall()

        pairs = " OR ".join(f'("{first}" AND "{second}")' for first, second in combinations(words, 2))
        if pairs:
            ids |= dict.fromkeys(row for (row,) in select("row", pairs, f"ORDER BY rank LIMIT {maximum or -1}"))
        counts = sorted((select("count(*)", f'"{word}"')[0][0], f'"{word}"') for word in words)
        for _count, query in counts:
            if maximum is not None and len(ids) >= maximum:
                break
            ids |= dict.fromkeys(row for (row,) in select("row", query, f"LIMIT {maximum or -1}"))
    return [UUID(row) for row in ids][:maximum]


def _rowid(pk: UUID) -> int:
    """Return the rowid in the FTS5 table: the random half of the UUID."""
    return int.from_bytes(pk.bytes[8:], "big", signed=True)


def analyze_table(model: Any) -> None:
    """Update SQLite's planner statistics; without them it scans all rows of a home. Once a night is enough.

    PostgreSQL does so by itself. Costs a few milliseconds for thousands of rows.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def store_vectors(model: Any, vectors: Mapping[UUID, Sequence[float]]) -> None:
    """Fill the pgvector column, if there is one. The column `embedding` has the vectors on every database."""
    if has_vectors(model._meta.db_table):
        sql = f"UPDATE {model._meta.db_table} SET vector = %s::halfvec WHERE id = %s"
        with connection.cursor() as cursor:
            cursor.executemany(sql, [(_literal(vector), pk) for pk, vector in vectors.items()])


def search_by_vector(rows: QuerySet[Any], home_id: UUID, vector: Any, limit: int) -> list[tuple[UUID, float]]:
    """Return the ids of the most similar `rows`, which belong to one home, with their cosine; the best first."""
    if not has_vectors(rows.model._meta.db_table):
        return matrix_of(rows.model, home_id).nearest(rows, vector, limit)
    table = rows.model._meta.db_table
    distance = RawSQL(f"{table}.vector <=> %s::halfvec", [_literal(vector)])  # noqa: S611 (as above)
    embedded = rows.extra(where=[f"{table}.vector IS NOT NULL"])  # noqa: S610 (as above)
    nearest = embedded.annotate(distance=distance).order_by("distance").values_list("pk", "distance")
    return [(pk, 1 - distance) for pk, distance in nearest[:limit]]


@lru_cache
def has_vectors(table: str) -> bool:
    """Tell whether the table has a pgvector column. Cached."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'vector'", [table])
        return cursor.fetchone() is not None


def _literal(vector: Sequence[float]) -> str:
    return "[" + ",".join(f"{number:.5g}" for number in vector) + "]"
