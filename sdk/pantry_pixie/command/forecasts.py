"""What the home runs out of."""

from typing import Annotated

import typer

from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import CommandError, Json, UsageError, answer, app, choose
from pantry_pixie.groceries import Entry, Forecast, Item
from pantry_pixie.people import Home


@app.command()
def low(
    thing: Annotated[str, typer.Argument(help="What to answer about; without it, what the home runs out of.")] = "",
    every: Annotated[bool, typer.Option("--all", help="All forecasts, not only those of the next days.")] = False,
    add: Annotated[bool, typer.Option("--add", help="Put it on the current list.")] = False,
    not_yet: Annotated[bool, typer.Option("--not-yet", help="It is not needed yet.")] = False,
    until: Annotated[str, typer.Option(help="It is not needed until this day, like 2027-02-05.")] = "",
    never: Annotated[bool, typer.Option("--never", help="Never suggest it.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Suggest it again.")] = False,
    as_json: Json = False,
) -> None:
    """Show what the home probably runs out of, or answer for one thing."""
    options = {"add": add, "snooze": not_yet or until, "refuse": never, "allow": again}
    chosen = [name for name, value in options.items() if value]
    if bool(thing) != bool(chosen) or len(chosen) > 1 or (thing and every):
        raise UsageError("Say a thing with --add, --not-yet, --until, --never or --again; or nothing at all.")
    with session.at_home() as (client, home):
        rows = client.forecasts.list(home).results
        if thing:
            row = find_forecast(thing, rows)
            return answer(reply(client, home, row, chosen[0], until), as_json, f"Done: {row.name}.")
    rows = rows if every else [row for row in rows if row.is_offered]
    answer(rows, as_json, "\n".join(map(describe, rows)) or "Nothing seems to be running out in the next days.")


def find_forecast(text: str, rows: list[Forecast]) -> Forecast:
    exact = [row for row in rows if row.name.casefold() == text.casefold()]
    matches = exact or [row for row in rows if text.casefold() in row.name.casefold()]
    if not matches:
        raise CommandError(f"There is no forecast of “{text}”.")
    return choose("Which one", matches, lambda row: row.name)


def reply(client: Client, home: Home, row: Forecast, verb: str, until: str) -> Entry | Item:
    if verb == "add":
        return client.forecasts.add(home, row.item_id)
    if verb == "snooze":
        return client.forecasts.snooze(home, row.item_id, **({"day": until} if until else {}))
    if verb == "refuse":
        return client.forecasts.refuse(home, row.item_id)
    return client.forecasts.allow(home, row.item_id)


def describe(row: Forecast) -> str:
    if row.runs_out_on is None:
        return f"{row.name}, never suggested"
    marks = ", never suggested" if row.is_refused else ""
    return f"{row.name}, out about {row.runs_out_on:%-d %B}{marks}. {row.reason}."
