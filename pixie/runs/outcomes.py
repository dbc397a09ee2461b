"""Outcomes of tool calls, and their JSON form in the database."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_jsonable_python

from pixie.nlu.outcome import Proposal
from pixie.tools import Result


@dataclass(frozen=True)
class Doubt:
    """A call that needs confirmation. `why` is the question to ask; if empty, “Did you mean …?” is asked."""

    proposal: Proposal
    why: str = ""


@dataclass(frozen=True)
class Refusal:
    """A call that was refused. `sentence` tells the member why."""

    sentence: str


Outcome = Result | Refusal | Doubt

ADAPTERS: dict[str, TypeAdapter[Any]] = {
    "result": TypeAdapter(Result),
    "refusal": TypeAdapter(Refusal),
    "doubt": TypeAdapter(Doubt),
}
to_plain = partial(to_jsonable_python, fallback=str)
"""Convert a value to JSON: numbers and dates become strings."""


def pack(outcome: Outcome) -> dict[str, Any]:
    return {"is": type(outcome).__name__.lower(), **to_plain(outcome)}


def unpack(packed: dict[str, Any]) -> Outcome:
    """Restore an outcome from the JSON of `pack`. Decimals and dates among its facts remain strings."""
    return ADAPTERS[packed["is"]].validate_python(packed)
