"""Stores, each with its own order of the home's aisles."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from groceries.models.item import Category
from homes.models import Home
from pantry.models import HomeRowQuerySet, MutableRow


class Store(MutableRow):
    """A shop that the home goes to.

    `aisles` has the ids of aisles in the order of the store: as its latest trips went through them, or as somebody
    sorted them. Ids of removed aisles can be among them; aisles that are missing come at their usual place.
    """

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="stores")
    name = models.CharField(_("name"), max_length=40)
    aisles = models.JSONField(_("order of the aisles"), default=list, blank=True)
    is_sorted_by_hand = models.BooleanField(_("sorted by hand"), default=False)

    objects: ClassVar[Any] = HomeRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("store")
        verbose_name_plural = _("stores")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["home", "name"], name="store_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="store_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def places(self) -> dict[str, int]:
        """Return the places of the sorted aisles by their ids."""
        return {category_id: place for place, category_id in enumerate(self.aisles)}

    def sorted_aisles(self) -> list[Category]:
        """Return all aisles of the home in the order of the store."""
        places, categories = self.places, Category.objects.filter(home=self.home_id)
        return sorted(categories, key=lambda category: places.get(str(category.pk), category.position))
