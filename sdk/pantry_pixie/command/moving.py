"""Taking a home's groceries along: out into a file, and in again."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pantry_pixie import portable
from pantry_pixie.command import session
from pantry_pixie.command.app import Json, Refused, answer, app, plain


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; without it, to standard output.")] = None,
    as_json: Json = False,
) -> None:
    """Write the home's aisles, items, lists and what comes back into one JSON file."""
    with session.at_home() as (client, home):
        found = portable.take_out(client, home)
    text = json.dumps(plain(found), ensure_ascii=False, indent=2) + "\n"
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{file} can't be written: {error.strerror}.") from error
    answer({"file": str(file), **found.counts()}, as_json, f"{file}: {found.said()}.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `export` wrote; - for standard input.")], as_json: Json = False
) -> None:
    """Bring in what `export` wrote. The same file a second time brings nothing."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} can't be read: {error}.") from error
    bundle = portable.read(text)
    with session.at_home() as (client, home):
        portable.bring_in(client, home, bundle)
    answer(bundle.counts(), as_json, f"Brought in {bundle.said()}.")
