"""Tools that change the entries of grocery lists, and items."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any

from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import Field

from groceries import actions
from groceries.models import EntryState, Item, ListEntry
from groceries.parsing.notes import join_notes
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from homes.models import Membership
from pantry.errors import ActionError
from pantry.money import money
from pantry.text import clean_line
from pixie.tools import lookup
from pixie.tools.arguments import (
    AnyList,
    Assignee,
    ExpectedPrice,
    ItemName,
    ListedName,
    ListName,
    NewName,
    Note,
    Number,
    Price,
    Quantity,
    Store,
    Unit,
)
from pixie.tools.items import get_item
from pixie.tools.lookup import entry_line, find_entry, get_entry, shown_name
from pixie.tools.money import correct_price, find_purchase, resolve_price
from pixie.tools.registry import Effects, Line, Result, tool
from pixie.tools.unusual import check_addition, check_unusual

NOBODY = "nobody"
REMOVED_LATELY = timedelta(days=2)
NewItem = Annotated[ItemName, Field(description="What to buy instead, as a shopper would call it")]


def _resolve_listed(actor: Actor, name: str, **rest: Any) -> dict[str, Any]:
    entry = get_entry(actor, name, rest.get("list"))
    return {"name": shown_name(name, entry), **_resolve_details(actor, entry, **rest)}


def _resolve_changed(actor: Actor, name: str, price: Decimal | None = None, **rest: Any) -> dict[str, Any]:
    others = (rest.get(field) for field in ("list", "quantity", "unit", "note", "store"))
    if price is not None and _is_of_purchase(actor, name, *others):
        return resolve_price(actor, name, price, rest.get("list"))
    return _resolve_listed(actor, name, price=price, **rest)


def _is_of_purchase(actor: Actor, name: str, list: str | None, *others: Any) -> bool:
    """Return whether a price, with nothing else, is that of a purchase, since the item isn't on a list any more."""
    has_others = any(value is not None for value in others)
    return not has_others and find_entry(actor, name, list) is None and find_purchase(actor, name, list) is not None


def _resolve_added(actor: Actor, name: str, **rest: Any) -> dict[str, Any]:
    return _resolve_details(actor, None, **rest)


def _replaces_details(
    actor: Actor,
    name: str,
    list: str | None = None,
    price: Decimal | None = None,
    note: str | None = None,
    store: str | None = None,
    **_rest: Any,
) -> bool:
    """Return whether the addition would join words to a note or replace an expected price."""
    grocery_list, words = lookup.find_list(actor, list), clean_line(_with_store(note, store, None) or "")
    own = Item.objects.named(name, actor.home)
    entries = grocery_list.entries.pending().filter(item__in=own) if grocery_list else ()
    joins_note = any(entry.note and join_notes(entry.note, words) != entry.note for entry in entries)
    item = own.first() if price is not None else None
    return joins_note or (item is not None and item.estimated_price not in (None, price))


def _resolve_bought(actor: Actor, name: str, **rest: Any) -> dict[str, Any]:
    entry = find_entry(actor, name, rest.get("list"))
    label = shown_name(name, entry) if entry else name
    return {"name": label, **_resolve_details(actor, entry, **rest)}


def _resolve_details(
    actor: Actor,
    entry: ListEntry | None,
    list: str | None = None,
    price: Decimal | None = None,
    note: str | None = None,
    store: str | None = None,
    assigned_to: str | None = None,
    **_rest: Any,
) -> dict[str, Any]:
    resolved: dict[str, Any] = {"list": lookup.get_list(actor, list).name} if list else {}
    if assigned_to and (member := _get_assignee(actor, assigned_to)):
        resolved["assigned_to"] = member.name
    return resolved | {"price": money(price, actor.home.currency), "note": _with_store(note, store, entry)}


def _with_store(note: str | None, store: str | None, entry: ListEntry | None) -> str | None:
    """Return the note with the shop, which has no field of its own."""
    if not (store := clean_line(store or "")):
        return note
    place, text = _("at %(store)s") % {"store": store}, note if note is not None else entry.note if entry else ""
    return text if place in text else ", ".join(filter(None, [text, place]))


