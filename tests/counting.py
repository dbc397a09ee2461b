"""How many queries something costs."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext


def queries_of(look: Callable[[], Any]) -> int:
    """The queries of `look()` when it is done a second time: what is kept between two looks is kept by then."""
    look()
    with CaptureQueriesContext(connection) as seen:
        look()
    return len(seen)
