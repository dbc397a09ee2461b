"""What every row has."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

Changes = dict[str, list[Any]]


def as_json(value: Any) -> Any:
    """A field's value as the event log keeps it. Numbers lose their trailing zeros: 2.000 is "2"."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, models.enums.Choices | UUID):
        return str(value)
    return value


class Row(models.Model):
    """A key that sorts by time and that a client may choose itself, and the moment of its making."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class MutableRow(Row):
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def assign(self, **fields: Any) -> "Changes":
        """Set fields, without saving. Returns what differs, in terms of JSON: `{"field": [old, new]}`."""
        changes: Changes = {}
        for name, new in fields.items():
            old = getattr(self, name)
            if old != new:
                setattr(self, name, new)
                changes[name] = [as_json(old), as_json(new)]
        return changes


class CounterTotal(models.Model):
    """The value of a counter that all processes share. One row for each name and labels, however long the history."""

    name = models.CharField(max_length=80)
    labels = models.CharField(max_length=200, blank=True)
    """The values of the labels, one on each line."""
    value = models.DecimalField(max_digits=24, decimal_places=6, default=Decimal(0))

    class Meta:
        verbose_name = "counter"
        verbose_name_plural = "counters"
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="counter_total_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.labels}"


class Operation(Row):
    """A request that was answered. The same key and request get the same answer, once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=200)
    answer = models.JSONField(null=True)

    class Meta:
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="operation_once")]
        indexes = [models.Index(fields=["created_at"], name="operation_age")]

    def __str__(self) -> str:
        return self.key
