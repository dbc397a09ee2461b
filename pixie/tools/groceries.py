"""The list, what recurs, and what was spent."""

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
MUCH = 4  # times the most that was ever bought at once: ask first
MUCH_WITHOUT_A_PAST = Decimal(48)


class ItemArguments(Arguments):
    name: str = Field(min_length=1, max_length=200, description="What to buy, as a shopper would call it")
    quantity: Decimal | None = Field(default=None, description="How much; leave out for the usual amount")
    unit: str | None = Field(default=None, description="piece, pack, dozen, kg, g, liter, ml, bottle, …")


class AddItem(ItemArguments):
    category: str | None = Field(default=None, description="produce, dairy, staple, protein, household or other")
    note: str | None = Field(default=None, description="A word on it: the brand, the shop")


class MarkPurchased(ItemArguments):
    price: Decimal | None = Field(default=None, description="What was paid for it, in the home's currency")


class RemoveItem(Arguments):
    name: str = Field(min_length=1, max_length=200, description="What to take off, as the list calls it or nearly so")


class ChangeItem(Arguments):
    name: str = Field(min_length=1, max_length=200, description="What to change, as the list calls it or nearly so")
    quantity: Decimal | None = Field(default=None, description="How much there shall be in all; left out, it stays")
    unit: str | None = Field(default=None, description="piece, pack, dozen, kg, g, liter, ml, bottle, …")
    note: str | None = Field(default=None, max_length=200, description="A word on it: the brand, the shop")


class SetRecurring(ItemArguments):
    frequency: Literal["weekly", "biweekly", "monthly"] = Field(description="How often")
    rrule: str | None = Field(default=None, description="A finer rule, as iCalendar writes it: FREQ=WEEKLY;BYDAY=MO")


class ListItems(Arguments):
    category: str | None = Field(default=None, description="Only this aisle")


class BudgetQuery(Arguments):
    period: str = Field(default="month", description="today, yesterday, week, last_week, month, last_month or year")
    category: str | None = Field(default=None, description="Only this aisle")


def _is_much(actor: Actor, call: AddItem) -> str | None:
    """Much more than ever before: “Rice, 24 kg: that is a lot. You buy 5 kg.”"""
    if call.quantity is None:
        return None
    item = Item.objects.filter(home=actor.home).named(call.name).first()
    unit = call.unit or (item.default_unit if item else "") or "piece"
    before = ListEntry.objects.filter(home=actor.home, item=item).order_by("-quantity") if item else []
    most = next((entry for entry in before if entry.unit == unit), None)
    name = item.name if item else call.name[:1].upper() + call.name[1:]
    said = {"item": name, "asked": amount(ListEntry(quantity=call.quantity, unit=unit))}
    if most is not None and call.quantity > MUCH * most.quantity:
        usual = {**said, "usual": amount(most)}
        return _("%(item)s, %(asked)s: that is a lot. You buy %(usual)s. Did you mean it?") % usual
    if most is None and call.quantity > MUCH_WITHOUT_A_PAST and unit not in ("g", "ml"):
        return _("%(item)s, %(asked)s: that is a lot. Did you mean it?") % said
    return None


@tool(
    "add_item",
    "Add something to the current list. What is there already adds up.",
    AddItem,
    doubt=_is_much,
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


@tool("list_items", "Say what is on the current grocery list.", ListItems, scope="read")
def list_items(actor: Actor, call: ListItems) -> Result:
    found = GroceryList.objects.filter(home=actor.home).current()
    if found is None:
        return Result("list_items", {"list": None, "count": 0})
    entries = found.entries.pending().in_aisles()
    if call.category:
        entries = entries.filter(item__category__name=call.category)
    lines = tuple(Line(entry.item.name, amount(entry)) for entry in entries)
    aisles = [entry.item.category.label for entry in entries]
    facts = {"list": found.name, "count": len(lines), "category": call.category, "aisles": aisles}
    return Result("list_items", facts, lines)


@tool(
    "mark_purchased",
    "Mark something as bought, with its price when that was said.",
    MarkPurchased,
    writes=(*ADDED, "list_item_purchased"),
)
def mark_purchased(actor: Actor, call: MarkPurchased) -> Result:
    entry = entry_named(actor, call.name)
    was_listed = entry is not None
    if entry is None:
        entry, _new = add_entry(current_list(by=actor), call.name, by=actor, quantity=call.quantity, unit=call.unit)
    entry = purchase_entry(entry, by=actor, price=call.price)
    return Result(
        "mark_purchased",
        {"entry": str(entry.pk), "list": entry.list.name, "was_listed": was_listed, "price": call.price},
        (Line(entry.item.name, amount(entry)),),
    )


@tool("remove_item", "Take something off the current grocery list.", RemoveItem, writes=("list_item_removed",))
def remove_item(actor: Actor, call: RemoveItem) -> Result:
    entry = _listed(actor, call.name)
    remove_entry(entry, by=actor)
    return Result("remove_item", {"list": entry.list.name}, (Line(entry.item.name, amount(entry)),))


@tool(
    "change_item",
    "Change how much of something on the current list is to be bought, or the note on it.",
    ChangeItem,
    writes=("list_item_updated",),
)
def change_item(actor: Actor, call: ChangeItem) -> Result:
    entry = _listed(actor, call.name)
    entry = change_entry(entry, by=actor, **call.model_dump(exclude={"name"}, exclude_none=True))
    return Result("change_item", {"list": entry.list.name}, (Line(entry.item.name, amount(entry)),))


@tool("set_recurring", "Buy something again and again.", SetRecurring, writes=("recurring_set",))
def set_recurring_item(actor: Actor, call: SetRecurring) -> Result:
    item = get_or_create_item(_known_name(actor, call.name), by=actor)
    recurring = set_recurring(
        item, call.frequency, by=actor, rrule=call.rrule or "", quantity=call.quantity, unit=call.unit
    )
    return Result(
        "set_recurring",
        {"frequency": recurring.frequency, "next_due_at": recurring.next_due_at, "rrule": recurring.rrule},
        (Line(item.name, f"{amount(recurring)}, {recurring.get_frequency_display()}"),),
    )


@tool("budget_query", "Say how much was spent, and what is left of the budget.", BudgetQuery, scope="read")
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


def entry_named(actor: Actor, name: str) -> ListEntry | None:
    """The entry on an open list that a person calls `name`, also with a typo or half the name."""
    entries = list(
        ListEntry.objects.pending()
        .filter(home=actor.home, list__in=GroceryList.objects.filter(home=actor.home).open())
        .select_related("item__category", "list")
        .order_by("-list__created_at", "created_at")
    )
    match = find_item(name, tuple(entry.item.name for entry in entries), partly=True)
    return next((entry for entry in entries if entry.item.name == match), None) if match else None


def _listed(actor: Actor, name: str) -> ListEntry:
    entry = entry_named(actor, name)
    if entry is None:
        raise ActionError(_("%(item)s is not on the list.") % {"item": name[:1].upper() + name[1:]})
    return entry


def _known_name(actor: Actor, name: str) -> str:
    """The home's own name for it, where it has one."""
    names = Item.objects.filter(home=actor.home).values_list("name", flat=True)
    return find_item(name, tuple(names)) or name


class SumUp(Arguments):
    pass


@tool("sum_up", "Say how the home stands today: what to get, what comes back, what was spent.", SumUp, scope="read")
def sum_up(actor: Actor, call: SumUp) -> Result:
    return Result("sum_up", {"news": summary.news(actor.home)})
