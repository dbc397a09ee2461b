"""Outcomes of tool calls, and their JSON form in the database."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pixie.nlu.outcome import Proposal
from pixie.tools import Line, Result


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


def pack(outcome: Outcome) -> dict[str, Any]:
    """Convert an outcome to JSON."""
    if isinstance(outcome, Result):
        lines = [[line.name, line.amount] for line in outcome.lines]
        return {"is": "result", "tool": outcome.tool, "facts": _pack_value(outcome.facts), "lines": lines}
    if isinstance(outcome, Refusal):
        return {"is": "refusal", "sentence": outcome.sentence}
    proposal = outcome.proposal
    return {
        "is": "doubt",
        "tool": proposal.type,
        "payload": _pack_value(proposal.payload),
        "confidence": proposal.confidence,
        "why": outcome.why,
    }


def unpack(packed: dict[str, Any]) -> Outcome:
    """Restore an outcome from the JSON of `pack`."""
    if packed["is"] == "result":
        lines = tuple(Line(name, amount) for name, amount in packed["lines"])
        return Result(packed["tool"], _unpack_value(packed["facts"]), lines)
    if packed["is"] == "refusal":
        return Refusal(packed["sentence"])
    return Doubt(Proposal(packed["tool"], _unpack_value(packed["payload"]), packed["confidence"]), packed["why"])


def to_plain(value: Any) -> Any:
    """Convert a value to JSON for a model or a client: numbers and dates become strings."""
    if isinstance(value, dict):
        return {str(name): to_plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [to_plain(item) for item in value]
    if isinstance(value, bool | int | float | None):
        return value
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _pack_value(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _pack_value(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [_pack_value(item) for item in value]
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$moment": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    if isinstance(value, UUID):
        return {"$id": str(value)}
    if isinstance(value, bool | int | float | None):
        return value
    return str(value)  # also lazy translations


READERS: dict[str, Any] = {
    "$decimal": Decimal,
    "$moment": datetime.fromisoformat,
    "$day": date.fromisoformat,
    "$id": UUID,
}


def _unpack_value(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and (name := next(iter(value))) in READERS:
            return READERS[name](value[name])
        return {name: _unpack_value(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_unpack_value(item) for item in value]
    return value
