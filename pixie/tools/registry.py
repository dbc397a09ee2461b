"""Registry of Pixie's tools, used by local understanding, language models and MCP.

A tool runs the app's actions as the member who asked and returns what happened. Answers are written from that result.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from inspect import Parameter, getdoc, signature
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, create_model

LIMITS = ConfigDict(str_max_length=200)  # for arguments without another one
Scope = Literal["read", "write", "chat"]  # of the token that may use the tool
Run = Callable[..., "Result"]
ConfirmReason = Callable[..., str | None]
Replaces = Callable[..., bool]
Resolve = Callable[..., dict[str, Any]]


class Line(NamedTuple):
    """One line of a receipt."""

    name: str
    amount: str = ""


@dataclass(frozen=True)
class Result:
    """What a tool did: `facts` to write the answer from, and `lines` for the receipt."""

    tool: str
    facts: dict[str, Any] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    request: str = ""
    """Describes the call, for somebody who may not read the home and so not what was done."""

    @property
    def readable_lines(self) -> tuple[Line, ...]:
        return () if self.request else self.lines


@dataclass(frozen=True)
class Effects:
    """The effects of a tool on people. `pixie.runs.caution` decides by them when to ask, and MCP clients get them."""

    takes_away: bool = False
    """It removes something, or replaces what was there."""
    speaks: bool = False
    """Others read it as the words of the person."""
    for_everyone: bool | str = False
    """The whole home sees it, or does if the argument of this name is true."""
    amount: str = ""
    """The argument with how many."""
    price: str = ""
    """The argument with an amount of money."""


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    arguments: type[BaseModel]
    scope: Scope
    run: Run
    effects: Effects = Effects()
    confirm_reason: ConfirmReason | None = None
    """Returns why a call needs confirmation, judging by the home's history, or None."""
    replaces: Replaces | None = None
    """Returns whether a call would change what somebody has set, for a tool that takes nothing away by itself."""
    resolve: Resolve | None = None
    """Returns what the arguments stand for now, such as the item of a name or the readers of a text, by argument.
    Raises ActionError if that is nothing."""

    @property
    def acts(self) -> bool:
        """Return whether a call changes anything or tells anybody."""
        return self.scope != "read"

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of its arguments, for language models and MCP."""
        return _simplified(self.arguments.model_json_schema())


TOOLS: dict[str, Tool] = {}


def tool(
    *,
    scope: Scope = "write",
    effects: Effects = Effects(),  # noqa: B008 (frozen)
    confirm_reason: ConfirmReason | None = None,
    replaces: Replaces | None = None,
    resolve: Resolve | None = None,
) -> Callable[[Run], Run]:
    """Register the decorated function as a tool, under its name.

    Its docstring is the description and its parameters after the actor are the arguments, of which a call may omit
    those with a default. `confirm_reason`, `replaces` and `resolve` are called with the
    same parameters.
    """

    def register(run: Run) -> Run:
        name, parameters = run.__name__, list(signature(run).parameters.values())[1:]
        fields: dict[str, Any] = {
            each.name: (each.annotation, ... if each.default is Parameter.empty else each.default)
            for each in parameters
        }
        description = " ".join((getdoc(run) or "").split())
        arguments = create_model(name, __config__=LIMITS, **fields)
        TOOLS[name] = Tool(name, description, arguments, scope, run, effects, confirm_reason, replaces, resolve)
        return run

    return register


def _simplified(schema: Any) -> Any:
    """Drop titles, which repeat names, and the string alternative of numbers."""
    if isinstance(schema, list):
        return [_simplified(part) for part in schema if not (isinstance(part, dict) and "pattern" in part)]
    if not isinstance(schema, dict):
        return schema
    has_title = isinstance(schema.get("title"), str)
    return {key: _simplified(value) for key, value in schema.items() if not (has_title and key == "title")}
