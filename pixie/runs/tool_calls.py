"""Calling a tool, and keeping the trace of it."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction
from pydantic import ValidationError

from groceries.parsing.names import normalize
from homes.events.actor import Actor
from pantry.errors import ActionError
from pantry.text import clean_text
from pixie.models import Run, RunMessage, RunStep
from pixie.nlu.outcome import SURE, Proposal
from pixie.runs.outcomes import Doubt, Refusal, pack, unpack
from pixie.tools import TOOLS, Result


class Trace:
    """Writes what was said and done in a run, for whoever wants to know later."""

    def __init__(self, run: Run, step: RunStep | None = None) -> None:
        self.run, self.step = run, step

    def keep(self, kind: str, content: str, **fields: Any) -> None:
        RunMessage.objects.create(run=self.run, step=self.step, message_type=kind, content=content, **fields)

    def keep_call(self, proposal: Proposal, outcome: Result | Refusal, op_id: UUID, took: int) -> None:
        """`took` milliseconds; they are added to the step, which whoever made it saves."""
        which = {"tool_name": proposal.type, "tool_call_id": str(op_id)}
        self.keep(RunMessage.Type.TOOL_CALL, "", tool_input=proposal.payload, **which)
        said = str(outcome.facts) if isinstance(outcome, Result) else f"refused: {outcome.sentence}"
        self.keep(RunMessage.Type.TOOL_RETURN, said, outcome=pack(outcome), duration_ms=took, **which)
        if self.step is not None:
            self.step.tool_ms += took


def call(
    by: Actor, proposal: Proposal, *, op_id: UUID, trace: Trace, confirmed: bool = False
) -> Result | Refusal | Doubt:
    """Run one tool as `by`, once for an `op_id`. Unless it is `confirmed`, a call that is uncertain or
    unusual comes back as a Doubt and nothing happens, and what another agent did for the same message is not done
    again."""
    by, proposal = replace(by, op_id=op_id, reply_channel=trace.run.channel_id), _clean(proposal)
    began = time.perf_counter()
    known = None if confirmed else _done_by_another(trace.run, proposal)
    outcome = known or attempt(by, proposal, confirmed=confirmed)
    if not isinstance(outcome, Doubt):
        trace.keep_call(proposal, outcome, op_id, milliseconds_since(began))
    return outcome


def _done_by_another(run: Run, proposal: Proposal) -> Result | None:
    """What came of the very same call, where the message names several agents and one of them made it."""
    if run.trigger_message_id is None or TOOLS[proposal.type].scope == "read":
        return None
    others = RunMessage.objects.filter(run__trigger_message=run.trigger_message_id).exclude(run=run)
    kept = list(others.filter(tool_name=proposal.type))
    calls = [one for one in kept if one.message_type == RunMessage.Type.TOOL_CALL]
    same = {(one.step_id, one.tool_call_id) for one in calls if _alike(one.tool_input, proposal.payload)}
    results = (unpack(one.outcome) for one in kept if one.outcome and (one.step_id, one.tool_call_id) in same)
    return next((result for result in results if isinstance(result, Result)), None)


def _alike(made: Any, asked: dict[str, Any]) -> bool:
    """The first one who wrote a thing down made its name one of the home's own."""
    one, other = ({**said, "name": normalize(str(said.get("name", "")))} for said in (made or {}, asked))
    return one == other


def attempt(by: Actor, proposal: Proposal, *, confirmed: bool) -> Result | Refusal | Doubt:
    """As `call`, without a run that keeps a trace."""
    tool = TOOLS[proposal.type]
    try:
        arguments = tool.arguments.model_validate(proposal.payload)
        if not confirmed:
            why = tool.confirm_reason(by, arguments) if tool.confirm_reason else None
            if why or proposal.confidence < SURE:
                return Doubt(proposal, why or "")
        with transaction.atomic():
            return tool.run(by, arguments)
    except ValidationError as error:
        return Refusal(" ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors()))
    except ActionError as refusal:
        return Refusal(str(refusal))


def milliseconds_since(began: float) -> int:
    """`began` by `time.perf_counter`."""
    return round((time.perf_counter() - began) * 1000)


def _clean(proposal: Proposal) -> Proposal:
    """Without what no database takes, for whatever proposed it: the call and its trace are kept as JSON."""
    payload = {name: clean_text(said) if isinstance(said, str) else said for name, said in proposal.payload.items()}
    return replace(proposal, payload=payload)
