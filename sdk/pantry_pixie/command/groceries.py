"""Lists, recurring items and spending."""

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

import typer
from rich.bar import Bar
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Column, Table
from rich.text import Text

from pantry_pixie.amounts import read_amount
from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import CommandError, Json, UsageError, answer, app, choose
from pantry_pixie.errors import NotFound
from pantry_pixie.groceries import (
    Amount,
    Entry,
    EntryChanges,
    ExpenseTotals,
    Frequency,
    FullList,
    GroceryList,
    RecurringItem,
    Spending,
)
from pantry_pixie.operations import PeriodQuery
from pantry_pixie.people import Home, Member

HasItem = TypeVar("HasItem", Entry, RecurringItem)
Things = Annotated[list[str], typer.Argument(help='Each thing in quotes: "2 dozen eggs" milk')]
OnList = Annotated[str, typer.Option("--list", help="A list's name or id; without it, the newest open one.")]
UNDOABLE = {
    "list_item_added", "list_item_updated", "list_item_assigned", "list_item_purchased", "list_item_put_back",
    "list_item_removed",
    "list_created", "list_updated", "list_state_changed", "list_deleted", "item_updated",
    "recurring_set", "recurring_updated", "recurring_stopped",
    "pantry_added", "pantry_updated", "pantry_removed", "barcode_added", "barcode_removed",
}  # fmt: skip
MAX_UNDO_EVENTS = 500
BAR_COLUMNS = 30


@app.command()
def add(things: Things, on: OnList = "", note: str = "", as_json: Json = False) -> None:
    """Put things on the list. What is there already adds up."""
    amounts = [parse(thing) for thing in things]
    with session.at_home() as (client, home):
        target = find_list(client, home, on) or client.lists.create(home)
        added = [client.entries.add(home, target, name, note=note, **amount) for name, amount in amounts]
    answer(added, as_json, "\n".join(f"{describe(entry)} is on {target.name}." for entry in added))


def parse(thing: str) -> tuple[str, Amount]:
    name, amount = read_amount(thing)
    if not name:
        raise UsageError(f'“{thing}” of what? Put what belongs together in quotes: pixie add "{thing} eggs"')
    return name, amount


@app.command("list")
def list_(
    on: OnList = "",
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Stay, and show what changes.")] = False,
    as_json: Json = False,
) -> None:
    """What is on the list. With --watch it stays up to date; with --json, too, that is a line for each state."""
    with session.at_home() as (client, home):
        target = find_list(client, home, on)
        if target is None:
            return answer(None, as_json, 'There is no open list. Begin one with: pixie add "2 dozen eggs"')
        if not watch:
            full = client.lists.get(home, target)
            return answer(full, as_json, draw_list(full))
        states = watch_list(client, home, target)
        try:
            if as_json:
                for full in states:
                    answer(full, as_json)
            else:
                with Live(auto_refresh=False) as live:
                    for full in states:
                        live.update(draw_list(full), refresh=True)
        except KeyboardInterrupt:
            pass


def watch_list(client: Client, home: Home, target: GroceryList) -> Iterator[FullList]:
    """Yield the list, and again after each change."""
    since = client.events.list(home, after=0, limit=1).seq
    yield client.lists.get(home, target)
    for event in client.live(home, since=since):
        if event.type.startswith(("list_", "item_", "category_")):
            yield client.lists.get(home, target)


@app.command()
def got(
    things: Things,
    price: Annotated[str, typer.Option(help="The price of it all; for one thing.")] = "",
    on: OnList = "",
    as_json: Json = False,
) -> None:
    """Tick things off: they were bought."""
    if price and len(things) > 1:
        raise UsageError("A price belongs to one thing: say them one by one.")
    changes: EntryChanges = {"state": "purchased"}
    if price:
        changes["price_paid"] = parse_price(price)
    with session.at_home() as (client, home):
        target = open_list(client, home, on)
        pending = [entry for entry in client.lists.get(home, target).items if entry.state == "pending"]
        entries = [find_by_name(thing, pending) for thing in things]
        bought = [client.entries.update(home, target, entry, **changes) for entry in entries]
    answer(bought, as_json, "\n".join(f"Got {describe(entry)}." for entry in bought))


@app.command()
def assign(
    things: Things,
    to: Annotated[str, typer.Option(help="A member's name; without it, nobody in particular.")] = "",
    on: OnList = "",
    as_json: Json = False,
) -> None:
    """Say who gets things on the list."""
    with session.at_home() as (client, home):
        member = find_member(to, list(client.iterate(client.members.list(home)))) if to else None
        target = open_list(client, home, on)
        pending = [entry for entry in client.lists.get(home, target).items if entry.state == "pending"]
        entries = [find_by_name(thing, pending) for thing in things]
        changes: EntryChanges = {"assigned_to": member.user_id if member else None}
        assigned = [client.entries.update(home, target, entry, **changes) for entry in entries]
    who = f"{member.name} gets" if member else "Anybody can get"
    answer(assigned, as_json, "\n".join(f"{who} {describe(entry)}." for entry in assigned))


