"""A run that uses a language model, step by step.

Each finished step and each tool call is committed, so a worker may die at any line: the next one reads what was
recorded, does what is missing and goes on. The `op_id` of a call is derived from the run and the call, so nothing takes
effect twice. Between two pieces of text the lease is renewed, and requests to stop are noticed.
"""

import logging
import random
import time
from dataclasses import dataclass, field
from uuid import UUID, uuid5

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import Message, MessageState
from homes.models import Membership
from pixie.llm import (
    ErrorKind,
    FinishReason,
    Meter,
    ModelError,
    ModelReply,
    ModelRequest,
    ToolCall,
    Usage,
    without_thoughts,
)
from pixie.llm.access import Access, model_access
from pixie.llm.clients import iterate_with_timeout
from pixie.llm.routing import choose_tier, needs_model
from pixie.models import LOCAL, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.nlu.outcome import Understanding
from pixie.replies import excuses
from pixie.runs import caution, lease, prompt
from pixie.runs.draft import Draft, sanitize
from pixie.runs.outcomes import Doubt
from pixie.runs.tool_calls import milliseconds_since, refuse_calls, run_model_call
from pixie.tools import TOOLS
from pixie.usage import costs

log = logging.getLogger(__name__)

POLL_SECONDS = 0.1  # without a piece of text
CHECK_SECONDS = 0.5  # between two checks of the lease and for a request to stop
RENEW_SECONDS = 15.0  # between two renewals of the lease
MAX_ATTEMPTS = 4  # of one step, while the provider is busy
RETRY_SECONDS = (0.5, 1.0, 2.0)
MAX_RETRY_SECONDS = 20.0
MAX_CALLS = 20  # in one step; of more, none is made


class RunStopped(Exception):
    """A member stopped the run, or its author left the home."""


@dataclass(frozen=True)
class ModelChoice:
    """The model to use, or none. `is_spent`: there would be one, but the month's budget is spent."""

    access: Access | None = None
    model: str = ""
    is_spent: bool = False


@dataclass
class RunResult:
    """The end of a run. Without `text`, the answer comes from the tools' outcomes or from local understanding."""

    status: str = RunStatus.COMPLETED
    reason: str = StopReason.END_TURN
    text: str = ""
    error: str = ""
    """Begins with the kind of error, if `excuses` has a sentence for it."""
    state: str = MessageState.COMPLETE


@dataclass
class LoopState:
    """The state of a run in progress. `deadline` and the two times are values of `time.monotonic`."""

    run: Run
    message: Message
    member: Membership
    understood: Understanding
    choice: ModelChoice
    deadline: float
    draft: Draft | None = None
    unfinished: Usage = field(default_factory=Usage)
    """Of attempts of this step that brought no reply."""
    checked_at: float = 0.0
    renewed_at: float = field(default_factory=time.monotonic)


def choose_model(run: Run, message: Message, understood: Understanding) -> ModelChoice:
    """Choose the model as `pixie.llm.access` decides. A run that has begun keeps its model."""
    access = model_access(run.home)
    if access is None:
        return ModelChoice()
    first_step = run.steps.exclude(model=LOCAL).first()
    if first_step is not None:
        return ModelChoice(access, first_step.model)
    if not needs_model(understood, str(message.metadata.get("route", "")), TOOLS):
        return ModelChoice()
    tier = choose_tier(understood, costs.budget_for(run.agent).left)
    if tier is None:
        return ModelChoice(is_spent=True)
    return ModelChoice(access, run.agent.model or access.model_name(tier))


def run_with_model(
    run: Run, message: Message, member: Membership, understood: Understanding, choice: ModelChoice
) -> RunResult:
    """Run all steps. Raises LeaseLost."""
    deadline = time.monotonic() + settings.PIXIE_RUN_SECONDS
    state = LoopState(run, message, member, understood, choice, deadline)
    try:
        return _run_steps(state)
    except RunStopped:
        text = state.draft.text if state.draft else ""
        return RunResult(RunStatus.CANCELLED, StopReason.CANCELLED, text=text, state=MessageState.ABORTED)
    except ModelError as error:
        text = f"{excuses.SERVER}{error}" if _is_for_operator(error, run, choice) else str(error)
        level = logging.ERROR if text.startswith(excuses.SERVER) else logging.WARNING
        log.log(level, "run %s: the model %s gave no answer: %s", run.pk, choice.model, text)
        return RunResult(RunStatus.FAILED, StopReason.ERROR, error=text)


def _is_for_operator(error: ModelError, run: Run, choice: ModelChoice) -> bool:
    """Return whether only the server's operator can mend the error: the key is the server's, and so is the model."""
    is_agents_model = bool(run.agent.model) and error.kind in (ErrorKind.NO_MODEL, ErrorKind.NOT_ALLOWED)
    is_own = choice.access is None or choice.access.is_own or is_agents_model
    return not is_own and excuses.SERVER + error.kind in excuses.ERRORS


