"""Base models, and the models of counters and idempotent operations."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from homes.models import Membership

Changes = dict[str, list[Any]]
AnyModel = TypeVar("AnyModel", bound=models.Model)


def as_json(value: Any) -> Any:
    """Return a field's value as the event log stores it. Decimals lose trailing zeros: 2.000 is "2"."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, models.Model):
        return str(value.pk)
    if isinstance(value, models.enums.Choices | UUID):
        return str(value)
    return value


class Row(models.Model):
    """A base model with a time-ordered UUID, which a client may choose, and the creation time."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class MutableRow(Row):
    """A base model that records when it was changed, and computes changes."""

    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True

    def reload(self, *related: str) -> Self:
        """Return the row as it is in the database now, together with its `related` rows."""
        rows = type(self)._default_manager.all()
        return (rows.select_related(*related) if related else rows).get(pk=self.pk)

    def assign(self, **fields: Any) -> "Changes":
        """Set fields without saving. Returns the changes as JSON values: `{"field": [old, new]}`."""
        changes: Changes = {}
        for name, new in fields.items():
            field: Any = self._meta.get_field(name)
            old = getattr(self, field.attname)  # of a relation its key, since reading the row costs a query
            if old != (new.pk if isinstance(new, models.Model) else new):
                setattr(self, name, new)
                changes[name] = [as_json(old), as_json(new)]
        return changes


class HomeRowQuerySet(models.QuerySet[AnyModel]):
    """Rows that have a `home`. By default, every member of it can see them."""

    def visible_to(self, member: "Membership") -> Self:
        return self.filter(home=member.home_id)


class CounterTotal(models.Model):
    """The value of a counter that all processes share. One row for each name and set of labels."""

    name = models.CharField(max_length=80)
    labels = models.CharField(max_length=200, blank=True)  # one value on each line
    value = models.DecimalField(max_digits=24, decimal_places=6, default=Decimal(0))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="counter_total_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.labels}"


class Operation(Row):
    """The stored response of a request with an Idempotency-Key."""

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
