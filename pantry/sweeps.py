"""Sweeps over all homes that one failing row does not stop."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError

from pantry.counters import add_to_counters

log = logging.getLogger(__name__)


@contextmanager
def pass_over_errors(task: str, row: object) -> Iterator[None]:
    """Log an error in the block with the `row`, and count it by `task`, so that the next row gets its turn."""
    try:
        yield
    except Exception:
        log.exception("%s skipped %s", task, row)
        with suppress(DatabaseError):
            add_to_counters({("sweep_failures", (task,)): 1})
