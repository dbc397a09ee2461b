"""A run that asks a language model, step by step.

Each step that is finished is committed, each tool call for itself, so a worker may die at any line: who takes the run
up reads what was said and done, does what is missing, and goes on. A call's `op_id` follows from the run and the
call, so nothing takes effect twice. Between two pieces of text the lease is renewed, and a wish to stop is heard.
"""

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from django.conf import settings
from django.utils import timezone

from chat.models import Message, MessageState
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Membership
from pixie.llm import Call, Fault, Question, Reply, Stop, Trouble
from pixie.llm.access import Access, access_of
from pixie.llm.routing import route
from pixie.llm.watching import watched
from pixie.models import LOCAL, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.nlu.outcome import Understanding
from pixie.replies import excuses
from pixie.runs import claim_check, lease, prompt
from pixie.runs.deeds import do_call
from pixie.runs.draft import Draft
from pixie.runs.outcomes import Doubt, Outcome
from pixie.runs.prompt import calls_of
from pixie.tools import TOOLS
from pixie.usage import costs

log = logging.getLogger(__name__)

LOOK_EACH = 0.1  # seconds without a piece after which one looks around
LISTEN_EACH = 0.5  # seconds between two looks whether the run is still ours, and wanted
RENEW_EACH = 15.0  # seconds between two renewals of the lease
MOST_ASKS = 4  # of one step, while the provider is busy
PAUSES = (0.5, 1.0, 2.0)  # seconds before asking again
LONGEST_PAUSE = 20.0
MOST_CALLS = 20  # in one step
SUMMED = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens", "cost_usd", "tool_ms")


class Stopped(Exception):
    """Somebody asked to stop, or who asked is no member any more."""


@dataclass(frozen=True)
class Way:
    """How a message is answered: by `model`, or without one. `spent`: it would be one, but for the month's budget."""

    access: Access | None = None
    model: str = ""
    spent: bool = False


@dataclass
class Ending:
    """How a run ends. Without `text` it is answered from what tools did, or by local understanding."""

    status: str = RunStatus.COMPLETED
    reason: str = StopReason.END_TURN
    text: str = ""
    error: str = ""
    trouble: str = ""
    state: str = MessageState.COMPLETE


Finish = Callable[[Ending, list[Outcome], list[UUID]], None]


@dataclass
class Thinking:
    run: Run
    message: Message
    member: Membership
    understood: Understanding
    way: Way
    until: float
    draft: Draft | None = None
    outcomes: list[Outcome] = field(default_factory=list)
    listened_at: float = 0.0
    renewed_at: float = field(default_factory=time.monotonic)


def choose(run: Run, message: Message, understood: Understanding) -> Way:
    """What was begun with a model goes on with it, else `pixie.llm.routing` decides."""
    access = access_of(run.home)
    if access is None:
        return Way()
    begun = run.steps.exclude(model=LOCAL).first()
    if begun is not None:
        return Way(access, begun.model)
    wanted = str(message.metadata.get("route", ""))
    way = route(understood, has_model=True, tools=TOOLS, wanted=wanted)
    if way.tier is not None:  # only now it matters what is left
        way = route(understood, has_model=True, tools=TOOLS, wanted=wanted, left=costs.budget_for(run.agent).left)
    if way.tier is None:
        return Way(spent=way.spent)
    return Way(access, run.agent.model or access.name(way.tier))


def think(run: Run, message: Message, member: Membership, understood: Understanding, way: Way, finish: Finish) -> None:
    """Ask the way's model, and `finish` in one transaction with how it ended. Raises LeaseLost."""
    until = time.monotonic() + settings.PIXIE_RUN_SECONDS
    thinking = Thinking(run, message, member, understood, way, until)
    try:
        ending = _steps(thinking)
    except Stopped:
        text = thinking.draft.text if thinking.draft else ""
        ending = Ending(RunStatus.CANCELLED, StopReason.CANCELLED, text=text, state=MessageState.ABORTED)
    except Fault as fault:
        log.warning("run %s: the model %s gave no answer: %s", run.pk, way.model, fault)
        ending = Ending(RunStatus.FAILED, StopReason.ERROR, error=str(fault), trouble=fault.trouble)
    with lease.hold(run):
        _sum_up(run, way)
        finish(ending, prompt.so_far(run)[1], ops_of(run))


