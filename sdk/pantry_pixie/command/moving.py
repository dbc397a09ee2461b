"""Taking a home along: out into a file, and a new home from one."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from pantry_pixie.command import session
from pantry_pixie.command.app import ActionError, Json, answer, app
from pantry_pixie.models import HomeFile


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; without it, to standard output.")] = None,
    as_json: Json = False,
) -> None:
    """Write all of a home that you see into one JSON file (owners)."""
    with session.at_home() as (client, home):
        text = client.homes.export(home).model_dump_json(exclude_unset=True, indent=2) + "\n"
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ActionError(f"{file} can't be written: {error.strerror}.") from error
    answer({"file": str(file), "home": home}, as_json, f"{home.name} is in {file}.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `export` wrote; - for standard input.")], as_json: Json = False
) -> None:
    """Make a new home of yours from what `export` wrote."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        whole = HomeFile.model_validate_json(text)
    except OSError as error:
        raise ActionError(f"{file} can't be read: {error.strerror}.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise ActionError(f"{file} is not what `export` wrote.") from error
    with session.signed_in() as client:
        home = client.homes.import_(whole)
    answer(home, as_json, f"{home.name} is there. Go to it with: pixie use {home.id}")
