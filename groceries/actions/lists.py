"""Lists: begin, name, approve, complete."""

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.shopping import end_trips
from groceries.models import GroceryList, ListEntry, ListState, Trip
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record
from pantry.errors import ActionError
from pantry.text import clean_line


@action
def create_list(name: str = "", *, by: Actor) -> GroceryList:
    if (done := find_previous_result(by, "list_created")) is not None:
        return GroceryList.objects.get(pk=done)
    name = clean_line(name)[:80] or _("Shopping list")
    grocery_list: GroceryList = GroceryList.objects.create(home=by.home, name=name)
    record("list_created", grocery_list, by=by)
    return grocery_list


@action
def current_list(*, by: Actor) -> GroceryList:
    """The open list that was begun last; a home without one gets one."""
    return GroceryList.objects.filter(home=by.home).current() or create_list(by=by)


@action
def rename_list(grocery_list: GroceryList, name: str, *, by: Actor) -> GroceryList:
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    name = clean_line(name)[:80]
    if not name:
        raise ActionError(_("A list needs a name."))
    if changes := grocery_list.assign(name=name):
        grocery_list.save()
        record("list_updated", grocery_list, by=by, changes=changes)
    return grocery_list


@action
def change_list_state(grocery_list: GroceryList, state: str, *, by: Actor) -> GroceryList:
    """Approve, reopen or complete. Into the state it is in already is harmless; an illegal step is refused with
    the legal ones."""
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    if grocery_list.state == state:
        return grocery_list
    if state not in grocery_list.next_states():
        legal = ", ".join(str(step.label) for step in grocery_list.next_states())
        raise ActionError(
            _("“%(list)s” can't become that. It can become: %(legal)s.") % {"list": grocery_list, "legal": legal}
        )
    changes = grocery_list.enter(state)
    grocery_list.save()
    record("list_state_changed", grocery_list, by=by, changes=changes)
    if not grocery_list.is_open:
        end_trips(Trip.objects.filter(list=grocery_list), by=by)
    return grocery_list


@action
def archive_list(grocery_list: GroceryList, *, by: Actor) -> GroceryList:
    """Off the lists that are shown. What was bought on it stays in what the home spent."""
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    if grocery_list.archived_at is None:
        changes = grocery_list.assign(archived_at=timezone.now())
        grocery_list.save()
        record("list_updated", grocery_list, by=by, changes=changes)
        end_trips(Trip.objects.filter(list=grocery_list), by=by)
    return grocery_list


@action
def start_next_list(done: GroceryList, *, by: Actor) -> GroceryList:
    """The list after `done`, with the same name. What was not bought comes along. Once: a second call
    finds the list that the first one began."""
    done = GroceryList.objects.get(pk=done.pk)
    if done.state != ListState.COMPLETED:
        raise ActionError(_("Complete “%(list)s” first.") % {"list": done})
    begun = GroceryList.objects.filter(home=by.home, name=done.name, created_at__gt=done.completed_at).open().first()
    if begun is not None:
        return begun
    following = create_list(done.name, by=by)
    for entry in ListEntry.objects.pending().filter(list=done).select_related("item__category", "list"):
        changes = entry.assign(list=following, version=entry.version + 1)
        entry.save()
        record("list_item_updated", entry, by=by, changes=changes)
    return following
