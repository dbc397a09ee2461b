"""Answer forecasts: add the item to a list, put it off, refuse all its forecasts, or allow them again."""

from datetime import date, timedelta

from django.utils.translation import gettext as _

from groceries import forecasts
from groceries.actions.entries import add_entry
from groceries.actions.lists import current_list
from groceries.models import GroceryList, Item, ListEntry
from homes.events.actor import Actor
from homes.events.log import action, save_changes
from homes.models import Home
from pantry.errors import ActionError

MIN_SNOOZE_DAYS, DEFAULT_SNOOZE_DAYS, MAX_SNOOZE_DAYS = 2, 7, 366


@action
def add_forecast(item: Item, *, by: Actor, grocery_list: GroceryList | None = None) -> ListEntry:
    """Add the item to the list, by default the current one, in its usual amount. Idempotent: where it is to get on an
    open list already, that entry is returned."""
    lists = GroceryList.objects.filter(home=by.home).open().order_by()
    entries = ListEntry.objects.pending().filter(item=item, list__in=lists).select_related("item__category", "list")
    if (listed := entries.order_by("-created_at").first()) is not None:
        return listed
    return add_entry(grocery_list or current_list(by=by), item, by=by)[0]


@action
def snooze_forecast(item: Item, day: date | None = None, *, by: Actor) -> Item:
    """Offer the item again on `day`, by default after a quarter of its interval. The forecast learns that it lasts at
    least so long. Idempotent. Raises ActionError for a day that is not after today or too far away."""
    item, home = item.reload("category"), Home.objects.get(pk=by.home.pk)
    today = home.now().date()
    day = day or today + timedelta(days=_days_to_snooze(item, home))
    if not today < day <= today + timedelta(days=MAX_SNOOZE_DAYS):
        raise ActionError(_("Choose a day after today, within a year."))
    save_changes(item, "item_updated", by=by, snoozed_until=day)
    return item


def _days_to_snooze(item: Item, home: Home) -> int:
    expected = next((each.forecast for each in forecasts.forecast_items(home) if each.item_id == item.pk), None)
    return max(MIN_SNOOZE_DAYS, round(expected.interval_days / 4)) if expected else DEFAULT_SNOOZE_DAYS


@action
def refuse_forecasts(item: Item, *, by: Actor) -> Item:
    """Never offer the item again. Idempotent."""
    return _set_forecasts(item, False, by)


@action
def allow_forecasts(item: Item, *, by: Actor) -> Item:
    """Offer the item again, also if it was put off. Idempotent."""
    return _set_forecasts(item, True, by)


def _set_forecasts(item: Item, are_allowed: bool, by: Actor) -> Item:
    item = item.reload("category")
    save_changes(item, "item_updated", by=by, has_forecasts=are_allowed, snoozed_until=None)
    return item
