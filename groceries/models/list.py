"""Lists, their entries, shopping trips and claims on aisles."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, F, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from groceries.models.item import Category, Item
from groceries.models.store import Store
from homes.accounts.models import User
from homes.files.models import StoredFile
from homes.models import Agent, Home, Membership
from pantry.models import Changes, HomeRowQuerySet, MutableRow, Row

MAX_TRIP_DURATION = timedelta(hours=6)


class ListState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    COMPLETED = "completed", _("Completed")


NEXT_STATES: dict[str, tuple[ListState, ...]] = {
    ListState.DRAFT: (ListState.APPROVED, ListState.COMPLETED),
    ListState.APPROVED: (ListState.DRAFT, ListState.COMPLETED),
    ListState.COMPLETED: (ListState.DRAFT,),
}


class GroceryListQuerySet(HomeRowQuerySet["GroceryList"]):
    def visible_to(self, member: Membership) -> "GroceryListQuerySet":
        return super().visible_to(member).filter(archived_at=None).select_related("store")

    def archived_in(self, member: Membership) -> "GroceryListQuerySet":
        """Return the member's archived lists, the last archived first."""
        return super().visible_to(member).exclude(archived_at=None).order_by("-archived_at")

    def open(self) -> "GroceryListQuerySet":
        """Return the lists to shop with, the newest first."""
        lists = self.exclude(state=ListState.COMPLETED).filter(archived_at=None, is_template=False)
        return lists.order_by("-created_at", "-id")

    def current(self) -> "GroceryList | None":
        """Return the newest open list, which is meant wherever none is named."""
        return self.open().first()

    def with_counts(self) -> "GroceryListQuerySet":
        """Annotate how many entries are `to_get` and `got`."""
        return self.annotate(
            to_get=models.Count("entries", filter=models.Q(entries__state=EntryState.PENDING)),
            got=models.Count("entries", filter=models.Q(entries__state=EntryState.PURCHASED)),
        )