def ops_of(run: Run) -> list[UUID]:
    """The operations of all calls that the run made."""
    steps = prompt.finished_steps(run)
    return [op_id(run, step, call) for step in steps for call in calls_of(list(step.messages.all()))]


def op_id(run: Run, step: RunStep, call: Call) -> UUID:
    return uuid5(run.pk, f"{step.step_number}:{call.id}")


def _steps(thinking: Thinking) -> Ending:
    run = thinking.run
    _listen(thinking)
    thinking.draft = Draft(run, thinking.message.parent)
    thinking.draft.do(excuses.doing(""))
    while True:
        done = prompt.finished_steps(run)
        if done and (ending := _after(thinking, done)) is not None:
            return ending
        if len(done) >= run.agent.max_turns:
            return Ending(RunStatus.FAILED, StopReason.MAX_STEPS, error="too many steps")
        spent = sum(step.cost_usd for step in done)
        if done and spent >= run.agent.max_budget_usd:
            return Ending(RunStatus.FAILED, StopReason.ERROR, error="run_budget: spent", trouble="run_budget")
        _step(thinking, len(done) + 1)


def _step(thinking: Thinking, number: int) -> None:
    """One call of the model, kept when it is finished."""
    run, model = thinking.run, thinking.way.model
    turns, thinking.outcomes = prompt.so_far(run)
    question = Question(
        model,
        prompt.rules(run.agent),
        prompt.facts(run, thinking.member),
        (prompt.opening(run, thinking.message, thinking.member), *turns),
        prompt.tool_shapes(),
        person=prompt.person_of(thinking.member),
    )
    with lease.hold(run):
        step, _is_new = RunStep.objects.get_or_create(run=run, step_number=number, defaults={"model": model})
    began = time.monotonic()
    try:
        reply = _ask_patiently(thinking, question)
    except Fault:
        RunStep.objects.filter(pk=step.pk).update(status=RunStatus.FAILED, completed_at=timezone.now())
        raise
    with lease.hold(run):
        _keep(thinking, step, reply, round((time.monotonic() - began) * 1000))


def _keep(thinking: Thinking, step: RunStep, reply: Reply, took: int) -> None:
    run = thinking.run
    usage = reply.usage
    step.model, step.status, step.completed_at = thinking.way.model, RunStatus.COMPLETED, timezone.now()
    step.input_tokens, step.output_tokens, step.cached_tokens = usage.input, usage.output, usage.read
    step.cache_written_tokens, step.reasoning_tokens = usage.written, usage.reasoning
    step.cost_usd, step.duration_ms = costs.cost(step.model, usage), took
    step.stop_reason, step.said = reply.stop, reply.raw
    step.save()
    if step.step_number == 1:
        RunMessage.objects.create(run=run, step=step, message_type=RunMessage.Type.USER, content=thinking.message.body)
    if reply.text:
        RunMessage.objects.create(run=run, step=step, message_type=RunMessage.Type.ASSISTANT, content=reply.text)
    for call in reply.calls[:MOST_CALLS]:
        RunMessage.objects.create(
            run=run,
            step=step,
            message_type=RunMessage.Type.TOOL_CALL,
            tool_name=call.name[:60],
            tool_input=call.arguments,
            tool_call_id=call.id[:80],
        )


def _after(thinking: Thinking, done: Sequence[RunStep]) -> Ending | None:
    """What follows from the last finished step: None when another one does."""
    step = done[-1]
    kept = list(step.messages.all())
    if step.stop_reason == Stop.REFUSED:
        return Ending(RunStatus.FAILED, StopReason.ERROR, error="refused: by the model", trouble="refused")
    if calls := calls_of(kept):
        return _call_all(thinking, step, calls, kept)
    text = "".join(one.content for one in kept if one.message_type == RunMessage.Type.ASSISTANT).strip()
    if not text:
        return Ending(RunStatus.FAILED, StopReason.NO_TOOL_CALL, error="the model said nothing", trouble="empty")
    thinking.outcomes = prompt.so_far(thinking.run)[1]
    reading = claim_check.read(text, thinking.outcomes, is_whole=True)
    if reading.false:
        return _correct(thinking, step, reading.false)
    if step.stop_reason == Stop.TOO_LONG:
        return Ending(reason=StopReason.MAX_TOKENS, text=f"{text} …", error="cut off by the model")
    return Ending(text=text)