def run_op_ids(run: Run) -> list[UUID]:
    """Return the operation ids of all calls of the run."""
    return [call_op_id(run, step, call) for step in prompt.finished_steps(run) for call in prompt.tool_calls(step)]


def call_op_id(run: Run, step: RunStep, call: ToolCall) -> UUID:
    return uuid5(run.pk, f"{step.step_number}:{call.id}")


def _run_steps(state: LoopState) -> RunResult:
    run = state.run
    _check(state)
    state.draft = Draft(run, state.message.parent)
    state.draft.show_progress(excuses.progress_text(""))
    while True:
        steps = prompt.finished_steps(run)
        if steps and (result := _evaluate_step(state, steps[-1])) is not None:
            return result
        if len(steps) >= run.agent.max_turns:
            return RunResult(RunStatus.FAILED, StopReason.MAX_STEPS, error="too many steps")
        cost = sum(step.cost_usd for step in steps)
        if steps and cost >= run.agent.max_budget_usd:
            return RunResult(RunStatus.FAILED, StopReason.ERROR, error="run_budget: spent")
        _run_step(state, len(steps) + 1)


def _run_step(state: LoopState, number: int) -> None:
    run, model = state.run, state.choice.model
    turns, _outcomes = prompt.load_progress(run)
    request = ModelRequest(
        model,
        prompt.rules_text(run.agent),
        prompt.facts_text(run, state.member),
        (prompt.opening_turn(run, state.message, state.member), *turns),
        prompt.tool_schemas(run.actor_for(state.member)),
        user_hash=prompt.hash_person(state.member),
    )
    with lease.hold_lease(run):
        step, _is_new = RunStep.objects.get_or_create(run=run, step_number=number, defaults={"model": model})
    started, state.unfinished = time.monotonic(), Usage()
    try:
        reply = _request_with_retries(state, request)
    except (ModelError, RunStopped) as error:
        step.status = RunStatus.CANCELLED if isinstance(error, RunStopped) else RunStatus.FAILED
        _record_usage(state, step, state.unfinished, started)
        step.save()
        raise
    with lease.hold_lease(run):
        step.status = RunStatus.COMPLETED
        _record_usage(state, step, state.unfinished + reply.usage, started)
        _record_reply(state, step, reply)


def _record_usage(state: LoopState, step: RunStep, usage: Usage, started: float) -> None:
    """Add the usage to the step, which may have been tried before, and end it. Does not save it."""
    step.model, step.completed_at, step.duration_ms = state.choice.model, timezone.now(), milliseconds_since(started)
    step.input_tokens += usage.input
    step.output_tokens += usage.output
    step.cached_tokens += usage.cache_read
    step.cache_written_tokens += usage.cache_written
    step.reasoning_tokens += usage.reasoning
    step.cost_usd += costs.model_cost(step.model, usage)


def _record_reply(state: LoopState, step: RunStep, reply: ModelReply) -> None:
    types = RunMessage.Type
    step.stop_reason, step.raw_reply = reply.finish_reason, reply.raw
    step.save()
    if step.step_number == 1:
        step.record(types.USER, state.message.body)
    if text := without_thoughts(reply.text):
        step.record(types.ASSISTANT, text)
    for call in reply.calls:
        step.record(types.TOOL_CALL, tool_name=call.name[:60], tool_input=call.arguments, tool_call_id=call.id)


def _evaluate_step(state: LoopState, step: RunStep) -> RunResult | None:
    """Act on the last finished step. Returns None if another step has to follow."""
    if step.stop_reason == FinishReason.REFUSED:
        return RunResult(RunStatus.FAILED, StopReason.ERROR, error="refused: by the model")
    if calls := prompt.tool_calls(step):
        return _make_calls(state, step, calls)
    text = step.text.strip()
    if step.stop_reason == FinishReason.TRUNCATED:
        text = f"{text} …" if sanitize(text) else ""
        status = RunStatus.COMPLETED if text else RunStatus.FAILED
        return RunResult(status, StopReason.MAX_TOKENS, text=text, error="cut off by the model")
    if not sanitize(text):
        return RunResult(RunStatus.FAILED, StopReason.NO_TOOL_CALL, error="the model said nothing")
    return RunResult(text=text)


