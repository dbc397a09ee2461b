"""Tools for grocery lists, recurring items and spending."""

import re
from decimal import Decimal
from operator import itemgetter
from typing import Annotated, Any, Literal

from django.db.models import Max
from django.utils.translation import gettext as _
from pydantic import AfterValidator, BeforeValidator, Field

from groceries import actions, reports
from groceries.models import EntryState, GroceryList, Item, ListEntry
from groceries.parsing.names import normalize
from groceries.parsing.quantities import MAX_UNIT_LENGTH, QuantityError, normalize_unit, parse_amount, parse_quantity
from groceries.parsing.units import UNITS
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from pantry.errors import ActionError
from pantry.money import money, parse_money
from pantry.text import quotable
from pixie.nlu.vocabulary import find_item
from pixie.suggestions import summary
from pixie.tools.registry import Effects, Line, Result, tool

UNUSUAL_FACTOR = 4  # times the largest quantity or price so far; more needs confirmation
UNUSUAL_FIRST_QUANTITY = Decimal(48)  # pieces, kilograms or liters
UNUSUAL_FIRST_PACKAGES = Decimal(24)  # bottles, bags, crates, …
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


def _parse_price(value: Any) -> Decimal | None:
    if value in (None, ""):
        return None
    if (price := parse_money(str(value))) is None:
        raise ValueError(_("Enter the price as a number, such as 45 or 12.50."))
    return price


ItemName = Annotated[str, AfterValidator(_check_name), Field(min_length=1, max_length=200)]
NewName = Annotated[ItemName, Field(description="What to buy, as a shopper would call it")]
ListedName = Annotated[ItemName, Field(description="Name of the item on the list; need not match exactly")]
Number = Annotated[Decimal | None, BeforeValidator(_parse_number)]
Price = Annotated[Decimal | None, BeforeValidator(_parse_price)]
Quantity = Annotated[Number, Field(description="How much; omit for the usual amount")]
Unit = Annotated[
    str | None, Field(max_length=MAX_UNIT_LENGTH, description="piece, pack, dozen, kg, g, liter, ml, bottle, …")
]
Note = Field(description="A short note, such as the brand or the shop")
Aisle = Annotated[str | None, Field(description="Only this aisle")]
Rule = Annotated[str | None, Field(description="An iCalendar recurrence rule, such as FREQ=WEEKLY;BYDAY=MO")]


def _unusual(
    actor: Actor,
    name: str,
    quantity: Decimal | None = None,
    unit: str | None = None,
    price: Decimal | None = None,
    **_rest: Any,
) -> str | None:
    """Return a question if the quantity or the price is far above what the home bought before.

    Only what stood counts: no entries that were removed or undone, and no prices of purchases that were taken back.
    """
    entry = _find_entry(actor, name)
    item = entry.item if entry else Item.objects.filter(home=actor.home).named(name).first()
    label = quotable(item.name if item else _capitalized(name))
    reasons = [_unusual_quantity(actor, item, label, quantity, unit), _unusual_price(actor, item, label, price)]
    sentences = [reason for reason in reasons if reason]
    return " ".join([*sentences, _("Did you mean it?")]) if sentences else None


def _unusual_quantity(
    actor: Actor, item: Item | None, label: str, quantity: Decimal | None, unit: str | None
) -> str | None:
    if quantity is None:
        return None
    unit = unit or (item.default_unit if item else "") or "piece"
    size, dimension = _size(quantity, unit)
    entries = ListEntry.objects.filter(home=actor.home, item=item).exclude(state=EntryState.REMOVED) if item else ()
    sizes = [(_size(entry.quantity, entry.unit), entry) for entry in entries]
    comparable = [(other_size, entry) for (other_size, other), entry in sizes if other == dimension]
    values = {"item": label, "asked": amount(ListEntry(quantity=quantity, unit=unit))}
    if not comparable and normalize_unit(unit) not in UNITS:
        return _("%(item)s, %(asked)s: I can't tell how much that is.") % values
    if not comparable:
        limit = UNUSUAL_FIRST_QUANTITY if dimension in ("count", "mass", "volume") else UNUSUAL_FIRST_PACKAGES
        return _("%(item)s, %(asked)s: that is a lot.") % values if size > limit else None
    largest, entry = max(comparable, key=itemgetter(0))
    if size <= UNUSUAL_FACTOR * largest:
        return None
    values["usual"] = amount(entry)
    return _("%(item)s, %(asked)s: that is a lot. You buy %(usual)s.") % values


