"""The command itself: how it answers people and scripts, and what its exit codes mean."""

import json
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel
from pydantic_core import to_jsonable_python
from rich.console import Console
from typer.core import TyperGroup

from pantry_pixie.errors import NotSignedIn, PixieError, ServerFailed, Unreachable

Row = TypeVar("Row")


class Exit(IntEnum):
    OK = 0
    REFUSED = 1
    USAGE = 2
    NOT_SIGNED_IN = 3
    UNREACHABLE = 4


class ActionError(PixieError):
    """What the command itself can't do, and why."""


class Misused(PixieError):
    """What makes no sense to ask for."""


def exit_code(error: PixieError) -> Exit:
    match error:
        case Misused():
            return Exit.USAGE
        case NotSignedIn():
            return Exit.NOT_SIGNED_IN
        case Unreachable() | ServerFailed():
            return Exit.UNREACHABLE
    return Exit.REFUSED


class Commands(TyperGroup):
    """Says what went wrong in a sentence, and in the exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except PixieError as error:
            tell(error, as_json=bool(ctx.meta.get(AS_JSON)))
            raise typer.Exit(exit_code(error)) from error


EPILOG = (
    "Exit codes: 0 done; 1 refused, with a sentence why; 2 not understood; 3 not signed in; 4 the server can't be "
    "reached or failed. For scripts: --json, PIXIE_URL, PIXIE_TOKEN (a personal token) and PIXIE_HOME."
)
AS_JSON = "pantry_pixie.json"
app = typer.Typer(cls=Commands, no_args_is_help=True, epilog=EPILOG, pretty_exceptions_enable=False)


@app.callback()
def pixie() -> None:
    """Pantry Pixie at the prompt: lists, money, chat and Pixie."""


def _note(ctx: typer.Context, value: bool) -> bool:
    ctx.find_root().meta[AS_JSON] = value
    return value


Json = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.", callback=_note)]


def chosen(question: str, rows: Sequence[Row], name: Callable[[Row], str], otherwise: str = "") -> Row:
    """A person chooses one of several by its number; a script is refused, told what there is and what to do."""
    if not sys.stdin.isatty():
        raise ActionError(f"{question}: {', '.join(map(name, rows))}? {otherwise}".strip())
    screen = Console(file=sys.stderr, highlight=False)
    for number, row in enumerate(rows, start=1):
        screen.print(f"{number}  {name(row)}", markup=False)
    while True:
        number = typer.prompt(f"{question} (1 to {len(rows)})", type=int, err=True)
        if 1 <= number <= len(rows):
            return rows[number - 1]


def console() -> Console:
    """On what stands for the screen at this moment."""
    return Console(file=sys.stdout, highlight=False)


def answer(value: Any, as_json: bool, draw: Callable[[Console], None] | str) -> None:
    """Answer a script with `value`, a person with what `draw` shows."""
    if as_json:
        print(json.dumps(plain(value), ensure_ascii=False), flush=True)
    elif isinstance(draw, str):
        console().print(draw, markup=False)
    else:
        draw(console())


def plain(value: Any) -> Any:
    return value.model_dump(mode="json", by_alias=True) if isinstance(value, BaseModel) else to_jsonable_python(value)


def tell(error: PixieError, *, as_json: bool) -> None:
    if as_json:
        said = error.error or {"code": type(error).__name__, "message": error.message}
        print(json.dumps({"error": plain(said)}, ensure_ascii=False), file=sys.stderr)
        return
    screen = Console(file=sys.stderr, highlight=False)
    screen.print(error.message, markup=False)
    for name, wrong in (error.error.get("fields") or {}).items():
        screen.print(f"  {name}: {' '.join(wrong) if isinstance(wrong, list) else wrong}", markup=False)
    if isinstance(error, NotSignedIn):
        screen.print("Sign in with: pixie login")
