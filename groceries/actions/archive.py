"""Archive, restore and delete lists."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.lists import end_trips
from groceries.models import EntryState, GroceryList, ListEntry, Trip
from groceries.schemas import EntrySnapshot, ListDeletedEvent, ListSnapshot
from homes.events.actor import Actor
from homes.events.log import action, record, save_changes
from homes.events.models import Event
from pantry.errors import ActionError


@action
def archive_list(grocery_list: GroceryList, *, by: Actor) -> GroceryList:
    """Hide a list and end its shopping trips. Idempotent. Its purchases stay in the home's spending."""
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    if grocery_list.archived_at is None:
        save_changes(grocery_list, "list_updated", by=by, archived_at=timezone.now())
        end_trips(Trip.objects.filter(list=grocery_list), by=by)
    return grocery_list


@action
def restore_list(grocery_list: GroceryList, *, by: Actor) -> GroceryList:
    """Show an archived list again, as it was. Idempotent."""
    grocery_list = GroceryList.objects.get(pk=grocery_list.pk)
    save_changes(grocery_list, "list_updated", by=by, archived_at=None)
    return grocery_list


@action
def delete_list(grocery_list: GroceryList, *, by: Actor) -> None:
    """Delete a list of which nothing was bought, with its entries. Idempotent.

    Raises ActionError if something was bought: purchases are part of the home's spending.
    """
    current = GroceryList.objects.filter(pk=grocery_list.pk).first()
    if current is None:
        return
    entries = ListEntry.objects.filter(list=current)
    if entries.filter(state=EntryState.PURCHASED).exists():
        raise ActionError(
            _("Things on “%(list)s” were bought, so it stays in your spending. Archive it instead."), list=current
        )
    pending = tuple(entries.pending().order_by("created_at").values_list("pk", flat=True))
    end_trips(Trip.objects.filter(list=current), by=by)
    GroceryList.objects.filter(pk=current.pk).delete()
    data = ListDeletedEvent(list=ListSnapshot.model_validate(current), entry_ids=pending)
    record("list_deleted", current, by=by, data=data)


def restore_deleted_list(event: Event, by: Actor) -> None:
    """Create the list that an event deleted, with its pending entries as their last events left them."""
    snapshot = ListSnapshot.model_validate(event.data["list"])
    if GroceryList.objects.filter(pk=snapshot.id).exists():
        return
    grocery_list = GroceryList.objects.create(home=by.home, **snapshot.model_dump())
    record("list_created", grocery_list, by=by)
    for entry in _last_states(event):
        entry.save(force_insert=True)
        record("list_item_added", entry, by=by)


def _last_states(event: Event) -> list[ListEntry]:
    """Return the entries of a deleted list, unsaved."""
    pks = [UUID(pk) for pk in event.data["entry_ids"]]
    events = Event.objects.filter(home=event.home_id, subject_id__in=pks, type__startswith="list_item_")
    entries: dict[UUID, ListEntry] = {}
    for each in events.filter(seq__lt=event.seq).order_by("seq"):
        fields = EntrySnapshot.model_validate(each.data["entry"]).model_dump(exclude={"item"})
        first = entries.get(fields["id"])
        created_at = first.created_at if first else each.created_at
        item_id = UUID(each.data["entry"]["item"]["id"])
        entries[fields["id"]] = ListEntry(home_id=event.home_id, item_id=item_id, created_at=created_at, **fields)
    return list(entries.values())
