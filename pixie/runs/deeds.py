"""What a language model wants done, done with care and kept."""

import json
import logging
import time
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from homes.events.actor import Actor
from pixie.llm import Call
from pixie.models import RunMessage, RunStep
from pixie.nlu.outcome import Proposal, Understanding
from pixie.runs import confidence
from pixie.runs.outcomes import Doubt, Outcome, Refusal, pack, plain
from pixie.runs.tool_calls import Trace, call, milliseconds_since
from pixie.tools import TOOLS, Result

log = logging.getLogger(__name__)


class Unkept(Trace):
    """The call stands in the trace already, and its answer bears the call's id."""

    def keep_call(self, proposal: Proposal, outcome: Result | Refusal, op_id: UUID, took: int) -> None:
        pass


def do_call(by: Actor, said: str, understood: Understanding, step: RunStep, asked: Call, op_id: UUID) -> None:
    """Inside a transaction: make the call if there is such a tool, and keep what came of it."""
    outcome: Outcome | None = None
    began = time.perf_counter()
    if asked.name not in TOOLS:
        told = f"There is no tool “{asked.name[:60]}”. There are: {', '.join(sorted(TOOLS))}."
    elif asked.arguments is None:
        told = "The arguments are no JSON object. Write them again."
    else:
        outcome = _done(by, confidence.proposal(asked, said, understood.actions), step, op_id)
        told = _told(outcome)
    took = milliseconds_since(began)
    RunMessage.objects.create(
        run=step.run,
        step=step,
        message_type=RunMessage.Type.TOOL_RETURN,
        content=told,
        tool_name=asked.name[:60],
        tool_call_id=asked.id,
        outcome=pack(outcome) if outcome else None,
        duration_ms=took,
    )
    step.tool_ms += took
    step.save(update_fields=["tool_ms"])


def _done(by: Actor, proposal: Proposal, step: RunStep, op_id: UUID) -> Outcome:
    try:
        with transaction.atomic():
            return call(by, proposal, op_id=op_id, trace=Unkept(step.run, step))
    except Exception:
        log.exception("run %s: the tool %s failed", step.run_id, proposal.type)
        return Refusal(_("That went wrong here, and it was not done."))


def _told(outcome: Outcome) -> str:
    """What the model reads of it."""
    if isinstance(outcome, Result):
        lines = [f"{line.name} {line.amount}".strip() for line in outcome.lines]
        known: dict[str, Any] = {"done": True, **plain(outcome.facts), "lines": lines}
        return json.dumps(known, ensure_ascii=False)
    if isinstance(outcome, Doubt):
        return json.dumps({"done": False, "waits": "The home asks the person first."})
    return json.dumps({"done": False, "refused": outcome.sentence}, ensure_ascii=False)
