"""Entries: add, change, purchase, put back, remove."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from groceries.actions.items import find_or_make_item, named_item
from groceries.models import GroceryList, Item, ListEntry
from groceries.parsing.quantities import add, normalize_unit
from groceries.schemas import EntryEvent, How
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, record
from pantry.errors import ActionError, StaleVersion
from pantry.models import Changes
from pantry.text import clean_line

MOST = Decimal("99999.999")
HIGHEST_PRICE = Decimal("99999999.99")


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
    """Put something on the list; what is there already adds up (500 g + 1 kg = 1.5 kg).

    Returns the entry, and whether it is new. Without an amount it takes the item's usual one. The same
    operation of a device is done once. Raises ActionError for a closed list, a bad name or a sum past all bounds.
    """
    grocery_list = open_list(grocery_list)
    if (done := find_previous_result(by, "list_item_added", "list_item_updated")) is not None:
        return ListEntry.objects.select_related("item__category").get(pk=done, home=by.home), False
    item, is_new = (find_or_make_item(name, by=by), False) if isinstance(name, Item) else named_item(name, by, category)
    pending = [] if is_new else list(_pending(grocery_list, item))
    quantity, unit = _usual(item, {entry.unit for entry in pending}, quantity, unit)
    for entry in pending:
        total = add(entry.quantity, entry.unit, quantity, unit)
        if total is not None:
            return _grow(entry, *total, note=note, by=by), False
    entry = ListEntry(
        home_id=grocery_list.home_id,
        list=grocery_list,
        item=item,
        quantity=_bounded(quantity),
        unit=unit,
        note=clean_line(note)[:200],
        added_by=by.user,
        added_by_agent=by.agent,
    )
    entry.save(force_insert=True)
    record("list_item_added", entry, by=by)
    return entry, True


@action
def change_entry(
    entry: ListEntry, *, by: Actor, version: int | None = None, how: How = How.SET, **fields: Any
) -> ListEntry:
    """Change `name`, `quantity`, `unit`, `note` or `price_paid`. Another name means another item of the home. An
    entry that thereby asks for the same thing in the same unit as another one becomes part of it. `how` the
    amount came to be is for the log. Raises StaleVersion when `version` is not the current one."""
    entry = _current(entry, by)
    if version is not None and version != entry.version:
        raise StaleVersion(_("Somebody changed this meanwhile."), entry)
    if "quantity" in fields:
        fields["quantity"] = _bounded(fields["quantity"])
    if "unit" in fields:
        fields["unit"] = normalize_unit(fields["unit"]) or "piece"
    if fields.get("name", entry.item.name) != entry.item.name:
        fields["item"] = find_or_make_item(fields["name"], by=by)
    fields.pop("name", None)
    if changes := entry.assign(**fields):
        twin = _pending(entry.list, entry.item).exclude(pk=entry.pk).filter(unit=entry.unit).first()
        if entry.is_pending and twin is not None:
            entry.refresh_from_db(fields=["item", "quantity", "unit", "note"])
            return _join(entry, twin, fields.get("quantity", entry.quantity), by)
        _save(entry)
        _record_change(entry, by, changes, how)
    return entry


@action
def step_entry(entry: ListEntry, steps: int, *, by: Actor) -> ListEntry:
    """More or less by so many steps, never under one step. The same press of a device counts once."""
    entry = _current(entry, by)
    if find_previous_result(by, "list_item_updated") is not None:
        return entry
    quantity = entry.quantity + steps * entry.step
    return change_entry(entry, by=by, how=How.STEPPED, quantity=max(quantity, min(entry.quantity, entry.step)))


@action
def purchase_entry(entry: ListEntry, *, by: Actor, price: Decimal | None = None) -> ListEntry:
    """Into the basket. A second time it changes nothing, save for a price that was missing. What was bought without
    a signal was bought, though somebody took it off the list meanwhile."""
    entry = _current(entry, by)
    if entry.is_pending or (entry.is_removed and by.meant_at):
        changes = entry.become_purchased(by.user, price, by.moment)
        _save(entry)
        _remember_purchase(entry)
        record("list_item_purchased", entry, by=by, changes=changes)
    elif entry.is_purchased and price is not None and entry.price_paid is None:
        changes = entry.assign(price_paid=price)
        _save(entry)
        _remember_purchase(entry)
        record("list_item_updated", entry, by=by, changes=changes)
    return entry


@action
def put_back_entry(entry: ListEntry, *, by: Actor) -> ListEntry:
    """Out of the basket, or back after a removal. When the same thing was asked for meanwhile, both add up."""
    entry = _current(entry, by)
    if entry.is_pending:
        return entry
    twin = _pending(entry.list, entry.item).filter(unit=entry.unit).first()
    if twin is not None:
        return _join(entry, twin, entry.quantity, by)
    changes = entry.become_pending()
    _save(entry)
    record("list_item_put_back", entry, by=by, changes=changes)
    return entry


@action
def restore_purchase(entry: ListEntry, fields: dict[str, Any], *, by: Actor) -> ListEntry:
    """Give a removed entry back the `fields` that it had when it was bought: its buyer, moment and price."""
    entry = _current(entry, by)
    if entry.is_removed and (changes := entry.assign(**fields)):
        _save(entry)
        record("list_item_purchased", entry, by=by, changes=changes)
    return entry


@action
def remove_entry(entry: ListEntry, *, by: Actor) -> ListEntry:
    entry = _current(entry, by)
    if not entry.is_removed:
        changes = entry.become_removed()
        _save(entry)
        record("list_item_removed", entry, by=by, changes=changes)
    return entry


def open_list(grocery_list: GroceryList) -> GroceryList:
    """Return the list as it is now. Raises ActionError for one that is done."""
    current: GroceryList = GroceryList.objects.get(pk=grocery_list.pk)
    _require_open(current)
    return current


def _require_open(grocery_list: GroceryList) -> None:
    if not grocery_list.is_open:
        raise ActionError(_("This list is done. Start the next one to add to it."))


def _current(entry: ListEntry, by: Actor) -> ListEntry:
    """Return the entry as it is now. Raises ActionError on a list that is done, save for what was done offline."""
    current: ListEntry = ListEntry.objects.select_related("item__category", "list").get(pk=entry.pk)
    if not by.meant_at:
        _require_open(current.list)
    return current


def _pending(grocery_list: GroceryList, item: Item) -> Any:
    return ListEntry.objects.pending().filter(list=grocery_list, item=item).select_related("item__category")


def _usual(item: Item, asked: set[str], quantity: Decimal | None, unit: str | None) -> tuple[Decimal, str]:
    """What is meant when the amount, or its unit, was left out; `asked`: the units in which it is on the list."""
    if quantity is None and not unit:
        return item.default_quantity or Decimal(1), item.default_unit or "piece"
    if not unit:
        unit = item.default_unit or (next(iter(asked)) if len(asked) == 1 else "piece")
    return quantity or Decimal(1), normalize_unit(unit) or "piece"


def _bounded(quantity: Decimal) -> Decimal:
    if not quantity.is_finite() or quantity <= 0:
        raise ActionError(_("An amount is more than nothing, like 2 or 0.5."))
    if quantity > MOST:
        raise ActionError(_("That is more than a list can hold: %(most)s at most.") % {"most": "99,999"})
    rounded = quantity.quantize(Decimal("0.001"))
    if not rounded:
        raise ActionError(_("An amount is more than nothing, like 2 or 0.5."))
    return rounded


def _grow(entry: ListEntry, quantity: Decimal, unit: str, *, note: str, by: Actor) -> ListEntry:
    changes = entry.assign(quantity=_bounded(quantity), unit=unit, note=clean_line(note)[:200] or entry.note)
    twin = _pending(entry.list, entry.item).exclude(pk=entry.pk).filter(unit=unit).first()
    if twin is not None:
        entry.refresh_from_db(fields=["quantity", "unit", "note"])
        return _join(entry, twin, quantity, by)
    _save(entry)
    _record_change(entry, by, changes)
    return entry


def _join(entry: ListEntry, twin: ListEntry, quantity: Decimal, by: Actor) -> ListEntry:
    """Let `twin` ask for both; `entry` is off the list."""
    gone = entry.become_removed()
    _save(entry)
    grown = twin.assign(quantity=_bounded(twin.quantity + quantity))
    _save(twin)
    joined = EntryEvent.of(entry).model_copy(update={"part_of": twin.pk})
    record("list_item_removed", entry, by=by, changes=gone, data=joined)
    _record_change(twin, by, grown)
    return twin


def _record_change(entry: ListEntry, by: Actor, changes: Changes, how: How = How.ADDED) -> None:
    data = EntryEvent.of(entry).model_copy(update={"amount": how})
    record("list_item_updated", entry, by=by, changes=changes, data=data)


def _save(entry: ListEntry) -> None:
    entry.version += 1
    entry.save()


def _remember_purchase(entry: ListEntry) -> None:
    """The item knows when it was bought last, and for how much."""
    fields: dict[str, Any] = {"last_purchased_at": entry.purchased_at}
    if entry.price_paid is not None:
        fields["estimated_price"] = entry.price_paid
    Item.objects.filter(pk=entry.item_id).update(**fields)
    entry.item.assign(**fields)
