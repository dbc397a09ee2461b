"""Tools that correct what was paid: the price of a purchase, and the total of a receipt."""

from decimal import Decimal
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import Field

from groceries import actions
from groceries.models import EntryState, ListEntry, Trip
from homes.events.actor import Actor
from pantry.errors import ActionError
from pantry.money import money
from pixie.tools import lookup
from pixie.tools.arguments import AnyList, ItemName, Money
from pixie.tools.registry import Effects, Line, Result, tool
from pixie.tools.unusual import check_unusual

BoughtName = Annotated[ItemName, Field(description="Name of the item that was bought; need not match exactly")]


def find_purchase(actor: Actor, name: str, list: str | None = None) -> ListEntry | None:
    """Return the last purchase of the item, on any list or that of the name."""
    rows = ListEntry.objects.in_spending_of(lookup.member_of(actor)).filter(state=EntryState.PURCHASED)
    if list:
        rows = rows.filter(list=lookup.get_any_list(actor, list))
    rows = rows.filter(item__in=lookup.matching_items(actor, name)).select_related("item", "list")
    entry: ListEntry | None = rows.order_by("-purchased_at", "-pk").first()
    return entry


def _get_purchase(actor: Actor, name: str, list: str | None) -> ListEntry:
    entry = find_purchase(actor, name, list)
    if entry is None:
        raise ActionError(_("%(item)s wasn't bought yet."), item=lookup.capitalized(name))
    return entry


def resolve_price(actor: Actor, name: str, price: Decimal, list: str | None = None, **_rest: Any) -> dict[str, Any]:
    entry = _get_purchase(actor, name, list)
    return {"name": entry.item.name, "list": entry.list.name, "price": money(price, actor.home.currency)}


@tool(effects=Effects(takes_away=True, price="price"), confirm_reason=check_unusual, resolve=resolve_price)
def correct_price(actor: Actor, name: BoughtName, price: Money, list: AnyList = None) -> Result:
    """Correct the price that was paid for an item when it was bought last, also on a completed list."""
    entry = _get_purchase(actor, name, list)
    before, currency = entry.price_paid, actor.home.currency
    entry = actions.correct_price(entry, price, by=actor)
    paid = money(price, currency)
    facts = {"item": entry.item.name, "price": paid, "old": None if before is None else money(before, currency)}
    return Result("correct_price", facts, (Line(entry.item.name, paid),))


def _get_trip(actor: Actor, list: str | None) -> Trip:
    """Return the person's last trip, with the list of that name or with any."""
    trips = Trip.objects.filter(home=actor.home, user=actor.user).select_related("list")
    if list:
        trips = trips.filter(list=lookup.get_any_list(actor, list))
    trip: Trip | None = trips.order_by("-created_at", "-pk").first()
    if trip is None:
        raise ActionError(_("You haven't been shopping yet. Add the total on the page of the list."))
    return trip


def _resolve_total(actor: Actor, total: Decimal, list: str | None) -> dict[str, Any]:
    return {"list": _get_trip(actor, list).list.name, "sum": money(total, actor.home.currency)}


@tool(effects=Effects(takes_away=True), resolve=_resolve_total)
def set_trip_total(actor: Actor, total: Money, list: AnyList = None) -> Result:
    """Set what the person's last shopping came to: the total of the receipt. Ends the shopping if it is under way."""
    trip = _get_trip(actor, list)
    if trip.ended_at is None:
        actions.end_shopping(trip.list, by=actor, total=total)
    else:
        actions.change_trip_total(trip, total, by=actor)
    came_to = money(total, actor.home.currency)
    facts = {"list": trip.list.name, "sum": came_to}
    return Result("set_trip_total", facts, (Line(trip.list.name, came_to),))