def find_member(name: str, members: list[Member]) -> Member:
    matches = [member for member in members if member.name.casefold().startswith(name.casefold())]
    if len(matches) != 1:
        raise UsageError(f"“{name}” must be one of {', '.join(member.name for member in members)}.")
    return matches[0]


@app.command()
def remove(things: Things, on: OnList = "", as_json: Json = False) -> None:
    """Take things off the list."""
    with session.at_home() as (client, home):
        target = open_list(client, home, on)
        entries = client.lists.get(home, target).items
        removed = [find_by_name(thing, entries) for thing in things]
        for entry in removed:
            client.entries.remove(home, target, entry)
    answer(removed, as_json, "\n".join(f"{describe(entry)} is off the list." for entry in removed))


@app.command()
def undo(
    seq: Annotated[int, typer.Argument(help="The number of an event; without it, the last thing you did.")] = 0,
    as_json: Json = False,
) -> None:
    """Undo the last thing that you did; again, the one before."""
    with session.at_home() as (client, home):
        undone = session.load().undone
        if seq:
            seqs, events = [seq], client.events.undo(home, seq).events
        else:
            seqs, op_id = last_own_operation(client, home, undone)
            undo = client.events.undo(home, op_id=op_id) if op_id else client.events.undo(home, seqs[0])
            events = undo.events
    session.update(undone=[*undone, *seqs, *(event.seq for event in events)][-MAX_UNDO_EVENTS:])
    answer(events, as_json, "Undone." if events else "There was nothing left to undo.")


def last_own_operation(client: Client, home: Home, undone: list[int]) -> tuple[list[int], UUID | None]:
    """Return the numbers of the events of the person's last operation that is not undone, and its id if it has one."""
    me = client.account.me().user.id
    newest = client.events.list(home, after=0, limit=1).seq
    events = client.events.list(home, after=max(0, newest - MAX_UNDO_EVENTS), limit=MAX_UNDO_EVENTS).events
    own = [event for event in reversed(events) if event.actor.user == me and event.seq not in undone]
    for event in own:
        if event.type in UNDOABLE:
            same = [each.seq for each in own if each.op_id == event.op_id] if event.op_id else [event.seq]
            return same, event.op_id
    raise CommandError("You did nothing lately that can be undone.")


@app.command()
def recurring(
    thing: Annotated[str, typer.Argument(help='What recurs: "5 kg rice"; without it, all recurring items.')] = "",
    every: Annotated[str, typer.Option(help="daily, weekly, biweekly, monthly or yearly.")] = "",
    rule: Annotated[str, typer.Option(help="Instead of --every, a recurrence rule: FREQ=WEEKLY;BYDAY=MO")] = "",
    since: Annotated[str, typer.Option("--from", help="The first day, like 2027-01-31.")] = "",
    next_on: Annotated[str, typer.Option("--next", help="Move the next time to this day.")] = "",
    skip: Annotated[bool, typer.Option("--skip", help="Leave out the next time.")] = False,
    pause: Annotated[bool, typer.Option("--pause", help="Pause a recurring item.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Let a paused one go on.")] = False,
    stop: Annotated[bool, typer.Option("--stop", help="Stop a recurring item.")] = False,
    as_json: Json = False,
) -> None:
    """List recurring items, add one, or change one."""
    chosen = [name for name, value in locals().items() if value and name not in ("thing", "since", "as_json")]
    if bool(thing) != bool(chosen) or len(chosen) > 1 or (since and not every and not rule):
        raise UsageError("Say a thing with --every, --rule or one of the changes; or nothing at all.")
    if every and every not in get_args(Frequency):
        raise UsageError("--every takes daily, weekly, biweekly, monthly or yearly.")
    with session.at_home() as (client, home):
        if every or rule:
            name, amount = parse(thing)
            how = {"frequency": every} if every else {"rrule": rule}
            first = {"starts_on": since} if since else {}
            row = client.recurring.create(home, name, **how, **first, **amount)  # type: ignore[arg-type]
            return answer(row, as_json, describe_recurring(row, home))
        rows = list(client.iterate(client.recurring.list(home)))
        if thing:
            row, text = change_recurring(client, home, find_by_name(thing, rows), chosen[0], next_on)
            return answer(row, as_json, text)
    lines = [describe_recurring(row, home) for row in rows]
    answer(rows, as_json, "\n".join(lines) or "There are no recurring items.")


def change_recurring(client: Client, home: Home, row: RecurringItem, verb: str, day: str) -> tuple[RecurringItem, str]:
    if verb == "stop":
        client.recurring.stop(home, row)
        return row, f"{row.item.name} no longer recurs."
    if verb == "skip":
        row = client.recurring.skip(home, row)
    elif verb == "next_on":
        row = client.recurring.snooze(home, row, day)
    else:
        row = client.recurring.update(home, row, paused=verb == "pause")
    return row, describe_recurring(row, home)


