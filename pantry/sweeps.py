"""Sweeps over all homes that one failing row does not stop, and Prometheus counters that all processes share."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from decimal import Decimal

from django.db import DatabaseError, transaction
from django.db.models import F

from pantry.models import CounterTotal

log = logging.getLogger(__name__)

Labels = tuple[str, ...]
Key = tuple[str, Labels]


@transaction.atomic
def add_to_counters(amounts: Mapping[Key, Decimal | int]) -> None:
    """Add each amount to the counter of that name and those labels.

    Call it outside of other transactions, since all homes share the rows. They are locked in the order of their keys,
    so concurrent calls cannot deadlock.
    """
    for (name, labels), amount in sorted(amounts.items()):
        joined = "\n".join(labels)
        row = CounterTotal.objects.filter(name=name, labels=joined)
        if not row.update(value=F("value") + amount):
            CounterTotal.objects.get_or_create(name=name, labels=joined)
            row.update(value=F("value") + amount)


def read_counters() -> dict[str, dict[Labels, Decimal]]:
    """Return the values by name and labels. One query."""
    counters: dict[str, dict[Labels, Decimal]] = {}
    for row in CounterTotal.objects.all():
        counters.setdefault(row.name, {})[tuple(row.labels.split("\n")) if row.labels else ()] = row.value
    return counters


@contextmanager
def pass_over_errors(task: str, row: object) -> Iterator[None]:
    """Log an error in the block with the `row`, and count it by `task`, so that the next row gets its turn."""
    try:
        yield
    except Exception:
        log.exception("%s skipped %s", task, row)
        with suppress(DatabaseError):
            add_to_counters({("sweep_failures", (task,)): 1})
