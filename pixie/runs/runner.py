"""One run of an agent: understand, act, answer.

Without a language model all of it is one step in one transaction: a worker that dies anywhere in it has done
nothing, and the next one begins anew. What local understanding is not sure of goes to a model, where the home has
one: see `pixie.runs.llm_loop`.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.models import Message, MessageState
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Membership
from pixie.models import LOCAL, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.nlu import understand
from pixie.nlu.outcome import SURE, Understanding
from pixie.nlu.reminders import read_reminder
from pixie.replies import answers, excuses, sayings, sleep, smalltalk
from pixie.runs import confirmations, lease, llm_loop, prompt
from pixie.runs.draft import is_begun
from pixie.runs.home_vocabulary import vocabulary
from pixie.runs.llm_loop import Ending, Way
from pixie.runs.outcomes import Doubt, Refusal
from pixie.runs.sanitize import harmless
from pixie.runs.tool_calls import Trace, call
from pixie.tools import TOOLS, Result
from pixie.usage import costs

LATE = timedelta(hours=1)


def perform(run: Run) -> None:
    """Do what the run is asked. Raises LeaseLost when another worker has the run."""
    message = run.asked
    asker = message.author_user if message else None
    member = Membership.objects.for_user(asker).filter(home=run.home_id).first() if asker else None
    if message is None or member is None:
        _give_up(run, message, "who asked is no member any more")
        return
    with translation.override(member.user.locale or run.home.locale), timezone.override(run.home.zone):
        if not run.agent.is_active:
            _give_up(run, message, "the agent sleeps")
        elif run.scheduled_message_id is not None and (reminder := read_reminder(message.body)) is not None:
            _remind(run, message, reminder)
        else:
            _answer(run, message, member)


def _answer(run: Run, message: Message, member: Membership) -> None:
    began = time.monotonic()
    understood = _understand(run, message)  # outside of the lock: it computes
    with lease.hold(run):
        way = _perform_locally(run, message, member, understood, began)
    if way is not None:
        llm_loop.think(run, message, member, understood, way, partial(_conclude, run, message, member, understood))


def _give_up(run: Run, message: Message | None, why: str) -> None:
    """Nothing more is done. Who spoke to one that sleeps is told so, once in each room while it does."""
    with lease.hold(run):
        lease.finish(run, RunStatus.CANCELLED, StopReason.CANCELLED, error=why)
        if message is None:
            return
        metadata: dict[str, Any] = {"run": str(run.pk)}
        if is_begun(run):
            _reply(run, message, _("Stopped."), metadata, MessageState.ABORTED)
        elif not run.agent.is_active and not sleep.was_told(run.agent, run.channel):
            _reply(run, message, sleep.sentence(), metadata | {"asleep": True})


def _perform_locally(
    run: Run, message: Message, member: Membership, understood: Understanding, began: float
) -> Way | None:
    """Returns the way to go on, where local understanding is not sure and there is a model."""
    if run.scheduled_message_id is None:
        if _answers_question(run, message, member):
            return None
        confirmations.close_open(run, member)
    way = llm_loop.choose(run, message, understood)
    if way.access is not None:
        return way
    _answer_locally(run, message, member, understood, began, is_spent=way.spent)
    run.route = LOCAL
    lease.finish(run, RunStatus.COMPLETED, StopReason.END_TURN)
    return None


def _answer_locally(
    run: Run, message: Message, member: Membership, understood: Understanding, began: float, *, is_spent: bool = False
) -> None:
    step = RunStep.objects.create(run=run, step_number=run.steps.count() + 1, model=LOCAL)
    trace = Trace(run, step)
    trace.keep(RunMessage.Type.USER, message.body)
    trace.keep(RunMessage.Type.ASSISTANT, understood.intent, tool_input=understood.as_dict())
    outcomes = _act(run, Actor.of(member, Origin.AGENT), understood, trace)
    answer = answers.compose(understood, outcomes)
    metadata = _metadata(run, understood, outcomes)
    if is_spent and not costs.was_told(run.home, budget := costs.budget_for(run.agent)):
        answer = f"{answer} {excuses.budget_spent(formats.date_format(budget.month, 'F'))}"
        metadata["budget"] = budget.mark
    trace.keep(RunMessage.Type.ASSISTANT, answer)
    reply = _reply(run, message, answer, metadata)
    confirmations.ask(reply, member, [outcome for outcome in outcomes if isinstance(outcome, Doubt)])
    step.status, step.completed_at = RunStatus.COMPLETED, timezone.now()
    step.duration_ms = round((time.monotonic() - began) * 1000)
    step.save()
    run.tool_ms += step.tool_ms


def _remind(run: Run, message: Message, reminder: tuple[str, str]) -> None:
    """A reminder is said, by whoever is asked: nothing in it is to be understood."""
    began = time.monotonic()
    whom, what = reminder
    said = _("Reminder for @%(whom)s: %(what)s") if whom else _("Reminder: %(what)s")
    said %= {"whom": whom, "what": what}
    assert run.scheduled_for is not None
    if timezone.now() - run.scheduled_for > LATE:
        said = _("%(reminder)s (for %(when)s: I was away then)") % {
            "reminder": said,
            "when": sayings.when(run.scheduled_for, ""),
        }
    with lease.hold(run):
        step = RunStep.objects.create(run=run, step_number=1, model=LOCAL, status=RunStatus.COMPLETED)
        step.completed_at, step.duration_ms = timezone.now(), round((time.monotonic() - began) * 1000)
        step.save()
        trace = Trace(run, step)
        trace.keep(RunMessage.Type.USER, message.body)
        trace.keep(RunMessage.Type.ASSISTANT, said)
        _reply(run, message, said, {"intent": "chat", "run": str(run.pk)})
        run.route = LOCAL
        lease.finish(run, RunStatus.COMPLETED, StopReason.END_TURN)


def _conclude(
    run: Run,
    message: Message,
    member: Membership,
    understood: Understanding,
    ending: Ending,
    outcomes: Sequence[answers.Outcome],
    ops: list[UUID],
) -> None:
    """Inside the transaction that ends a run with a model: say what there is to say, and from whom it comes."""
    text = harmless(ending.text)
    is_stopped = ending.status == RunStatus.CANCELLED
    if is_stopped:  # then nobody is asked anything
        outcomes = [outcome for outcome in outcomes if not isinstance(outcome, Doubt)]
    if not text and not is_stopped and not outcomes and _has_answer(understood):
        _answer_locally(run, message, member, understood, time.monotonic())
        run.route = LOCAL
        lease.finish(run, RunStatus.COMPLETED, ending.reason, error=ending.error)
        return
    if not text and outcomes:
        text = answers.tell(outcomes)
        ending.status = ending.status if is_stopped else RunStatus.COMPLETED
    is_excuse = not text and not is_stopped
    text = text or (_("Stopped.") if is_stopped else excuses.sorry(ending.trouble))
    metadata = _metadata(run, understood, outcomes, ops) | ({"failed": True} if is_excuse else {})
    state = MessageState.ERROR if is_excuse else ending.state
    reply = _reply(run, message, text, metadata, state)
    Message.objects.filter(pk=reply.pk).update(input_tokens=run.input_tokens, output_tokens=run.output_tokens)
    confirmations.ask(reply, member, [outcome for outcome in outcomes if isinstance(outcome, Doubt)])
    lease.finish(run, ending.status, ending.reason, error=ending.error)


def _has_answer(understood: Understanding) -> bool:
    """Local understanding has more to say than that it did not understand."""
    return bool(understood.actions) or understood.question is not None or smalltalk.knows(understood.text)


def _answers_question(run: Run, message: Message, member: Membership) -> bool:
    """A plain yes or no, typed after a question of the agent's, is the press of its button."""
    yes = confirmations.yes_or_no(message.body)
    asked = confirmations.waiting_for(run, member) if yes is not None else None
    if yes is None or asked is None:
        return False
    reply = confirmations.decide(asked, yes=yes, by=Actor.of(member, Origin.AGENT), pk=uuid5(run.pk, "answer"))
    step = RunStep.objects.create(run=run, step_number=1, model=LOCAL, status=RunStatus.COMPLETED)
    trace = Trace(run, step)
    trace.keep(RunMessage.Type.USER, message.body)
    trace.keep(RunMessage.Type.ASSISTANT, reply.body)
    run.route = LOCAL
    lease.finish(run, RunStatus.COMPLETED, StopReason.END_TURN)
    return True


