"""Start and end shopping trips, claim and release aisles."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.entries import get_open_list
from groceries.models import AisleClaim, Category, GroceryList, Trip
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.events.models import Origin
from homes.models import Membership
from pantry.errors import ActionError


@action
def start_shopping(grocery_list: GroceryList, *, by: Actor) -> tuple[Trip, bool]:
    """Start a shopping trip. Idempotent: returns the member's active trip and whether it is new.

    Raises ActionError for a completed list, and for agents and schedules.
    """
    if by.user is None:
        raise ActionError(_("Only people can go shopping."))
    grocery_list = get_open_list(grocery_list)
    trip = Trip.objects.active().filter(list=grocery_list, user=by.user).first()
    if trip is not None:
        return trip, False
    trip = Trip.objects.create(home_id=grocery_list.home_id, list=grocery_list, user=by.user)
    record("shopping_started", trip, by=by)
    return trip, True


@action
def end_shopping(grocery_list: GroceryList, *, by: Actor) -> None:
    """End the member's trip and release their aisles. Idempotent."""
    end_trips(Trip.objects.filter(list=grocery_list, user=by.user), by=by)


@action
def claim_aisle(grocery_list: GroceryList, category: Category, *, by: Actor) -> AisleClaim:
    """Claim an aisle, starting a trip if necessary. Raises ActionError if someone else has claimed it."""
    trip, _is_new = start_shopping(grocery_list, by=by)
    claim, is_new = AisleClaim.objects.select_related("trip__user").get_or_create(
        list=trip.list, category=category, defaults={"home_id": trip.home_id, "trip": trip}
    )
    if claim.trip_id != trip.pk:
        raise ActionError(_("%(name)s is already in that aisle.") % {"name": claim.trip.user.get_short_name()})
    if is_new:
        record("aisle_claimed", claim, by=by)
    return claim


@action
def release_aisle(grocery_list: GroceryList, category: Category, *, by: Actor) -> None:
    """Release an aisle. Any member may do so, since the one who claimed it may have left the shop."""
    release_claims(AisleClaim.objects.filter(list=grocery_list, category=category), by)


def end_trips_of_member(member: Membership, by: Actor) -> None:
    """End the shopping trips of a member who leaves."""
    end_trips(Trip.objects.filter(home=member.home_id, user=member.user_id), by=by)


def end_forgotten_trip(trip: Trip) -> None:
    """End a trip that its shopper did not end. Idempotent."""
    with home_lock(trip.home_id):
        end_trips(Trip.objects.filter(pk=trip.pk), by=Actor(trip.home, origin=Origin.TASK))


def end_trips(trips: Any, *, by: Actor) -> None:
    """End the active ones of `trips`. The caller must hold the home's lock."""
    for trip in trips.active().select_related("list", "user"):
        release_claims(AisleClaim.objects.filter(trip=trip), by)
        changes = trip.assign(ended_at=timezone.now())
        trip.save()
        record("shopping_ended", trip, by=by, changes=changes)


def release_claims(claims: Any, by: Actor) -> None:
    """Delete claims on aisles. The caller must hold the home's lock."""
    for claim in claims.select_related("trip"):
        pk = claim.pk
        claim.delete()
        claim.pk = pk
        record("aisle_released", claim, by=by)
