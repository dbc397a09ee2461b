"""Caution about a model's calls: the effects of a tool decide whether the person is asked first, not the model's words.

The only reason not to ask is the person's own message: local understanding has to find in it, with certainty, the same
call with the same arguments. So negations, questions, mentions and whatever others wrote give no permission. This
limits what a prompt injection, such as a note on an item, can do.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from groceries.parsing.names import normalize
from groceries.parsing.quantities import normalize_unit
from homes.events.actor import Actor
from pantry.errors import ActionError
from pixie.llm import ToolCall
from pixie.nlu.outcome import SURE, Proposal
from pixie.tools import TOOLS, Tool

MAX_UNASKED = 5  # acts of one answer for which the person did not ask in so many words
REQUESTED, GUESSED = 1.0, 0.5
INCIDENTAL = {"category"}  # arguments that may differ from what the person said


def rate_calls(
    calls: Sequence[ToolCall], done: Iterable[ToolCall], understood: Sequence[Proposal], by: Actor
) -> list[Proposal]:
    """Return the calls with their confidence: those below SURE are asked first.

    `done` are the calls made before for the same message, `understood` what local understanding finds in it. An item
    is added once without a question, so that no amount is split into usual ones.
    """
    wishes = [proposal for proposal in understood if proposal.confidence >= SURE]
    unasked_before = [call for call in done if _acts(call) and not _fulfill(call, wishes, by)]
    unasked = {call.id for call in calls if _acts(call) and not _fulfill(call, wishes, by)}
    is_many = len(unasked_before) + len(unasked) > MAX_UNASKED
    added, proposals = {_item(call, by) for call in done} - {""}, []
    for call in calls:
        item = _item(call, by)
        is_doubtful = call.id in unasked and (is_many or item in added or _affects_people(call) or _replaces(call, by))
        proposals.append(Proposal(call.name, call.arguments or {}, GUESSED if is_doubtful else REQUESTED))
        added |= {item} - {""}
    return proposals


def is_same_call(tool: str, payload: dict[str, Any], other: dict[str, Any], by: Actor) -> bool:
    """Return whether both payloads of the tool mean the same."""
    meaning = _meaning(TOOLS[tool], payload, by)
    return meaning is not None and meaning == _meaning(TOOLS[tool], other, by)


def _fulfill(call: ToolCall, wishes: list[Proposal], by: Actor) -> bool:
    """Remove one of the wishes that is this very call, because it allows only one. Return whether there was one."""
    payload = call.arguments or {}
    same = [wish for wish in wishes if wish.type == call.name and is_same_call(call.name, payload, wish.payload, by)]
    if not same:
        return False
    wishes.remove(same[0])
    return True


def _acts(call: ToolCall) -> bool:
    return call.name in TOOLS and TOOLS[call.name].acts


def _item(call: ToolCall, by: Actor) -> str:
    """Return the item of which the call adds or changes an amount; empty if there is none."""
    if call.name not in TOOLS or not TOOLS[call.name].effects.amount:
        return ""
    return str((_meaning(TOOLS[call.name], call.arguments or {}, by) or {}).get("name", ""))


def _affects_people(call: ToolCall) -> bool:
    effects, arguments = TOOLS[call.name].effects, call.arguments or {}
    everyone = effects.for_everyone
    is_for_everyone = bool(arguments.get(everyone)) if isinstance(everyone, str) else everyone
    return effects.takes_away or effects.speaks or is_for_everyone


def _replaces(call: ToolCall, by: Actor) -> bool:
    """Return whether the call would change what somebody has set, such as a note."""
    tool = TOOLS[call.name]
    try:
        arguments = dict(tool.arguments.model_validate(call.arguments or {}))
        return tool.replaces is not None and tool.replaces(by, **arguments)
    except (ValidationError, ActionError):  # the tool will refuse it
        return False


def _meaning(tool: Tool, payload: dict[str, Any], by: Actor) -> dict[str, Any] | None:
    """Return the arguments in a form in which equal wishes are equal; None for invalid ones."""
    try:
        arguments = dict(tool.arguments.model_validate(payload))
    except ValidationError:
        return None
    try:
        resolved = tool.resolve(by, **arguments) if tool.resolve else {}
    except ActionError:  # the tool will refuse it, or has done it already
        resolved = {}
    zone = by.home.zone
    plain = {
        name: _plain(name, value, zone) for name, value in {**arguments, **resolved}.items() if name not in INCIDENTAL
    }
    return {name: value for name, value in plain.items() if value not in (None, "", False, ())}


def _plain(name: str, value: Any, zone: ZoneInfo) -> Any:
    if isinstance(value, Decimal):
        return value.normalize()
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)
    if name == "unit" and value:
        unit = normalize_unit(value)
        return None if unit == "piece" else unit
    if name == "name":
        return normalize(value)
    return " ".join(value.split()).casefold().strip(' .!"“”') if isinstance(value, str) else value
