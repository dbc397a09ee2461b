"""What tools did, as JSON and back: whoever takes a run up again knows it as who did it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pixie.nlu.outcome import Proposal
from pixie.tools import Line, Result


@dataclass(frozen=True)
class Doubt:
    """A call that waits for a yes; `why` is the sentence that asks, empty for “is that what you meant?”."""

    proposal: Proposal
    why: str = ""


@dataclass(frozen=True)
class Refusal:
    """Why a call was not done, as the person may read it."""

    sentence: str


Outcome = Result | Refusal | Doubt


def pack(outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Result):
        lines = [[line.name, line.amount] for line in outcome.lines]
        return {"is": "result", "tool": outcome.tool, "facts": _packed(outcome.facts), "lines": lines}
    if isinstance(outcome, Refusal):
        return {"is": "refusal", "sentence": outcome.sentence}
    proposal = outcome.proposal
    return {
        "is": "doubt",
        "tool": proposal.type,
        "payload": _packed(proposal.payload),
        "confidence": proposal.confidence,
        "why": outcome.why,
    }


def unpack(kept: dict[str, Any]) -> Outcome:
    if kept["is"] == "result":
        lines = tuple(Line(name, amount) for name, amount in kept["lines"])
        return Result(kept["tool"], _unpacked(kept["facts"]), lines)
    if kept["is"] == "refusal":
        return Refusal(kept["sentence"])
    return Doubt(Proposal(kept["tool"], _unpacked(kept["payload"]), kept["confidence"]), kept["why"])


def plain(value: Any) -> Any:
    """For a model to read: numbers and moments as people write them."""
    if isinstance(value, dict):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(one) for one in value]
    if isinstance(value, bool | int | float | None):
        return value
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _packed(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _packed(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [_packed(one) for one in value]
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
    return str(value)  # also what is translated when it is shown


READERS: dict[str, Any] = {
    "$decimal": Decimal,
    "$moment": datetime.fromisoformat,
    "$day": date.fromisoformat,
    "$id": UUID,
}


def _unpacked(value: Any) -> Any:
    if isinstance(value, dict):
        if len(value) == 1 and (name := next(iter(value))) in READERS:
            return READERS[name](value[name])
        return {name: _unpacked(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    return value
