"""Data of a list's page: aisles, rows, totals and shoppers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from groceries import prices, reports
from groceries.attachments import ENTRY
from groceries.forecasts import ItemForecast, offered_forecasts
from groceries.labels import label_lists
from groceries.models import AisleClaim, Category, EntryState, GroceryList, ListEntry, RecurringItem, Trip
from groceries.templatetags.amounts import amount
from homes.files.models import StoredFile
from homes.models import Home, Membership

MAX_SWITCHABLE = 12  # lists above a list; more are counted


@dataclass
class Aisle:
    """An aisle with its pending entries and the shopper who claimed it."""

    category: Category
    claimed_by: Membership | None
    entries: list[ListEntry] = field(default_factory=list)


class ListPresenter:
    """Lazy queries for a list's page. `only_for`: the user to whose pending entries the aisles are limited."""

    def __init__(self, home: Home, grocery_list: GroceryList, only_for: UUID | None = None) -> None:
        self.home, self.list, self.only_for = home, grocery_list, only_for

    @cached_property
    def members(self) -> dict[UUID, Membership]:
        """Members by user id, in the order of joining."""
        members = Membership.objects.filter(home=self.home).select_related("user").order_by("number")
        return {member.user_id: member for member in members}

    @cached_property
    def open_lists(self) -> list[GroceryList]:
        """The home's open lists with their counts, the newest first."""
        return label_lists(GroceryList.objects.filter(home=self.home).open().with_counts())

    @property
    def label(self) -> str:
        """The list's name, told apart from that of other open lists."""
        return next((each.label for each in self.open_lists if each == self.list), self.list.name)

    @property
    def switchable(self) -> list[GroceryList]:
        """The lists that the switcher shows."""
        return self.open_lists[:MAX_SWITCHABLE]

    @property
    def not_switchable(self) -> int:
        """Return how many open lists the switcher only counts."""
        return max(0, len(self.open_lists) - MAX_SWITCHABLE)

    @property
    def has_others(self) -> bool:
        return any(each != self.list for each in self.open_lists)

    @cached_property
    def next_list(self) -> GroceryList | None:
        """The open list that goes on with this completed one."""
        return self.list.next_list()

    def is_empty(self) -> bool:
        """Return whether nothing is on the list. Costs a query unless the entries are loaded."""
        if "entries" in self.__dict__:
            return not self.entries
        return not ListEntry.objects.filter(list=self.list).exclude(state=EntryState.REMOVED).exists()

    @cached_property
    def entries(self) -> list[ListEntry]:
        rows = ListEntry.objects.filter(list=self.list).exclude(state=EntryState.REMOVED)
        entries = list(rows.in_aisles(self.list.store).select_related("item__category", "added_by_agent"))
        for entry in entries:
            entry.list = self.list
        return entries

    @cached_property
    def pictures(self) -> dict[UUID, StoredFile]:
        """Return the pictures of entries, by the ids of these."""
        files = StoredFile.objects.by_target(ENTRY, [entry.pk for entry in self.entries])
        return {entry_id: file for entry_id, [*_others, file] in files.items()}

    @cached_property
    def pending(self) -> list[ListEntry]:
        return [entry for entry in self.entries if entry.is_pending]

    @cached_property
    def basket(self) -> list[ListEntry]:
        """Purchased entries, newest first."""
        purchases = [(entry.purchased_at, entry) for entry in self.entries if entry.purchased_at is not None]
        return [entry for _at, entry in sorted(purchases, key=itemgetter(0), reverse=True)]

    @cached_property
    def aisles(self) -> list[Aisle]:
        claims = AisleClaim.objects.filter(list=self.list).values_list("category", "trip__user")
        claims_by_category = {category: self.members.get(user_id) for category, user_id in claims}
        aisles: dict[UUID, Aisle] = {}
        for entry in self.pending:
            if self.only_for not in (None, entry.assigned_to_id):
                continue
            category = entry.item.category
            aisle = aisles.setdefault(category.pk, Aisle(category, claims_by_category.get(category.pk)))
            aisle.entries.append(entry)
        return list(aisles.values())

    @property
    def assignees(self) -> list[tuple[Membership, int]]:
        """Return the members who get pending entries, and how many."""
        counts = Counter(entry.assigned_to_id for entry in self.pending)
        return [(member, counts[user_id]) for user_id, member in self.members.items() if user_id in counts]

    @cached_property
    def expected_prices(self) -> list[Decimal]:
        """Return what the pending entries with a known price will cost, each for its amount."""
        return prices.expected_prices(self.pending, self.list.store)

    def as_text(self) -> str:
        """Return the list as lines of text: what is to get, by aisle, then the basket."""
        lines = [self.list.name]
        for aisle in self.aisles:
            lines += ["", f"{aisle.category.label}:", *map(_as_text, aisle.entries)]
        if self.basket:
            lines += ["", _("In the basket") + ":", *map(_as_text, self.basket)]
        return "\n".join(lines) + "\n"

    @property
    def approved_by(self) -> Membership | None:
        """Return who approved the list, if that member still lives here."""
        return self.members.get(self.list.approved_by_id) if self.list.approved_by_id else None

    @property
    def late(self) -> int:
        """Return how many pending entries came after the approval."""
        return sum(entry.is_late for entry in self.pending)

    @property
    def expected(self) -> Decimal:
        return sum(self.expected_prices, Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((entry.price_paid or Decimal(0) for entry in self.basket), Decimal(0))

    @property
    def percent(self) -> int:
        return round(100 * len(self.basket) / len(self.entries)) if self.entries else 0

    def columns(self) -> list[list[Aisle]]:
        """Split the aisles into two columns by their place in the shop, so that none of them changes sides."""
        store, home_aisles = self.list.store, Category.objects.filter(home=self.home)
        category_ids = [each.pk for each in (store.sorted_aisles() if store else home_aisles)]
        left = set(category_ids[: (len(category_ids) + 1) // 2])
        columns: list[list[Aisle]] = [[], []]
        for aisle in self.aisles:
            columns[aisle.category.pk not in left].append(aisle)
        return columns

    @cached_property
    def shoppers(self) -> list[Membership]:
        user_ids = set(Trip.objects.active().filter(list=self.list).values_list("user", flat=True))
        return [member for user_id, member in self.members.items() if user_id in user_ids]

    @cached_property
    def receipts(self) -> list[Trip]:
        """Shopping trips with a receipt, newest first, and the newest one in any case, so that it can get one."""
        trips: Iterable[Any] = Trip.objects.ended().filter(list=self.list)
        return [trip for n, trip in enumerate(trips) if trip.total is not None or trip.has_files or not n]

    @cached_property
    def due(self) -> QuerySet[RecurringItem]:
        rules: QuerySet[RecurringItem] = RecurringItem.objects.due_soon(self.home)
        return rules.exclude(item__in=[entry.item_id for entry in self.pending])

    @cached_property
    def forecasts(self) -> list[ItemForecast]:
        """Return what the home probably runs out of, the first first."""
        return offered_forecasts(self.home)

    @cached_property
    def left(self) -> Decimal | None:
        return reports.remaining_budget(self.home)

    @property
    def budget_percent(self) -> int:
        return reports.budget_percent(self.home, self.left)


def _as_text(entry: ListEntry) -> str:
    note = f" ({entry.note})" if entry.note else ""
    return f"- {entry.item.name}, {amount(entry)}{note}"
