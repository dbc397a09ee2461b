"""Create, rename, approve and complete lists, and go shopping with them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from groceries.actions.entries import get_open_list, merge_into, require_no_template
from groceries.actions.stores import check_store, learn_from_trip
from groceries.models import AisleClaim, Category, GroceryList, ListEntry, ListState, Store, Trip
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, home_lock, record, save_changes
from homes.events.models import Origin
from homes.models import Membership
from pantry.errors import ActionError, check_length
from pantry.text import clean_line

MAX_NAME_LENGTH = 80


def create_first_list(by: Actor) -> None:
    """Create the list of a new home, unless it gets those of an import."""
    if by.home.is_complete:
        create_list(by=by)


@action
def create_list(name: str = "", *, by: Actor, is_template: bool = False, store: Store | None = None) -> GroceryList:
    """Create a draft or a template. Idempotent by the actor's `op_id`. Raises Forbidden for a store of another home."""
    if (list_id := find_previous_result(by, "list_created")) is not None:
        return GroceryList.objects.get(pk=list_id)
    with translation.override(by.home.locale):  # that of an answer may be another
        default_name = _("Groceries")
    name = check_length(clean_line(name), MAX_NAME_LENGTH) or default_name
    check_store(store, by.home)
    lists = GroceryList.objects
    grocery_list: GroceryList = lists.create(home=by.home, name=name, is_template=is_template, store=store)
    record("list_created", grocery_list, by=by)
    return grocery_list


@action
def current_list(*, by: Actor) -> GroceryList:
    """Return the newest open list, creating one if there is none."""
    return GroceryList.objects.filter(home=by.home).current() or create_list(by=by)


@action
def rename_list(grocery_list: GroceryList, name: str, *, by: Actor) -> GroceryList:
    """Rename a list. Raises ActionError for an empty name."""
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    name = check_length(clean_line(name), MAX_NAME_LENGTH)
    if not name:
        raise ActionError(_("A list needs a name."))
    save_changes(grocery_list, "list_updated", by=by, name=name)
    return grocery_list


@action
def change_list_state(grocery_list: GroceryList, state: str, *, by: Actor) -> GroceryList:
    """Approve, reopen or complete a list. Idempotent. Raises ActionError for an illegal transition.

    A list that becomes a draft loses its approval; one that is completed and reopened as approved keeps it.
    """
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    if grocery_list.state == state:
        return grocery_list
    require_no_template(grocery_list)
    if state not in grocery_list.next_states():
        states = ", ".join(str(next_state.label) for next_state in grocery_list.next_states())
        message = _("“%(list)s” can't change to that state. It can change to: %(states)s.")
        raise ActionError(message, list=grocery_list, states=states)
    fields: dict[str, Any] = {"completed_at": timezone.now() if state == ListState.COMPLETED else None}
    if state == ListState.DRAFT:
        fields |= {"approved_by": None, "approved_at": None}
    elif state == ListState.APPROVED and grocery_list.approved_at is None:
        fields |= {"approved_by": by.user, "approved_at": timezone.now()}
    if state == ListState.COMPLETED:  # before the list, so that undoing goes back the other way
        end_trips(Trip.objects.filter(list=grocery_list), by=by)
    save_changes(grocery_list, "list_state_changed", by=by, state=state, **fields)
    return grocery_list


@action
def start_next_list(completed: GroceryList, *, by: Actor) -> GroceryList:
    """Create a list of the same name and move the pending entries to it.

    Idempotent: a second call returns the list that the first one created. Raises ActionError for an open list.
    """
    completed = GroceryList.objects.get(pk=completed.pk)
    if completed.state != ListState.COMPLETED:
        raise ActionError(_("Complete “%(list)s” first."), list=completed)
    if (existing := completed.next_list()) is not None:
        return existing
    next_list = create_list(completed.name, by=by, store=completed.store)
    for entry in ListEntry.objects.pending().filter(list=completed).select_related("item__category", "list"):
        save_changes(
            entry, "list_item_updated", by=by, list=next_list, listed_at=timezone.now(), version=entry.version + 1
        )
    return next_list


