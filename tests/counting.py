"""Query counts."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(action: Callable[[], Any]) -> int:
    """Return the number of queries of `action()` on its second call, when caches are filled."""
    action()
    with CaptureQueriesContext(connection) as queries:
        action()
    return len(queries)
