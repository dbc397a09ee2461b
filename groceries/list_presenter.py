"""A list as it is shown: aisles in the order of the shop, rows, sums."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from uuid import UUID

from django.db.models import QuerySet

from groceries import reports
from groceries.models import AisleClaim, Category, EntryState, GroceryList, ListEntry, RecurringItem, Trip
from homes.models import Home, Membership


@dataclass
class Aisle:
    """`taken_by`: the one among those who shop who takes this aisle."""

    category: Category
    taken_by: Membership | None
    entries: list[ListEntry] = field(default_factory=list)


class ListPresenter:
    """Everything that a list's page shows of it. Each part is queried when it is first used."""

    def __init__(self, home: Home, grocery_list: GroceryList) -> None:
        self.home, self.list = home, grocery_list

    @cached_property
    def members(self) -> dict[UUID, Membership]:
        """By user id, in the order of joining."""
        members = Membership.objects.filter(home=self.home).select_related("user").order_by("number")
        return {member.user_id: member for member in members}

    @cached_property
    def entries(self) -> list[ListEntry]:
        entries = ListEntry.objects.filter(list=self.list).exclude(state=EntryState.REMOVED)
        return list(entries.in_aisles().select_related("item__category", "added_by_agent"))

    @cached_property
    def pending(self) -> list[ListEntry]:
        return [entry for entry in self.entries if entry.is_pending]

    @cached_property
    def basket(self) -> list[ListEntry]:
        """What was bought, the last first."""
        bought = [(entry.purchased_at, entry) for entry in self.entries if entry.purchased_at is not None]
        return [entry for _at, entry in sorted(bought, key=itemgetter(0), reverse=True)]

    @cached_property
    def aisles(self) -> list[Aisle]:
        claims = AisleClaim.objects.filter(list=self.list).values_list("category", "trip__user")
        takers = {category: self.members.get(user_id) for category, user_id in claims}
        aisles: dict[UUID, Aisle] = {}
        for entry in self.pending:
            category = entry.item.category
            aisle = aisles.setdefault(category.pk, Aisle(category, takers.get(category.pk)))
            aisle.entries.append(entry)
        return list(aisles.values())

    @property
    def expected(self) -> Decimal:
        """What is still to be spent."""
        return sum((entry.item.estimated_price or Decimal(0) for entry in self.pending), Decimal(0))

    @property
    def paid(self) -> Decimal:
        return sum((entry.price_paid or Decimal(0) for entry in self.basket), Decimal(0))

    @property
    def percent(self) -> int:
        return round(100 * len(self.basket) / len(self.entries)) if self.entries else 0

    def stacks(self) -> list[list[Aisle]]:
        """Two stacks of about the same height, the order of the shop kept; the basket lies under the second."""
        heights = [len(aisle.entries) + 1 for aisle in self.aisles]
        half, first, taken = (sum(heights) + len(self.basket)) / 2, 0, 0
        while first < len(heights) and taken + heights[first] / 2 <= half:
            taken += heights[first]
            first += 1
        return [self.aisles[:first], self.aisles[first:]]

    @cached_property
    def shoppers(self) -> list[Membership]:
        shopping = set(Trip.objects.active().filter(list=self.list).values_list("user", flat=True))
        return [member for user_id, member in self.members.items() if user_id in shopping]

    @cached_property
    def due(self) -> QuerySet[RecurringItem]:
        due: QuerySet[RecurringItem] = RecurringItem.objects.due_soon(self.home)
        return due.exclude(item__in=[entry.item_id for entry in self.pending])

    @cached_property
    def left(self) -> Decimal | None:
        return reports.remaining_budget(self.home)

    @property
    def budget_percent(self) -> int:
        return reports.budget_percent(self.home, self.left)