class GroceryList(MutableRow):
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="lists")
    name = models.CharField(_("name"), max_length=80)
    state = models.CharField(_("state"), max_length=10, choices=ListState.choices, default=ListState.DRAFT)
    store = models.ForeignKey(Store, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    is_template = models.BooleanField(_("template"), default=False)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, editable=False, related_name="+")
    approved_at = models.DateTimeField(_("approved"), null=True, editable=False)
    completed_at = models.DateTimeField(_("completed"), null=True, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)

    objects: ClassVar[Any] = GroceryListQuerySet.as_manager()

    class Meta:
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ListState.values), name="list_state_known"),
            models.CheckConstraint(condition=~models.Q(name=""), name="list_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(state=ListState.COMPLETED, completed_at__isnull=False)
                | (~models.Q(state=ListState.COMPLETED) & models.Q(completed_at=None)),
                name="list_completed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ListState.DRAFT) | models.Q(approved_at=None, approved_by=None),
                name="list_draft_is_not_approved",
            ),
            models.CheckConstraint(
                condition=models.Q(is_template=False) | models.Q(state=ListState.DRAFT), name="list_template_is_a_draft"
            ),
        ]
        indexes = [models.Index(fields=["home", "state"], name="list_state")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Return whether entries can be added and changed."""
        return self.state != ListState.COMPLETED and self.archived_at is None

    @cached_property
    def label(self) -> str:
        """Return the name; after `label_lists`, one by which the list differs from the others."""
        return self.name

    def next_list(self) -> "GroceryList | None":
        """Return the open list that goes on with this completed one."""
        if self.completed_at is None:
            return None
        newer = GroceryList.objects.filter(home=self.home_id, name=self.name, created_at__gt=self.completed_at)
        return newer.open().last()

    def next_states(self) -> tuple[ListState, ...]:
        """Return the states that it can change to. Of the completed, only one that was approved can be so again."""
        states = NEXT_STATES[self.state]
        is_again = self.state == ListState.COMPLETED and self.approved_at is not None
        return (*states, ListState.APPROVED) if is_again else states


class EntryState(models.TextChoices):
    PENDING = "pending", _("To get")
    PURCHASED = "purchased", _("In the basket")
    REMOVED = "removed", _("Removed")


class ListEntryQuerySet(HomeRowQuerySet["ListEntry"]):
    def visible_to(self, member: Membership) -> "ListEntryQuerySet":
        return super().visible_to(member).filter(list__archived_at=None)

    def in_spending_of(self, member: Membership) -> "ListEntryQuerySet":
        """Return the entries that the member may see, also on archived lists: their purchases count as spending."""
        return super().visible_to(member)

    def pending(self) -> "ListEntryQuerySet":
        return self.filter(state=EntryState.PENDING)

    def in_aisles(self, store: Store | None = None) -> "ListEntryQuerySet":
        """Order by aisle, as they come in the store, and by hand within it, with items and categories selected."""
        places = [When(item__category=pk, then=place) for pk, place in (store.places if store else {}).items()]
        place = Case(*places, default="item__category__position", output_field=models.IntegerField())
        return self.select_related("item__category").order_by(
            *([place] if places else []),
            "item__category__position",
            "item__category__name",
            F("position").asc(nulls_last=True),
            "created_at",
        )


class ListEntry(MutableRow):
    """An item on a list. The API calls it a list item."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    list = models.ForeignKey(GroceryList, on_delete=models.CASCADE, related_name="entries")
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="entries")
    quantity = models.DecimalField(_("amount"), max_digits=8, decimal_places=3, default=Decimal(1))
    unit = models.CharField(_("unit"), max_length=20, default="piece")
    note = models.CharField(_("note"), max_length=200, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=EntryState.choices, default=EntryState.PENDING)
    listed_at = models.DateTimeField(_("put on the list"), default=timezone.now, editable=False)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    added_by_agent = models.ForeignKey(Agent, on_delete=models.RESTRICT, null=True, related_name="+")
    assigned_to = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("who gets it"), related_name="+"
    )
    purchased_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    purchased_at = models.DateTimeField(_("bought"), null=True, editable=False)
    price_paid = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    position = models.PositiveIntegerField(_("place in the aisle"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[Any] = ListEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("list entry")
        verbose_name_plural = _("list entries")
        constraints = [
            models.UniqueConstraint(
                fields=["list", "item", "unit"], condition=models.Q(state="pending"), name="entry_pending_once"
            ),
            models.CheckConstraint(condition=models.Q(quantity__gt=0), name="entry_quantity_positive"),
            models.CheckConstraint(condition=models.Q(price_paid__gte=0), name="entry_price_not_negative"),
            models.CheckConstraint(condition=models.Q(state__in=EntryState.values), name="entry_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="purchased", purchased_at__isnull=False)
                | (~models.Q(state="purchased") & models.Q(purchased_at=None, purchased_by=None)),
                name="entry_purchased_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["list", "state"], name="entry_list_state"),
            models.Index(
                fields=["home", "purchased_at"], include=["price_paid", "purchased_by", "item"], name="entry_bought"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} ({self.quantity.normalize():f} {self.unit})"

    @property
    def is_pending(self) -> bool:
        return self.state == EntryState.PENDING

    @property
    def is_purchased(self) -> bool:
        return self.state == EntryState.PURCHASED

    @property
    def is_removed(self) -> bool:
        return self.state == EntryState.REMOVED

    @property
    def is_late(self) -> bool:
        """Return whether it came onto the list after the list's approval."""
        return self.list.approved_at is not None and self.listed_at > self.list.approved_at

    @property
    def display_unit(self) -> str:
        """Return the unit for display, which is empty for pieces: “3 lemons”."""
        return "" if self.unit == "piece" else self.unit

    @property
    def step(self) -> Decimal:
        """Return the amount by which + and − change the quantity: 100 for g and ml, else 1."""
        return Decimal(100) if self.unit in ("g", "ml") else Decimal(1)

    def set_state(
        self, state: EntryState, *, by: User | None = None, at: datetime | None = None, price: Decimal | None = None
    ) -> Changes:
        """Set the state with the buyer, time and price of the purchase; without them unless it is purchased."""
        return self.assign(state=state, purchased_at=at, purchased_by=by, price_paid=price)


class TripQuerySet(HomeRowQuerySet["Trip"]):
    def active(self) -> "TripQuerySet":
        return self.filter(ended_at=None)

    def ended(self) -> "TripQuerySet":
        """Return past trips, newest first, with their shoppers. `has_files`: there is a picture of the receipt."""
        trips = self.exclude(ended_at=None).annotate(has_files=StoredFile.objects.exist_for("trip"))
        return trips.select_related("user").order_by("-ended_at")

    def with_receipt(self) -> "TripQuerySet":
        """Return the past trips of whose receipt the total or a picture is known."""
        return self.ended().filter(models.Q(total__isnull=False) | models.Q(has_files=True))

    def forgotten(self, now: datetime) -> "TripQuerySet":
        """Return active trips that exceed the maximum duration."""
        return self.active().filter(created_at__lt=now - MAX_TRIP_DURATION)


class Trip(MutableRow):
    """A member's shopping trip with a list. An imported one of somebody else has no `user`."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    list = models.ForeignKey(GroceryList, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    total = models.DecimalField(
        _("total of the receipt"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )

    objects: ClassVar[Any] = TripQuerySet.as_manager()

    class Meta:
        verbose_name = _("shopping trip")
        verbose_name_plural = _("shopping trips")
        constraints = [
            models.UniqueConstraint(
                fields=["list", "user"], condition=models.Q(ended_at=None), name="trip_under_way_once"
            ),
            models.CheckConstraint(condition=models.Q(total__gte=0), name="trip_total_not_negative"),
            models.CheckConstraint(
                condition=models.Q(total=None) | models.Q(ended_at__isnull=False), name="trip_total_at_its_end"
            ),
        ]
        indexes = [
            models.Index(fields=["created_at"], name="trip_under_way", condition=models.Q(ended_at=None)),
            models.Index(fields=["home", "ended_at"], name="trip_total", condition=models.Q(total__isnull=False)),
        ]

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
