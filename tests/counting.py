"""Query counts, and the statements that write."""

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

WRITE_STATEMENT = re.compile(r"^\s*(INSERT INTO|UPDATE|DELETE FROM|REPLACE INTO)\b", re.IGNORECASE)
# Sessions are renewed and tokens store their last use, which members do not see.
# Searching memory computes missing embeddings.
ALLOWED_TABLES = ("django_session", "accounts_apitoken", "pixie_memoryposition", 'pixie_passage" SET "embedding"')


def queries_of(action: Callable[[], Any]) -> int:
    """Return the number of queries of `action()` on its second call, when caches are filled."""
    action()
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)


def written_statements(action: Callable[[], Any]) -> list[str]:
    """Return the statements of `action()` that write rows. A streamed response is read to its end."""
    with CaptureQueriesContext(connection) as captured:
        result = action()
        if getattr(result, "streaming", False):
            list(result.streaming_content)
    statements = [query["sql"] for query in captured if WRITE_STATEMENT.match(query["sql"])]
    return [sql for sql in statements if not any(allowed in sql for allowed in ALLOWED_TABLES)]
