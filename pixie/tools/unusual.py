"""Reasons to ask before an amount or a price of an item is changed, judging by the home's history."""

from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from groceries.models import EntryState, Item, ListEntry
from groceries.parsing.quantities import normalize_unit, parse_amount
from groceries.parsing.units import UNITS
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from pantry.money import money
from pantry.text import quotable
from pixie.tools.lookup import capitalized, find_entry

UNUSUAL_FACTOR = 4  # times the largest quantity or price so far; more needs confirmation
UNUSUAL_FIRST_QUANTITY = Decimal(48)  # pieces, kilograms or liters
UNUSUAL_FIRST_PACKAGES = Decimal(24)  # bottles, bags, crates, …


def check_unusual(
    actor: Actor,
    name: str,
    quantity: Decimal | None = None,
    unit: str | None = None,
    price: Decimal | None = None,
    **rest: Any,
) -> str | None:
    """Return a question if the quantity or the price is far above what the home bought before.

    Only what stood counts: no entries that were removed or undone, and no prices of purchases that were taken back.
    """
    entry = find_entry(actor, name, rest.get("list"))
    item = entry.item if entry else Item.objects.named(name, actor.home).first()
    label = quotable(item.name if item else capitalized(name))
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


def check_addition(
    actor: Actor,
    name: str,
    quantity: Decimal | None = None,
    unit: str | None = None,
    price: Decimal | None = None,
    **rest: Any,
) -> str | None:
    """Return a question about an unusual amount, in the name or beside it."""
    item = Item.objects.named(name, actor.home).first()
    if item is None and (written := parse_amount(name)).quantity is not None:
        return check_unusual(
            actor, written.rest or name, written.quantity * (quantity or 1), written.unit or unit, price
        )
    return check_unusual(actor, name, quantity, unit, price, **rest)
