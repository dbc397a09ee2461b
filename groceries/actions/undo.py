"""Undo one event by a new one.

Amounts are reversed by their difference, to keep what others added since. A field that was set again is not undone.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import takewhile
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext as _

from groceries.actions.aisles import remove_category, update_category
from groceries.actions.archive import delete_list, restore_deleted_list
from groceries.actions.entries import (
    assign_entry,
    change_entry,
    correct_price,
    put_back_entry,
    remove_entry,
    restore_purchase,
)
from groceries.actions.expenses import remove_expense, restore_expense
from groceries.actions.items import add_alias, remove_alias, require_unused, update_item
from groceries.actions.lists import change_trip_total, end_trips, give_back, resume_shopping
from groceries.actions.merging import undo_categories_merged, undo_items_merged
from groceries.actions.recurring import restore_recurring, restore_stopped, stop_recurring
from groceries.actions.sorting import restore_position
from groceries.actions.stores import remove_store
from groceries.models import (
    Category,
    EntryState,
    Expense,
    GroceryList,
    Item,
    ItemAlias,
    ListEntry,
    RecurringItem,
    Store,
    Trip,
)
from groceries.parsing.names import normalize
from groceries.parsing.quantities import add_quantities
from groceries.schemas import AmountChange, CategorySnapshot, ExpenseSnapshot, ItemSnapshot
from homes.events.actor import Actor
from homes.events.log import record, save_changes, subject_of
from homes.events.models import Event, Origin
from homes.events.queries import was_part_undone
from pantry.errors import ActionError
from pantry.models import MutableRow, as_json


def _undo_added(event: Event, by: Actor) -> None:
    entry, added = _entry(event), event.data["entry"]
    if entry.is_pending:
        require_unchanged(entry, {"unit": added["unit"]})
        _require_only_additions(entry, event, Decimal(added["quantity"]))
    _reduce_amount(entry, Decimal(added["quantity"]), AmountChange.ADDED, by)


def _undo_updated(event: Event, by: Actor) -> None:
    """Restore the fields. The batch of a purchase follows, unless its part of the operation was undone already."""
    entry, fields = _entry(event), values_before(event, ListEntry)
    in_pantry = {"data__batch__entry_id": str(entry.pk)}
    follows = not was_part_undone(event, "pantry_updated", "pantry_removed", **in_pantry)
    after = {name: new for name, (_old, new) in event.changes.items()}
    if entry.state != event.data["entry"]["state"]:
        fields.pop("price_paid", None)  # the price of another purchase
    if "quantity" in fields and "unit" not in fields:
        _require_only_additions(entry, event, Decimal(after["quantity"]))
        growth = Decimal(after["quantity"]) - fields.pop("quantity")
    else:
        growth = Decimal(0)
    require_unchanged(entry, {name: after[name] for name in fields})
    if growth:
        _reduce_amount(entry, growth, AmountChange(event.data["amount"]), by, pantry_follows=follows)
    if "item" in fields:
        fields["name"] = fields.pop("item")
    if set(fields) == {"price_paid"} and entry.is_purchased:
        correct_price(entry, fields["price_paid"], by=by)
    elif fields:
        change_entry(entry, by=by, pantry_follows=follows, **fields)


def require_unchanged(row: MutableRow, values: Mapping[str, Any]) -> None:
    """Raise ActionError unless the fields have the values that an event recorded as the new ones."""
    if not all(_is_unchanged(row, name, value) for name, value in values.items()):
        raise changed_since()


def _is_unchanged(row: MutableRow, name: str, value: Any) -> bool:
    return bool(as_json(getattr(row, name)) == value)


def changed_since() -> ActionError:
    return ActionError(_("This was changed again since then, so undoing it could overwrite that. Change it by hand."))


def _require_only_additions(entry: ListEntry, event: Event, quantity: Decimal) -> None:
    """Raise ActionError if the amount was set since the event, which left `quantity`, and not only added to."""
    changed = Event.objects.filter(home=event.home_id, subject_id=entry.pk, type="list_item_updated", seq__gt=event.seq)
    for changes, amount in changed.values_list("changes", "data__amount"):
        if amount != AmountChange.SET and "quantity" in changes:
            old, new = changes["quantity"]
            quantity += Decimal(new) - Decimal(old)
    if entry.quantity != quantity:
        raise changed_since()


def _reduce_amount(
    entry: ListEntry, quantity: Decimal, amount_change: AmountChange, by: Actor, *, pantry_follows: bool = True
) -> None:
    remaining = add_quantities(entry.quantity, -quantity, entry.unit)
    if remaining > 0:
        change_entry(entry, by=by, amount_change=amount_change, pantry_follows=pantry_follows, quantity=remaining)
    else:
        remove_entry(entry, by=by)


def _undo_assigned(event: Event, by: Actor) -> None:
    entry = _entry(event)
    require_unchanged(entry, {"assigned_to": event.changes["assigned_to"][1]})
    assign_entry(entry, values_before(event, ListEntry)["assigned_to"], by=by)


def _undo_sorted(event: Event, by: Actor) -> None:
    entry = _entry(event)
    require_unchanged(entry, {"position": event.changes["position"][1]})
    restore_position(entry, values_before(event, ListEntry)["position"], by=by)


def _undo_purchased(event: Event, by: Actor) -> None:
    before = values_before(event, ListEntry)
    if before["state"] == EntryState.REMOVED:
        remove_entry(_entry(event), by=by)
        return
    entry = put_back_entry(_entry(event), by=by)
    if before.get("price_paid") is not None and entry.pk == event.subject_id:
        change_entry(entry, by=by, price_paid=before["price_paid"])


def _undo_removed(event: Event, by: Actor) -> None:
    """Restore the former state. A removed entry that was put back into another one has no other state."""
    before = values_before(event, ListEntry)
    if before.get("state") == EntryState.PURCHASED:
        restore_purchase(_entry(event), before, by=by)
    elif "state" in before:
        put_back_entry(_entry(event), by=by)


def _undo_put_back(event: Event, by: Actor) -> None:
    entry, before = _entry(event), values_before(event, ListEntry)
    if before["state"] == EntryState.REMOVED:
        remove_entry(entry, by=by)
    elif entry.is_pending:
        restore_purchase(entry, before, by=by)


def _undo_item(event: Event, by: Actor) -> None:
    """Restore the fields that have not changed since. A purchase, for example, changes the usual price."""
    item: Item = subject_of(event, Item.objects.all())
    after = {name: new for name, (_old, new) in event.changes.items()}
    before = values_before(event, Item)
    update_item(item, by=by, **{name: old for name, old in before.items() if _is_unchanged(item, name, after[name])})


def _undo_item_removed(event: Event, by: Actor) -> None:
    """Create the item again. Its aliases and recurring items have events of their own."""
    snapshot = ItemSnapshot.model_validate(event.data["item"])
    if Item.objects.filter(pk=snapshot.id).exists():
        return
    if not Category.objects.filter(pk=snapshot.category_id, home=by.home).exists():
        raise ActionError(_("That no longer exists."))
    item = Item(home=by.home, normalized_name=normalize(snapshot.name), **snapshot.model_dump())
    require_unused(item.name, item, by)
    item.save(force_insert=True)
    record("item_created", item, by=by)


def _undo_category(event: Event, by: Actor) -> None:
    category: Category = subject_of(event, Category.objects.all())
    require_unchanged(category, {name: new for name, (_old, new) in event.changes.items()})
    update_category(category, by=by, **values_before(event, Category))


def _undo_category_created(event: Event, by: Actor) -> None:
    """Remove the aisle. One that an addition needed stays with the items that are in it."""
    category: Category = subject_of(event, Category.objects.all())
    added = Event.objects.filter(home=event.home_id, op_id=event.op_id, type="list_item_added")
    if event.op_id is None or not category.items.exists() or not added.exists():
        remove_category(category, by=by)


def _undo_category_removed(event: Event, by: Actor) -> None:
    snapshot = CategorySnapshot.model_validate(event.data["category"])
    if Category.objects.filter(pk=snapshot.id).exists():
        return
    if Category.objects.filter(home=by.home, name=snapshot.name).exists():
        raise ActionError(_("There's already an aisle with that name."))
    record("category_created", Category.objects.create(home=by.home, **snapshot.model_dump()), by=by)


def _undo_alias_added(event: Event, by: Actor) -> None:
    remove_alias(subject_of(event, ItemAlias.objects.all()), by)


def _undo_alias_removed(event: Event, by: Actor) -> None:
    data = event.data["alias"]
    item = Item.objects.filter(home=by.home, pk=data["item_id"]).first()
    if item is None:
        raise ActionError(_("That no longer exists."))
    if not ItemAlias.objects.filter(pk=data["id"]).exists():
        add_alias(item, data["name"], by, id=data["id"])


def _undo_list_state(event: Event, by: Actor) -> None:
    """Restore the former state, with who had approved the list."""
    grocery_list: GroceryList = subject_of(event, GroceryList.objects.all())
    require_unchanged(grocery_list, {"state": event.changes["state"][1]})
    save_changes(grocery_list, "list_state_changed", by=by, **values_before(event, GroceryList))
    if not grocery_list.is_open:
        end_trips(Trip.objects.filter(list=grocery_list), by=by)


def _undo_list_created(event: Event, by: Actor) -> None:
    """Delete the list, unless something was put on it since. What a next list took over goes back to the one before."""
    grocery_list: GroceryList = subject_of(event, GroceryList.objects.all())
    entries = ListEntry.objects.filter(list=grocery_list).exclude(state=EntryState.REMOVED)
    taken_over = _taken_over(event, grocery_list)
    entries = entries.exclude(pk__in=[entry.pk for entry, _before in taken_over if entry.is_pending])
    if event.op_id is not None:
        copied = Event.objects.filter(home=event.home_id, op_id=event.op_id, type="list_item_added")
        entries = entries.exclude(pk__in=copied.values("subject_id"))
    if entries.exists():
        raise ActionError(_("There are things on “%(list)s” now. Delete it by hand."), list=grocery_list)
    for entry, before in taken_over:
        give_back(entry, before["list"], before["listed_at"], by=by)
    delete_list(grocery_list, by=by)


def _taken_over(event: Event, grocery_list: GroceryList) -> list[tuple[ListEntry, dict[str, Any]]]:
    """Return the entries that are still on a next list, which took them over when it was created, with their former
    values. The events are one after the other, since the home was locked."""
    list_id = str(grocery_list.pk)
    following = Event.objects.filter(home=event.home_id).after(event.seq).iterator()
    events: dict[Any, Event] = {
        each.subject_id: each
        for each in takewhile(lambda each: each.changes.get("list", [None])[-1] == list_id, following)
    }
    entries = ListEntry.objects.select_related("list", "item__category").filter(pk__in=events, list=grocery_list)
    return [(entry, values_before(events[entry.pk], ListEntry)) for entry in entries]


def _undo_list_updated(event: Event, by: Actor) -> None:
    grocery_list: GroceryList = subject_of(event, GroceryList.objects.all())
    require_unchanged(grocery_list, {name: new for name, (_old, new) in event.changes.items()})
    save_changes(grocery_list, "list_updated", by=by, **values_before(event, GroceryList))


def _undo_store(event: Event, by: Actor) -> None:
    """Restore the name or the order of a store, or remove a new one."""
    if set(event.changes) == {"aisles"} and not event.data["store"]["is_sorted_by_hand"]:
        return  # learned from a trip; the next one sorts them anew
    store: Store = subject_of(event, Store.objects.all())
    if event.type == "store_created":
        remove_store(store, by=by)
        return
    require_unchanged(store, {name: new for name, (_old, new) in event.changes.items()})
    save_changes(store, "store_updated", by=by, **values_before(event, Store))


def _undo_store_removed(event: Event, by: Actor) -> None:
    """Create the store again. Lists that it was chosen for get it back by the undoing of their own events."""
    data = event.data["store"]
    if Store.objects.filter(home=by.home, name=data["name"]).exists():
        raise changed_since()
    store = Store.objects.create(home=by.home, **data)
    record("store_created", store, by=by)


def _undo_expense(event: Event, by: Actor) -> None:
    """Restore an expense as it was before, unless it was changed again. Remove a new one."""
    expense: Expense = subject_of(event, Expense.objects.with_people())
    if ExpenseSnapshot.model_validate(expense) != ExpenseSnapshot.model_validate(event.data["expense"]):
        raise changed_since()
    if event.type == "expense_created":
        remove_expense(expense, by=by)
        return
    if event.origin == Origin.TASK:
        raise ActionError(_("Its rule went on with the newest one. Change that instead."))
    shares = event.changes.get("shares", [None])[0]
    restore_expense(expense, values_before(event, Expense, without="shares"), shares, by=by)


def _undo_expense_removed(event: Event, by: Actor) -> None:
    state = ExpenseSnapshot.model_validate(event.data["expense"]).model_dump(exclude={"shares"})
    if not Expense.objects.filter(pk=state["id"]).exists():
        restore_expense(Expense(home=by.home, **state), {}, event.data["expense"]["shares"], by=by)


def _undo_shopping_ended(event: Event, by: Actor) -> None:
    resume_shopping(subject_of(event, Trip.objects.all()), by=by)


def _undo_shopping_total(event: Event, by: Actor) -> None:
    trip: Trip = subject_of(event, Trip.objects.all())
    require_unchanged(trip, {"total": event.changes["total"][1]})
    change_trip_total(trip, values_before(event, Trip)["total"], by=by)


def _undo_recurring(event: Event, by: Actor) -> None:
    """Stop a recurring item that the event created, or restore the values that it changed."""
    recurring: RecurringItem = subject_of(event, RecurringItem.objects.select_related("item"))
    if event.type == "recurring_set" and not event.changes.get("rrule", [True])[0]:
        stop_recurring(recurring, by=by)
        return
    after = {name: new for name, (_old, new) in event.changes.items()}
    if event.type == "recurring_set":
        after.pop("next_due_at", None)  # it may have fired
    require_unchanged(recurring, after)
    restore_recurring(recurring, values_before(event, RecurringItem), by=by)


def _undo_stopped(event: Event, by: Actor) -> None:
    """Restore the recurring item as it was."""
    data = event.data["recurring"]
    item = Item.objects.filter(home=by.home, pk=data["item"]["id"]).first()
    if item is None:
        raise ActionError(_("That no longer exists."))
    recurring = RecurringItem(home=by.home, item=item, created_by=by.user)
    for name in ("id", "quantity", "unit", "rrule", "starts_on", "next_due_at", "paused_at"):
        setattr(recurring, name, RecurringItem._meta.get_field(name).to_python(data[name]))  # type: ignore[union-attr]
    restore_stopped(recurring, by=by)


def values_before(event: Event, model: type[Model], without: str = "") -> dict[str, Any]:
    """Return the former values of the changed fields. Raises ActionError if a related row no longer exists."""
    values = {}
    for name, (old, _new) in event.changes.items():
        if name == without:
            continue
        field: Any = model._meta.get_field(name)
        values[name] = field.to_python(old)
        if field.is_relation and old is not None:
            values[name] = field.related_model.objects.filter(pk=old).first()
            if values[name] is None:
                raise ActionError(_("That no longer exists."))
    return values


def _entry(event: Event) -> ListEntry:
    entry: ListEntry = subject_of(event, ListEntry.objects.select_related("list", "item"))
    return entry


UNDO: dict[str, Callable[[Event, Actor], None]] = {
    "list_item_added": _undo_added,
    "list_item_updated": _undo_updated,
    "list_item_assigned": _undo_assigned,
    "list_item_sorted": _undo_sorted,
    "list_item_purchased": _undo_purchased,
    "list_item_put_back": _undo_put_back,
    "list_item_removed": _undo_removed,
    "list_created": _undo_list_created,
    "list_deleted": restore_deleted_list,
    "list_state_changed": _undo_list_state,
    "list_updated": _undo_list_updated,
    "shopping_ended": _undo_shopping_ended,
    "shopping_total_changed": _undo_shopping_total,
    "store_created": _undo_store,
    "store_updated": _undo_store,
    "store_removed": _undo_store_removed,
    "expense_created": _undo_expense,
    "expense_updated": _undo_expense,
    "expense_removed": _undo_expense_removed,
    "item_updated": _undo_item,
    "item_removed": _undo_item_removed,
    "items_merged": undo_items_merged,
    "category_created": _undo_category_created,
    "category_updated": _undo_category,
    "category_removed": _undo_category_removed,
    "categories_merged": undo_categories_merged,
    "item_alias_added": _undo_alias_added,
    "item_alias_removed": _undo_alias_removed,
    "recurring_set": _undo_recurring,
    "recurring_updated": _undo_recurring,
    "recurring_stopped": _undo_stopped,
}