def _make_calls(state: LoopState, step: RunStep, calls: tuple[ToolCall, ...]) -> RunResult | None:
    """Make the calls of the step that have no result yet, or refuse all of them."""
    finished = {row.tool_call_id for row in step.rows(RunMessage.Type.TOOL_RETURN)}
    missing = [call for call in calls if call.id not in finished]
    if refusal := _refusal(step, calls):
        with lease.hold_lease(state.run):
            refuse_calls(step, missing, *refusal)
        missing = []
    if missing and state.draft:
        state.draft.show_progress(excuses.progress_text(missing[0].name))
    by = state.run.actor_for(state.member)
    proposals = caution.rate_calls(calls, _done_before(step), state.understood.actions, by)
    for call, proposal in zip(calls, proposals, strict=True):
        if call not in missing:
            continue
        _check(state)
        with lease.hold_lease(state.run):
            if not Membership.objects.filter(pk=state.member.pk).exists():
                raise RunStopped
            run_model_call(by, proposal, step, call, call_op_id(state.run, step, call))
    outcomes = prompt.load_progress(state.run)[1]
    if any(isinstance(outcome, Doubt) for outcome in outcomes):
        return RunResult()  # Pixie asks for confirmation in its own words
    if _has_only_invalid_calls(state.run):
        return RunResult(RunStatus.FAILED, StopReason.INVALID_TOOL_CALL, error="tools were called wrongly, twice")
    return None


def _refusal(step: RunStep, calls: tuple[ToolCall, ...]) -> tuple[str, str] | None:
    """Return why no call of the message may be made, to the member and to the model, or None."""
    values = {"count": len(calls), "max": MAX_CALLS}
    if step.stop_reason != FinishReason.CALLS:
        sentence = _("My language model was cut off while it told me what to do, so I did none of it.")
        return sentence, "Your message was cut, so none of its calls was made. Send them again, fewer at once."
    if len(calls) > MAX_CALLS:
        sentence = _("%(count)d things at once are too many, so I did none of them. I can do %(max)d.") % values
        return sentence, f"{len(calls)} calls are too many for one message, so none was made. Send {MAX_CALLS} at most."
    return None


def _done_before(step: RunStep) -> list[ToolCall]:
    """Return the calls of earlier steps that had a result, with those of other agents that the message names."""
    run = step.run
    others = Run.objects.filter(trigger_message=run.trigger_message_id).exclude(pk=run.pk)
    earlier = [each for other in others if run.trigger_message_id for each in prompt.finished_steps(other)]
    earlier += [each for each in prompt.finished_steps(run) if each.step_number < step.step_number]
    return [call for each in earlier for call in prompt.tool_calls(each) if call.id in prompt.successful_ids(each)]


def _has_only_invalid_calls(run: Run) -> bool:
    """Return whether the last two steps called only unknown tools, wrote unreadable arguments, or were refused."""
    last = [step.rows(RunMessage.Type.TOOL_RETURN) for step in prompt.finished_steps(run)[-2:]]
    return len(last) == 2 and all(rows and not any(_was_made(row) for row in rows) for rows in last)


def _was_made(row: RunMessage) -> bool:
    return row.outcome is not None and not row.outcome.get("must_be_told")


def _request_with_retries(state: LoopState, request: ModelRequest) -> ModelReply:
    """Send the request, again while the provider is busy. Raises ModelError."""
    for attempt in range(MAX_ATTEMPTS):
        try:
            return _request(state, request)
        except ModelError as error:
            backoff = RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)] * random.uniform(0.7, 1.3)  # noqa: S311 (spread)
            pause = max(error.retry_after or 0.0, backoff)
            is_last = attempt == MAX_ATTEMPTS - 1 or time.monotonic() + pause > state.deadline
            if not error.is_retryable or is_last or pause > MAX_RETRY_SECONDS:
                raise
            _sleep(state, pause)
    raise AssertionError("the last attempt returns or raises")


def _request(state: LoopState, request: ModelRequest) -> ModelReply:
    assert state.choice.access is not None and state.draft is not None
    text, draft, meter = "", state.draft, Meter()
    timeout_seconds = max(0.1, state.deadline - time.monotonic())
    stream = state.choice.access.client().stream(request, timeout_seconds, meter)
    try:
        for piece in iterate_with_timeout(stream, POLL_SECONDS):
            if isinstance(piece, ModelReply):
                return piece
            _check(state)
            text += piece or ""
            if draft.is_due():
                draft.write(text)
        raise ModelError(ErrorKind.DISCONNECTED, "the stream ended without a reply")
    except (ModelError, RunStopped):
        state.unfinished += meter.usage
        raise


def _sleep(state: LoopState, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        _check(state)
        time.sleep(min(left, POLL_SECONDS))


def _check(state: LoopState) -> None:
    """Renew the lease when due. Raises RunStopped, LeaseLost, or ModelError after the deadline."""
    now = time.monotonic()
    if now > state.deadline:
        raise ModelError(ErrorKind.TIMEOUT, "the run's time is over")
    if now - state.checked_at < CHECK_SECONDS:
        return
    state.checked_at = now
    if lease.stop_requested(state.run):
        raise RunStopped
    if now - state.renewed_at >= RENEW_SECONDS:
        lease.renew_lease(state.run)
        state.renewed_at = now
