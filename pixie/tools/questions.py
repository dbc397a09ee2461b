"""Tools that answer questions about lists, purchases and spending."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field

from groceries import reports
from groceries.models import EntryState, GroceryList, ListEntry
from groceries.templatetags.amounts import amount
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.models import Membership
from pantry.years import check_year
from pixie.suggestions import summary
from pixie.tools import lookup
from pixie.tools.arguments import Aisle, AnyList, ItemName, ListName, MemberName
from pixie.tools.forecasts import forecast_facts
from pixie.tools.registry import Result, tool

MAX_PURCHASES = 10  # in an answer
PERIODS = "today, yesterday, week, last_week, month, last_month or year"
Day = Annotated[date, AfterValidator(check_year)]
Named = Annotated[ItemName, Field(description="Name of an item; need not match exactly")]
OptionalName = Annotated[ItemName | None, Field(description="Only this item; need not match exactly")]


@tool(scope="read")
def list_items(
    actor: Actor,
    category: Aisle = None,
    name: OptionalName = None,
    member: MemberName = None,
    list: ListName = None,
    count_only: Annotated[bool, Field(description="True if only the number of items is asked for")] = False,
) -> Result:
    """List the items on a grocery list, all or those of an aisle, a name or a member who added them."""
    grocery_list = lookup.find_list(actor, list)
    if grocery_list is None:
        return Result("list_items", {"list": None, "count": 0})
    entries: Sequence[ListEntry] = tuple(grocery_list.entries.pending().in_aisles(grocery_list.store))
    facts: dict[str, Any] = {"list": grocery_list.name, "category": category}
    if category:
        aisle = lookup.find_category(actor, category)
        entries = [entry for entry in entries if aisle and entry.item.category_id == aisle.pk]
        facts["category"] = aisle.label if aisle else category
    if name:
        entries = lookup.match_entries(entries, name)
        facts["name"] = name
    if member:
        members = lookup.get_members(actor, member)
        entries = [entry for entry in entries if entry.added_by_id in _user_ids(members)]
        facts["member"] = members[0].user.name
    lines = tuple(map(lookup.entry_line, entries))
    facts |= {"count": len(lines), "aisles": [entry.item.category.label for entry in entries]}
    return Result("list_items", {**facts, "count_only": True} if count_only else facts, lines)


def _user_ids(members: Sequence[Membership]) -> set[Any]:
    return {member.user_id for member in members}


def _person(user: User | None) -> str:
    return (user.name or _("Former member")) if user else ""


def _row(entry: ListEntry) -> dict[str, Any]:
    """Return the facts of an entry; `by` is empty for an item that was added automatically."""
    agent = entry.added_by_agent
    return {
        "name": entry.item.name,
        "amount": amount(entry),
        "list": entry.list.name,
        "by": _person(entry.added_by) or (agent.display_name if agent else ""),
        "at": entry.created_at,
    }


def _listed_facts(actor: Actor, name: str, list: str | None) -> dict[str, Any]:
    """Return the facts of the matching entries: those to get, else those in the basket."""
    grocery_list = lookup.get_list(actor, list).name if list else _only_list(actor)
    entries = lookup.find_entries(actor, list, EntryState.PENDING, EntryState.PURCHASED)
    matches = lookup.match_entries(entries, name)
    bought = sorted((entry for entry in matches if entry.is_purchased), key=_bought_at, reverse=True)
    return {
        "name": name,
        "list": grocery_list,
        "entries": [_row(entry) for entry in matches if entry.is_pending],
        "bought": [_row(entry) | {"purchase": _purchase(entry)} for entry in bought[:1]],
    }


def _only_list(actor: Actor) -> str:
    """Return the name of the open list; empty if there are several or none."""
    names = GroceryList.objects.visible_to(lookup.member_of(actor)).open().values_list("name", flat=True)[:2]
    return str(names[0]) if len(names) == 1 else ""


def _bought_at(entry: ListEntry) -> datetime:
    assert entry.purchased_at is not None
    return entry.purchased_at


def _purchase(entry: ListEntry) -> dict[str, Any]:
    """Return the facts of a purchase, without its list, which may be archived."""
    who, when = _person(entry.purchased_by), entry.purchased_at
    return {"name": entry.item.name, "amount": amount(entry), "by": who, "at": when, "price": entry.price_paid}


@tool(scope="read")
def item_on_list(actor: Actor, name: Named, list: AnyList = None) -> Result:
    """Tell whether an item is on a grocery list, how much of it, who added it and when; else when it runs out."""
    facts = _listed_facts(actor, name, list)
    is_got = facts["entries"] or facts["bought"]
    return Result("item_on_list", facts | {"forecasts": [] if is_got else forecast_facts(actor, name)})


@tool(scope="read")
def who_added(actor: Actor, name: Named, list: AnyList = None) -> Result:
    """Tell who added an item to a grocery list, and when."""
    return Result("who_added", _listed_facts(actor, name, list))


@tool(scope="read")
def purchases(
    actor: Actor,
    name: OptionalName = None,
    member: MemberName = None,
    since: Annotated[Day | None, Field(description="Only from this day on, in ISO 8601")] = None,
    period: Annotated[str | None, Field(description=f"Only in this period: {PERIODS}")] = None,
) -> Result:
    """List what was bought, the newest first: when, by whom and for how much."""
    rows = ListEntry.objects.filter(home=actor.home, state=EntryState.PURCHASED).select_related("item", "purchased_by")
    facts: dict[str, Any] = {"name": name, "member": None, "since": None, "period": period}
    if member:
        members = lookup.get_members(actor, member)
        rows, facts["member"] = rows.filter(purchased_by__in=_user_ids(members)), members[0].user.name
    if since:
        facts["since"] = datetime.combine(since, time.min, actor.home.zone)
        rows = rows.filter(purchased_at__gte=facts["since"])
    if period:
        start, end = reports.Period.named(actor.home, period).bounds
        rows = rows.filter(purchased_at__gte=start, purchased_at__lt=end)
    if name:
        rows = rows.filter(item__in=lookup.matching_items(actor, name))
    facts |= {"count": rows.count(), "currency": actor.home.currency}
    newest = rows.order_by("-purchased_at")[:MAX_PURCHASES]
    return Result("purchases", facts | {"entries": [_purchase(entry) for entry in newest]})


@tool(scope="read")
def budget_query(
    actor: Actor,
    period: Annotated[str, Field(description=PERIODS)] = "month",
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
