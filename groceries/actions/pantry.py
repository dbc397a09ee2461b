"""Put items into the pantry, use them, and keep a minimum of them at home."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from groceries.actions.amounts import validated_quantity
from groceries.actions.barcodes import remember_barcode
from groceries.actions.batches import MAX_BATCHES, PANTRY_FULL, is_full, put_in, take_out, throw_out
from groceries.actions.entries import place_entry
from groceries.actions.items import get_or_create_item
from groceries.actions.lists import current_list
from groceries.barcodes import find_barcode
from groceries.models import Barcode, GroceryList, Item, ListEntry, PantryBatch, Place
from groceries.parsing.quantities import MAX_QUANTITY, amount_ratio, are_compatible, normalize_unit
from groceries.stock import Amount, Stock, add_up, amount_in, describe_amounts
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, save_changes
from homes.models import Agent
from pantry.errors import ActionError
from pantry.years import YEARS


@dataclass(frozen=True)
class Use:
    """The rest of an item after some was used, and its entry if it was put on a list for that."""

    stock: Stock
    entry: ListEntry | None


@action
def add_to_pantry(
    name: str | Item,
    *,
    by: Actor,
    quantity: Decimal | None = None,
    unit: str | None = None,
    best_before: date | None = None,
    place: str = "",
) -> PantryBatch:
    """Put an amount of an item into the pantry, by default the usual one or a single piece.

    Idempotent by the actor's `op_id`. Raises ActionError for an invalid name, amount or day, and if the pantry is full.
    """
    if (batch_id := find_previous_result(by, "pantry_added")) is not None:
        return PantryBatch.objects.select_related("item__category").get(pk=batch_id, home=by.home)
    _check(best_before, place)
    if is_full(by.home):
        raise ActionError(PANTRY_FULL % {"max": MAX_BATCHES})
    item = get_or_create_item(name, by=by)
    if quantity is None and not unit:
        quantity = item.default_quantity
    quantity = validated_quantity(Decimal(1) if quantity is None else quantity)
    amount = quantity, normalize_unit(unit or item.default_unit) or "piece"
    return put_in(item, *amount, by=by, best_before=best_before, place=place)


@action
def change_batch(batch: PantryBatch, *, by: Actor, **fields: Any) -> PantryBatch:
    """Change `quantity`, `unit`, `best_before` or `place`. Raises ActionError for an invalid amount or day."""
    batch = batch.reload("item__category")
    _check(fields.get("best_before"), fields.get("place", ""))
    if "quantity" in fields:
        fields["quantity"] = validated_quantity(fields["quantity"])
    if "unit" in fields:
        fields["unit"] = normalize_unit(fields["unit"] or "") or "piece"
    changes = save_changes(batch, "pantry_updated", by=by, **fields)
    if not changes.keys().isdisjoint({"quantity", "unit"}):
        _restock(batch.item, by)
    return batch


@action
def use_batch(batch: PantryBatch, quantity: Decimal | None = None, *, by: Actor) -> Use:
    """Use an amount of a batch in its own unit, or all of it. Idempotent by the actor's `op_id`, and for one that is
    used up. Raises ActionError for more than there is."""
    current = PantryBatch.objects.select_related("item__category").filter(pk=batch.pk).first()
    if current is None or _is_repeated(by):
        return Use(Stock.of(batch.item), None)
    if quantity is None:
        throw_out(current, by)
    else:
        quantity = validated_quantity(quantity)
        if quantity > current.quantity:
            amounts = describe_amounts([Amount(current.quantity, current.unit)])
            raise ActionError(_("%(item)s: only %(amounts)s at home."), item=current.item, amounts=amounts)
        take_out(current, quantity, current.unit, by)
    return Use(Stock.of(current.item), _restock(current.item, by))


@action
def use_from_pantry(item: Item, quantity: Decimal, unit: str | None = None, *, by: Actor) -> Use:
    """Use an amount of an item, of the batch with the first best-before date first.

    Without a unit, it is that of what is at home, or pieces if there are some. Idempotent by the actor's `op_id`.
    Raises ActionError, and uses nothing, if there is less.
    """
    item = item.reload("category")
    stock = Stock.of(item)
    if _is_repeated(by):
        return Use(stock, None)
    amount = Amount(validated_quantity(quantity), _unit_to_use(stock, unit))
    batches = [batch for batch in stock.batches if are_compatible(batch.unit, amount.unit)]
    _require_enough(stock, batches, amount)
    _take_from(batches, amount, by)
    return Use(Stock.of(item), _restock(item, by))


@action
def use_up(item: Item, *, by: Actor) -> Use:
    """Use all that is at home of an item. Idempotent. Raises ActionError if there is none."""
    item = item.reload("category")
    stock = Stock.of(item)
    if _is_repeated(by):
        return Use(stock, None)
    if not stock.batches:
        raise ActionError(_("There's no %(item)s in the pantry."), item=item)
    for batch in stock.batches:
        throw_out(batch, by)
    return Use(Stock(item, []), _restock(item, by))


@action
def add_scanned(
    code: str,
    *,
    by: Actor,
    name: str = "",
    quantity: Decimal | None = None,
    unit: str | None = None,
    best_before: date | None = None,
    place: str = "",
) -> PantryBatch | None:
    """Put a package into the pantry: the item and the amount that the home means by its code.

    A code that is new is remembered with the name and the amount; without a name, nothing is done and None returned.
    Idempotent by the actor's `op_id`. Raises the errors of `add_to_pantry` and `remember_barcode`.
    """
    barcode = find_barcode(code, by.home)
    if barcode is None and not name:
        return None
    if barcode is None:
        barcode = remember_barcode(code, name, by=by, quantity=quantity, unit=unit)
    if quantity is None:
        quantity, unit = _package(barcode)
    return add_to_pantry(barcode.item, by=by, quantity=quantity, unit=unit, best_before=best_before, place=place)


@action
def use_scanned(code: str, *, by: Actor) -> Use | None:
    """Use a package: the amount that the home means by its code, else the usual one or a single piece.

    Returns None for a code that is new. Idempotent by the actor's `op_id`. Raises ActionError if there is less.
    """
    barcode = find_barcode(code, by.home)
    if barcode is None:
        return None
    return use_from_pantry(barcode.item, *_package(barcode), by=by)


@action
def keep_in_stock(item: Item, quantity: Decimal | None, unit: str | None = None, *, by: Actor) -> Item:
    """Put the item on the current list whenever less than this is at home, or no longer with None. Idempotent.

    Raises ActionError for an invalid amount.
    """
    item = item.reload("category")
    minimum = None if quantity is None else validated_quantity(quantity)
    unit = "" if minimum is None else normalize_unit(unit or item.default_unit) or "piece"
    if save_changes(item, "item_updated", by=by, min_quantity=minimum, min_unit=unit):
        _restock(item, by)
    return item


def _package(barcode: Barcode) -> Amount:
    """Return what the home means by the code, else the usual amount or a single piece."""
    if barcode.quantity is None and not barcode.unit:
        return Amount(barcode.item.default_quantity or Decimal(1), barcode.item.default_unit or "piece")
    return Amount(barcode.quantity or Decimal(1), barcode.unit)


def _check(best_before: date | None, place: str) -> None:
    if best_before is not None and best_before.year not in YEARS:
        raise ActionError(_("That day is too far away."))
    if place and place not in Place.values:
        raise ActionError(_("Choose the fridge, the freezer or the cupboard."))


def _is_repeated(by: Actor) -> bool:
    return find_previous_result(by, "pantry_updated", "pantry_removed") is not None


def _unit_to_use(stock: Stock, unit: str | None) -> str:
    if unit:
        return normalize_unit(unit) or "piece"
    units = [amount.unit for amount in stock.amounts]
    return "piece" if not units or any(are_compatible(each, "piece") for each in units) else units[0]


def _require_enough(stock: Stock, batches: Sequence[PantryBatch], amount: Amount) -> None:
    if not stock.batches:
        raise ActionError(_("There's no %(item)s in the pantry."), item=stock.item)
    amounts = describe_amounts(stock.amounts)
    if not batches:
        message = _("%(item)s: %(amounts)s at home, which can't be counted in %(unit)s.")
        raise ActionError(message, item=stock.item, amounts=amounts, unit=amount.unit)
    if amount_in(add_up((batch.quantity, batch.unit) for batch in batches), amount.unit) < amount.quantity:
        raise ActionError(_("%(item)s: only %(amounts)s at home."), item=stock.item, amounts=amounts)


def _take_from(batches: Sequence[PantryBatch], amount: Amount, by: Actor) -> None:
    """Take the amount out of the batches, which have enough, one after the other."""
    left = amount.quantity
    for batch in batches:
        share = amount_ratio(batch.quantity, batch.unit, left, amount.unit)
        if share is None or share > 1:
            take_out(batch, left, amount.unit, by)
            return
        throw_out(batch, by)
        left -= left * share
        if left < Decimal("0.0005"):  # which rounds to nothing
            return


def _restock(item: Item, by: Actor) -> ListEntry | None:
    """Put the item on the current list if less than its minimum is at home, and it is to get on no open list.

    Pixie adds it, as long as the home has an agent.
    """
    if (missing := Stock.of(item).missing) is None:
        return None
    lists = GroceryList.objects.filter(home=by.home).open().order_by()
    if ListEntry.objects.pending().filter(item=item, list__in=lists).exists():
        return None
    agent = by.agent or Agent.objects.default_agent(by.home)
    adder = by.as_agent(agent) if agent else by
    quantity = min(max(missing.quantity, Decimal("0.001")), MAX_QUANTITY)
    grocery_list = current_list(by=replace(by, op_id=None))  # a new list stays when the use of the item is undone
    return place_entry(grocery_list, item, by=adder, quantity=quantity, unit=missing.unit)[0]
