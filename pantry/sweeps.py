"""Sweeps over all homes that one failing row does not stop, and that hold nobody up."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.db import DatabaseError, transaction

from pantry.counters import add_to_counters

log = logging.getLogger(__name__)

DELETED_ROWS = 100  # in a transaction


@contextmanager
def pass_over_errors(task: str, row: object) -> Iterator[None]:
    """Log an error in the block with the `row`, and count it by `task`, so that the next row gets its turn."""
    try:
        yield
    except Exception:
        log.exception("%s skipped %s", task, row)
        with suppress(DatabaseError):
            add_to_counters({("sweep_failures", (task,)): 1})


def delete_in_batches(rows: Any) -> None:
    """Delete the rows of a queryset in short transactions, the newest first: earlier ones may have the others as
    parents."""
    while pks := list(rows.order_by("-pk").values_list("pk", flat=True)[:DELETED_ROWS]):
        with transaction.atomic():
            rows.filter(pk__in=pks).delete()