def _understand(run: Run, message: Message) -> Understanding:
    """What the message says. After “what should go on the list?” the bare names of things are the answer."""
    words = vocabulary(run.home, run.agent, message)
    understood = understand(message.body, words)
    is_sure = bool(understood.actions) and understood.confidence >= SURE
    if not is_sure and understood.intent in ("unclear", "chat", "add_item") and confirmations.asked_what(run, message):
        again = understand(f"add {message.body}", words)
        return again if again.actions else understood
    return understood


def _act(run: Run, by: Actor, understood: Understanding, trace: Trace) -> list[Result | Refusal | Doubt]:
    """Call the tools that were understood, in the order in which they were said."""
    hands = by.as_agent(run.agent)
    return [
        call(hands, proposal, op_id=uuid5(run.pk, str(index)), trace=trace)
        for index, proposal in enumerate(understood.actions)
        if proposal.type in TOOLS
    ]


def _metadata(
    run: Run, understood: Understanding, outcomes: Sequence[answers.Outcome], ops: list[UUID] | None = None
) -> dict[str, Any]:
    """What the API and the page know of an answer beside its words. `ops` are the operations of a model's calls;
    without them it was local understanding that acted."""
    said = understood.as_dict()
    doubts = any(isinstance(outcome, Doubt) for outcome in outcomes)
    asks_what = understood.question is not None and not outcomes and ops is None
    called = [] if ops is None else prompt.actions_of(run)
    if ops is None:
        ops = [uuid5(run.pk, str(index)) for index in range(len(outcomes))]
    return {
        "intent": called[0]["type"] if called else understood.intent,
        "entities": said["entities"],
        "actions": called or said["actions"],
        "confidence": said["confidence"],
        "requires_confirmation": doubts or asks_what,
        "asks_what": asks_what,
        "question": "waiting" if doubts else None,
        "receipt": answers.receipt(run.home_id, outcomes, ops),
        "run": str(run.pk),
    }


