"""Tool calls and their records in the run."""

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from homes.events.actor import Actor
from pantry.errors import ActionError, ChoiceNeeded
from pantry.text import clean_text
from pixie.llm import ToolCall
from pixie.models import Run, RunMessage, RunStep
from pixie.nlu.followups import OpenCall
from pixie.nlu.outcome import SURE, Proposal
from pixie.replies.calls import describe_call
from pixie.runs.caution import is_same_call
from pixie.runs.outcomes import Doubt, Outcome, Refusal, pack, to_plain, unpack
from pixie.tools import TOOLS, Result, Tool

log = logging.getLogger(__name__)


def call_tool(by: Actor, proposal: Proposal, step: RunStep, *, op_id: UUID, is_confirmed: bool = False) -> Outcome:
    """Call a tool and record the call in the step, which the caller saves."""
    proposal, started = _clean(proposal), time.monotonic()
    outcome = make_call(by, proposal, step.run, op_id=op_id, is_confirmed=is_confirmed)
    if not isinstance(outcome, Doubt):
        name, call_id = proposal.type, str(op_id)
        step.record(RunMessage.Type.TOOL_CALL, tool_input=proposal.payload, tool_name=name, tool_call_id=call_id)
        content = str(outcome.facts) if isinstance(outcome, Result) else f"refused: {outcome.sentence}"
        _record_return(step, name, call_id, content, outcome, started)
    return outcome


def make_call(by: Actor, proposal: Proposal, run: Run, *, op_id: UUID, is_confirmed: bool = False) -> Outcome:
    """Call a tool as the operation `op_id`.

    Unless the call `is_confirmed`, an uncertain or unusual one returns a Doubt and does nothing, and one that another
    agent has made for the same message returns that agent's result.
    """
    by = replace(by, op_id=op_id, reply_channel=run.channel_id)
    earlier_result = None if is_confirmed else _result_of_another_agent(by, run, proposal)
    return earlier_result or try_tool(by, proposal, is_confirmed=is_confirmed)


def try_tool(by: Actor, proposal: Proposal, *, is_confirmed: bool) -> Outcome:
    """Call a tool outside of a run. An actor that may not read the home learns nothing of it."""
    tool = TOOLS[proposal.type]
    try:
        by.require(tool.scope)
        arguments = dict(tool.arguments.model_validate(proposal.payload))
        if not is_confirmed:
            why = tool.confirm_reason(by, **arguments) if tool.confirm_reason else None
            if why or proposal.confidence < SURE:
                return Doubt(proposal, why if why and by.allows("read") else "", _describe(by, tool, arguments))
        with transaction.atomic():
            result = tool.run(by, **arguments)
        return (
            result
            if by.allows("read")
            else replace(result, facts={}, request=describe_call(Proposal(tool.name, arguments, 1.0)))
        )
    except ValidationError as error:
        messages = [(detail["loc"], detail["msg"].removeprefix("Value error, ")) for detail in error.errors()]
        fields = [f"{'.'.join(map(str, location))}: {message}" for location, message in messages]
        return Refusal(" ".join(message for _location, message in messages), " ".join(fields))
    except ChoiceNeeded as error:
        if not by.allows("read"):
            return Refusal(error.unnamed)
        argument = next((name for name, value in arguments.items() if value == error.value), "")
        open_call = OpenCall(proposal.type, proposal.payload, argument, error.choices) if argument else None
        return Refusal(str(error), open_call=open_call)
    except ActionError as error:
        return Refusal(str(error) if by.allows("read") else error.unnamed)


def describe_act(by: Actor, proposal: Proposal, run: Run) -> str:
    """Return what the call would do now, as part of a question; empty if it cannot be made any more."""
    tool = TOOLS[proposal.type]
    try:
        arguments = dict(tool.arguments.model_validate(proposal.payload))
        return _describe(replace(by, reply_channel=run.channel_id), tool, arguments)
    except (ValidationError, ActionError):
        return ""


def _describe(by: Actor, tool: Tool, arguments: dict[str, Any]) -> str:
    resolved = tool.resolve(by, **arguments) if tool.resolve and by.allows("read") else {}
    return describe_call(Proposal(tool.name, {**arguments, **resolved}, 1.0))


