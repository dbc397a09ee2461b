"""What was spent."""

from decimal import Decimal
from typing import Annotated

import typer
from rich.bar import Bar
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pantry_pixie.command import session
from pantry_pixie.command.app import Json, answer, app
from pantry_pixie.models import Spending
from pantry_pixie.operations import UNSET

WIDTH = 30  # columns


@app.command()
def spend(
    by: Annotated[str, typer.Option(help="category, member, week or month.")] = "category",
    since: Annotated[str, typer.Option("--from", help="The first day, like 2026-03-01; else of this month.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day.")] = "",
    as_json: Json = False,
) -> None:
    """What was spent, as bars."""
    with session.at_home() as (client, home):
        spending = client.money.spending(home, from_=since or UNSET, to=until or UNSET, group_by=by)
        members = client.every(client.members.list(home)) if by == "member" and not as_json else ()
        names = {str(member.user_id): member.name for member in members}
    answer(spending, as_json, lambda screen: draw(screen, spending, names))


def draw(screen: Console, spending: Spending, names: dict[str, str]) -> None:
    screen.print(Text(f"{spending.first:%-d %b} – {spending.last:%-d %b %Y}", "dim"))
    most = max((group.total for group in spending.groups), default=Decimal(0)) or Decimal(1)
    table = Table.grid(padding=(0, 1))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(width=WIDTH)
    for group in spending.groups:
        name = names.get(group.key or "", group.key or "nobody")
        table.add_row(Text(name), f"{group.total:,.2f}", Bar(float(most), 0, float(group.total), width=WIDTH))
    table.add_row(Text("in all", "bold"), Text(f"{spending.total:,.2f}", "bold"), spending.currency)
    screen.print(table)
    if spending.budget is not None:
        left, days = spending.budget.left, spending.budget.days_left
        said = f"{left:,.2f} left" if left >= 0 else f"{-left:,.2f} over"
        screen.print(f"{said} of {spending.budget.monthly:,.2f} this month, {days} days to go")
    if spending.without_price:
        screen.print(Text(f"{spending.without_price} bought without a price", "dim"))
