"""What is at home."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo

import typer

from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import CommandError, Json, UsageError, answer, app, choose, confirm
from pantry_pixie.command.groceries import parse
from pantry_pixie.pantry import Batch, BatchDetails, Place, Stock, StockAmount, Use
from pantry_pixie.people import Home

SOON_DAYS = 7


@app.command()
def pantry(
    thing: Annotated[str, typer.Argument(help='What to change: "2 l milk"; without it, what is at home.')] = "",
    soon: Annotated[bool, typer.Option("--soon", help="Only what to use within a week.")] = False,
    add: Annotated[bool, typer.Option("--add", help="Put it into the pantry.")] = False,
    before: Annotated[str, typer.Option("--before", help="With --add: best before this day, like 2027-02-05.")] = "",
    place: Annotated[str, typer.Option(help="With --add: fridge, freezer or cupboard.")] = "",
    use: Annotated[bool, typer.Option("--use", help="Use so much of it.")] = False,
    used_up: Annotated[bool, typer.Option("--used-up", help="Use all of it.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep at least so much; without an amount, no longer.")] = False,
    as_json: Json = False,
) -> None:
    """Show what is at home, or put something in, use it, or keep a minimum of it."""
    if bool(thing) != bool(add + use + used_up + keep) or add + use + used_up + keep > 1 or (thing and soon):
        raise UsageError("Say a thing with --add, --use, --used-up or --keep; or nothing at all.")
    if (before or place) and not add:
        raise UsageError("A day and a place go with --add.")
    with session.at_home() as (client, home):
        if soon:
            return show(soon_batches(client, home), as_json, "Nothing has to be used within a week.")
        if not thing:
            return show(
                stocks(client, home), as_json, 'Nothing is at home yet. Put it in: pixie pantry "2 l milk" --add'
            )
        name, amount = parse(thing)
        if add:
            details: BatchDetails = {}
            if before:
                details["best_before"] = before
            if place:
                details["place"] = to_place(place)
            batch = client.batches.create(home, name, **amount, **details)
            return answer(batch, as_json, f"{describe_batch(batch)} is at home.")
        row = find_stock(client, home, name)
        if keep:
            unit = {"unit": amount["unit"]} if "unit" in amount else {}
            stock = client.pantry.keep(home, row.item, amount.get("quantity"), **unit)
            return answer(stock, as_json, describe_stock(stock))
        if use and not amount:
            raise UsageError('How much? Say “pixie pantry "1 l milk" --use”, or --used-up.')
        used = client.pantry.use(home, row.item, **(amount if use else {}))
        answer(used, as_json, describe_use(used))


def to_place(text: str) -> Any:
    for place in get_args(Place):
        if place and place == text:
            return place
    raise UsageError(f"“{text}” is no place. Say fridge, freezer or cupboard.")


def stocks(client: Client, home: Home, text: str = "") -> list[Stock]:
    return list(client.iterate(client.pantry.list(home, q=text)))


def soon_batches(client: Client, home: Home) -> list[Batch]:
    today = datetime.now(ZoneInfo(home.timezone)).date()
    return list(client.iterate(client.batches.list(home, until=today + timedelta(days=SOON_DAYS))))


def find_stock(client: Client, home: Home, text: str) -> Stock:
    rows = stocks(client, home, text)
    exact = [row for row in rows if row.item.name.casefold() == text.casefold()]
    if not rows:
        raise CommandError(f"No {text} is at home.")
    if not exact and len(rows) == 1:
        confirm(f"No {text} is at home, but {rows[0].item.name}. Is that what you mean?")
    return choose("Which one", exact or rows, lambda row: row.item.name)


def show(rows: Sequence[Stock | Batch], as_json: bool, otherwise: str) -> None:
    lines = [describe_batch(row) if isinstance(row, Batch) else describe_stock(row) for row in rows]
    answer(rows, as_json, "\n".join(lines) or otherwise)


def describe_use(use: Use) -> str:
    listed = " It is on the list." if use.list_item else ""
    return f"{describe_stock(use)}.{listed}"


def describe_stock(stock: Stock) -> str:
    amounts = ", ".join(map(describe_amount, stock.amounts)) or "none"
    day = f", best before {stock.best_before:%-d %B %Y}" if stock.best_before else ""
    minimum = f", at least {describe_amount(stock.minimum)}" if stock.minimum else ""
    return f"{stock.item.name}: {amounts}{day}{minimum}"


def describe_batch(batch: Batch) -> str:
    day = f", best before {batch.best_before:%-d %B %Y}" if batch.best_before else ""
    place = f", {batch.place}" if batch.place else ""
    return f"{describe_amount(batch)} {batch.item.name}{day}{place}"


def describe_amount(row: StockAmount | Batch) -> str:
    return f"{row.quantity:f}" if row.unit in ("piece", "") else f"{row.quantity:f} {row.unit}"
