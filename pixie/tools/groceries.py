"""Tools for grocery lists, recurring items and spending."""

from decimal import Decimal
from typing import Literal

from django.utils.translation import gettext as _
from pydantic import Field

from groceries import reports
from groceries.actions import (
    add_entry,
    change_entry,
    current_list,
    get_or_create_item,
    purchase_entry,
    remove_entry,
    set_recurring,
)
from groceries.models import GroceryList, Item, ListEntry
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from pantry.errors import ActionError
from pixie.nlu.vocabulary import find_item
from pixie.suggestions import summary
from pixie.tools.registry import Arguments, Line, Result, tool

ADDED = ("list_item_added", "list_item_updated")
UNUSUAL_FACTOR = 4  # times the largest quantity so far; more needs confirmation
UNUSUAL_FIRST_QUANTITY = Decimal(48)


class ItemArguments(Arguments):
    name: str = Field(min_length=1, max_length=200, description="What to buy, as a shopper would call it")
    quantity: Decimal | None = Field(default=None, description="How much; omit for the usual amount")
    unit: str | None = Field(default=None, description="piece, pack, dozen, kg, g, liter, ml, bottle, …")


class AddItem(ItemArguments):
    category: str | None = Field(default=None, description="produce, dairy, staple, protein, household or other")
    note: str | None = Field(default=None, description="A short note, such as the brand or the shop")


class MarkPurchased(ItemArguments):
    price: Decimal | None = Field(default=None, description="Price paid, in the home's currency")


class RemoveItem(Arguments):
    name: str = Field(min_length=1, max_length=200, description="Name of the item on the list; need not match exactly")


class ChangeItem(Arguments):
    name: str = Field(min_length=1, max_length=200, description="Name of the item on the list; need not match exactly")
    quantity: Decimal | None = Field(default=None, description="The new total quantity; omit to keep it")
    unit: str | None = Field(default=None, description="piece, pack, dozen, kg, g, liter, ml, bottle, …")
    note: str | None = Field(default=None, max_length=200, description="A short note, such as the brand or the shop")


class SetRecurring(ItemArguments):
    frequency: Literal["weekly", "biweekly", "monthly"] = Field(description="How often")
    rrule: str | None = Field(default=None, description="An iCalendar recurrence rule, such as FREQ=WEEKLY;BYDAY=MO")


class ListItems(Arguments):
    category: str | None = Field(default=None, description="Only this aisle")


class BudgetQuery(Arguments):
    period: str = Field(default="month", description="today, yesterday, week, last_week, month, last_month or year")
    category: str | None = Field(default=None, description="Only this aisle")


def _unusual_quantity(actor: Actor, call: AddItem) -> str | None:
    """Return a question if the quantity is far above anything the home bought before."""
    if call.quantity is None:
        return None
    item = Item.objects.filter(home=actor.home).named(call.name).first()
    unit = call.unit or (item.default_unit if item else "") or "piece"
    entries = ListEntry.objects.filter(home=actor.home, item=item).order_by("-quantity") if item else []
    largest = next((entry for entry in entries if entry.unit == unit), None)
    name = item.name if item else call.name[:1].upper() + call.name[1:]
    values = {"item": name, "asked": amount(ListEntry(quantity=call.quantity, unit=unit))}
    if largest is not None and call.quantity > UNUSUAL_FACTOR * largest.quantity:
        values = {**values, "usual": amount(largest)}
        return _("%(item)s, %(asked)s: that is a lot. You buy %(usual)s. Did you mean it?") % values
    if largest is None and call.quantity > UNUSUAL_FIRST_QUANTITY and unit not in ("g", "ml"):
        return _("%(item)s, %(asked)s: that is a lot. Did you mean it?") % values
    return None


@tool(
    "add_item",
    "Add an item to the current grocery list. Adds to the quantity of an item that is already on it.",
    AddItem,
    confirm_reason=_unusual_quantity,
    writes=ADDED,
)
def add_item(actor: Actor, call: AddItem) -> Result:
    entry, is_new = add_entry(
        current_list(by=actor),
        call.name,
        by=actor,
        quantity=call.quantity,
        unit=call.unit,
        category=call.category or "",
        note=call.note or "",
    )
    now = "" if is_new else _("now %(amount)s") % {"amount": amount(entry)}
    return Result(
        "add_item",
        {"entry": str(entry.pk), "list": entry.list.name, "aisle": entry.item.category.label, "is_new": is_new},
        (Line(entry.item.name, amount(entry) if is_new else now),),
    )


