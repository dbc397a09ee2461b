"""What a home has on each day: events, tasks that are due, and groceries that come back."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from groceries.models import RecurringItem
from homes.models import Home, Membership
from pantry.recurrence import Rule
from planner.models import Occurrence, Task
from planner.occurrences import by_day, list_occurrences


@dataclass
class AgendaDay:
    day: date
    events: list[Occurrence]
    tasks: list[Task] = field(default_factory=list)
    recurring: list[RecurringItem] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.events) + len(self.tasks) + len(self.recurring)

    @property
    def titles(self) -> list[str]:
        recurring = [str(each.item) for each in self.recurring]
        return [each.event.title for each in self.events] + [task.title for task in self.tasks] + recurring


def agenda(member: Membership, first: date, last: date) -> list[AgendaDay]:
    """Return the days from the first to the last. Costs seven queries."""
    home = member.home
    events = by_day(list_occurrences(member, first, last), first, last)
    days = {day: AgendaDay(day, occurrences) for day, occurrences in events.items()}
    tasks: Any = Task.objects.visible_to(member).open().with_people().filter(due_on__range=(first, last))
    for task in tasks:
        task.home = home
        days[task.due_on].tasks.append(task)
    rules: Any = RecurringItem.objects.visible_to(member).filter(paused_at=None).select_related("item")
    for recurring in rules.order_by("item__name", "id"):
        for day in _due_days(recurring, home, first, last):
            days[day].recurring.append(recurring)
    return list(days.values())


def _due_days(recurring: RecurringItem, home: Home, first: date, last: date) -> Iterator[date]:
    """Yield the days on which the item comes on the list: when it is due, and then by its rule."""
    due = recurring.next_due_at.astimezone(home.zone).date()
    if first <= due <= last:
        yield due
    start = datetime.combine(recurring.starts_on, time(RecurringItem.DUE_HOUR))
    later = max(first, due + timedelta(1))
    yield from sorted(set(Rule.parse(recurring.rrule).days_between(start, later, last, home.zone)))