def _reply(
    run: Run, message: Message, text: str, metadata: dict[str, Any], state: str = MessageState.COMPLETE
) -> Message:
    by = Actor(home=run.home, agent=run.agent, origin=Origin.AGENT)
    pk, text = uuid5(run.pk, "answer"), text[: Message.MAX_LENGTH]
    reply = send_message(run.channel, text, by=by, parent=message.parent, pk=pk, metadata=metadata, state=state)
    taken = (timezone.now() - message.created_at).total_seconds()
    Message.objects.filter(pk=reply.pk).update(latency_ms=max(0, round(taken * 1000)))
    return reply


def apologise(run: Run) -> None:
    """Inside the transaction that gives a run up: whoever waits is told so, and what was done all the same."""
    message = run.asked
    if message is None or message.author_user is None:
        return
    with translation.override(message.author_user.locale or run.home.locale):
        text = _("I could not finish that, and nothing was changed. Say it once more, or in other words.")
        metadata: dict[str, Any] = {"intent": "unclear", "run": str(run.pk), "failed": True}
        if outcomes := [one for one in prompt.so_far(run)[1] if not isinstance(one, Doubt)]:
            text = f"{answers.tell(outcomes)} {_('I could not finish the rest.')}"
            metadata["receipt"] = answers.receipt(run.home_id, outcomes, llm_loop.ops_of(run))
        _reply(run, message, text, metadata)
