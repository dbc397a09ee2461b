"""Signing in and out, and which home is meant."""

import os
import sys
from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from pantry_pixie.command import session
from pantry_pixie.command.app import Json, Misused, answer, app
from pantry_pixie.errors import NotSignedIn
from pantry_pixie.operations import UNSET


@app.command()
def login(
    email: Annotated[str, typer.Argument(help="Your e-mail; asked for when it is not given.")] = "",
    url: Annotated[str, typer.Option(help="Where the server is.", envvar="PIXIE_URL")] = "",
    as_json: Json = False,
) -> None:
    """Sign in. The password is asked for; from a script it is read from standard input."""
    before = session.load()
    url = (url or before.url).rstrip("/")
    email = email or asked("E-mail")
    password = asked("Password", hidden=True)
    session.save(session.Session(url=url, home=before.home if url == before.url else None))
    with session.client(url) as client:
        client.keeper = session.Stored()
        try:
            user = client.sign_in(email, password)
        except NotSignedIn as refusal:
            if refusal.code != "code_needed":
                raise
            user = client.sign_in(email, password, asked("Code of the second step") or UNSET)
    answer({"user": user, "url": url}, as_json, f"Hello {user.name}. You are signed in at {url}.")


def asked(question: str, hidden: bool = False) -> str:
    """A person is asked, without an echo where it is hidden; a script says it in a line of its standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=hidden, err=True))
    said = sys.stdin.readline().rstrip("\n")
    if not said:
        raise Misused(f"{question}: there is nobody to ask, and nothing on standard input.")
    return said


@app.command()
def logout(as_json: Json = False) -> None:
    """Sign out, here and at the server."""
    with session.client() as client:
        client.keeper = session.Stored()
        try:
            client.sign_out()
        finally:
            session.forget()  # whatever the server says, or whether it does
    answer({"signed_in": False}, as_json, "You are signed out.")


@app.command()
def homes(as_json: Json = False) -> None:
    """Your homes. The one in use is marked."""
    with session.signed_in() as client:
        found = list(client.every(client.homes.list()))
    used = os.environ.get("PIXIE_HOME") or session.load().home

    def draw(screen: Console) -> None:
        table = Table.grid(padding=(0, 2))
        for home in found:
            is_used = used in (str(home.id), home.name) or len(found) == 1
            table.add_row("*" if is_used else " ", home.name, home.currency, home.timezone)
        screen.print(table)

    answer(found, as_json, draw)


@app.command()
def use(
    home: Annotated[
        str, typer.Argument(help="The name of a home, its beginning, or its id; asked for when it is not given.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Choose the home that the other words are about."""
    with session.signed_in() as client:
        found = session.the_home(client, home)
    session.save(replace(session.load(), home=str(found.id), passed=[]))
    answer(found, as_json, f"{found.name} it is.")
