"""The list, and what comes back by itself."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Annotated, TypeVar

import typer
from rich.console import Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from pantry_pixie.amounts import Amount, read_amount
from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import ActionError, Json, Misused, answer, app, chosen
from pantry_pixie.models import Entry, Event, FullList, GroceryList, Home, Recurring
from pantry_pixie.operations import UNSET

Kind = TypeVar("Kind", Entry, Recurring)
Things = Annotated[list[str], typer.Argument(help='What, each thing by itself: "2 dozen eggs" milk')]
OnList = Annotated[str, typer.Option("--list", help="The name or id of a list; without it, the newest open one.")]
UNDOABLE = {"list_item_added", "list_item_updated", "list_item_purchased", "list_item_removed", "recurring_set"}
LOOKED_BACK = 500  # events


@app.command()
def add(things: Things, on: OnList = "", note: str = "", as_json: Json = False) -> None:
    """Put things on the list. What is there already adds up."""
    amounts = [understood(thing) for thing in things]
    with session.at_home() as (client, home):
        target = find_list(client, home, on) or client.lists.create(home)
        added = [
            client.entries.add(
                home,
                target,
                amount.name,
                quantity=UNSET if amount.quantity is None else amount.quantity,
                unit=amount.unit or UNSET,
                note=note or UNSET,
            )
            for amount in amounts
        ]
    answer(added, as_json, "\n".join(f"{line(entry)} is on {target.name}." for entry in added))


def understood(thing: str) -> Amount:
    amount = read_amount(thing)
    if not amount.name:
        raise Misused(f'“{thing}” of what? Put what belongs together in quotes: pixie add "{thing} eggs"')
    return amount


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
            return answer(full, as_json, lambda screen: screen.print(drawn(full)))
        try:
            watching(client, home, target, as_json)
        except KeyboardInterrupt:
            pass


def watching(client: Client, home: Home, target: GroceryList, as_json: bool) -> None:
    since = client.events.list(home, after=0, limit=1).seq
    full = client.lists.get(home, target)
    stream = client.live(home, since=since)
    if as_json:
        answer(full, True, "")
        for event in stream:
            if is_of_lists(event):
                answer(client.lists.get(home, target), True, "")
        return
    with Live(drawn(full), auto_refresh=False) as live:
        live.refresh()
        for event in stream:
            if is_of_lists(event):
                live.update(drawn(client.lists.get(home, target)), refresh=True)


def is_of_lists(event: Event) -> bool:
    return event.type.startswith(("list_", "item_", "category_"))


@app.command()
def got(
    things: Things,
    price: Annotated[str, typer.Option(help="What it cost in all; for one thing.")] = "",
    on: OnList = "",
    as_json: Json = False,
) -> None:
    """Tick things off: they were bought."""
    if price and len(things) > 1:
        raise Misused("A price belongs to one thing: say them one by one.")
    paid = money(price)
    with session.at_home() as (client, home):
        target = open_list(client, home, on)
        entries = client.lists.get(home, target).items
        found = [named(thing, [entry for entry in entries if entry.state == "pending"]) for thing in things]
        bought = [
            client.entries.change(home, target, entry, state="purchased", price_paid=UNSET if paid is None else paid)
            for entry in found
        ]
    answer(bought, as_json, "\n".join(f"Got {line(entry)}." for entry in bought))


@app.command()
def remove(things: Things, on: OnList = "", as_json: Json = False) -> None:
    """Take things off the list."""
    with session.at_home() as (client, home):
        target = open_list(client, home, on)
        entries = client.lists.get(home, target).items
        found = [named(thing, entries) for thing in things]
        for entry in found:
            client.entries.remove(home, target, entry)
    answer(found, as_json, "\n".join(f"{line(entry)} is off the list." for entry in found))


@app.command()
def undo(
    seq: Annotated[int, typer.Argument(help="The number of an event; without it, the last thing you did.")] = 0,
    as_json: Json = False,
) -> None:
    """Put back the last thing that you did; again, the one before."""
    with session.at_home() as (client, home):
        state = session.load()
        seq = seq or last_own(client, home, state.passed)
        events = client.events.undo(home, seq).events
    session.save(replace(state, passed=[*state.passed, seq, *(event.seq for event in events)][-LOOKED_BACK:]))
    answer(events, as_json, "Put back." if events else "There was nothing left to put back.")


def last_own(client: Client, home: Home, passed: list[int]) -> int:
    me = client.account.me().user.id
    newest = client.events.list(home, after=0, limit=1).seq
    events = client.events.list(home, after=max(0, newest - LOOKED_BACK), limit=LOOKED_BACK).events
    own = [event.seq for event in events if event.actor.user == me and event.type in UNDOABLE]
    left = [seq for seq in own if seq not in passed]
    if not left:
        raise ActionError("You did nothing lately that can be put back.")
    return left[-1]


@app.command()
def recurring(
    thing: Annotated[str, typer.Argument(help='What comes back: "5 kg rice"; without it, all that does.')] = "",
    every: Annotated[str, typer.Option(help="weekly, biweekly or monthly.")] = "",
    stop: Annotated[bool, typer.Option("--stop", help="Let it come back no more.")] = False,
    as_json: Json = False,
) -> None:
    """What comes back by itself, and to change it."""
    if bool(thing) != bool(every or stop) or every and stop:
        raise Misused("Say a thing with --every weekly, biweekly or monthly, or with --stop; or nothing at all.")
    with session.at_home() as (client, home):
        if every:
            rule = set_rule(client, home, understood(thing), every)
            return answer(rule, as_json, said_of(rule))
        rules = list(client.every(client.recurring.list(home)))
        if stop:
            rule = named(thing, rules)
            client.recurring.stop(home, rule)
            return answer(rule, as_json, f"{rule.item.name} comes back no more.")
    answer(rules, as_json, "\n".join(said_of(rule) for rule in rules) or "Nothing comes back by itself.")


def set_rule(client: Client, home: Home, amount: Amount, every: str) -> Recurring:
    if every not in ("weekly", "biweekly", "monthly"):
        raise Misused("--every takes weekly, biweekly or monthly.")
    return client.recurring.create(
        home,
        amount.name,
        frequency=every,  # type: ignore[arg-type]  # it is one of the three
        quantity=UNSET if amount.quantity is None else amount.quantity,
        unit=amount.unit or UNSET,
    )


def said_of(rule: Recurring) -> str:
    when = "paused" if rule.paused_at else f"next on {rule.next_due_at:%-d %B}"
    return f"{line(rule)}, {rule.frequency}, {when}"


# Finding


def find_list(client: Client, home: Home, said: str) -> GroceryList | None:
    """The list that was named, or the newest open one."""
    for each in client.every(client.lists.list(home)):
        if said in (str(each.id), each.name) or not said and each.state != "completed":
            return each
    if said:
        raise ActionError(f"There is no list “{said}”.")
    return None


def open_list(client: Client, home: Home, said: str) -> GroceryList:
    found = find_list(client, home, said)
    if found is None:
        raise ActionError("There is no open list.")
    return found


def named(thing: str, rows: Sequence[Kind]) -> Kind:
    """The one of that name, or whose name has it in it."""
    exact = [row for row in rows if row.item.name.casefold() == thing.casefold()]
    found = exact or [row for row in rows if thing.casefold() in row.item.name.casefold()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise ActionError(f"“{thing}” is not there.")
    return chosen("Which one", found, line)


def money(said: str) -> Decimal | None:
    try:
        return Decimal(said.replace(",", ".")) if said else None
    except InvalidOperation:
        raise Misused(f"“{said}” is no price. Say a number, like 45 or 12.50.") from None


# Drawing


def drawn(full: FullList) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    for entry in full.items:
        is_got = entry.state == "purchased"
        style = "dim" if is_got else ""
        paid = f"{entry.price_paid:f}" if entry.price_paid is not None else ""
        table.add_row(
            "✓" if is_got else "○",
            Text(entry.item.name, style),
            Text(measure(entry.quantity, entry.unit), style),
            Text(entry.note, "italic dim"),
            Text(paid, style),
        )
    left = sum(entry.state == "pending" for entry in full.items)
    head = Text.assemble((full.name, "bold"), f"  {left} to get")
    return Group(head, table)


def line(row: Entry | Recurring) -> str:
    return f"{measure(row.quantity, row.unit)} {row.item.name}"


def measure(quantity: Decimal, unit: str) -> str:
    return f"{quantity:f}" if unit in ("piece", "") else f"{quantity:f} {unit}"
