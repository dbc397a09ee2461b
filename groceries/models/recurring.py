"""Recurring items."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from dateutil.rrule import rrulestr
from django.db import models
from django.utils.translation import gettext_lazy as _

from groceries.models.item import Item
from homes.accounts.models import User
from homes.models import Home, Membership
from pantry.models import MutableRow

DUE_SOON = timedelta(days=3)


class Frequency(models.TextChoices):
    WEEKLY = "weekly", _("every week")
    BIWEEKLY = "biweekly", _("every two weeks")
    MONTHLY = "monthly", _("every month")

    @property
    def rrule(self) -> str:
        return {"weekly": "FREQ=WEEKLY", "biweekly": "FREQ=WEEKLY;INTERVAL=2", "monthly": "FREQ=MONTHLY"}[self.value]


class RecurringItemQuerySet(models.QuerySet["RecurringItem"]):
    def visible_to(self, member: Membership) -> "RecurringItemQuerySet":
        return self.filter(home=member.home_id)

    def due(self, now: datetime) -> "RecurringItemQuerySet":
        return self.filter(next_due_at__lte=now, paused_at=None)

    def due_soon(self, home: Home) -> "RecurringItemQuerySet":
        """Return the home's rules that are due within three days, soonest first, with their items."""
        soon = home.now().replace(hour=23, minute=59) + DUE_SOON
        return self.due(soon).filter(home=home).select_related("item").order_by("next_due_at")


class RecurringItem(MutableRow):
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="recurring")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="recurring")
    quantity = models.DecimalField(_("amount"), max_digits=8, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=20)
    frequency = models.CharField(_("how often"), max_length=10, choices=Frequency.choices)
    rrule = models.CharField(_("rule"), max_length=200)
    next_due_at = models.DateTimeField(_("due"))
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = RecurringItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("recurring item")
        verbose_name_plural = _("recurring items")
        constraints = [
            models.UniqueConstraint(fields=["home", "item"], name="recurring_once"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="recurring_quantity_positive"),
        ]
        indexes = [models.Index(fields=["home", "next_due_at"], name="recurring_due")]

    def __str__(self) -> str:
        return f"{self.item}, {self.get_frequency_display()}"

    def is_due(self, now: datetime) -> bool:
        return self.paused_at is None and self.next_due_at <= now

    def due_after(self, moment: datetime) -> datetime | None:
        """Return the first occurrence after `moment`, at the same local hour; None if there is none."""
        start = self.next_due_at.astimezone(self.home.zone)
        rule = rrulestr(self.rrule, dtstart=start.replace(tzinfo=None))
        occurrence = rule.after(moment.astimezone(self.home.zone).replace(tzinfo=None))
        return occurrence.replace(tzinfo=self.home.zone) if occurrence else None
