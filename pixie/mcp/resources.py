"""What other assistants may read without calling a tool: the list, and the day."""

from collections.abc import Callable
from typing import Any

from groceries import reports
from groceries.api.serializers import ENTRY_COLUMNS, entries
from groceries.models import EntryState, GroceryList, RecurringItem
from homes.models import Membership
from pantry.models import as_json


def current_list(member: Membership) -> dict[str, Any]:
    found = GroceryList.objects.visible_to(member).current()
    if found is None:
        return {"list": None, "items": []}
    shown = found.entries.exclude(state=EntryState.REMOVED).in_aisles()
    rows = entries(list(shown.values_list(*ENTRY_COLUMNS, named=True)))
    return {"list": found.name, "state": found.state, "items": rows}


def today(member: Membership) -> dict[str, Any]:
    home = member.home
    found = GroceryList.objects.visible_to(member).current()
    states = list(found.entries.values_list("state", flat=True)) if found else []
    due = RecurringItem.objects.due_soon(home)
    return {
        "home": home.name,
        "today": home.now().date(),
        "list": found.name if found else None,
        "to_get": states.count(EntryState.PENDING),
        "got": states.count(EntryState.PURCHASED),
        "due_soon": [{"item": each.item.name, "on": each.next_due_at.astimezone(home.zone).date()} for each in due],
        "currency": home.currency,
        "spent_this_month": as_json(reports.total_spent(reports.Period.month(home))),
        "left_of_budget": as_json(reports.remaining_budget(home)),
    }


Draw = Callable[[Membership], dict[str, Any]]
RESOURCES: dict[str, tuple[str, str, Draw]] = {
    "pantry://list": ("list", "The current grocery list, aisle by aisle.", current_list),
    "pantry://today": ("today", "What is to get, what is due and what was spent.", today),
}
