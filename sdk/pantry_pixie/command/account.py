"""Signing in and out, and the homes: which one is in use, exporting and importing them."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import CommandError, Json, UsageError, answer, app
from pantry_pixie.errors import NotSignedIn
from pantry_pixie.people import HomeFile, Import


@app.command()
def login(
    email: Annotated[str, typer.Argument(help="Your email address; you are asked for it if it is missing.")] = "",
    url: Annotated[str, typer.Option(help="The server's address.", envvar="PIXIE_URL")] = "",
    as_json: Json = False,
) -> None:
    """Sign in. The password is asked for; from a script it is read from standard input."""
    before = session.load()
    url = (url or before.url).rstrip("/")
    email = email or ask("Email")
    password = ask("Password", hidden=True)
    session.save(session.Session(url=url, home=before.home if url == before.url else None))
    with Client(url, store=session.FileStore()) as client:
        try:
            user = client.account.sign_in(email, password).user
        except NotSignedIn as error:
            if error.code != "code_needed":
                raise
            user = client.account.sign_in(email, password, ask("Two-factor code")).user
    answer({"user": user, "url": url}, as_json, f"Hello {user.name}. You are signed in at {url}.")


def ask(question: str, hidden: bool = False) -> str:
    """Ask a person, without an echo if it is `hidden`, or read a line of a script's standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=hidden, err=True))
    line = sys.stdin.readline().rstrip("\n")
    if not line:
        raise UsageError(f"{question}: there is no terminal to ask at, and nothing on standard input.")
    return line


@app.command()
def logout(as_json: Json = False) -> None:
    """Sign out, here and at the server."""
    url = session.load().url
    with Client(session.server_url(), store=session.FileStore()) as client:
        try:
            client.sign_out()
        finally:
            session.save(session.Session(url=url))  # even if the server can't be reached
    answer({"signed_in": False}, as_json, "You are signed out.")


@app.command()
def homes(as_json: Json = False) -> None:
    """Your homes. The one in use is marked."""
    with session.signed_in() as client:
        rows = list(client.iterate(client.homes.list()))
    in_use = session.home_in_use()
    table = Table.grid(padding=(0, 2))
    for home in rows:
        is_in_use = in_use in (str(home.id), home.name) or len(rows) == 1
        table.add_row("*" if is_in_use else " ", home.name, home.currency, home.timezone)
    answer(rows, as_json, table)


@app.command()
def use(
    name: Annotated[str, typer.Argument(help="A home's name, its beginning, or its id.", metavar="HOME")] = "",
    as_json: Json = False,
) -> None:
    """Choose the home that the other commands are about."""
    with session.signed_in() as client:
        home = session.find_home(client, name)
    session.update(home=str(home.id), undone=[])
    answer(home, as_json, f"Now using {home.name}.")


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to; without it, to standard output.")] = None,
    table: Annotated[str, typer.Option("--csv", help="Instead, a table: purchases or expenses.")] = "",
    since: Annotated[str, typer.Option("--from", help="The first day of a table; else of this month.")] = "",
    until: Annotated[str, typer.Option("--to", help="The last day of a table.")] = "",
    spreadsheet: Annotated[
        bool, typer.Option("--spreadsheet", help="Mark a table as UTF-8, as Excel needs it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write all of a home that you see into one JSON file (owners), or a table of a period as CSV."""
    if table not in ("", "purchases", "expenses") or (not table and (since or until or spreadsheet)):
        raise UsageError("--csv takes purchases or expenses; --from, --to and --spreadsheet are for it.")
    with session.at_home() as (client, home):
        if table:
            query = {"from_": since, "to": until, "encoding": "utf-8-sig" if spreadsheet else ""}
            chosen: Any = {name: value for name, value in query.items() if value}
            text = (client.homes.purchases_csv if table == "purchases" else client.expenses.csv)(home, **chosen)
        else:
            text = client.homes.export(home).model_dump_json(exclude_unset=True, indent=2) + "\n"
    if file is None:
        sys.stdout.write(text)
        return
    try:
        file.write_bytes(text.encode())
    except OSError as error:
        raise CommandError(f"{file} can't be written: {error.strerror}.") from error
    answer({"file": str(file), "home": home}, as_json, f"{home.name} is in {file}.")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="What `export` wrote; - for standard input.")], as_json: Json = False
) -> None:
    """Create a home from what `export` wrote. Waits until it is complete; Ctrl-C cancels it."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        content = HomeFile.model_validate_json(text)
    except OSError as error:
        raise CommandError(f"{file} can't be read: {error.strerror}.") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} is not what `export` wrote.") from error
    with session.signed_in() as client:
        job = watch_import(client, client.homes.import_(content))
        if job.home is None:
            raise CommandError(job.error or "The import was cancelled.")
        home = client.homes.get(job.home)
    answer(home, as_json, f"{home.name} is imported. Use it with: pixie use {home.id}")


def watch_import(client: Client, job: Import) -> Import:
    """Show the progress at a terminal, and return the finished import. Ctrl-C cancels it."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task(job.name, total=None)
        try:
            for job in client.watch_import(job):  # noqa: B020
                progress.update(bar, completed=job.done_rows, total=job.total_rows or None)
        except KeyboardInterrupt:
            client.homes.cancel_import(job)
            raise
    return job
