"""Tools for shared expenses."""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from groceries import actions
from groceries.balances import Part, balances, settling_payments
from groceries.models import DEFAULT_EXPENSE_CATEGORIES
from homes.events.actor import Actor
from homes.models import Membership
from pantry.money import money
from pixie.tools import lookup
from pixie.tools.arguments import Money
from pixie.tools.registry import Effects, Line, Result, tool

MAX_NAMED = 20
Member = Annotated[str, Field(max_length=80)]
CATEGORIES = ", ".join(DEFAULT_EXPENSE_CATEGORIES)


def _people(actor: Actor, paid_by: str | None, among: tuple[str, ...]) -> tuple[Membership, list[Membership]]:
    """Return who paid and who shares it. Raises ActionError for a name that nobody or several have."""
    payer = lookup.get_member(actor, paid_by) if paid_by else lookup.member_of(actor)
    if among:
        return payer, list(dict.fromkeys(lookup.get_member(actor, name) for name in among))
    return payer, list(Membership.objects.filter(home=actor.home).select_related("user").order_by("number"))


def _resolve_expense(
    actor: Actor, amount: Decimal, paid_by: str | None, among: tuple[str, ...], **_rest: Any
) -> dict[str, Any]:
    payer, sharers = _people(actor, paid_by, among)
    return {"sum": money(amount, actor.home.currency), "payer": payer.name, "sharers": [each.name for each in sharers]}


@tool(effects=Effects(for_everyone=True), resolve=_resolve_expense)
def add_expense(
    actor: Actor,
    what: Annotated[str, Field(min_length=1, max_length=80, description="What it was for, in a few words")],
    amount: Money,
    paid_by: Annotated[Member | None, Field(description="The member who paid; omit for the person")] = None,
    among: Annotated[
        tuple[Member, ...], Field(max_length=MAX_NAMED, description="The members who share it equally; omit for all")
    ] = (),
    category: Annotated[str, Field(max_length=40, description=f"{CATEGORIES}, or another short word")] = "",
) -> Result:
    """Record what a member paid for several members, who share it equally. Not for groceries that are on a list."""
    payer, sharers = _people(actor, paid_by, among)
    parts = [Part(str(each.user_id)) for each in sharers]
    expense = actions.create_expense(
        what, amount, by=actor, paid_by=str(payer.user_id), shares=parts, category=category
    )
    total = money(expense.amount, actor.home.currency)
    facts = {"title": expense.title, "sum": total, "payer": payer.name, "sharers": [each.name for each in sharers]}
    return Result("add_expense", facts, (Line(expense.title, total),))


@tool(scope="read")
def list_balances(actor: Actor) -> Result:
    """List who owes whom for shared expenses, and how much."""
    currency = actor.home.currency
    debts = [
        {"payer": each.payer.name, "payee": each.payee.name, "sum": money(each.amount, currency)}
        for each in settling_payments(balances(actor.home))
    ]
    return Result("list_balances", {"debts": debts})
