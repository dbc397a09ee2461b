"""Talking with Pixie: what is said and done meanwhile is shown as it comes."""

import json
import sys
import time
from contextlib import closing
from typing import Annotated, Any

import typer
from rich.text import Text

from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import ActionError, Json, answer, app, console, plain
from pantry_pixie.models import Confirmed, Event, Home, Passing, PixieResponse, Thread

PATIENCE = 120.0  # seconds until an answer is given up
LOOK = 1.0  # seconds of silence after which one looks whether it is there already
LATE = 5.0  # seconds that the stream may be behind the answer
INTERRUPTED = 130


@app.command()
def chat(
    words: Annotated[list[str] | None, typer.Argument(help="What to say; without it, a talk line by line.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Say yes to what Pixie asks.")] = False,
    as_json: Json = False,
) -> None:
    """Say something to Pixie, and read along as it answers. With --json each frame is a line, and so is the answer."""
    try:
        with session.at_home() as (client, home):
            thread = client.threads.create(home)
            if words:
                return exchange(client, home, thread, " ".join(words), yes, as_json)
            while (said := typed()) is not None:
                if said:
                    exchange(client, home, thread, said, yes, as_json)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        if words:
            raise typer.Exit(INTERRUPTED) from None


def typed() -> str | None:
    """The next line; None at the end. A person ends with an empty one, too."""
    is_person = sys.stdin.isatty()
    try:
        said = input("you: ") if is_person else sys.stdin.readline()
    except EOFError:
        return None
    return said.strip() if said.strip() or (said and not is_person) else None


def exchange(client: Client, home: Home, thread: Thread, said: str, yes: bool, as_json: bool) -> None:
    response = told(client, home, thread, said, as_json)
    if as_json:
        answer({"type": "answer", "answer": response}, True, "")
    done = decide(client, home, response, yes, as_json) if response.requires_confirmation else None
    if done is not None:
        answer({"type": "confirmed", "confirmed": done}, as_json, f"pixie: {done.message}")


def told(client: Client, home: Home, thread: Thread, said: str, as_json: bool) -> PixieResponse:
    """Pixie's answer, however long it takes, within patience. The stream begins before the question."""
    since = client.events.list(home, after=0, limit=1).seq
    found = client.pixie.say(home, said, thread_id=thread, wait=0)
    run_id = found.response.run_id if found.response else found.run.id if found.run else None
    assert run_id is not None
    shown = Shown(thread, as_json)
    until, there_since = time.monotonic() + PATIENCE, 0.0
    with closing(client.frames(home, since=since, quiet=LOOK)) as stream:
        for frame in stream:
            if frame is not None:
                shown.show(frame)
            if frame is None or shown.is_answered:
                run = client.pixie.run(home, run_id)
                if run.response is not None:
                    there_since = there_since or time.monotonic()
                    if shown.is_answered or time.monotonic() - there_since > LATE:
                        shown.end(run.response)
                        return run.response
                elif run.status in ("failed", "cancelled") or time.monotonic() > until:
                    raise ActionError("Pixie gives no answer. Try again, or look in the browser.")
    raise AssertionError("the stream has no end")


class Shown:
    """What of the stream is about this talk, as it stands on the screen."""

    def __init__(self, thread: Thread, as_json: bool) -> None:
        self.thread, self.as_json = str(thread.id), as_json
        self.is_answered = self.is_writing = False

    def show(self, frame: Event | Passing) -> None:
        said: dict[str, Any] = frame.data if isinstance(frame, Event) else plain(frame)
        message: dict[str, Any] = said.get("message") or {}
        if self.thread not in (said.get("channel_id"), message.get("channel_id")):
            return
        if self.as_json:
            print(json.dumps(plain(frame), ensure_ascii=False), flush=True)
        elif frame.type == "message_delta":
            self.write(str(said.get("text", "")))
        elif frame.type.startswith("run_"):
            console().print(Text(f"… {step(frame.type, said)}", "dim"))
        elif frame.type == "chat_message" and message.get("author_agent_id"):
            self.say(message["body"])
        self.is_answered |= frame.type == "chat_message" and bool(message.get("author_agent_id"))

    def write(self, text: str) -> None:
        """A piece of an answer, behind what is there of it."""
        console().print(text if self.is_writing else f"pixie: {text}", markup=False, end="")
        self.is_writing = True

    def say(self, text: str) -> None:
        """An answer as a whole, unless it was written piece by piece."""
        console().print("" if self.is_writing else f"pixie: {text}", markup=False)
        self.is_writing = False

    def end(self, response: PixieResponse) -> None:
        """It is there, whether the stream brought it or not."""
        if not self.is_answered and not self.as_json:
            self.say(response.message)


def step(kind: str, said: dict[str, Any]) -> str:
    return " ".join(str(each) for each in (kind.replace("_", " "), said.get("tool_name", "")) if each)


def decide(client: Client, home: Home, response: PixieResponse, yes: bool, as_json: bool) -> Confirmed | None:
    """Nobody there to ask, or a program: then nothing is decided, and it still waits."""
    if not yes and (as_json or not sys.stdin.isatty()):
        return None
    return client.pixie.confirm(home, response.message_id, yes or typer.confirm("Do it?", err=True))
