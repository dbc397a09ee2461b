"""The state of a home today, for one of its members, as the Today page, the API and MCP show it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from chat.models import ROOM_KINDS, ChannelKind
from chat.unread import with_unread
from groceries import reports
from groceries.forecasts import ItemForecast, offered_forecasts
from groceries.models import EntryState, GroceryList, ListEntry, PantryBatch, RecurringItem, Trip
from groceries.stock import UseSoon
from homes.models import Home, Membership
from planner.models import Occurrence, Task
from planner.occurrences import list_occurrences


@dataclass
class Today:
    """Each part costs a constant number of queries, and is read when it is first asked for."""

    member: Membership

    @property
    def home(self) -> Home:
        return self.member.home

    @cached_property
    def day(self) -> date:
        return self.home.now().date()

    @cached_property
    def tasks(self) -> list[Task]:
        """Return the open tasks that are overdue or due today, the member's and nobody's first."""
        rows: Any = Task.objects.visible_to(self.member).open().with_people().filter(due_on__lte=self.day)
        tasks: list[Task] = list(rows)
        for task in tasks:
            task.home = self.home
        return sorted(tasks, key=lambda task: bool(task.doers) and self.member.user not in task.doers)

    @cached_property
    def events(self) -> list[Occurrence]:
        """Return the events of today that are not over, in the order in which they begin."""
        now = self.home.now()
        return [each for each in list_occurrences(self.member, self.day, self.day) if each.ends_at > now]

    @cached_property
    def current_list(self) -> GroceryList | None:
        return GroceryList.objects.visible_to(self.member).current()

    @cached_property
    def entries(self) -> Any:
        return ListEntry.objects.filter(list=self.current_list) if self.current_list else ListEntry.objects.none()

    @cached_property
    def _states(self) -> list[str]:
        return list(self.entries.values_list("state", flat=True))

    @property
    def to_get(self) -> int:
        return self._states.count(EntryState.PENDING)

    @property
    def got(self) -> int:
        return self._states.count(EntryState.PURCHASED)

    @cached_property
    def shoppers(self) -> list[Membership]:
        """Return the members who are shopping, from whatever list."""
        users = Trip.objects.active().filter(list__home=self.home).values("user")
        return list(Membership.objects.filter(home=self.home, user__in=users).select_related("user").order_by("pk"))

    @property
    def shopper_ids(self) -> list[UUID]:
        return [shopper.user_id for shopper in self.shoppers]

    @cached_property
    def due(self) -> list[RecurringItem]:
        """Return the recurring items that will soon come on the list, and are not on it."""
        rules: Any = RecurringItem.objects.due_soon(self.home).exclude(item__in=self.entries.pending().values("item"))
        return list(rules)

    @cached_property
    def forecasts(self) -> list[ItemForecast]:
        """Return the items that will probably run out within three days."""
        return offered_forecasts(self.home)

    @cached_property
    def use_soon(self) -> list[PantryBatch]:
        """Return the batches of the pantry that are expired or best before a day within three days."""
        batches = UseSoon.of(self.home)
        return [*batches.expired, *batches.soon]

    @cached_property
    def left(self) -> Decimal | None:
        """Return the rest of the month's budget; None without one."""
        return reports.remaining_budget(self.home)

    @cached_property
    def spent(self) -> Decimal:
        return reports.total_spent(reports.Period.month(self.home))

    @cached_property
    def unread(self) -> list[Any]:
        """Return the rooms and chats with unread messages, those with the most first."""
        channels: Any = with_unread(self.member).filter(unread__gt=0)
        return list(channels.order_by("-unread", "name", "id"))

    @property
    def unread_rooms(self) -> list[Any]:
        return [channel for channel in self.unread if channel.kind in ROOM_KINDS]

    @property
    def unread_direct(self) -> int:
        """Return the number of unread direct messages. Their words are not for somebody who looks over a shoulder."""
        return sum(channel.unread for channel in self.unread if channel.kind == ChannelKind.DM)
