"""Shopping trips and claims on aisles."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from groceries.models.item import Category
from groceries.models.list import GroceryList
from homes.accounts.models import User
from homes.models import Home
from pantry.models import MutableRow, Row

MAX_TRIP_DURATION = timedelta(hours=6)


class TripQuerySet(models.QuerySet["Trip"]):
    def active(self) -> "TripQuerySet":
        return self.filter(ended_at=None)

    def forgotten(self, now: datetime) -> "TripQuerySet":
        """Return active trips that exceed the maximum duration."""
        return self.active().filter(created_at__lt=now - MAX_TRIP_DURATION)


class Trip(MutableRow):
    """A member's shopping trip with a list."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    list = models.ForeignKey(GroceryList, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects: ClassVar[Any] = TripQuerySet.as_manager()

    class Meta:
        verbose_name = _("shopping trip")
        verbose_name_plural = _("shopping trips")
        constraints = [
            models.UniqueConstraint(
                fields=["list", "user"], condition=models.Q(ended_at=None), name="trip_under_way_once"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="trip_under_way", condition=models.Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.user} · {self.list}"


class AisleClaim(Row):
    """A shopper's claim on an aisle. Deleted when the trip ends."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    trip = models.ForeignKey(Trip, on_delete=models.CASCADE, related_name="+")
    list = models.ForeignKey(GroceryList, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("claimed aisle")
        verbose_name_plural = _("claimed aisles")
        constraints = [models.UniqueConstraint(fields=["list", "category"], name="aisle_claimed_once")]

    def __str__(self) -> str:
        return f"{self.category} · {self.trip}"

    @property
    def user_id(self) -> Any:
        return self.trip.user_id