def run_model_call(by: Actor, proposal: Proposal, step: RunStep, call: ToolCall, op_id: UUID) -> None:
    """Make a model's call as the `proposal` and record what the model is to read. Must run in a transaction."""
    outcome: Outcome | None = None
    started = time.monotonic()
    if call.name not in TOOLS:
        content = f"There is no tool “{call.name[:60]}”. There are: {', '.join(sorted(TOOLS))}."
    elif call.arguments is None:
        content = "The arguments are no JSON object. Write them again."
    else:
        outcome = _call_safely(by, proposal, step.run, op_id)
        ignored = sorted(call.arguments.keys() - TOOLS[call.name].arguments.model_fields)
        content = _content_for_model(outcome, ignored)
    _record_return(step, call.name, call.id, content, outcome, started)
    step.save(update_fields=["tool_ms"])


def refuse_calls(step: RunStep, calls: Sequence[ToolCall], sentence: str, detail: str) -> None:
    """Refuse all calls of a message. Must run in a transaction."""
    refusal = Refusal(sentence, detail, must_be_told=True)
    for call in calls:
        _record_return(step, call.name, call.id, _content_for_model(refusal), refusal, time.monotonic())


def milliseconds_since(started: float) -> int:
    """Return the time since `started`, a value of `time.monotonic`."""
    return round((time.monotonic() - started) * 1000)


def _record_return(
    step: RunStep, name: str, call_id: str, content: str, outcome: Outcome | None, started: float
) -> None:
    duration_ms = milliseconds_since(started)
    packed = pack(outcome) if outcome else None
    fields = {"tool_name": name[:60], "tool_call_id": call_id, "outcome": packed, "duration_ms": duration_ms}
    step.record(RunMessage.Type.TOOL_RETURN, content, **fields)
    step.tool_ms += duration_ms


def _result_of_another_agent(by: Actor, run: Run, proposal: Proposal) -> Result | None:
    """Return the result of the same call, if another agent that the message names has made it."""
    if run.trigger_message_id is None or TOOLS[proposal.type].scope == "read":
        return None
    others = RunMessage.objects.filter(run__trigger_message=run.trigger_message_id).exclude(run=run)
    rows = list(others.filter(tool_name=proposal.type))
    calls = [row for row in rows if row.message_type == RunMessage.Type.TOOL_CALL]
    tool, payload = proposal.type, proposal.payload
    same = {(row.step_id, row.tool_call_id) for row in calls if is_same_call(tool, payload, row.tool_input or {}, by)}
    outcomes = (unpack(row.outcome) for row in rows if row.outcome and (row.step_id, row.tool_call_id) in same)
    return next((outcome for outcome in outcomes if isinstance(outcome, Result)), None)


def _call_safely(by: Actor, proposal: Proposal, run: Run, op_id: UUID) -> Outcome:
    try:
        with transaction.atomic():
            return make_call(by, _clean(proposal), run, op_id=op_id)
    except Exception:
        log.exception("run %s: the tool %s failed", run.pk, proposal.type)
        return Refusal(_("Something went wrong, so I didn't do that."), must_be_told=True)


def _content_for_model(outcome: Outcome, ignored: Sequence[str] = ()) -> str:
    if isinstance(outcome, Result):
        lines = [f"{line.name} {line.amount}".strip() for line in outcome.readable_lines]
        content: dict[str, Any] = {"done": True, **to_plain(outcome.facts), "lines": lines}
    elif isinstance(outcome, Doubt):
        content = {"done": False, "waits": "The home asks the person first."}
    else:
        content = {"done": False, "refused": outcome.detail or outcome.sentence}
    if ignored:
        content["ignored_arguments"] = list(ignored)
    return json.dumps(content, ensure_ascii=False)


def _clean(proposal: Proposal) -> Proposal:
    """Remove characters that a database rejects: the call and its record are stored as JSON."""
    payload = {name: clean_text(value) if isinstance(value, str) else value for name, value in proposal.payload.items()}
    return replace(proposal, payload=payload)
