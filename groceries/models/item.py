"""Items that a home buys, and the aisles of its shop."""

from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from groceries.parsing.names import normalize
from homes.models import Home, Membership
from pantry.models import MutableRow

DEFAULT_CATEGORIES = {
    "produce": _("Produce"),
    "dairy": _("Dairy"),
    "staple": _("Staple"),
    "protein": _("Protein"),
    "household": _("Household"),
    "other": _("Other"),
}


class Category(MutableRow):
    """An aisle. Every home starts with six and can add more."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(_("name"), max_length=40)
    position = models.PositiveSmallIntegerField(_("place in the shop"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["position", "name"]
        constraints = [models.UniqueConstraint(fields=["home", "name"], name="category_once")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """Return the name for display: translated if it is one of the default six."""
        return str(DEFAULT_CATEGORIES.get(self.name, self.name))

    @property
    def icon(self) -> str:
        return self.name if self.name in DEFAULT_CATEGORIES else "other"


class ItemQuerySet(models.QuerySet["Item"]):
    def visible_to(self, member: Membership) -> "ItemQuerySet":
        return self.filter(home=member.home_id)

    def named(self, name: str) -> "ItemQuerySet":
        return self.filter(normalized_name=normalize(name))


class Item(MutableRow):
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="items")
    name = models.CharField(_("name"), max_length=100)
    normalized_name = models.CharField(max_length=100, editable=False)
    description = models.CharField(_("description"), max_length=200, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items")
    default_quantity = models.DecimalField(_("usual amount"), max_digits=8, decimal_places=3, null=True, blank=True)
    default_unit = models.CharField(_("usual unit"), max_length=20, blank=True)
    estimated_price = models.DecimalField(
        _("usual price"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    last_purchased_at = models.DateTimeField(_("last bought"), null=True, editable=False)

    objects: ClassVar[Any] = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(fields=["home", "normalized_name"], name="item_once"),
            models.CheckConstraint(condition=~models.Q(normalized_name=""), name="item_has_a_name"),
            models.CheckConstraint(condition=models.Q(default_quantity__gt=0), name="item_quantity_positive"),
            models.CheckConstraint(condition=models.Q(estimated_price__gte=0), name="item_price_not_negative"),
        ]
        indexes = [
            models.Index(fields=["home", "name"], name="item_name"),
            models.Index(fields=["home", "created_at"], name="item_newest"),
        ]

    def __str__(self) -> str:
        return self.name
