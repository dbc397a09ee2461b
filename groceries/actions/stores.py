"""Create, rename and remove stores, choose that of a list, and sort their aisles."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from groceries.actions.entries import get_open_list
from groceries.aisle_order import order_aisles
from groceries.models import Category, GroceryList, ListEntry, Store, Trip
from homes.events.actor import Actor
from homes.events.log import action, record, save_changes
from homes.models import Home
from pantry.errors import ActionError, Conflict, Forbidden, check_length
from pantry.text import clean_line

MAX_NAME_LENGTH, MAX_STORES = 40, 50
PAUSE = timedelta(seconds=2)
LEARNED_TRIPS, MAX_TICKS = 20, 2000  # the latest that an order is learned from


@action
def create_store(name: str, *, by: Actor) -> Store:
    """Create a store. Raises ActionError for an empty or too long name or too many stores, Conflict for a duplicate."""
    name = _clean_unused_name(name, by)
    if Store.objects.filter(home=by.home).count() >= MAX_STORES:
        raise ActionError(_("A home can have %(max)d stores. Remove one first.") % {"max": MAX_STORES})
    store: Store = Store.objects.create(home=by.home, name=name)
    record("store_created", store, by=by)
    return store


@action
def rename_store(store: Store, name: str, *, by: Actor) -> Store:
    """Rename a store. Raises ActionError for an empty or too long name, Conflict for a duplicate."""
    store = store.reload()
    if name != store.name:
        save_changes(store, "store_updated", by=by, name=_clean_unused_name(name, by))
    return store


@action
def sort_store(store: Store, aisles: Sequence[UUID], *, by: Actor) -> Store:
    """Put the aisles in this order, which trips no longer change. Raises ActionError unless it has each of the home's
    aisles once."""
    store = store.reload()
    category_ids = set(Category.objects.filter(home=by.home).values_list("pk", flat=True))
    if set(aisles) != category_ids or len(aisles) != len(category_ids):
        raise ActionError(_("The order must have each aisle of the home once. Load the page again."))
    save_changes(store, "store_updated", by=by, aisles=list(map(str, aisles)), is_sorted_by_hand=True)
    return store


@action
def learn_store(store: Store, *, by: Actor) -> Store:
    """Sort the aisles as the home's latest trips went through them, and go on learning from those to come."""
    store = store.reload()
    aisles = _learned_order(store, Category.objects.filter(home=by.home))
    save_changes(store, "store_updated", by=by, aisles=aisles, is_sorted_by_hand=False)
    return store


@action
def remove_store(store: Store, *, by: Actor) -> None:
    """Remove a store; its lists stay. Idempotent."""
    current = Store.objects.filter(pk=store.pk).first()
    if current is None:
        return
    for grocery_list in GroceryList.objects.filter(store=current):
        save_changes(grocery_list, "list_updated", by=by, store=None)
    record("store_removed", current, by=by)
    Store.objects.filter(pk=current.pk).delete()


@action
def choose_store(grocery_list: GroceryList, store: Store | None, *, by: Actor) -> GroceryList:
    """Say where to shop with a list. Raises ActionError for a completed list, Forbidden for a store of another home."""
    grocery_list = get_open_list(grocery_list)
    check_store(store, by.home)
    save_changes(grocery_list, "list_updated", by=by, store=store)
    return grocery_list


def check_store(store: Store | None, home: Home) -> None:
    """Raise Forbidden for a store of another home."""
    if store is not None and store.home_id != home.pk:
        raise Forbidden(_("That store belongs to another home."))


def learn_from_trip(trip: Trip, by: Actor) -> None:
    """Sort the store's aisles again after a trip. The caller must hold the home's lock."""
    store_id = trip.list.store_id
    store = Store.objects.filter(pk=store_id).first() if store_id else None
    if store is not None and not store.is_sorted_by_hand:
        save_changes(store, "store_updated", by=by, aisles=_learned_order(store, store.sorted_aisles()))


def _learned_order(store: Store, aisles: Iterable[Category]) -> list[str]:
    """Return the ids of the aisles as the latest trips went through them, elsewhere in the order that they have now.

    Two queries. Things that are ticked right after each other, or several at once, are not told apart.
    """
    trips: Any = Trip.objects.filter(list__store=store, ended_at__isnull=False).order_by("-created_at")
    ticks: Any = ListEntry.objects.filter(list__store=store, purchased_at__isnull=False).order_by("-purchased_at")
    columns = ticks.values_list("list_id", "purchased_by_id", "purchased_at", "item__category_id")
    ticks_of: dict[Any, list[tuple[datetime, UUID]]] = {}
    for list_id, user_id, moment, category_id in columns[:MAX_TICKS]:
        ticks_of.setdefault((list_id, user_id), []).append((moment, category_id))
    walks = []
    for trip in trips[:LEARNED_TRIPS]:
        ticked = ticks_of.get((trip.list_id, trip.user_id), [])
        walks.append(_steps([tick for tick in ticked if trip.created_at <= tick[0] <= trip.ended_at]))
    return list(map(str, order_aisles(walks, [aisle.pk for aisle in aisles])))


def _steps(ticks: Iterable[tuple[datetime, UUID]]) -> list[tuple[int, UUID]]:
    """Number the ticks; those at the same place of the shop, without a pause between them, have the same number."""
    steps: list[tuple[int, UUID]] = []
    step, before = 0, None
    for moment, category_id in sorted(ticks):
        step += before is not None and moment - before >= PAUSE
        steps.append((step, category_id))
        before = moment
    return steps


def _clean_unused_name(text: str, by: Actor) -> str:
    name = check_length(clean_line(text), MAX_NAME_LENGTH)
    if not name:
        raise ActionError(_("A store needs a name."))
    if Store.objects.filter(home=by.home, name=name).exists():
        raise Conflict(_("There's already a store with that name."))
    return name
