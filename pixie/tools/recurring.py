"""Tools for recurring items."""

from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from groceries import actions
from groceries.models import RecurringItem
from groceries.parsing.names import normalize
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from pantry.errors import ActionError, ChoiceNeeded
from pixie.tools import lookup
from pixie.tools.arguments import ItemName, NewName, Quantity, Rule, Unit
from pixie.tools.registry import Effects, Line, Result, tool
from pixie.tools.unusual import check_unusual

Change = Literal["pause", "resume", "skip", "stop"]


def _resolve_new(actor: Actor, name: str, **_rest: Any) -> dict[str, Any]:
    return {"name": lookup.find_item_name(actor, name)}


@tool(effects=Effects(takes_away=True, amount="quantity"), confirm_reason=check_unusual, resolve=_resolve_new)
def set_recurring(
    actor: Actor,
    name: NewName,
    frequency: Annotated[Literal["weekly", "biweekly", "monthly"], Field(description="How often")],
    quantity: Quantity = None,
    unit: Unit = None,
    rrule: Rule = None,
) -> Result:
    """Add an item to the list automatically, every week or month. Changes the rule if the item has one."""
    item = actions.get_or_create_item(lookup.find_item_name(actor, name), by=actor)
    recurring = actions.set_recurring(item, frequency, by=actor, rrule=rrule or "", quantity=quantity, unit=unit)
    line = Line(item.name, f"{amount(recurring)}, {recurring.how_often}")
    return Result("set_recurring", _facts(recurring), (line,))


def _resolve_existing(actor: Actor, name: str, which: str, **_rest: Any) -> dict[str, Any]:
    recurring = _get_recurring(actor, name, which)
    return {"name": recurring.item.name, "often": recurring.how_often}


@tool(effects=Effects(takes_away=True), resolve=_resolve_existing)
def change_recurring(
    actor: Actor,
    name: Annotated[ItemName, Field(description="Name of the item; need not match exactly")],
    change: Annotated[Change, Field(description="Skip leaves out the next time only; stop is for good")],
    which: Annotated[
        str, Field(max_length=200, description="How often it comes, if the item has several rules: “every week”")
    ] = "",
) -> Result:
    """Pause or resume an item that is added automatically, skip it once, or stop it."""
    recurring = _get_recurring(actor, name, which)
    act = {
        "pause": actions.pause_recurring,
        "resume": actions.resume_recurring,
        "skip": actions.skip_recurring,
        "stop": actions.stop_recurring,
    }[change]
    act(recurring, by=actor)
    current = RecurringItem.objects.filter(pk=recurring.pk).select_related("home").first()
    facts = _facts(current or recurring) | {"change": change if current else "stop"}
    return Result("change_recurring", facts, (Line(recurring.item.name, recurring.how_often),))


def _get_recurring(actor: Actor, name: str, which: str) -> RecurringItem:
    """Return the recurring item of that name. Raises ActionError for none, ChoiceNeeded for several."""
    rules = RecurringItem.objects.filter(home=actor.home).select_related("item", "home").order_by("next_due_at")
    rows = list(rules.prefetch_related("item__aliases"))
    match = lookup.match_name(name, [row.item for row in rows])
    rows = [row for row in rows if match and row.item.name == match]
    if not rows:
        raise ActionError(_("%(item)s doesn't come back by itself."), item=lookup.capitalized(name))
    named = [row for row in rows if normalize(which) in (normalize(row.how_often), row.frequency)]
    rows = named or rows
    if len(rows) > 1:
        ways = [row.how_often for row in rows]
        raise ChoiceNeeded(
            _("Which one: %(named)s?"), which, {way: way for way in ways}, named=lookup.quote_names(ways)
        )
    return rows[0]


def _facts(recurring: RecurringItem) -> dict[str, Any]:
    return {
        "frequency": recurring.frequency,
        "next_due_at": recurring.next_due_at,
        "rrule": recurring.rrule,
    }
