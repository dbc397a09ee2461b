"""Tools for what the home runs out of."""

from datetime import date
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import Field

from groceries import actions, forecasts
from groceries.models import Item
from homes.events.actor import Actor
from pantry.errors import ActionError
from pixie.tools import lookup
from pixie.tools.arguments import ItemName
from pixie.tools.registry import Effects, Line, Result, tool

Answer = Literal["not_yet", "never", "again"]
Named = Annotated[ItemName, Field(description="Name of the item; need not match exactly")]


@tool(scope="read")
def running_low(
    actor: Actor,
    name: Annotated[
        ItemName | None, Field(description="Only this item, whenever it runs out; need not match exactly")
    ] = None,
) -> Result:
    """Tell what the home probably runs out of in the next days, or when an item runs out, and from what that follows:
    how often it is bought. What is on a list or comes by itself is left out, unless it is named."""
    return Result("running_low", {"name": name, "forecasts": forecast_facts(actor, name)})


def forecast_facts(actor: Actor, name: str | None = None) -> list[dict[str, Any]]:
    """Return the facts of the forecasts that are offered or, with a name, of the items that it refers to."""
    rows = [row for row in forecasts.forecast_items(actor.home) if row.forecast is not None]
    if name:
        ids = {item.pk for item in lookup.matching_items(actor, name)}
        rows = [row for row in rows if row.item_id in ids]
    else:
        rows = [row for row in rows if row.is_offered]
    return [{"name": row.name, "runs_out": row.runs_out, "reason": row.reason} for row in rows]


def _resolve(actor: Actor, name: str, **_rest: Any) -> dict[str, Any]:
    return {"name": _get_item(actor, name).name}


@tool(effects=Effects(takes_away=True), resolve=_resolve)
def answer_forecast(
    actor: Actor,
    name: Named,
    answer: Annotated[
        Answer, Field(description="not_yet: there is enough; never: do not suggest it; again: suggest it after all")
    ],
    day: Annotated[date | None, Field(description="With not_yet: until this day, in ISO 8601")] = None,
) -> Result:
    """Say about an item that the home may run out of: it is not needed yet, or should never or again be suggested."""
    item = _get_item(actor, name)
    if answer == "not_yet":
        item = actions.snooze_forecast(item, day, by=actor)
    else:
        item = (actions.refuse_forecasts if answer == "never" else actions.allow_forecasts)(item, by=actor)
    return Result("answer_forecast", {"answer": answer, "day": item.snoozed_until}, (Line(item.name),))


def _get_item(actor: Actor, name: str) -> Item:
    rows = Item.objects.filter(home=actor.home).select_related("category").prefetch_related("aliases")
    items = {item.name: item for item in rows}
    if (match := lookup.match_name(name, items.values())) is None:
        raise ActionError(_("I don't know any “%(item)s” here."), item=name)
    return items[match]
