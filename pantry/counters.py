"""Prometheus counters in the database, which all processes share. Those of one process are in `pantry/metrics.py`."""

from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.db.models import F

from pantry.models import CounterTotal

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
