"""Add, change, purchase, put back and remove list entries."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.batches import follow_purchase
from groceries.actions.items import get_or_create_item, get_or_create_named_item
from groceries.models import EntryState, GroceryList, Item, ListEntry
from groceries.parsing.entries import Line
from groceries.parsing.notes import join_notes
from groceries.parsing.quantities import MAX_QUANTITY, add_amounts, add_quantities, normalize_unit
from groceries.schemas import AmountChange, EntryEvent
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record
from homes.files.actions import move_files
from homes.models import Membership
from pantry.errors import ActionError, Forbidden, StaleVersion, check_length
from pantry.models import Changes
from pantry.text import clean_line

MAX_NOTE_LENGTH = 200


@action
def add_entry(
    grocery_list: GroceryList,
    name: str | Item,
    *,
    by: Actor,
    quantity: Decimal | None = None,
    unit: str | None = None,
    note: str = "",
    category: str = "",
) -> tuple[ListEntry, bool]:
    """Add an item to a list, or raise the amount of its pending entry (500 g + 1 kg = 1.5 kg).

    Returns the entry and whether it is new. The amount defaults to the item's usual one. Idempotent by the actor's
    `op_id`. Raises ActionError for a completed list, an invalid name or an amount above the maximum.
    """
    grocery_list = get_open_list(grocery_list)
    if (entry_id := find_previous_result(by, "list_item_added", "list_item_updated")) is not None:
        return ListEntry.objects.select_related("item__category").get(pk=entry_id, home=by.home), False
    return place_entry(grocery_list, name, by=by, quantity=quantity, unit=unit, note=note, category=category)


@action
def add_lines(grocery_list: GroceryList, lines: Sequence[Line], *, by: Actor) -> list[ListEntry]:
    """Add several items, or none if one of them is refused, in one operation. Idempotent by the actor's `op_id`."""
    grocery_list = get_open_list(grocery_list)
    if find_previous_result(by, "list_item_added", "list_item_updated") is not None:
        return []
    return [
        place_entry(
            grocery_list,
            line.name,
            by=by,
            quantity=line.quantity,
            unit=line.unit,
            note=line.note,
            category=line.category,
        )[0]
        for line in lines
    ]


def place_entry(
    grocery_list: GroceryList,
    name: str | Item,
    *,
    by: Actor,
    quantity: Decimal | None,
    unit: str | None,
    note: str = "",
    category: str = "",
) -> tuple[ListEntry, bool]:
    """Add an item to an open list like `add_entry`. Needs the home's lock, and is not idempotent."""
    if isinstance(name, Item):
        item, is_new = get_or_create_item(name, by=by), False
    else:
        item, is_new = get_or_create_named_item(name, by, category)
    pending = [] if is_new else list(_pending(grocery_list, item))
    quantity, unit = _amount_or_default(item, {entry.unit for entry in pending}, quantity, unit)
    for entry in pending:
        total = add_amounts(entry.quantity, entry.unit, quantity, unit)
        if total is not None:
            return _raise_amount(entry, *total, note=note, by=by), False
    entry = ListEntry(home_id=grocery_list.home_id, list=grocery_list, item=item)
    entry.assign(quantity=validated_quantity(quantity), unit=unit, note=check_length(clean_line(note), MAX_NOTE_LENGTH))
    entry.assign(added_by=by.user, added_by_agent=by.agent)
    entry.save(force_insert=True)
    record("list_item_added", entry, by=by)
    return entry, True


@action
def change_entry(
    entry: ListEntry,
    *,
    by: Actor,
    version: int | None = None,
    amount_change: AmountChange = AmountChange.SET,
    **fields: Any,
) -> ListEntry:
    """Change `name` (selects another item of the home), `list`, `quantity`, `unit`, `note` or `price_paid`.

    Merges the entry into a pending one of the same item and unit. Raises StaleVersion if `version` is outdated,
    ActionError for a completed list.
    """
    entry = _current(entry, by)
    _require_version(entry, version)
    if "quantity" in fields:
        fields["quantity"] = validated_quantity(fields["quantity"])
    if "unit" in fields:
        fields["unit"] = normalize_unit(fields["unit"]) or "piece"
    if fields.get("name", entry.item.name) != entry.item.name:
        fields["item"] = get_or_create_item(fields["name"], by=by)
    fields.pop("name", None)
    if "list" in fields:
        fields["list"] = get_open_list(fields["list"])
        if fields["list"].home_id != by.home.pk:
            raise Forbidden(_("That list belongs to another home."))
        if fields["list"] != entry.list:
            fields = {"listed_at": timezone.now(), "position": None, **fields}
    if changes := entry.assign(**fields):
        if "price_paid" in changes:
            _update_price_of_item(entry)
        twin = _pending(entry.list, entry.item).exclude(pk=entry.pk).filter(unit=entry.unit).first()
        if entry.is_pending and twin is not None:
            entry.refresh_from_db(fields=["item", "list", "listed_at", "position", "quantity", "unit", "note"])
            return merge_into(entry, twin, fields.get("quantity", entry.quantity), by, fields.get("note"))
        _save(entry, "list_item_updated", by, changes, amount=amount_change)
    return entry


