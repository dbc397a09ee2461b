"""What Pixie can do: each tool declared once, for local understanding, the language model and MCP alike.

A tool acts as the member who asked, through the same actions as every other origin, and returns what really
happened. What is said of it is made from that result.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, field_validator

from groceries.parsing.quantities import QuantityError, parse_quantity
from homes.events.actor import Actor

Scope = Literal["read", "write", "chat"]  # what a token must be allowed to
Run = Callable[[Actor, Any], "Result"]
Ask = Callable[[Actor, Any], str | None]

# “-3 eggs”, “0 milk”, “NaN eggs”, “1000000 eggs”: an amount that is none, and not the name of a thing
NO_NAME = re.compile(r"(?:[-−]\s*[\d.]|0+(?:[.,]0+)?\s|\d{6,}\s|(?:nan|inf|infinity)\s)", re.IGNORECASE)


class Arguments(BaseModel):
    model_config = ConfigDict(extra="ignore")

    @field_validator("name", check_fields=False)
    @classmethod
    def _is_no_amount(cls, value: str) -> str:
        if NO_NAME.match(value.strip()):
            raise ValueError(_("An amount is more than nothing and less than 100,000, like 2 or 0.5."))
        return value

    @field_validator("quantity", "price", mode="before", check_fields=False)
    @classmethod
    def _number(cls, value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        try:
            return parse_quantity(str(value))
        except QuantityError as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True)
class Line:
    """One line of a receipt."""

    name: str
    amount: str = ""


@dataclass(frozen=True)
class Result:
    """What a tool did. `facts` is for whoever speaks of it, `lines` are shown as the receipt."""

    tool: str
    facts: dict[str, Any] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    arguments: type[Arguments]
    scope: Scope
    run: Run
    confirm_reason: Ask | None = None
    """Why a call should be confirmed first, decided by what the home did before; None to go ahead."""
    writes: tuple[str, ...] = ()
    """The events that it may write: `undo` puts each of them back."""

    def schema(self) -> dict[str, Any]:
        """Its arguments in JSON Schema, as models and MCP want them."""
        return _plain(self.arguments.model_json_schema())


TOOLS: dict[str, Tool] = {}


def tool(
    name: str,
    description: str,
    arguments: type[Arguments],
    *,
    scope: Scope = "write",
    confirm_reason: Ask | None = None,
    writes: tuple[str, ...] = (),
) -> Callable[[Run], Run]:
    def register(run: Run) -> Run:
        TOOLS[name] = Tool(name, description, arguments, scope, run, confirm_reason, writes)
        return run

    return register


def _plain(schema: Any) -> Any:
    """Without the titles, which repeat the names, and with one way to write a number."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema if not (isinstance(each, dict) and "pattern" in each)]
    if not isinstance(schema, dict):
        return schema
    titled = isinstance(schema.get("title"), str)
    return {key: _plain(value) for key, value in schema.items() if not (titled and key == "title")}
