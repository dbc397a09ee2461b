"""Items that a home buys, those that recur, and the aisles of its shop."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groceries.parsing.names import fold, normalize
from homes.accounts.models import User
from homes.models import Home
from pantry.models import HomeRowQuerySet, MutableRow, Row
from pantry.recurrence import Rule, describe_rule, next_time

DUE_SOON = timedelta(days=3)
DEFAULT_CATEGORIES = {
    "produce": _("Produce"),
    "dairy": _("Dairy"),
    "staple": _("Staple"),
    "protein": _("Protein"),
    "household": _("Household"),
    "other": _("Other"),
}


class Category(MutableRow):
    """An aisle. Every home starts with six, and can rename and merge them and add more.

    `stands_for` are the keys of the default aisles, separated by spaces, whose new items come into this one. They stay
    when it is renamed.
    """

    MAX_POSITION = 32767

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="categories")
    name = models.CharField(_("name"), max_length=40)
    position = models.PositiveSmallIntegerField(_("place in the shop"), default=0)
    stands_for = models.CharField(_("stands for"), max_length=60, blank=True, editable=False)

    objects: ClassVar[Any] = HomeRowQuerySet.as_manager()

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
        return next((key for key in (self.name, *self.stands_for.split()) if key in DEFAULT_CATEGORIES), "other")


class SearchKeyField(models.CharField):  # type: ignore[type-arg]
    """The row's name, or another field of it, as it is searched and sorted. Every save and bulk_create sets it."""

    def __init__(self, *args: Any, source: str = "name", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source = source

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs if self.source == "name" else {**kwargs, "source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = fold(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, key)
        return key


class ItemQuerySet(HomeRowQuerySet["Item"]):
    def named(self, name: str, home: Home) -> "ItemQuerySet":
        """Return the home's item of that name or alias. Names and aliases are unique together."""
        this = {"home": home, "normalized_name": normalize(name)}
        return self.filter(pk__in=Item.objects.filter(**this).values("pk").union(_aliased(**this)))

    def matching(self, text: str, home: Home) -> "ItemQuerySet":
        """Return the home's items with a name or alias of which a word begins with the text, whatever its case and
        accents."""
        if not (key := fold(text)):
            return self.none()
        begins = Q(search_key__startswith=key) | Q(search_key__contains=f" {key}")
        return self.filter(begins | Q(pk__in=_aliased(begins, home=home)), home=home)


def _aliased(*conditions: Q, **fields: Any) -> models.QuerySet[Any, Any]:
    return ItemAlias.objects.filter(*conditions, **fields).order_by().values("item")


class Item(MutableRow):
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="items")
    name = models.CharField(_("name"), max_length=100)
    normalized_name = models.CharField(max_length=100, editable=False)
    search_key = SearchKeyField(max_length=200, editable=False)
    description = models.CharField(_("description"), max_length=200, blank=True)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="items")
    default_quantity = models.DecimalField(_("usual amount"), max_digits=8, decimal_places=3, null=True, blank=True)
    default_unit = models.CharField(_("usual unit"), max_length=20, blank=True)
    min_quantity = models.DecimalField(_("keep at least"), max_digits=8, decimal_places=3, null=True, blank=True)
    min_unit = models.CharField(_("unit to keep"), max_length=20, blank=True)
    estimated_price = models.DecimalField(
        _("usual price"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    last_purchased_at = models.DateTimeField(_("last bought"), null=True, editable=False)
    snoozed_until = models.DateField(_("not needed until"), null=True, editable=False)  # which its forecast learns from
    has_forecasts = models.BooleanField(_("has forecasts"), default=True, editable=False)
    is_favourite = models.BooleanField(_("favourite"), default=False)

    objects: ClassVar[Any] = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        constraints = [
            models.UniqueConstraint(fields=["home", "normalized_name"], name="item_once"),
            models.CheckConstraint(condition=~models.Q(normalized_name=""), name="item_has_a_name"),
            models.CheckConstraint(condition=models.Q(default_quantity__gt=0), name="item_quantity_positive"),
            models.CheckConstraint(condition=models.Q(estimated_price__gte=0), name="item_price_not_negative"),
            models.CheckConstraint(condition=models.Q(min_quantity__gt=0), name="item_minimum_positive"),
        ]
        indexes = [
            models.Index(fields=["home", "search_key"], name="item_search_key"),
            models.Index(fields=["home", "created_at"], name="item_newest"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def alias_names(self) -> list[str]:
        """Return the aliases, sorted. Costs a query unless they are loaded."""
        return [alias.name for alias in self.aliases.all()]


class ItemAlias(Row):
    """Another name under which the home means the item."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="aliases")
    name = models.CharField(_("name"), max_length=100)
    normalized_name = models.CharField(max_length=100, editable=False)
    search_key = SearchKeyField(max_length=200, editable=False)

    objects: ClassVar[Any] = HomeRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("other name of an item")
        verbose_name_plural = _("other names of items")
        ordering = ["search_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["home", "normalized_name"], name="item_alias_once"),
            models.CheckConstraint(condition=~models.Q(normalized_name=""), name="item_alias_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Frequency(models.TextChoices):
    """A recurrence rule with a name of its own."""

    DAILY = "daily", _("every day")
    WEEKLY = "weekly", _("every week")
    BIWEEKLY = "biweekly", _("every two weeks")
    MONTHLY = "monthly", _("every month")
    YEARLY = "yearly", _("every year")

    @property
    def rrule(self) -> str:
        return "FREQ=WEEKLY;INTERVAL=2" if self == Frequency.BIWEEKLY else f"FREQ={self.value.upper()}"


OTHER_FREQUENCY = "other"


class RecurringItemQuerySet(HomeRowQuerySet["RecurringItem"]):
    def due(self, now: datetime) -> "RecurringItemQuerySet":
        return self.filter(next_due_at__lte=now, paused_at=None)

    def due_soon(self, home: Home) -> "RecurringItemQuerySet":
        """Return the home's rules that are due within three days, soonest first, with their items."""
        soon = home.now().replace(hour=23, minute=59) + DUE_SOON
        return self.due(soon).filter(home=home).select_related("item__category").order_by("next_due_at")


class RecurringItem(MutableRow):
    """An item that comes on the list by itself, in the morning of the days of its rule. An item can have several."""

    DUE_HOUR = 8  # local time of the home

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="recurring")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="recurring")
    quantity = models.DecimalField(_("amount"), max_digits=8, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=20)
    rrule = models.CharField(_("rule"), max_length=200)
    starts_on = models.DateField(_("first day"))  # the rule counts from here; stays when the item is due again
    next_due_at = models.DateTimeField(_("due"))
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = RecurringItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("recurring item")
        verbose_name_plural = _("recurring items")
        constraints = [models.CheckConstraint(condition=models.Q(quantity__gt=0), name="recurring_quantity_positive")]
        indexes = [models.Index(fields=["home", "next_due_at"], name="recurring_due")]

    def __str__(self) -> str:
        return f"{self.item}, {self.how_often}"

    @property
    def how_often(self) -> str:
        return describe_rule(self.rrule)

    @property
    def frequency(self) -> str:
        """Return the Frequency whose period the rule has, or OTHER_FREQUENCY."""
        rule = Rule.parse(self.rrule)
        for frequency in Frequency:
            named = Rule.parse(frequency.rrule)
            if (rule.frequency, rule.interval) == (named.frequency, named.interval):
                return frequency.value
        return OTHER_FREQUENCY

    def is_due(self, now: datetime) -> bool:
        return self.paused_at is None and self.next_due_at <= now

    def due_after(self, moment: datetime) -> datetime | None:
        """Return the first occurrence after `moment`, at the same local hour; None if the rule has ended."""
        return next_time(self.rrule, due_time(self.starts_on, self.home), self.home.zone, moment)


def due_time(day: date, home: Home) -> datetime:
    """Return the moment of the day at which recurring items are due."""
    return datetime.combine(day, time(RecurringItem.DUE_HOUR), home.zone).astimezone(UTC)
