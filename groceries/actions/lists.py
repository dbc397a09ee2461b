"""Create, rename, approve, complete and archive lists."""

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.shopping import end_trips
from groceries.models import GroceryList, ListEntry, ListState, Trip
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record
from pantry.errors import ActionError
from pantry.text import clean_line

MAX_NAME_LENGTH = 80


@action
def create_list(name: str = "", *, by: Actor) -> GroceryList:
    """Create a draft. Idempotent by the actor's `op_id`."""
    if (list_id := find_previous_result(by, "list_created")) is not None:
        return GroceryList.objects.get(pk=list_id)
    name = clean_line(name)[:MAX_NAME_LENGTH] or _("Shopping list")
    grocery_list: GroceryList = GroceryList.objects.create(home=by.home, name=name)
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
    name = clean_line(name)[:MAX_NAME_LENGTH]
    if not name:
        raise ActionError(_("A list needs a name."))
    if changes := grocery_list.assign(name=name):
        grocery_list.save()
        record("list_updated", grocery_list, by=by, changes=changes)
    return grocery_list


@action
def change_list_state(grocery_list: GroceryList, state: str, *, by: Actor) -> GroceryList:
    """Approve, reopen or complete a list. Idempotent. Raises ActionError for an illegal transition."""
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    if grocery_list.state == state:
        return grocery_list
    if state not in grocery_list.next_states():
        states = ", ".join(str(next_state.label) for next_state in grocery_list.next_states())
        message = _("“%(list)s” can't change to that state. It can change to: %(states)s.")
        raise ActionError(message % {"list": grocery_list, "states": states})
    changes = grocery_list.set_state(state)
    grocery_list.save()
    record("list_state_changed", grocery_list, by=by, changes=changes)
    if not grocery_list.is_open:
        end_trips(Trip.objects.filter(list=grocery_list), by=by)
    return grocery_list


@action
def archive_list(grocery_list: GroceryList, *, by: Actor) -> GroceryList:
    """Hide a list and end its shopping trips. Idempotent. Its purchases stay in the home's spending."""
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    if grocery_list.archived_at is None:
        changes = grocery_list.assign(archived_at=timezone.now())
        grocery_list.save()
        record("list_updated", grocery_list, by=by, changes=changes)
        end_trips(Trip.objects.filter(list=grocery_list), by=by)
    return grocery_list


@action
def start_next_list(completed: GroceryList, *, by: Actor) -> GroceryList:
    """Create a list of the same name and move the pending entries to it.

    Idempotent: a second call returns the list that the first one created. Raises ActionError for an open list.
    """
    completed = GroceryList.objects.get(pk=completed.pk)
    if completed.state != ListState.COMPLETED:
        raise ActionError(_("Complete “%(list)s” first.") % {"list": completed})
    newer = GroceryList.objects.filter(home=by.home, name=completed.name, created_at__gt=completed.completed_at)
    if (existing := newer.open().first()) is not None:
        return existing
    next_list = create_list(completed.name, by=by)
    for entry in ListEntry.objects.pending().filter(list=completed).select_related("item__category", "list"):
        changes = entry.assign(list=next_list, version=entry.version + 1)
        entry.save()
        record("list_item_updated", entry, by=by, changes=changes)
    return next_list