@action
def assign_entry(entry: ListEntry, user: User | None, *, by: Actor, version: int | None = None) -> ListEntry:
    """Let a member get the entry, or nobody in particular. Notifies the member.

    Raises StaleVersion if `version` is outdated, ActionError for a completed list, or for somebody who is no member.
    """
    entry = _current(entry, by)
    _require_version(entry, version)
    if user is not None and not Membership.objects.filter(home=by.home, user=user).exists():
        raise ActionError(_("That person doesn't live here."))
    if changes := entry.assign(assigned_to=user):
        _save(entry, "list_item_assigned", by, changes)
    return entry


@action
def step_entry(entry: ListEntry, steps: int, *, by: Actor) -> ListEntry:
    """Change the amount by a number of steps, but not below one step. Idempotent by the actor's `op_id`."""
    entry = _current(entry, by)
    if find_previous_result(by, "list_item_updated") is not None:
        return entry
    quantity = entry.quantity + steps * entry.step
    quantity = max(quantity, min(entry.quantity, entry.step))
    return change_entry(entry, by=by, amount_change=AmountChange.STEPPED, quantity=quantity)


@action
def purchase_entry(entry: ListEntry, *, by: Actor, price: Decimal | None = None) -> ListEntry:
    """Mark an entry as purchased. Idempotent, except that it adds a missing price.

    An offline purchase also applies to an entry that was removed in the meantime.
    """
    entry = _current(entry, by)
    require_no_template(entry.list)
    if entry.is_pending or (entry.is_removed and by.meant_at):
        changes = entry.set_state(EntryState.PURCHASED, by=by.user, at=by.moment, price=price)
        _update_item_from_purchase(entry)
        _save(entry, "list_item_purchased", by, changes)
    elif entry.is_purchased and price is not None and entry.price_paid is None:
        changes = entry.assign(price_paid=price)
        _update_item_from_purchase(entry)
        _save(entry, "list_item_updated", by, changes)
    return entry


@action
def correct_price(entry: ListEntry, price: Decimal | None, *, by: Actor, version: int | None = None) -> ListEntry:
    """Set or clear the price of a purchase, also on a completed or archived list: the receipt may be found later.

    Raises StaleVersion if `version` is outdated, ActionError for an entry that is not purchased.
    """
    entry = ListEntry.objects.select_related("item__category", "list").get(pk=entry.pk)
    _require_version(entry, version)
    if not entry.is_purchased:
        raise ActionError(_("%(item)s is not in the basket, so it has no price."), item=entry.item)
    if changes := entry.assign(price_paid=price):
        _update_price_of_item(entry)
        _save(entry, "list_item_updated", by, changes)
    return entry


@action
def put_back_entry(entry: ListEntry, *, by: Actor) -> ListEntry:
    """Make a purchased or removed entry pending again. Merges it into a pending entry of the same item and unit."""
    entry = _current(entry, by)
    if entry.is_pending:
        return entry
    twin = _pending(entry.list, entry.item).filter(unit=entry.unit).first()
    if twin is not None:
        return merge_into(entry, twin, entry.quantity, by)
    approved_at = entry.list.approved_at
    was_off = entry.is_removed and approved_at is not None and entry.updated_at < approved_at
    changes = entry.set_state(EntryState.PENDING) | entry.assign(**({"listed_at": timezone.now()} if was_off else {}))
    _save(entry, "list_item_put_back", by, changes)
    return entry


@action
def restore_purchase(entry: ListEntry, fields: dict[str, Any], *, by: Actor) -> ListEntry:
    """Restore the purchase of an entry: `fields` are its former state, buyer, time and price."""
    entry = _current(entry, by)
    if not entry.is_purchased and (changes := entry.assign(**fields)):
        _save(entry, "list_item_purchased", by, changes)
    return entry


@action
def remove_entry(entry: ListEntry, *, by: Actor) -> ListEntry:
    """Take an entry off the list. Idempotent."""
    entry = _current(entry, by)
    if not entry.is_removed:
        _save(entry, "list_item_removed", by, entry.set_state(EntryState.REMOVED))
    return entry


def get_open_list(grocery_list: GroceryList) -> GroceryList:
    """Return the current row of a list. Raises ActionError if the list is completed."""
    current = GroceryList.objects.get(pk=grocery_list.pk)
    _require_open(current)
    return current


def require_no_template(grocery_list: GroceryList) -> None:
    if grocery_list.is_template:
        raise ActionError(_("“%(list)s” is a template. Start a list from it first."), list=grocery_list)


