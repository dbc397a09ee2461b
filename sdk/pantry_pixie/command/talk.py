"""Talking with Pixie."""

import sys
import time
from typing import Annotated

import typer

from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import Json, Refused, answer, app
from pantry_pixie.models import Confirmed, Home, PixieResponse

WAIT = 25.0  # seconds that one question waits for
PATIENCE = 120.0  # seconds until an answer is given up
LOOK = 1.0  # seconds


@app.command()
def chat(
    words: Annotated[list[str] | None, typer.Argument(help="What to say; without it, a talk line by line.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Say yes to what Pixie asks.")] = False,
    as_json: Json = False,
) -> None:
    """Say something to Pixie, and read the answer."""
    with session.at_home() as (client, home):
        if words:
            return exchange(client, home, " ".join(words), yes, as_json)
        is_person = sys.stdin.isatty()
        while True:
            try:
                said = input("you: ") if is_person else sys.stdin.readline()
            except (EOFError, KeyboardInterrupt):
                return
            if not said.strip() and (is_person or not said):
                return
            if said.strip():
                exchange(client, home, said.strip(), yes, as_json)


def exchange(client: Client, home: Home, said: str, yes: bool, as_json: bool) -> None:
    response = told(client, home, said)
    asks = response.requires_confirmation
    if not asks:
        return answer(response, as_json, f"pixie: {response.message}")
    if as_json and not yes:
        return answer(response, True, "")
    if not as_json:
        answer(None, False, f"pixie: {response.message}")
    done = decide(client, home, response, yes)
    if done is not None:
        answer({"response": response, "confirmed": done}, as_json, f"pixie: {done.message}")


def told(client: Client, home: Home, said: str) -> PixieResponse:
    """Pixie's answer, however long it takes, within patience."""
    found = client.pixie.say(home, said, wait=WAIT)
    until = time.monotonic() + PATIENCE
    while found.response is None:
        assert found.run is not None
        if found.run.status in ("failed", "cancelled") or time.monotonic() > until:
            raise Refused("Pixie gives no answer. Try again, or look in the browser.")
        time.sleep(LOOK)
        run = client.pixie.run(home, found.run.id)
        found = found.model_copy(update={"run": run, "response": run.response})
    return found.response


def decide(client: Client, home: Home, response: PixieResponse, yes: bool) -> Confirmed | None:
    """Nobody there to ask: then nothing is decided, and it still waits."""
    if not yes and not sys.stdin.isatty():
        return None
    return client.pixie.confirm(home, response.message_id, yes or typer.confirm("Do it?", err=True))