@app.command()
def spend(
    by: Annotated[str, typer.Option(help="category, member, month or, not for --shared, week.")] = "category",
    shared: Annotated[bool, typer.Option("--shared", help="The shared expenses instead of the groceries.")] = False,
    since: Annotated[str, typer.Option("--from", help="The first day, like 2026-03-01; else of this month.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day.")] = "",
    as_json: Json = False,
) -> None:
    """Show the spending as bars."""
    period: PeriodQuery = {}
    if since:
        period["from_"] = since
    if until:
        period["to"] = until
    with session.at_home() as (client, home):
        if shared:
            totals = client.expenses.totals(home, group_by=by, **period)  # type: ignore[arg-type]
            return answer(totals, as_json, draw_totals(totals))
        spending = client.homes.spending(home, group_by=by, **period)
        members = client.iterate(client.members.list(home)) if by == "member" and not as_json else ()
        names = {str(member.user_id): member.name for member in members}
    answer(spending, as_json, draw_spending(spending, names))


def find_list(client: Client, home: Home, text: str) -> GroceryList | None:
    """Return the list of that name or id, asking if there are several; without a text, the current list."""
    if not text:
        try:
            return client.lists.current(home)
        except NotFound:
            return None
    return choose_list(list(client.iterate(client.lists.list(home))), text)


def choose_list(rows: Sequence[GroceryList], text: str) -> GroceryList:
    """Return the list of that name or id, asking if several are open; of the completed ones the newest."""
    matches = [each for each in rows if text in (str(each.id), each.name)]
    open_ones = [each for each in matches if each.state != "completed"]
    if not matches:
        raise CommandError(f"There is no list “{text}”.")
    return choose("Which list", open_ones or matches[:1], label, "Name it by its id: pixie lists --json")


def label(row: GroceryList) -> str:
    return f"{row.name} of {row.created_at.astimezone():%-d %B %Y, %H:%M}"


def open_list(client: Client, home: Home, text: str) -> GroceryList:
    target = find_list(client, home, text)
    if target is None:
        raise CommandError("There is no open list.")
    return target


def find_by_name(text: str, rows: Sequence[HasItem]) -> HasItem:
    """Return the row of that item, or whose item's name contains the text."""
    exact = [row for row in rows if row.item.name.casefold() == text.casefold()]
    matches = exact or [row for row in rows if text.casefold() in row.item.name.casefold()]
    if not matches:
        raise CommandError(f"“{text}” is not there.")
    return choose("Which one", matches, describe)


def parse_price(text: str) -> Decimal:
    try:
        return Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise UsageError(f"“{text}” is no price. Say a number, like 45 or 12.50.") from None


def draw_list(full: FullList) -> Group:
    table = Table.grid(padding=(0, 1))
    for entry in full.items:
        is_purchased = entry.state == "purchased"
        style = "dim" if is_purchased else ""
        table.add_row(
            "✓" if is_purchased else "○",
            Text(entry.item.name, style),
            Text(describe_amount(entry), style),
            Text(entry.note, "italic dim"),
            Text(f"{entry.price_paid:f}" if entry.price_paid is not None else "", style),
        )
    pending = sum(entry.state == "pending" for entry in full.items)
    return Group(Text.assemble((full.name, "bold"), f"  {pending} to get"), table)


def draw_totals(totals: ExpenseTotals) -> Group:
    return Group(*draw_bars(totals, [(group.label, group.total) for group in totals.groups]))


def draw_bars(period: Spending | ExpenseTotals, sums: list[tuple[str, Decimal]]) -> list[RenderableType]:
    highest = max((total for _name, total in sums), default=Decimal(0)) or Decimal(1)
    table = Table.grid("", Column(justify="right"), Column(width=BAR_COLUMNS), padding=(0, 1))
    for name, total in sums:
        table.add_row(Text(name), f"{total:,.2f}", Bar(float(highest), 0, float(total), width=BAR_COLUMNS))
    table.add_row(Text("in all", "bold"), Text(f"{period.total:,.2f}", "bold"), period.currency)
    return [Text(f"{period.first:%-d %b} – {period.last:%-d %b %Y}", "dim"), table]


def draw_spending(spending: Spending, names: dict[str, str]) -> Group:
    sums = [(names.get(group.key or "", group.key or "nobody"), group.total) for group in spending.groups]
    parts = draw_bars(spending, sums)
    if spending.budget is not None:
        left, days = spending.budget.left, spending.budget.days_left
        balance = f"{left:,.2f} left" if left >= 0 else f"{-left:,.2f} over"
        parts.append(Text(f"{balance} of {spending.budget.monthly:,.2f} this month, {days} days to go"))
    if spending.without_price:
        parts.append(Text(f"{spending.without_price} bought without a price", "dim"))
    return Group(*parts)


def describe(row: Entry | RecurringItem) -> str:
    return f"{describe_amount(row)} {row.item.name}"


def describe_amount(row: Entry | RecurringItem) -> str:
    return f"{row.quantity:f}" if row.unit in ("piece", "") else f"{row.quantity:f} {row.unit}"


def describe_recurring(rule: RecurringItem, home: Home) -> str:
    due = "paused" if rule.paused_at else f"next on {rule.next_due_at.astimezone(ZoneInfo(home.timezone)):%-d %B}"
    return f"{describe(rule)}, {rule.rrule if rule.frequency == 'other' else rule.frequency}, {due}"
