"""Whole lists: create, copy, rename, clear, archive, restore and delete them."""

import codecs
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import Json, UsageError, answer, app
from pantry_pixie.command.groceries import OnList, Things, choose_list, describe, find_by_name, label, open_list
from pantry_pixie.groceries import FileLine, GroceryList, ListKind
from pantry_pixie.people import Home

ListArgument = Annotated[str, typer.Argument(metavar="LIST", help="A list's name or id.")]
Templates = Annotated[bool, typer.Option("--templates", help="Templates instead of lists.")]
Archived = Annotated[bool, typer.Option("--archived", help="Archived lists instead.")]


@app.command()
def lists(templates: Templates = False, archived: Archived = False, as_json: Json = False) -> None:
    """Name the lists, the newest first."""
    kind: ListKind = "archived" if archived else "templates" if templates else "lists"
    with session.at_home() as (client, home):
        rows = list(client.iterate(client.lists.list(home, kind=kind)))
    text = "\n".join(f"{label(row)}, {row.state}" for row in rows)
    answer(rows, as_json, text or "There are none.")


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Its name; without one, that of the copied list.")] = "",
    copy: Annotated[str, typer.Option("--from", help="The list or template to take the things of.")] = "",
    template: Annotated[bool, typer.Option("--template", help="Create a template.")] = False,
    as_json: Json = False,
) -> None:
    """Start a list: an empty one, the same again, or one from a template."""
    with session.at_home() as (client, home):
        source = find_any(client, home, copy, "lists", "templates") if copy else None
        fields = {"name": name, "copy_of": source, "is_template": template or None}
        made = client.lists.create(home, **{key: value for key, value in fields.items() if value})  # type: ignore[arg-type]
    answer(made, as_json, f"{made.name} has {len(made.items)} things to get.")


@app.command()
def rename(row: ListArgument, name: str, as_json: Json = False) -> None:
    """Rename a list or a template."""
    with session.at_home() as (client, home):
        renamed = client.lists.update(home, find_any(client, home, row, "lists", "templates"), name=name)
    answer(renamed, as_json, f"It is called {renamed.name} now.")


@app.command()
def clear(on: OnList = "", as_json: Json = False) -> None:
    """Take everything that is left to get off the list. What was bought stays."""
    with session.at_home() as (client, home):
        cleared = client.lists.clear(home, open_list(client, home, on))
    answer(cleared, as_json, f"Nothing is left to get on {cleared.name}. To get it back: pixie undo")


@app.command()
def move(
    things: Things,
    to: Annotated[str, typer.Option(help="The list to move them to.")],
    on: OnList = "",
    as_json: Json = False,
) -> None:
    """Move things from a list to another one."""
    with session.at_home() as (client, home):
        source, target = open_list(client, home, on), open_list(client, home, to)
        pending = [entry for entry in client.lists.get(home, source).items if entry.state == "pending"]
        entries = [find_by_name(thing, pending) for thing in things]
        moved = client.entries.update_many(home, source, entries, list_id=target).results
    answer(moved, as_json, f"Moved to {target.name}: {', '.join(entry.item.name for entry in moved)}.")


@app.command()
def take(
    source: Annotated[str, typer.Argument(help="A file (CSV, an export, a text) or the URL of a recipe.")],
    from_list: Annotated[str, typer.Option("--from", help="The list in the file, if it has several.")] = "",
    portions: Annotated[str, typer.Option(help="For how many to cook a recipe of a web page.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be taken.")] = False,
    on: OnList = "",
    as_json: Json = False,
) -> None:
    """Take what isn't bought in the file of another product onto a list: KitchenOwl, Mealie, Grocy, AnyList, Bring!
    Or the ingredients of a recipe on a web page."""
    fields: dict[str, Any] = {"from_list": from_list, "dry_run": dry_run}
    is_url = source.startswith(("http://", "https://"))
    text = "" if is_url else read_text(Path(source))
    with session.at_home() as (client, home):
        target = open_list(client, home, on)
        if is_url:
            recipe = client.lists.read_recipe(home, target, source)
            text = recipe.text
            if portions and recipe.serves is None:
                raise UsageError(f"“{recipe.name}” doesn't say for how many it is, so leave out --portions.")
            fields |= {"serves": recipe.serves, "portions": portions} if portions else {}
        elif portions:
            raise UsageError("--portions is for the recipe of a web page.")
        options = {key: value for key, value in fields.items() if value}
        imported = client.lists.take_file(home, target, text, **options)
    if dry_run:
        return answer(imported, as_json, "\n".join(map(describe_line, imported.lines)))
    answer(imported, as_json, "\n".join(f"{describe(entry)} is on {target.name}." for entry in imported.results))


def read_text(file: Path) -> str:
    """Return the text of a file as spreadsheets and other products write it."""
    if not file.is_file():
        raise UsageError(f"There is no file {file}.")
    content = file.read_bytes()
    has_mark = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if has_mark else ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    raise UsageError(f"{file} isn't a text. Save a spreadsheet as CSV.")


def describe_line(line: FileLine) -> str:
    quantity = "" if line.quantity is None else f"{line.quantity:f}"
    source, note = line.from_list and f"{line.from_list}:", line.note and f"({line.note})"
    words = [source, quantity, line.unit, line.name, note, "is bought" if line.is_bought else "", line.problem]
    return " ".join(word for word in words if word)


@app.command()
def archive(row: ListArgument, as_json: Json = False) -> None:
    """Put a list out of sight. Its purchases stay in the spending."""
    with session.at_home() as (client, home):
        archived = client.lists.update(home, find_any(client, home, row, "lists", "templates"), archived=True)
    answer(archived, as_json, f"{archived.name} is in the archive.")


@app.command()
def restore(row: ListArgument, as_json: Json = False) -> None:
    """Take a list out of the archive."""
    with session.at_home() as (client, home):
        restored = client.lists.update(home, find_any(client, home, row, "archived"), archived=False)
    answer(restored, as_json, f"{restored.name} is back.")


@app.command()
def delete(
    row: ListArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a list of which nothing was bought."""
    with session.at_home() as (client, home):
        target = find_any(client, home, row, "lists", "templates", "archived")
        if not yes:
            typer.confirm(f"Delete {label(target)}?", abort=True, err=True)
        client.lists.delete(home, target)
    answer(target, as_json, f"Deleted {target.name}. To get it back: pixie undo")


def find_any(client: Client, home: Home, text: str, *kinds: ListKind) -> GroceryList:
    """Return the list of that name or id, of these kinds, asking if there are several."""
    rows = [row for kind in kinds for row in client.iterate(client.lists.list(home, kind=kind))]
    return choose_list(rows, text)
