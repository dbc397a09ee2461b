"""Query counts, and the statements that write."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

WRITE_STATEMENT = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\b", re.IGNORECASE)
# Sessions are renewed and tokens store their last use, which members do not see.
# Searching memory computes missing embeddings.
ALLOWED_TABLES = ("django_session", "accounts_apitoken", "pixie_memoryposition", 'pixie_passage" SET "embedding"')


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """Yield the list of statements that are executed, without their parameters, which Django's debug cursor inserts."""
    statements: list[str] = []

    def record(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        statements.append(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(record):
        yield statements


def queries_of(action: Callable[[], Any]) -> int:
    """Return the number of queries of `action()` on its second call, when caches are filled."""
    action()
    with recorded_statements() as statements:
        action()
    return len(statements)


def written_statements(action: Callable[[], Any]) -> list[str]:
    """Return the statements of `action()` that write rows. A streamed response is read to its end."""
    with recorded_statements() as statements:
        result = action()
        if getattr(result, "streaming", False):
            list(result.streaming_content)
    written = [sql for sql in statements if WRITE_STATEMENT.match(sql)]
    return [sql for sql in written if not any(allowed in sql for allowed in ALLOWED_TABLES)]