@action
def give_back(entry: ListEntry, to: GroceryList, listed_at: datetime, *, by: Actor) -> None:
    """Move an entry from a next list back to the completed one. Adds it to its twin if there is one by now."""
    twin = ListEntry.objects.pending().filter(list=to, item=entry.item_id, unit=entry.unit)
    if entry.is_pending and (same := twin.select_related("item__category", "list").first()) is not None:
        merge_into(entry, same, entry.quantity, by)
        return
    save_changes(entry, "list_item_updated", by=by, list=to, listed_at=listed_at, version=entry.version + 1)


@action
def start_shopping(grocery_list: GroceryList, *, by: Actor) -> tuple[Trip, bool]:
    """Start a shopping trip. Idempotent: returns the member's active trip and whether it is new.

    Raises ActionError for a completed list, and for agents and schedules.
    """
    if by.user is None:
        raise ActionError(_("Only people can go shopping."))
    grocery_list = get_open_list(grocery_list)
    require_no_template(grocery_list)
    trip = Trip.objects.active().filter(list=grocery_list, user=by.user).first()
    if trip is not None:
        return trip, False
    trip = Trip.objects.create(home_id=grocery_list.home_id, list=grocery_list, user=by.user)
    record("shopping_started", trip, by=by)
    return trip, True


@action
def end_shopping(grocery_list: GroceryList, *, by: Actor, total: Decimal | None = None) -> None:
    """End the member's trip, with the total of the receipt, and release their aisles. Idempotent.

    A total also applies to a trip that has ended already, such as a forgotten one. Raises ActionError without a trip.
    """
    trips = Trip.objects.filter(list=grocery_list, user=by.user)
    if total is None or trips.active().exists():
        end_trips(trips, by=by, total=total)
    elif (last := trips.order_by("-ended_at").first()) is not None:
        change_trip_total(last, total, by=by)
    else:
        raise ActionError(_("You haven't been shopping with “%(list)s”."), list=grocery_list)


@action
def change_trip_total(trip: Trip, total: Decimal | None, *, by: Actor) -> Trip:
    """Set or clear the total of the receipt. Raises ActionError for a trip that has not ended."""
    trip = Trip.objects.select_related("list").get(pk=trip.pk)
    if trip.ended_at is None:
        raise ActionError(_("This shopping trip hasn't ended yet."))
    save_changes(trip, "shopping_total_changed", by=by, total=total)
    return trip


@action
def resume_shopping(trip: Trip, *, by: Actor) -> Trip:
    """Go on with a trip that has ended. Raises ActionError for a completed list or if another trip is under way."""
    trip = Trip.objects.select_related("list").get(pk=trip.pk)
    if trip.ended_at is None:
        return trip
    get_open_list(trip.list)
    if Trip.objects.active().filter(list=trip.list_id, user=trip.user_id).exists():
        raise ActionError(_("Another shopping trip with “%(list)s” has started since."), list=trip.list)
    save_changes(trip, "shopping_started", by=by, ended_at=None, total=None)
    return trip


@action
def claim_aisle(grocery_list: GroceryList, category: Category, *, by: Actor) -> AisleClaim:
    """Claim an aisle, starting a trip if necessary. Raises ActionError if someone else has claimed it."""
    trip, _is_new = start_shopping(grocery_list, by=by)
    claim, is_new = AisleClaim.objects.select_related("trip__user").get_or_create(
        list=trip.list, category=category, defaults={"home_id": trip.home_id, "trip": trip}
    )
    if claim.trip_id != trip.pk:
        raise ActionError(
            _("%(name)s is already in that aisle."), name=claim.trip.user.get_short_name() if claim.trip.user else ""
        )
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


def end_trips(trips: Any, *, by: Actor, total: Decimal | None = None) -> None:
    """End the active ones of `trips`. The caller must hold the home's lock."""
    for trip in trips.active().select_related("list__store", "user"):
        release_claims(AisleClaim.objects.filter(trip=trip), by)
        save_changes(trip, "shopping_ended", by=by, ended_at=timezone.now(), total=total)
        learn_from_trip(trip, by)


def release_claims(claims: Any, by: Actor) -> None:
    """Delete claims on aisles. The caller must hold the home's lock."""
    for claim in claims.select_related("trip"):
        AisleClaim.objects.filter(pk=claim.pk).delete()
        record("aisle_released", claim, by=by)