def _unusual_price(actor: Actor, item: Item | None, label: str, price: Decimal | None) -> str | None:
    """Compare with the item's prices, else with those of all items, else with the month's budget."""
    if price is None:
        return None
    bought = ListEntry.objects.filter(home=actor.home, state=EntryState.PURCHASED, price_paid__gt=0)
    of_item = bought.filter(item=item).aggregate(most=Max("price_paid"))["most"] if item else None
    usual = of_item or bought.aggregate(most=Max("price_paid"))["most"]
    limit = UNUSUAL_FACTOR * usual if usual else actor.home.monthly_budget
    if not limit or price <= limit:
        return None
    values = {name: money(value, actor.home.currency) for name, value in {"price": price, "usual": of_item}.items()}
    values["item"] = label
    if of_item:
        return _("%(item)s for %(price)s: that is a lot. You paid %(usual)s at most.") % values
    return _("%(item)s for %(price)s: that is a lot.") % values


def _size(quantity: Decimal, unit: str) -> tuple[Decimal, str]:
    """Return the amount in pieces, kilograms or liters, or in the unit itself, and which of them that is."""
    unit_type = UNITS.get(normalize_unit(unit) or "piece")
    if unit_type is None:
        return quantity, unit.casefold()
    is_measure = unit_type.dimension in ("mass", "volume")
    return quantity * unit_type.factor / (1000 if is_measure else 1), unit_type.dimension


def _resolve_listed(actor: Actor, name: str, **_rest: Any) -> dict[str, Any]:
    return {"name": _shown_name(name, _get_entry(actor, name))}


def _resolve_bought(actor: Actor, name: str, price: Decimal | None, **_rest: Any) -> dict[str, Any]:
    entry = _find_entry(actor, name)
    label = _shown_name(name, entry) if entry else name
    return {"name": label, "price": money(price, actor.home.currency)}


def _resolve_recurring(actor: Actor, name: str, **_rest: Any) -> dict[str, Any]:
    return {"name": _recurring_name(actor, name)}


def _recurring_name(actor: Actor, name: str) -> str:
    """Return the name of the home's item that `name` refers to, else `name`."""
    return find_item(name, tuple(Item.objects.filter(home=actor.home).values_list("name", flat=True))) or name


def _shown_name(name: str, entry: ListEntry) -> str:
    """Return the item's name if it is another one than `name`."""
    return name if normalize(name) == normalize(entry.item.name) else entry.item.name


def _unusual_addition(
    actor: Actor,
    name: str,
    quantity: Decimal | None = None,
    unit: str | None = None,
    **_rest: Any,
) -> str | None:
    """Return a question about an unusual amount, in the name or beside it."""
    item = Item.objects.filter(home=actor.home).named(name).first()
    if item is None and (written := parse_amount(name)).quantity is not None:
        return _unusual(actor, written.rest or name, written.quantity * (quantity or 1), written.unit or unit)
    return _unusual(actor, name, quantity, unit)


@tool(effects=Effects(amount="quantity"), confirm_reason=_unusual_addition)
def add_item(
    actor: Actor,
    name: NewName,
    quantity: Quantity = None,
    unit: Unit = None,
    category: Annotated[str | None, Field(description="produce, dairy, staple, protein, household or other")] = None,
    note: Annotated[str | None, Field(max_length=200), Note] = None,
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


@tool(
    effects=Effects(takes_away=True, amount="quantity", price="price"),
    confirm_reason=_unusual,
    resolve=_resolve_bought,
)
def mark_purchased(
    actor: Actor,
    name: NewName,
    quantity: Quantity = None,
    unit: Unit = None,
    price: Annotated[Price, Field(description="Price paid, in the home's currency")] = None,
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


@tool(effects=Effects(takes_away=True), resolve=_resolve_listed)
def remove_item(actor: Actor, name: ListedName) -> Result:
    """Remove an item from the current grocery list."""
    entry = _get_entry(actor, name)
    actions.remove_entry(entry, by=actor)
    return Result("remove_item", {"list": entry.list.name}, (_line(entry),))


@tool(effects=Effects(takes_away=True, amount="quantity"), confirm_reason=_unusual, resolve=_resolve_listed)
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


@tool(effects=Effects(takes_away=True, amount="quantity"), confirm_reason=_unusual, resolve=_resolve_recurring)
def set_recurring(
    actor: Actor,
    name: NewName,
    frequency: Annotated[Literal["weekly", "biweekly", "monthly"], Field(description="How often")],
    quantity: Quantity = None,
    unit: Unit = None,
    rrule: Rule = None,
) -> Result:
    """Add an item to the list automatically, every week or month."""
    item = actions.get_or_create_item(_recurring_name(actor, name), by=actor)
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
