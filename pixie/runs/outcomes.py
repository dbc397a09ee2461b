"""Outcomes of tool calls, and their JSON form in the database."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from pixie.nlu.followups import OpenCall
from pixie.nlu.outcome import Proposal
from pixie.tools import TOOLS, Result


@dataclass(frozen=True)
class Doubt:
    """A call that needs confirmation. `why` is the question to ask; if empty, “Did you mean …?” is asked about `act`,
    which says what a yes would do."""

    proposal: Proposal
    why: str = ""
    act: str = ""


@dataclass(frozen=True)
class Refusal:
    """A call that was refused. `sentence` tells the member why, `detail` tells it to a program, with the fields."""

    sentence: str
    detail: str = ""
    must_be_told: bool = False
    """The member is told even where the model answers, because the call itself was in order."""
    open_call: OpenCall | None = None
    """What the sentence asks for, where it asks something."""


Outcome = Result | Refusal | Doubt

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "result": TypeAdapter(Result),
    "refusal": TypeAdapter(Refusal),
    "doubt": TypeAdapter(Doubt),
}
to_plain = partial(to_jsonable_python, fallback=str)
"""Convert a value to JSON: numbers and dates become strings."""


def is_act(outcome: Outcome) -> bool:
    """Return whether the tool has changed something or told somebody."""
    return isinstance(outcome, Result) and TOOLS[outcome.tool].acts


def pack(outcome: Outcome) -> dict[str, Any]:
    return {"is": type(outcome).__name__.lower(), **to_plain(outcome)}


def unpack(packed: dict[str, Any]) -> Outcome:
    """Restore an outcome from the JSON of `pack`. Decimals and dates among its facts remain strings."""
    return ADAPTERS[packed["is"]].validate_python(packed)
