"""The `pixie` command: its output for people and scripts, and its exit codes."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

import typer
from pydantic_core import to_json
from rich.console import Console, RenderableType
from typer.core import TyperGroup

from pantry_pixie.errors import NotSignedIn, PixieError, ServerError, Unreachable

T = TypeVar("T")


class CommandError(PixieError):
    """An error of the command itself, not of the API."""


class UsageError(PixieError):
    """Arguments that make no sense."""


EXIT_CODES: dict[type[PixieError], int] = {UsageError: 2, NotSignedIn: 3, ServerError: 4, Unreachable: 4}
AS_JSON = "pantry_pixie.json"


class Commands(TyperGroup):
    """Report an error as a sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except PixieError as error:
            print_error(error, as_json=bool(ctx.meta.get(AS_JSON)))
            raise typer.Exit(EXIT_CODES.get(type(error), 1)) from error


EPILOG = (
    "Exit codes: 0 done; 1 refused, with a sentence why; 2 not understood; 3 not signed in; 4 the server can't be "
    "reached or failed. For scripts: --json, PIXIE_URL, PIXIE_TOKEN (a personal token) and PIXIE_HOME."
)
app = typer.Typer(cls=Commands, no_args_is_help=True, epilog=EPILOG, pretty_exceptions_enable=False)


@app.callback()
def pixie() -> None:
    """Pantry Pixie at the prompt: lists, money, chat and Pixie."""


def _remember(ctx: typer.Context, value: bool) -> bool:
    ctx.find_root().meta[AS_JSON] = value
    return value


Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.", callback=_remember)]


def choose(question: str, rows: Sequence[T], name: Callable[[T], str], hint: str = "") -> T:
    """Let a person choose a row if there are several. Without a terminal that raises CommandError."""
    if len(rows) == 1:
        return rows[0]
    if not sys.stdin.isatty():
        raise CommandError(f"{question}: {', '.join(map(name, rows))}? {hint}".strip())
    screen = Console(file=sys.stderr, highlight=False)
    for number, row in enumerate(rows, start=1):
        screen.print(f"{number}  {name(row)}", markup=False)
    while True:
        number = typer.prompt(f"{question} (1 to {len(rows)})", type=int, err=True)
        if 1 <= number <= len(rows):
            return rows[number - 1]


def confirm(question: str) -> None:
    """Let a person say yes, or stop. Without a terminal that raises CommandError."""
    if not sys.stdin.isatty():
        raise CommandError(question)
    typer.confirm(question, abort=True, err=True)


def console() -> Console:
    """Return a console on the current standard output."""
    return Console(file=sys.stdout, highlight=False)


def answer(value: Any, as_json: bool, text: RenderableType = "") -> None:
    """Print `value` for a script, or `text` for a person."""
    if as_json:
        print(to_json(value).decode(), flush=True)
    else:
        console().print(text, markup=False)


def print_error(error: PixieError, *, as_json: bool) -> None:
    if as_json:
        payload = error.error or {"code": type(error).__name__, "message": error.message}
        print(to_json({"error": payload}).decode(), file=sys.stderr)
        return
    screen = Console(file=sys.stderr, highlight=False)
    screen.print(error.message, markup=False)
    for name, problem in (error.error.get("fields") or {}).items():
        screen.print(f"  {name}: {' '.join(problem) if isinstance(problem, list) else problem}", markup=False)
    if isinstance(error, NotSignedIn):
        screen.print("Sign in with: pixie login")
