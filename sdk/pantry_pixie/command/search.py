"""Looking for something."""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pantry_pixie.command import session
from pantry_pixie.command.app import Json, answer, app
from pantry_pixie.models import Found

MOST = 20


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help='What to look for: words, from:ben, in:kitchen, "word for word".')],
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=200)] = MOST,
    as_json: Json = False,
) -> None:
    """Look for something in the chat and among the home's things."""
    with session.at_home() as (client, home):
        found = client.search.look(home, " ".join(words), limit=limit).results
    answer(found, as_json, lambda screen: draw(screen, found))


def draw(screen: Console, found: list[Found]) -> None:
    if not found:
        return screen.print("Nothing was found.")
    table = Table.grid(padding=(0, 2))
    for each in found:
        who = f"{each.author}: " if each.author else ""
        where = f"{each.where}, {each.at.astimezone():%-d %b %Y}" if each.kind == "message" else each.where
        table.add_row(Text(f"{who}{each.excerpt}"), Text(where, "dim"))
    return screen.print(table)