@tool(
    effects=Effects(amount="quantity", price="price"),
    confirm_reason=check_addition,
    replaces=_replaces_details,
    resolve=_resolve_added,
)
def add_item(
    actor: Actor,
    name: NewName,
    quantity: Quantity = None,
    unit: Unit = None,
    category: Annotated[str | None, Field(description="produce, dairy, staple, protein, household or other")] = None,
    note: Note = None,
    list: ListName = None,
    price: ExpectedPrice = None,
    store: Store = None,
) -> Result:
    """Add an item to a grocery list. Adds to the quantity of an item that is already on it."""
    grocery_list = lookup.list_for_adding(actor, list)
    note = _with_store(note, store, None)  # it joins what the entry has
    details: dict[str, Any] = {"quantity": quantity, "unit": unit, "category": category or "", "note": note or ""}
    entry, is_new = actions.add_entry(grocery_list, name, by=actor, **details)
    now = amount(entry) if is_new else _("now %(amount)s") % {"amount": amount(entry)}
    facts = {"entry": str(entry.pk), "list": entry.list.name, "aisle": entry.item.category.label, "is_new": is_new}
    facts |= _set_details(entry, note or None, price, actor)
    return Result("add_item", facts, (Line(entry.item.name, now),))


def _set_details(entry: ListEntry, note: str | None, price: Decimal | None, actor: Actor) -> dict[str, Any]:
    """Set the usual price of the entry's item. Returns the facts about it, and about a note that was set."""
    facts: dict[str, Any] = {} if note is None else {"note": entry.note}  # with the words that were there before
    if price is None:
        return facts
    actions.update_item(entry.item, by=actor, estimated_price=price)
    return facts | {"price": money(price, actor.home.currency)}


@tool(
    effects=Effects(takes_away=True, amount="quantity", price="price"),
    confirm_reason=check_unusual,
    resolve=_resolve_bought,
)
def mark_purchased(
    actor: Actor,
    name: NewName,
    quantity: Quantity = None,
    unit: Unit = None,
    price: Annotated[Price, Field(description="Price paid, in the home's currency")] = None,
    list: AnyList = None,
) -> Result:
    """Mark an item as bought, with its price if known."""
    entry = find_entry(actor, name, list)
    was_listed = entry is not None
    if entry is None:
        grocery_list = lookup.list_for_adding(actor, list)
        entry, _new = actions.add_entry(grocery_list, name, by=actor, quantity=quantity, unit=unit)
    entry = actions.purchase_entry(entry, by=actor, price=price)
    facts = {"entry": str(entry.pk), "list": entry.list.name, "was_listed": was_listed, "price": price}
    return Result("mark_purchased", facts, (entry_line(entry),))


@tool(effects=Effects(takes_away=True), resolve=_resolve_listed)
def remove_item(actor: Actor, name: ListedName, list: AnyList = None) -> Result:
    """Remove an item from its grocery list."""
    entry = get_entry(actor, name, list)
    actions.remove_entry(entry, by=actor)
    return Result("remove_item", {"list": entry.list.name}, (entry_line(entry),))


@tool(effects=Effects(takes_away=True), resolve=_resolve_listed)
def have_at_home(actor: Actor, name: ListedName) -> Result:
    """Remove an item from its list because the person has it at home already. There is no pantry to put it into."""
    entry = get_entry(actor, name)
    actions.remove_entry(entry, by=actor)
    return Result("have_at_home", {"list": entry.list.name}, (entry_line(entry),))


@tool(
    effects=Effects(takes_away=True, amount="quantity", price="price"),
    confirm_reason=check_unusual,
    resolve=_resolve_changed,
)
def change_item(
    actor: Actor,
    name: ListedName,
    quantity: Annotated[Number, Field(description="The new total quantity; omit to keep it")] = None,
    unit: Unit = None,
    note: Note = None,
    list: AnyList = None,
    price: ExpectedPrice = None,
    store: Store = None,
    assigned_to: Assignee = None,
) -> Result:
    """Change the quantity, the note, the expected price or the shop of an item on a grocery list, or who gets it.

    A price alone, of an item that is bought already, corrects what was paid.
    """
    if price is not None and not assigned_to and _is_of_purchase(actor, name, list, quantity, unit, note, store):
        return correct_price(actor, name, price, list)
    entry = get_entry(actor, name, list)
    note = _with_store(note, store, entry)
    fields = {"quantity": quantity, "unit": unit, "note": note}
    changed: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    entry = actions.change_entry(entry, by=actor, **changed)
    facts = {"list": entry.list.name, **_set_details(entry, note, price, actor)}
    if assigned_to:
        member = _get_assignee(actor, assigned_to)
        entry = actions.assign_entry(entry, member.user if member else None, by=actor)
        facts["assigned_to"] = member.name if member else ""
    return Result("change_item", facts, (entry_line(entry),))


