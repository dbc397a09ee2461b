"""Keep one failing row from stopping a sweep over all homes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError

from pantry.counters import add_to_counters

log = logging.getLogger(__name__)


@contextmanager
def pass_over_errors(task: str, row: object) -> Iterator[None]:
    """Log and count an error in the block, so that the caller can continue with the next row.

    `task` is the label in `/metrics`, `row` identifies the row in the log.
    """
    try:
        yield
    except Exception:
        log.exception("%s skipped %s", task, row)
        with suppress(DatabaseError):
            add_to_counters({("sweep_failures", (task,)): 1})
