"""Registry of Pixie's tools, used by local understanding, language models and MCP.

A tool runs the app's actions as the member who asked and returns what happened. Answers are written from that result.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, field_validator

from groceries.parsing.quantities import QuantityError, parse_quantity
from homes.events.actor import Actor

Scope = Literal["read", "write", "chat"]  # of the token that may use the tool
Run = Callable[[Actor, Any], "Result"]
ConfirmReason = Callable[[Actor, Any], str | None]

# an invalid amount that was read as a name: “-3 eggs”, “0 milk”, “NaN eggs”, “1000000 eggs”
INVALID_AMOUNT = re.compile(r"(?:[-−]\s*[\d.]|0+(?:[.,]0+)?\s|\d{6,}\s|(?:nan|inf|infinity)\s)", re.IGNORECASE)


class Arguments(BaseModel):
    model_config = ConfigDict(extra="ignore")

    @field_validator("name", check_fields=False)
    @classmethod
    def _check_name(cls, value: str) -> str:
        if INVALID_AMOUNT.match(value.strip()):
            raise ValueError(_("An amount is more than nothing and less than 100,000, like 2 or 0.5."))
        return value

    @field_validator("quantity", "price", mode="before", check_fields=False)
    @classmethod
    def _parse_number(cls, value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        try:
            return parse_quantity(str(value))
        except QuantityError as error:
            raise ValueError(str(error)) from error


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


@dataclass(frozen=True)
class Tool:
    name: str
    description: str
    arguments: type[Arguments]
    scope: Scope
    run: Run
    confirm_reason: ConfirmReason | None = None
    """Returns why a call needs confirmation, judging by the home's history, or None."""
    writes: tuple[str, ...] = ()
    """Types of the events that it may record, each of which can be undone."""

    def schema(self) -> dict[str, Any]:
        """Return the JSON Schema of its arguments, for language models and MCP."""
        return _simplified(self.arguments.model_json_schema())


TOOLS: dict[str, Tool] = {}


def tool(
    name: str,
    description: str,
    arguments: type[Arguments],
    *,
    scope: Scope = "write",
    confirm_reason: ConfirmReason | None = None,
    writes: tuple[str, ...] = (),
) -> Callable[[Run], Run]:
    """Register the decorated function as a tool."""

    def register(run: Run) -> Run:
        TOOLS[name] = Tool(name, description, arguments, scope, run, confirm_reason, writes)
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
