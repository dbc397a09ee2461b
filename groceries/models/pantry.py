"""What a home has, and the barcodes by which it knows items."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from groceries.models.item import Item
from homes.models import Home
from pantry.models import HomeRowQuerySet, MutableRow, Row


class Place(models.TextChoices):
    """A place at home where a batch is kept. Without one, nobody has said."""

    FRIDGE = "fridge", _("Fridge")
    FREEZER = "freezer", _("Freezer")
    CUPBOARD = "cupboard", _("Cupboard")


class PantryBatchQuerySet(HomeRowQuerySet["PantryBatch"]):
    def soonest_first(self) -> "PantryBatchQuerySet":
        """Return the batches in the order in which they should be used, with their items and aisles selected."""
        rows = self.select_related("item__category")
        return rows.order_by(F("best_before").asc(nulls_last=True), "created_at", "id")

    def best_before_until(self, day: date) -> "PantryBatchQuerySet":
        return self.soonest_first().filter(best_before__lte=day)


class PantryBatch(MutableRow):
    """An amount of an item that is at home, with one best-before date. An item can have several."""

    SOON = timedelta(days=3)
    THIS_WEEK = timedelta(days=7)

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="batches")
    quantity = models.DecimalField(_("amount"), max_digits=8, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=20, default="piece")
    best_before = models.DateField(_("best before"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=10, choices=Place.choices, blank=True)
    entry_id = models.UUIDField(null=True, unique=True, editable=False)
    """The purchase that it came from. No foreign key, since lists are deleted."""

    objects: ClassVar[Any] = PantryBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("batch in the pantry")
        verbose_name_plural = _("batches in the pantry")
        constraints = [
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="batch_quantity_positive"),
            models.CheckConstraint(condition=models.Q(place__in=["", *Place.values]), name="batch_place_known"),
        ]
        indexes = [models.Index(fields=["home", "best_before"], name="batch_best_before")]

    def __str__(self) -> str:
        return f"{self.item} ({self.quantity.normalize():f} {self.unit})"

    @property
    def display_unit(self) -> str:
        """Return the unit for display, which is empty for pieces."""
        return "" if self.unit == "piece" else self.unit

    @property
    def step(self) -> Decimal:
        """Return how much one tap uses: 100 for g and ml, else 1, and what is left of less than that."""
        return min(self.quantity, Decimal(100) if self.unit in ("g", "ml") else Decimal(1))


class Barcode(Row):
    """A code on a package, and the item and the amount of it that the home means by it."""

    MAX_CHARS = 64

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    code = models.CharField(_("code"), max_length=MAX_CHARS)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="barcodes")
    quantity = models.DecimalField(_("amount"), max_digits=8, decimal_places=3, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=20, blank=True)

    objects: ClassVar[Any] = HomeRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("barcode")
        verbose_name_plural = _("barcodes")
        constraints = [
            models.UniqueConstraint(fields=["home", "code"], name="barcode_once"),
            models.CheckConstraint(condition=~models.Q(code=""), name="barcode_has_a_code"),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="barcode_quantity_positive"),
        ]

    def __str__(self) -> str:
        return self.code