def _get_assignee(actor: Actor, name: str) -> Membership | None:
    return None if name.casefold().strip() == NOBODY else lookup.get_member(actor, name)


def _check_new_amount(actor: Actor, new: str, **rest: Any) -> str | None:
    return check_unusual(actor, **{**rest, "name": new})


@tool(effects=Effects(takes_away=True, amount="quantity"), confirm_reason=_check_new_amount, resolve=_resolve_listed)
def swap_item(
    actor: Actor,
    name: ListedName,
    new: NewItem,
    quantity: Annotated[Number, Field(description="How much of the new one; omit to keep the amount")] = None,
    unit: Unit = None,
    note: Note = None,
    list: AnyList = None,
) -> Result:
    """Replace an item on a grocery list by another one."""
    entry = get_entry(actor, name, list)
    old = entry.item.name
    fields = {"quantity": quantity, "unit": unit, "note": note}
    changed: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    item = actions.get_or_create_item(new, by=actor)
    if item == entry.item:
        raise ActionError(_("%(item)s is on %(list)s already."), item=item, list=entry.list)
    entry = actions.change_entry(entry, by=actor, name=item, **changed)
    facts = {"list": entry.list.name, "old": old, **_set_details(entry, note, None, actor)}
    return Result("swap_item", facts, (entry_line(entry),))


def _get_ticked(actor: Actor, name: str, list: str | None) -> ListEntry:
    """Return the entry that was ticked last, else one that was removed lately and is not on the list again."""
    states = (EntryState.PENDING, EntryState.PURCHASED, EntryState.REMOVED)
    entries = lookup.match_entries(lookup.find_entries(actor, list, *states), name)
    entries.sort(key=lambda entry: entry.updated_at, reverse=True)
    pending = [entry for entry in entries if entry.is_pending]
    lately = timezone.now() - REMOVED_LATELY
    removed = [entry for entry in entries if entry.is_removed and entry.updated_at > lately and not pending]
    candidates = [entry for entry in entries if entry.is_purchased] + removed
    if candidates:
        return candidates[0]
    if pending:
        raise ActionError(_("%(item)s is on %(list)s already."), item=pending[0].item, list=pending[0].list)
    raise ActionError(
        _("%(item)s was neither ticked off nor taken off a list lately.") % {"item": lookup.capitalized(name)}
    )


def _resolve_ticked(actor: Actor, name: str, list: str | None) -> dict[str, Any]:
    entry = _get_ticked(actor, name, list)
    return {"name": shown_name(name, entry), "list": entry.list.name}


@tool(effects=Effects(takes_away=True), resolve=_resolve_ticked)
def put_back(actor: Actor, name: ListedName, list: AnyList = None) -> Result:
    """Put an item that was ticked off or removed back on its list."""
    entry = actions.put_back_entry(_get_ticked(actor, name, list), by=actor)
    return Result("put_back", {"list": entry.list.name}, (entry_line(entry),))


def _resolve_aisle(actor: Actor, name: str, category: str) -> dict[str, Any]:
    return {"name": get_item(actor, name).name, "aisle": lookup.get_category(actor, category).label}


@tool(effects=Effects(takes_away=True), resolve=_resolve_aisle)
def set_aisle(
    actor: Actor,
    name: Annotated[ItemName, Field(description="Name of an item of the home; need not match exactly")],
    category: Annotated[str, Field(min_length=1, max_length=80, description="Name of the aisle")],
) -> Result:
    """Set the aisle under which an item is listed."""
    aisle = lookup.get_category(actor, category)
    item = actions.update_item(get_item(actor, name), by=actor, category=aisle)
    return Result("set_aisle", {"aisle": aisle.label}, (Line(item.name, aisle.label),))