def _require_open(grocery_list: GroceryList) -> None:
    if not grocery_list.is_open:
        raise ActionError(_("This list is done. Start the next one to add to it."))


def _require_version(entry: ListEntry, version: int | None) -> None:
    if version is not None and version != entry.version:
        raise StaleVersion(_("Someone else changed this in the meantime."), entry)


def _current(entry: ListEntry, by: Actor) -> ListEntry:
    """Return the current row of an entry. Raises ActionError if its list is completed, except for offline changes."""
    current = ListEntry.objects.select_related("item__category", "list").get(pk=entry.pk)
    if not by.meant_at:
        _require_open(current.list)
    return current


def _pending(grocery_list: GroceryList, item: Item) -> Any:
    return ListEntry.objects.pending().filter(list=grocery_list, item=item).select_related("item__category")


def _amount_or_default(
    item: Item, pending_units: set[str], quantity: Decimal | None, unit: str | None
) -> tuple[Decimal, str]:
    """Fill in a missing quantity or unit from the item's defaults or the units of its pending entries."""
    if quantity is None and not unit:
        return item.default_quantity or Decimal(1), item.default_unit or "piece"
    if not unit:
        unit = item.default_unit or (next(iter(pending_units)) if len(pending_units) == 1 else "piece")
    return quantity or Decimal(1), normalize_unit(unit) or "piece"


def validated_quantity(quantity: Decimal) -> Decimal:
    if not quantity.is_finite() or quantity <= Decimal("0.0005"):  # which rounds to zero
        raise ActionError(_("Enter an amount greater than zero, like 2 or 0.5."))
    if quantity > MAX_QUANTITY:
        raise ActionError(_("That's more than a list can hold. The maximum is %(max)s.") % {"max": "99,999"})
    return quantity.quantize(Decimal("0.001"))


def _raise_amount(entry: ListEntry, quantity: Decimal, unit: str, *, note: str, by: Actor) -> ListEntry:
    changes = entry.assign(quantity=validated_quantity(quantity), unit=unit, note=joined_note(entry.note, note))
    twin = _pending(entry.list, entry.item).exclude(pk=entry.pk).filter(unit=unit).first()
    if twin is not None:
        entry.refresh_from_db(fields=["quantity", "unit", "note"])
        return merge_into(entry, twin, quantity, by, joined_note(entry.note, note))
    _save(entry, "list_item_updated", by, changes, amount=AmountChange.ADDED)
    return entry


def joined_note(*notes: str) -> str:
    return check_length(join_notes(*map(clean_line, notes)), MAX_NOTE_LENGTH)


def merge_into(entry: ListEntry, twin: ListEntry, quantity: Decimal, by: Actor, note: str | None = None) -> ListEntry:
    """Add `quantity`, the picture and the note, by default that of the entry, to `twin`, and remove `entry`.

    Who gets the entry gets the twin, unless it is somebody else's.
    """
    _save(entry, "list_item_removed", by, entry.set_state(EntryState.REMOVED), part_of=twin.pk)
    growth = twin.assign(
        quantity=validated_quantity(add_quantities(twin.quantity, quantity, twin.unit)),
        note=joined_note(twin.note, entry.note if note is None else note),
    )
    if twin.assigned_to_id is None:
        growth |= twin.assign(assigned_to=entry.assigned_to)
    _save(twin, "list_item_updated", by, growth, amount=AmountChange.ADDED)
    move_files("entry", entry.pk, twin.pk, by=by)
    return twin


def _save(entry: ListEntry, event_type: str, by: Actor, changes: Changes, **data: Any) -> None:
    """Save a new version of the entry, record the event with `data` beside the entry, and let the pantry follow."""
    entry.version += 1
    entry.save()
    record(event_type, entry, by=by, changes=changes, data=EntryEvent.of(entry).model_copy(update=data))
    follow_purchase(entry, changes, by)


def _update_item_from_purchase(entry: ListEntry) -> None:
    fields: dict[str, Any] = {"last_purchased_at": entry.purchased_at}
    if entry.price_paid is not None:
        fields["estimated_price"] = entry.price_paid
    Item.objects.filter(pk=entry.item_id).update(**fields)
    entry.item.assign(**fields)


def _update_price_of_item(entry: ListEntry) -> None:
    """Make the corrected price the item's usual one if this is its last purchase."""
    if entry.price_paid is not None and entry.is_purchased and entry.purchased_at == entry.item.last_purchased_at:
        _update_item_from_purchase(entry)


def unassign_entries_of_member(member: Membership, by: Actor) -> None:
    """Let nobody get the pending entries that were assigned to a member who leaves. Needs the home's lock."""
    entries = ListEntry.objects.pending().filter(home=member.home_id, assigned_to=member.user_id)
    for entry in entries.select_related("item__category", "list"):
        _save(entry, "list_item_assigned", by, entry.assign(assigned_to=None))
