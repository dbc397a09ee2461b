"""MCP resources: the current list and the day's summary."""

from collections.abc import Callable
from typing import Any

from groceries import reports
from groceries.api.serializers import list_entries
from groceries.models import EntryState, GroceryList, RecurringItem
from homes.models import Membership
from pantry.models import as_json


def current_list(member: Membership) -> dict[str, Any]:
    """Return the current list with its items in order of aisles."""
    grocery_list = GroceryList.objects.visible_to(member).current()
    if grocery_list is None:
        return {"list": None, "items": []}
    return {"list": grocery_list.name, "state": grocery_list.state, "items": list_entries(grocery_list)}


def today(member: Membership) -> dict[str, Any]:
    """Return what is left to buy, what is due and the month's spending."""
    home = member.home
    grocery_list = GroceryList.objects.visible_to(member).current()
    states = list(grocery_list.entries.values_list("state", flat=True)) if grocery_list else []
    due = RecurringItem.objects.due_soon(home)
    return {
        "home": home.name,
        "today": home.now().date(),
        "list": grocery_list.name if grocery_list else None,
        "to_get": states.count(EntryState.PENDING),
        "got": states.count(EntryState.PURCHASED),
        "due_soon": [
            {"item": recurring.item.name, "on": recurring.next_due_at.astimezone(home.zone).date()} for recurring in due
        ],
        "currency": home.currency,
        "spent_this_month": as_json(reports.total_spent(reports.Period.month(home))),
        "left_of_budget": as_json(reports.remaining_budget(home)),
    }


Render = Callable[[Membership], dict[str, Any]]
RESOURCES: dict[str, tuple[str, str, Render]] = {
    "pantry://list": ("list", "The current grocery list, sorted by aisle.", current_list),
    "pantry://today": ("today", "Today's summary: items to buy, items due soon and spending.", today),
}
