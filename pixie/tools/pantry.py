"""Tools for what is at home."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from groceries import actions
from groceries.actions.pantry import Use
from groceries.models import GroceryList, Item, ListEntry
from groceries.pantry_presenter import stocked_items, stocks_of
from groceries.stock import Amount, Stock, UseSoon, describe_amounts
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from pantry.errors import ActionError
from pantry.text import quotable
from pixie.nlu.vocabulary import is_name
from pixie.tools import lookup
from pixie.tools.arguments import ItemName, Number, Quantity, Unit
from pixie.tools.registry import Effects, Line, Result, tool
from pixie.tools.unusual import check_unusual

MAX_ITEMS = 100
Place = Literal["fridge", "freezer", "cupboard"]
StockedName = Annotated[ItemName, Field(description="Name of the item at home; need not match exactly")]


@tool(scope="read")
def list_pantry(
    actor: Actor,
    name: Annotated[ItemName | None, Field(description="Only this item; need not match exactly")] = None,
    use_soon: Annotated[bool, Field(description="Only what is expired or should be used within a week")] = False,
) -> Result:
    """List what is at home, how much of it, and its first best-before date."""
    if use_soon:
        soon = UseSoon.of(actor.home)
        rows = [
            {"name": batch.item.name, "amount": str(Amount(batch.quantity, batch.unit)), "day": batch.best_before}
            for batch in (*soon.expired, *soon.soon, *soon.this_week)
        ]
        return Result("list_pantry", {"name": None, "use_soon": True, "rows": rows[:MAX_ITEMS], "count": len(rows)})
    items = stocked_items(actor.home).order_by("search_key")
    if name:
        items = items.filter(pk__in=[item.pk for item in lookup.matching_items(actor, name)])
    stocks = [stock for stock in stocks_of(list(items)) if stock.batches]
    rows = [_facts(stock) for stock in stocks[:MAX_ITEMS]]
    return Result("list_pantry", {"name": name, "use_soon": False, "rows": rows, "count": len(stocks)})


def _facts(stock: Stock) -> dict[str, Any]:
    day = stock.batches[0].best_before if stock.batches else None
    return {"name": stock.item.name, "amount": describe_amounts(stock.amounts), "day": day}


def _resolve_new(actor: Actor, name: str, **_rest: Any) -> dict[str, Any]:
    return {"name": lookup.find_item_name(actor, name)}


@tool(effects=Effects(amount="quantity"), confirm_reason=check_unusual, resolve=_resolve_new)
def add_to_pantry(
    actor: Actor,
    name: Annotated[ItemName, Field(description="What is at home")],
    quantity: Quantity = None,
    unit: Unit = None,
    best_before: Annotated[date | None, Field(description="Best before this day, in ISO 8601")] = None,
    place: Annotated[Place | None, Field(description="Where it is kept")] = None,
) -> Result:
    """Put something that is at home already into the pantry. Not for what is to be bought."""
    item = lookup.find_item_name(actor, name)
    batch = actions.add_to_pantry(
        item, by=actor, quantity=quantity, unit=unit, best_before=best_before, place=place or ""
    )
    return Result("add_to_pantry", {"day": batch.best_before}, (Line(batch.item.name, amount(batch)),))


def _resolve_stocked(actor: Actor, name: str, **_rest: Any) -> dict[str, Any]:
    return {"name": _get_item(actor, name).name}


def _confirm_use(
    actor: Actor, name: str, quantity: Decimal | None = None, unit: str | None = None, **_rest: Any
) -> str | None:
    """Return a question about an item of another name than was said, or about an unusual amount."""
    item = _get_item(actor, name)
    if is_name(name, (item.name, *item.alias_names)):
        return check_unusual(actor, item.name, quantity, unit)
    names = {"item": quotable(item.name), "name": quotable(lookup.capitalized(name))}
    if quantity is None:
        return _("There's no %(name)s in the pantry, but %(item)s. Is that used up?") % names
    return _("There's no %(name)s in the pantry, but %(item)s. Did you mean that?") % names


@tool(effects=Effects(takes_away=True, amount="quantity"), confirm_reason=_confirm_use, resolve=_resolve_stocked)
def use_from_pantry(
    actor: Actor,
    name: StockedName,
    quantity: Annotated[Number, Field(description="How much was used; omit if all of it is used up")] = None,
    unit: Unit = None,
) -> Result:
    """Take what was used or is used up out of the pantry. It is refused if less than that is at home."""
    item = _get_item(actor, name)
    if quantity is None:
        return _used(actions.use_up(item, by=actor), "")
    used = amount({"quantity": quantity, "unit": unit})
    return _used(actions.use_from_pantry(item, quantity, unit, by=actor), used)


def _used(use: Use, used: str) -> Result:
    facts = {
        "used": used,
        "left": describe_amounts(use.stock.amounts),
        "listed": use.entry.list.name if use.entry else None,
    }
    return Result("use_from_pantry", facts, (Line(use.stock.item.name, used),))


@tool(effects=Effects(takes_away=True, amount="quantity"), confirm_reason=check_unusual, resolve=_resolve_new)
def keep_in_stock(
    actor: Actor,
    name: Annotated[ItemName, Field(description="What to keep at home")],
    quantity: Annotated[Number, Field(description="The least that should be at home; omit for no minimum")] = None,
    unit: Unit = None,
) -> Result:
    """Put an item on the list by itself whenever less than this is at home, or no longer."""
    item = actions.get_or_create_item(lookup.find_item_name(actor, name), by=actor)
    item = actions.keep_in_stock(item, quantity, unit, by=actor)
    minimum = Stock(item, []).minimum
    listed = ListEntry.objects.pending().filter(item=item, list__in=GroceryList.objects.filter(home=actor.home).open())
    entry = listed.select_related("list").first() if Stock.of(item).is_below_minimum else None
    return Result("keep_in_stock", {"listed": entry and entry.list.name}, (Line(item.name, str(minimum or "")),))


def _get_item(actor: Actor, name: str) -> Item:
    items = {item.name: item for item in stocked_items(actor.home).prefetch_related("aliases")}
    if (match := lookup.match_name(name, items.values())) is None:
        raise ActionError(_("There's no %(item)s in the pantry."), item=lookup.capitalized(name))
    return items[match]