def _call_all(thinking: Thinking, step: RunStep, calls: tuple[Call, ...], kept: list[RunMessage]) -> Ending | None:
    """Make the calls that were not made yet."""
    answered = {one.tool_call_id for one in kept if one.message_type == RunMessage.Type.TOOL_RETURN}
    missing = [call for call in calls if call.id not in answered]
    if missing and thinking.draft:
        thinking.draft.do(excuses.doing(missing[0].name))
    by = Actor.of(thinking.member, Origin.AGENT).as_agent(thinking.run.agent)
    for call in missing:
        _listen(thinking)
        with lease.hold(thinking.run):
            if not Membership.objects.filter(pk=thinking.member.pk).exists():
                raise Stopped
            do_call(by, thinking.message.body, thinking.understood, step, call, op_id(thinking.run, step, call))
    outcomes = prompt.so_far(thinking.run)[1]
    if any(isinstance(outcome, Doubt) for outcome in outcomes):
        return Ending(error="")  # what waits for a yes is asked by us, in our words
    if _only_nonsense(thinking.run):
        return Ending(
            RunStatus.FAILED, StopReason.INVALID_TOOL_CALL, error="tools were called wrongly, twice", trouble="empty"
        )
    return None


def _only_nonsense(run: Run) -> bool:
    """The last two steps called nothing that there is, or nothing that can be read."""
    last = prompt.finished_steps(run)[-2:]
    returned = [
        [one.outcome for one in step.messages.all() if one.message_type == RunMessage.Type.TOOL_RETURN] for step in last
    ]
    return len(last) == 2 and all(outcomes and not any(outcomes) for outcomes in returned)


def _correct(thinking: Thinking, step: RunStep, sentence: str) -> Ending | None:
    """A claim that nothing bears out: the model is told so once. If it insists, what is so is said by us."""
    told = RunMessage.objects.filter(run=thinking.run, message_type=RunMessage.Type.SYSTEM)
    if told.filter(step=step).exists():
        return None  # taken up again: it was told, and has not answered yet
    if told.exists():
        return Ending(error="the model claimed what it did not do", trouble="empty")
    if thinking.draft:
        thinking.draft.do(excuses.doing(""))
    with lease.hold(thinking.run):
        content = prompt.prompt("false_claim").replace("{sentence}", sentence)
        RunMessage.objects.create(run=thinking.run, step=step, message_type=RunMessage.Type.SYSTEM, content=content)
    return None


def _ask_patiently(thinking: Thinking, question: Question) -> Reply:
    """Again while the provider is busy. Raises Fault."""
    for attempt in range(MOST_ASKS):
        try:
            return _ask(thinking, question)
        except Fault as fault:
            pause = max(fault.wait or 0.0, PAUSES[min(attempt, len(PAUSES) - 1)] * random.uniform(0.7, 1.3))  # noqa: S311
            is_last = attempt == MOST_ASKS - 1 or time.monotonic() + pause > thinking.until
            if not fault.passes or is_last or pause > LONGEST_PAUSE:
                raise
            _rest(thinking, pause)
    raise AssertionError("the last attempt returns or raises")


def _ask(thinking: Thinking, question: Question) -> Reply:
    assert thinking.way.access is not None and thinking.draft is not None
    text, draft = "", thinking.draft
    patience = max(0.1, thinking.until - time.monotonic())
    with thinking.way.access.model() as model:
        for piece in watched(model.ask(question, patience), LOOK_EACH):
            if isinstance(piece, Reply):
                return piece
            _listen(thinking)
            text += piece or ""
            if draft.is_due():
                draft.write(claim_check.read(text, thinking.outcomes).shown)
    raise Fault(Trouble.CUT, "it ended without an end")


def _rest(thinking: Thinking, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        _listen(thinking)
        time.sleep(min(left, LOOK_EACH))


def _listen(thinking: Thinking) -> None:
    """Whether to go on. Raises Stopped, LeaseLost, or Fault when it takes too long."""
    now = time.monotonic()
    if now > thinking.until:
        raise Fault(Trouble.SLOW, "the run's time is over")
    if now - thinking.listened_at < LISTEN_EACH:
        return
    thinking.listened_at = now
    if lease.stop_requested(thinking.run):
        raise Stopped
    if now - thinking.renewed_at >= RENEW_EACH:
        lease.renew(thinking.run)
        thinking.renewed_at = now


def _sum_up(run: Run, way: Way) -> None:
    steps = list(run.steps.all())
    run.route = way.model
    for name in SUMMED:
        setattr(run, name, sum(getattr(step, name) for step in steps))
