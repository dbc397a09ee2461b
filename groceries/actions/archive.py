"""Archive, restore and delete lists."""

from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.entries import joined_note, validated_quantity
from groceries.actions.lists import end_trips
from groceries.models import EntryState, GroceryList, Item, ListEntry, Store, Trip
from groceries.parsing.quantities import add_quantities
from groceries.schemas import EntrySnapshot, ListDeletedEvent, ListSnapshot
from homes.events.actor import Actor
from homes.events.log import action, record, save_changes
from homes.events.models import Event
from homes.models import Home
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
    if Trip.objects.filter(list=current).with_receipt().exists():
        raise ActionError(
            _("A shopping with “%(list)s” has a total or a receipt, so it stays. Archive the list instead."),
            list=current,
        )
    pending = tuple(entries.pending().order_by("created_at").values_list("pk", flat=True))
    end_trips(Trip.objects.filter(list=current), by=by)
    GroceryList.objects.filter(pk=current.pk).delete()
    data = ListDeletedEvent(list=ListSnapshot.model_validate(current), entry_ids=pending)
    record("list_deleted", current, by=by, data=data)


def restore_deleted_list(event: Event, by: Actor) -> None:
    """Create the list that an event deleted, with its pending entries as their last events left them.

    Items that were merged meanwhile are those that they became part of; twins add up. A removed store is left out.
    """
    snapshot = ListSnapshot.model_validate(event.data["list"])
    if GroceryList.objects.filter(pk=snapshot.id).exists():
        return
    fields = snapshot.model_dump()
    if snapshot.store_id and not Store.objects.filter(pk=snapshot.store_id).exists():
        fields["store_id"] = None
    grocery_list = GroceryList.objects.create(home=by.home, **fields)
    record("list_created", grocery_list, by=by)
    merged = _merged_items(by.home)
    restored: dict[tuple[UUID, str], ListEntry] = {}
    for entry in _last_states(event):
        while (into := merged.get(entry.item_id)) is not None:
            entry.item_id = into
        if (twin := restored.get((entry.item_id, entry.unit))) is not None:
            twin.quantity = validated_quantity(
                add_quantities(Decimal(twin.quantity), Decimal(entry.quantity), entry.unit)
            )
            twin.note = joined_note(twin.note, entry.note)
        else:
            restored[entry.item_id, entry.unit] = entry
    if Item.objects.filter(pk__in=[item for item, _unit in restored]).count() < len({item for item, _ in restored}):
        raise ActionError(_("That no longer exists."))
    for entry in restored.values():
        entry.save(force_insert=True)
        record("list_item_added", entry, by=by)


def _merged_items(home: Home) -> dict[UUID, UUID]:
    """Return the items that no longer exist, since they became part of another one, with that one."""
    merges = Event.objects.filter(home=home, type="items_merged").order_by("seq")
    pairs = {UUID(merged): UUID(item) for merged, item in merges.values_list("data__merged__id", "data__item__id")}
    for pk in Item.objects.filter(pk__in=pairs).values_list("pk", flat=True):  # split again
        del pairs[pk]
    return pairs


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
