"""Chatting with Pixie, and searching the home."""

import sys
import time
from contextlib import closing
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from pantry_pixie.chat import SearchResult, Thread
from pantry_pixie.client import Client
from pantry_pixie.command import session
from pantry_pixie.command.app import CommandError, Json, answer, app, console
from pantry_pixie.events import EphemeralEvent, Event
from pantry_pixie.people import Home
from pantry_pixie.pixie import PixieResponse

ANSWER_TIMEOUT_SECONDS = 120.0
POLL_SECONDS = 1.0  # of silence on the stream
MAX_LAG_SECONDS = 5.0  # of the stream behind the answer
INTERRUPTED = 130


@app.command()
def chat(
    words: Annotated[list[str] | None, typer.Argument(help="A message; without it, you chat line by line.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Confirm what Pixie asks.")] = False,
    as_json: Json = False,
) -> None:
    """Send Pixie a message, and read along as it answers. With --json each frame is a line, and so is the answer."""
    try:
        with session.at_home() as (client, home):
            thread = client.threads.create(home)
            if words:
                return exchange(client, home, thread, " ".join(words), yes, as_json)
            while (text := read_line()) is not None:
                if text:
                    exchange(client, home, thread, text, yes, as_json)
    except KeyboardInterrupt:
        print(file=sys.stderr)
        if words:
            raise typer.Exit(INTERRUPTED) from None


def read_line() -> str | None:
    """Return the next line, or None at the end: of the input, or at an empty line of a person."""
    is_person = sys.stdin.isatty()
    try:
        line = input("you: ") if is_person else sys.stdin.readline()
    except EOFError:
        return None
    return line.strip() if line.strip() or (line and not is_person) else None


def exchange(client: Client, home: Home, thread: Thread, text: str, yes: bool, as_json: bool) -> None:
    """Show the answer to a message with the replies it offers, and ask for the confirmation it may need. Without a
    terminal or with --json nothing is decided."""
    response = await_answer(client, home, thread, text, as_json)
    if as_json:
        answer({"type": "answer", "answer": response}, True)
    else:
        for number, reply in enumerate(response.replies, 1):
            console().print(f"  {number}. {reply.text}", markup=False, highlight=False)
    if response.requires_confirmation and response.actions and (yes or (sys.stdin.isatty() and not as_json)):
        result = client.pixie.confirm(home, response.message_id, yes or typer.confirm("Do it?", err=True))
        answer({"type": "confirmed", "confirmed": result}, as_json, f"pixie: {result.message}")


def await_answer(client: Client, home: Home, thread: Thread, text: str, as_json: bool) -> PixieResponse:
    """Send a message, and show the stream from then on until the answer is complete."""
    since = client.events.list(home, after=0, limit=1).seq
    run_id = client.pixie.send(home, text, thread_id=thread, wait=0).run_id
    display = Display(thread, as_json)
    give_up_at, answered_at = time.monotonic() + ANSWER_TIMEOUT_SECONDS, 0.0
    with closing(client.frames(home, since=since, idle_seconds=POLL_SECONDS)) as frames:
        for frame in frames:
            if frame is not None:
                display.show(frame)
            if frame is None or display.is_answered:
                run = client.pixie.run(home, run_id)
                if run.response is not None:
                    answered_at = answered_at or time.monotonic()
                    if display.is_answered:
                        return run.response
                    if time.monotonic() - answered_at > MAX_LAG_SECONDS:
                        display.print_answer(run.response.message)
                        return run.response
                elif run.status in ("failed", "cancelled") or time.monotonic() > give_up_at:
                    raise CommandError("Pixie gives no answer. Try again, or look in the browser.")
    raise AssertionError("the stream has no end")


class Display:
    """The frames of the stream that belong to a thread, as a person or a script sees them."""

    def __init__(self, thread: Thread, as_json: bool) -> None:
        self.thread, self.as_json = str(thread.id), as_json
        self.is_answered = self.is_writing = False

    def show(self, frame: Event | EphemeralEvent) -> None:
        data: dict[str, Any] = frame.data if isinstance(frame, Event) else frame.model_dump()
        message: dict[str, Any] = data.get("message") or {}
        if self.thread not in (data.get("channel_id"), message.get("channel_id")):
            return
        is_answer = frame.type == "chat_message" and bool(message.get("author_agent_id"))
        if self.as_json:
            answer(frame, True)
        elif frame.type == "message_delta":
            prefix = "" if self.is_writing else "pixie: "
            console().print(f"{prefix}{data.get('text', '')}", markup=False, end="")
            self.is_writing = True
        elif frame.type.startswith("run_"):
            step = f"{frame.type.replace('_', ' ')} {data.get('tool_name', '')}".strip()
            console().print(Text(f"… {step}", "dim"))
        elif is_answer:
            self.print_answer(message["body"])
        self.is_answered |= is_answer

    def print_answer(self, text: str) -> None:
        """Print a complete answer for a person, unless it was written piece by piece."""
        if not self.as_json:
            console().print("" if self.is_writing else f"pixie: {text}", markup=False)
        self.is_writing = False


@app.command()
def search(
    words: Annotated[list[str], typer.Argument(help='What to look for: words, from:ben, in:kitchen, "word for word".')],
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=200)] = 20,
    as_json: Json = False,
) -> None:
    """Search the chat and the home's items."""
    with session.at_home() as (client, home):
        results = client.homes.search(home, " ".join(words), limit=limit).results
    answer(results, as_json, draw_results(results) if results else "Nothing was found.")


def draw_results(results: list[SearchResult]) -> Table:
    table = Table.grid(padding=(0, 2))
    for each in results:
        author = f"{each.author}: " if each.author else ""
        where = f"{each.where}, {each.at.astimezone():%-d %b %Y}" if each.kind == "message" else each.where
        table.add_row(Text(f"{author}{each.excerpt}"), Text(where, "dim"))
    return table
