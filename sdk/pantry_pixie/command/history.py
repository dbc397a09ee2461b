"""What happened, a list as it was, and corrections of what was paid."""

from datetime import datetime
from typing import Annotated, Any

import typer

from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import CommandError, Json, UsageError, answer, app, choose
from pantry_pixie.command.groceries import OnList, describe, find_by_name, label, parse_price
from pantry_pixie.events import ActivityQuery, Happening
from pantry_pixie.groceries import GroceryList, ListKind, PastEntry
from pantry_pixie.people import Home

MAX_ROWS = 30
KINDS: tuple[ListKind, ...] = ("lists", "templates", "archived")


@app.command()
def activity(
    member: Annotated[str, typer.Option("--by", help="Only what this member did.")] = "",
    kind: Annotated[str, typer.Option(help="chat, expenses, home, items, lists or pixie.")] = "",
    day: Annotated[str, typer.Option(help="Only this day, like 2027-02-05.")] = "",
    as_json: Json = False,
) -> None:
    """Show what happened in the home lately, newest first. The numbers are for: pixie undo 812"""
    query: ActivityQuery = {"limit": MAX_ROWS}
    if kind:
        query["kind"] = kind
    if day:
        query["day"] = day
    with session.at_home() as (client, home):
        if member:
            query["member"] = find_member(client, home, member)
        rows = client.events.activity(home, **query).results
    answer(rows, as_json, "\n".join(map(describe_happening, rows)) or "Nothing to show.")


@app.command()
def history(
    on: OnList = "",
    at: Annotated[str, typer.Option(help="Show the list as it was at this time, like 2027-02-05T18:00.")] = "",
    before: Annotated[int, typer.Option(help="Show the list as it was before the event with this number.")] = 0,
    bring_back: Annotated[bool, typer.Option("--bring-back", help="Bring back what is gone since.")] = False,
    as_json: Json = False,
) -> None:
    """Show what happened on a list, or the list as it was."""
    if (at and before) or (bring_back and not at and not before):
        raise UsageError("Say either --at or --before, also with --bring-back.")
    moment: dict[str, Any] = {"at": parse_moment(at)} if at else {"before": before} if before else {}
    with session.at_home() as (client, home):
        target = find_list(client, home, on)
        if not moment:
            rows = client.lists.history(home, target, limit=MAX_ROWS).results
            return answer(rows, as_json, "\n".join(map(describe_happening, rows)))
        if bring_back:
            entries = client.lists.bring_back(home, target, **moment).results
            text = "\n".join(f"{describe(entry)} is back." for entry in entries)
            return answer(entries, as_json, text or "Nothing is gone.")
        past = client.lists.past(home, target, **moment)
    answer(past, as_json, "\n".join(map(describe_past, past.items)) or "Nothing was on it.")


@app.command()
def price(thing: str, amount: str, on: OnList = "", as_json: Json = False) -> None:
    """Correct what was paid for a thing that is bought, also on a completed list."""
    with session.at_home() as (client, home):
        target = find_list(client, home, on)
        bought = [entry for entry in client.lists.get(home, target).items if entry.state == "purchased"]
        entry = client.entries.update(home, target, find_by_name(thing, bought), price_paid=parse_price(amount))
    answer(entry, as_json, f"{entry.item.name} cost {entry.price_paid:f}.")


@app.command()
def total(amount: str, on: OnList = "", as_json: Json = False) -> None:
    """Say what your shopping with a list came to. Ends it if it is under way."""
    with session.at_home() as (client, home):
        target, came_to = find_list(client, home, on), parse_price(amount)
        client.lists.end_shopping(home, target, total=came_to)
    answer({"list": target.id, "total": came_to}, as_json, f"The shopping with {target.name} came to {came_to:f}.")


def find_list(client: Client, home: Home, text: str) -> GroceryList:
    """Return the list of that name or id, also a completed or an archived one; the current list without a text."""
    if not text:
        return client.lists.current(home)
    rows = [row for kind in KINDS for row in client.iterate(client.lists.list(home, kind=kind))]
    matches = [row for row in rows if text in (str(row.id), row.name)]
    if not matches:
        raise CommandError(f"There is no list “{text}”.")
    return choose("Which list", matches, label, "Name it by its id: pixie lists --json")


def find_member(client: Client, home: Home, name: str) -> str:
    members = list(client.iterate(client.members.list(home)))
    matches = [member for member in members if name.casefold() in (member.name.casefold(), str(member.user_id))]
    if not matches:
        raise CommandError(f"There is nobody called “{name}” here.")
    return str(choose("Who", matches, lambda member: member.name).user_id)


def parse_moment(text: str) -> datetime:
    """Return the time, in this computer's time zone unless it has its own."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError) as error:
        raise UsageError(f"“{text}” is not a time, like 2027-02-05T18:00.") from error


def describe_happening(row: Happening) -> str:
    undone = " (undone)" if row.is_undone else ""
    return f"{row.seq}  {row.at.astimezone():%-d %b %H:%M}  {row.text}{undone}"


def describe_past(entry: PastEntry) -> str:
    amount = " ".join(word for word in (f"{entry.quantity:f}", "" if entry.unit == "piece" else entry.unit) if word)
    marks = [entry.state == "purchased" and "bought", entry.is_gone and "gone", entry.moved_to and "on another list"]
    return ", ".join([f"{entry.name}, {amount}", *(mark for mark in marks if mark)])
