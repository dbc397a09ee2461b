"""Full-text and substring search.

PostgreSQL has an indexed, generated column with the stems, and a trigram index (pg_trgm). SQLite has a copy of the text
with two FTS5 indexes, of stems and of trigrams, which triggers keep up to date.
"""
# ruff: noqa: S608 (names come from models, input is passed as parameters)

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import RawSQL

MIN_SUBSTRING_CHARS = 3  # a trigram index cannot find shorter ones


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
        match = rows.order_by().filter(pk=RawSQL("t.key", []))  # noqa: S611
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