@tool("list_items", "List the items on the current grocery list.", ListItems, scope="read")
def list_items(actor: Actor, call: ListItems) -> Result:
    grocery_list = GroceryList.objects.filter(home=actor.home).current()
    if grocery_list is None:
        return Result("list_items", {"list": None, "count": 0})
    entries = grocery_list.entries.pending().in_aisles()
    if call.category:
        entries = entries.filter(item__category__name=call.category)
    lines = tuple(Line(entry.item.name, amount(entry)) for entry in entries)
    aisles = [entry.item.category.label for entry in entries]
    facts = {"list": grocery_list.name, "count": len(lines), "category": call.category, "aisles": aisles}
    return Result("list_items", facts, lines)


@tool(
    "mark_purchased",
    "Mark an item as bought, with its price if known.",
    MarkPurchased,
    writes=(*ADDED, "list_item_purchased"),
)
def mark_purchased(actor: Actor, call: MarkPurchased) -> Result:
    entry = find_entry(actor, call.name)
    was_listed = entry is not None
    if entry is None:
        entry, _new = add_entry(current_list(by=actor), call.name, by=actor, quantity=call.quantity, unit=call.unit)
    entry = purchase_entry(entry, by=actor, price=call.price)
    return Result(
        "mark_purchased",
        {"entry": str(entry.pk), "list": entry.list.name, "was_listed": was_listed, "price": call.price},
        (Line(entry.item.name, amount(entry)),),
    )


@tool("remove_item", "Remove an item from the current grocery list.", RemoveItem, writes=("list_item_removed",))
def remove_item(actor: Actor, call: RemoveItem) -> Result:
    entry = _get_entry(actor, call.name)
    remove_entry(entry, by=actor)
    return Result("remove_item", {"list": entry.list.name}, (Line(entry.item.name, amount(entry)),))


@tool(
    "change_item",
    "Change the quantity or the note of an item on the current grocery list.",
    ChangeItem,
    writes=("list_item_updated",),
)
def change_item(actor: Actor, call: ChangeItem) -> Result:
    entry = _get_entry(actor, call.name)
    entry = change_entry(entry, by=actor, **call.model_dump(exclude={"name"}, exclude_none=True))
    return Result("change_item", {"list": entry.list.name}, (Line(entry.item.name, amount(entry)),))


@tool(
    "set_recurring",
    "Add an item to the list automatically, every week or month.",
    SetRecurring,
    writes=("recurring_set",),
)
def set_recurring_item(actor: Actor, call: SetRecurring) -> Result:
    item = get_or_create_item(_item_name(actor, call.name), by=actor)
    recurring = set_recurring(
        item, call.frequency, by=actor, rrule=call.rrule or "", quantity=call.quantity, unit=call.unit
    )
    return Result(
        "set_recurring",
        {"frequency": recurring.frequency, "next_due_at": recurring.next_due_at, "rrule": recurring.rrule},
        (Line(item.name, f"{amount(recurring)}, {recurring.get_frequency_display()}"),),
    )


@tool("budget_query", "Report spending and what is left of the budget.", BudgetQuery, scope="read")
def budget_query(actor: Actor, call: BudgetQuery) -> Result:
    period = reports.Period.named(actor.home, call.period)
    return Result(
        "budget_query",
        {
            "currency": actor.home.currency,
            "spent": reports.total_spent(period, call.category or ""),
            "period": call.period,
            "first": period.first,
            "category": call.category,
            "left": reports.remaining_budget(actor.home),
            "days_left": reports.Period.month(actor.home).days_left(),
            "without_price": reports.count_unpriced(period),
        },
    )


def find_entry(actor: Actor, name: str) -> ListEntry | None:
    """Return the pending entry on an open list that matches `name`, allowing for typos and partial names."""
    entries = list(
        ListEntry.objects.pending()
        .filter(home=actor.home, list__in=GroceryList.objects.filter(home=actor.home).open())
        .select_related("item__category", "list")
        .order_by("-list__created_at", "created_at")
    )
    match = find_item(name, tuple(entry.item.name for entry in entries), partly=True)
    return next((entry for entry in entries if entry.item.name == match), None) if match else None


def _get_entry(actor: Actor, name: str) -> ListEntry:
    entry = find_entry(actor, name)
    if entry is None:
        raise ActionError(_("%(item)s is not on the list.") % {"item": name[:1].upper() + name[1:]})
    return entry


def _item_name(actor: Actor, name: str) -> str:
    """Return the name of the home's matching item, else `name`."""
    names = Item.objects.filter(home=actor.home).values_list("name", flat=True)
    return find_item(name, tuple(names)) or name


class SumUp(Arguments):
    pass


@tool(
    "sum_up", "Summarize the home's day: items to buy, recurring items that are due, and spending.", SumUp, scope="read"
)
def sum_up(actor: Actor, call: SumUp) -> Result:
    return Result("sum_up", {"news": summary.summary_lines(actor.home)})
