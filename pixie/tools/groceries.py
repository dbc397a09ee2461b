"""Tools for grocery lists, recurring items and spending."""

import re
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field

from groceries import actions, reports
from groceries.models import GroceryList, Item, ListEntry
from groceries.parsing.quantities import QuantityError, parse_quantity
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from pantry.errors import ActionError
from pixie.nlu.vocabulary import find_item
from pixie.suggestions import summary
from pixie.tools.registry import Line, Result, tool

UNUSUAL_FACTOR = 4  # times the largest quantity so far; more needs confirmation
UNUSUAL_FIRST_QUANTITY = Decimal(48)
# an invalid amount that was read as a name: “-3 eggs”, “0 milk”, “NaN eggs”, “1000000 eggs”
INVALID_AMOUNT = re.compile(r"\A(?:[-−]\s*[\d.]|0+(?:[.,]0+)?\s|\d{6,}\s|(?:nan|inf|infinity)\s)", re.IGNORECASE)


def _check_name(value: str) -> str:
    if INVALID_AMOUNT.match(value.strip()):
        raise ValueError(_("An amount is more than nothing and less than 100,000, like 2 or 0.5."))
    return value


def _parse_number(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    try:
        return parse_quantity(str(value))
    except QuantityError as error:
        raise ValueError(str(error)) from error


ItemName = Annotated[str, AfterValidator(_check_name), Field(min_length=1, max_length=200)]
NewName = Annotated[ItemName, Field(description="What to buy, as a shopper would call it")]
ListedName = Annotated[ItemName, Field(description="Name of the item on the list; need not match exactly")]
Number = Annotated[Decimal | None, BeforeValidator(_parse_number)]
Quantity = Annotated[Number, Field(description="How much; omit for the usual amount")]
Unit = Annotated[str | None, Field(description="piece, pack, dozen, kg, g, liter, ml, bottle, …")]
Note = Field(description="A short note, such as the brand or the shop")
Aisle = Annotated[str | None, Field(description="Only this aisle")]
Rule = Annotated[str | None, Field(description="An iCalendar recurrence rule, such as FREQ=WEEKLY;BYDAY=MO")]


def _unusual_quantity(actor: Actor, name: str, quantity: Decimal | None, unit: str | None, **_rest: Any) -> str | None:
    """Return a question if the quantity is far above anything the home bought before."""
    if quantity is None:
        return None
    item = Item.objects.filter(home=actor.home).named(name).first()
    unit = unit or (item.default_unit if item else "") or "piece"
    entries = list(ListEntry.objects.filter(home=actor.home, item=item).order_by("-quantity")) if item else []
    largest = next((entry for entry in entries if entry.unit == unit), None)
    values = {
        "item": item.name if item else _capitalized(name),
        "asked": amount(ListEntry(quantity=quantity, unit=unit)),
    }
    if largest is not None and quantity > UNUSUAL_FACTOR * largest.quantity:
        values["usual"] = amount(largest)
        return _("%(item)s, %(asked)s: that is a lot. You buy %(usual)s. Did you mean it?") % values
    if largest is None and quantity > UNUSUAL_FIRST_QUANTITY and unit not in ("g", "ml"):
        return _("%(item)s, %(asked)s: that is a lot. Did you mean it?") % values
    return None


@tool(confirm_reason=_unusual_quantity)
def add_item(
    actor: Actor,
    name: NewName,
    quantity: Quantity = None,
    unit: Unit = None,
    category: Annotated[str | None, Field(description="produce, dairy, staple, protein, household or other")] = None,
    note: Annotated[str | None, Note] = None,
) -> Result:
    """Add an item to the current grocery list. Adds to the quantity of an item that is already on it."""
    grocery_list = actions.current_list(by=actor)
    details: dict[str, Any] = {"quantity": quantity, "unit": unit, "category": category or "", "note": note or ""}
    entry, is_new = actions.add_entry(grocery_list, name, by=actor, **details)
    now = amount(entry) if is_new else _("now %(amount)s") % {"amount": amount(entry)}
    facts = {"entry": str(entry.pk), "list": entry.list.name, "aisle": entry.item.category.label, "is_new": is_new}
    return Result("add_item", facts, (Line(entry.item.name, now),))


@tool(scope="read")
def list_items(actor: Actor, category: Aisle = None) -> Result:
    """List the items on the current grocery list."""
    grocery_list = GroceryList.objects.filter(home=actor.home).current()
    if grocery_list is None:
        return Result("list_items", {"list": None, "count": 0})
    entries = grocery_list.entries.pending().in_aisles()
    if category:
        entries = entries.filter(item__category__name=category)
    lines = tuple(_line(entry) for entry in entries)
    aisles = [entry.item.category.label for entry in entries]
    facts = {"list": grocery_list.name, "count": len(lines), "category": category, "aisles": aisles}
    return Result("list_items", facts, lines)


@tool()
def mark_purchased(
    actor: Actor,
    name: NewName,
    quantity: Quantity = None,
    unit: Unit = None,
    price: Annotated[Number, Field(description="Price paid, in the home's currency")] = None,
) -> Result:
    """Mark an item as bought, with its price if known."""
    entry = _find_entry(actor, name)
    was_listed = entry is not None
    if entry is None:
        grocery_list = actions.current_list(by=actor)
        entry, _new = actions.add_entry(grocery_list, name, by=actor, quantity=quantity, unit=unit)
    entry = actions.purchase_entry(entry, by=actor, price=price)
    facts = {"entry": str(entry.pk), "list": entry.list.name, "was_listed": was_listed, "price": price}
    return Result("mark_purchased", facts, (_line(entry),))


@tool()
def remove_item(actor: Actor, name: ListedName) -> Result:
    """Remove an item from the current grocery list."""
    entry = _get_entry(actor, name)
    actions.remove_entry(entry, by=actor)
    return Result("remove_item", {"list": entry.list.name}, (_line(entry),))


@tool()
def change_item(
    actor: Actor,
    name: ListedName,
    quantity: Annotated[Number, Field(description="The new total quantity; omit to keep it")] = None,
    unit: Unit = None,
    note: Annotated[str | None, Field(max_length=200), Note] = None,
) -> Result:
    """Change the quantity or the note of an item on the current grocery list."""
    fields = {"quantity": quantity, "unit": unit, "note": note}
    changed: dict[str, Any] = {field: value for field, value in fields.items() if value is not None}
    entry = actions.change_entry(_get_entry(actor, name), by=actor, **changed)
    return Result("change_item", {"list": entry.list.name}, (_line(entry),))


@tool()
def set_recurring(
    actor: Actor,
    name: NewName,
    frequency: Annotated[Literal["weekly", "biweekly", "monthly"], Field(description="How often")],
    quantity: Quantity = None,
    unit: Unit = None,
    rrule: Rule = None,
) -> Result:
    """Add an item to the list automatically, every week or month."""
    names = Item.objects.filter(home=actor.home).values_list("name", flat=True)
    item = actions.get_or_create_item(find_item(name, tuple(names)) or name, by=actor)
    recurring = actions.set_recurring(item, frequency, by=actor, rrule=rrule or "", quantity=quantity, unit=unit)
    facts = {"frequency": recurring.frequency, "next_due_at": recurring.next_due_at, "rrule": recurring.rrule}
    line = Line(item.name, f"{amount(recurring)}, {recurring.get_frequency_display()}")
    return Result("set_recurring", facts, (line,))


@tool(scope="read")
def budget_query(
    actor: Actor,
    period: Annotated[str, Field(description="today, yesterday, week, last_week, month, last_month or year")] = "month",
    category: Aisle = None,
) -> Result:
    """Report spending and what is left of the budget."""
    dates = reports.Period.named(actor.home, period)
    facts = {
        "currency": actor.home.currency,
        "spent": reports.total_spent(dates, category or ""),
        "period": period,
        "first": dates.first,
        "category": category,
        "left": reports.remaining_budget(actor.home),
        "days_left": reports.Period.month(actor.home).days_left(),
        "without_price": reports.count_unpriced(dates),
    }
    return Result("budget_query", facts)


@tool(scope="read")
def sum_up(actor: Actor) -> Result:
    """Summarize the home's day: items to buy, recurring items that are due, and spending."""
    return Result("sum_up", {"news": summary.summary_lines(actor.home)})


def _find_entry(actor: Actor, name: str) -> ListEntry | None:
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
    entry = _find_entry(actor, name)
    if entry is None:
        raise ActionError(_("%(item)s is not on the list.") % {"item": _capitalized(name)})
    return entry


def _line(entry: ListEntry) -> Line:
    return Line(entry.item.name, amount(entry))


def _capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]
