"""One run of an agent: understand, act, answer.

Without a language model all of it is one step in one transaction: a worker that dies anywhere in it has done
nothing, and the next one begins anew.
"""

import time
from typing import Any
from uuid import uuid5

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.models import Message
from homes.actors import Actor
from homes.models import Door, Membership
from pixie import answers, mailbox, questions
from pixie.calls import Doubt, Refusal, Trace, call
from pixie.models import Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.tools import TOOLS, Result
from pixie.understanding import understand
from pixie.understanding.outcome import Understanding
from pixie.words import vocabulary

LOCAL = "local"


def perform(run: Run) -> None:
    """Answer the message that the run is for. Raises LeaseLost when another worker has the run."""
    message = run.trigger_message
    asker = message.author_user if message else None
    member = Membership.objects.of(asker).filter(home=run.home_id).first() if asker else None
    if message is None or member is None:
        with transaction.atomic():
            mailbox.hold(run)
            mailbox.finish(run, RunStatus.CANCELLED, StopReason.CANCELLED, error="who asked is no member any more")
        return
    with translation.override(member.user.locale or run.home.locale), timezone.override(run.home.zone):
        _perform_locally(run, message, member)


@transaction.atomic
def _perform_locally(run: Run, message: Message, member: Membership) -> None:
    began = time.monotonic()
    mailbox.hold(run)
    if _answers_question(run, message, member):
        return
    questions.close_open(run, member)
    understood = _understand(run, message)
    step = RunStep.objects.create(run=run, step_number=1, model=LOCAL)
    trace = Trace(run, step)
    trace.keep(RunMessage.Type.USER, message.body)
    trace.keep(RunMessage.Type.ASSISTANT, understood.intent, tool_input=understood.as_dict())
    outcomes = _act(run, Actor.of(member, Door.AGENT), understood, trace)
    answer = answers.compose(understood, outcomes)
    trace.keep(RunMessage.Type.ASSISTANT, answer)
    reply = _reply(run, message, answer, _metadata(run, understood, outcomes))
    questions.ask(reply, member, [outcome for outcome in outcomes if isinstance(outcome, Doubt)])
    step.status, step.completed_at = RunStatus.COMPLETED, timezone.now()
    step.duration_ms = round((time.monotonic() - began) * 1000)
    step.save()
    run.route = LOCAL
    mailbox.finish(run, RunStatus.COMPLETED, StopReason.END_TURN)


def _answers_question(run: Run, message: Message, member: Membership) -> bool:
    """A plain yes or no, typed after a question of the agent's, is the press of its button."""
    yes = questions.yes_or_no(message.body)
    asked = questions.waiting_for(run, member) if yes is not None else None
    if yes is None or asked is None:
        return False
    reply = questions.decide(asked, yes=yes, by=Actor.of(member, Door.AGENT), pk=uuid5(run.pk, "answer"))
    step = RunStep.objects.create(run=run, step_number=1, model=LOCAL, status=RunStatus.COMPLETED)
    trace = Trace(run, step)
    trace.keep(RunMessage.Type.USER, message.body)
    trace.keep(RunMessage.Type.ASSISTANT, reply.body)
    run.route = LOCAL
    mailbox.finish(run, RunStatus.COMPLETED, StopReason.END_TURN)
    return True


def _understand(run: Run, message: Message) -> Understanding:
    """What the message says. After “what should go on the list?” the bare names of things are the answer."""
    words = vocabulary(run.home, run.agent, message)
    understood = understand(message.body, words)
    if understood.intent in ("unclear", "chat", "add_item") and questions.asked_what(run, message):
        again = understand(f"add {message.body}", words)
        return again if again.actions else understood
    return understood


def _act(run: Run, by: Actor, understood: Understanding, trace: Trace) -> list[Result | Refusal | Doubt]:
    """Call the tools that were understood, in the order in which they were said."""
    hands = by.through(run.agent)
    return [
        call(hands, proposal, op_id=uuid5(run.pk, str(index)), trace=trace)
        for index, proposal in enumerate(understood.actions)
        if proposal.type in TOOLS
    ]


def _metadata(run: Run, understood: Understanding, outcomes: list[Result | Refusal | Doubt]) -> dict[str, Any]:
    """What the API and the page know of an answer beside its words."""
    said = understood.as_dict()
    doubts = any(isinstance(outcome, Doubt) for outcome in outcomes)
    asks_what = understood.question is not None and not outcomes
    return {
        "intent": understood.intent,
        "entities": said["entities"],
        "actions": said["actions"],
        "confidence": said["confidence"],
        "requires_confirmation": doubts or asks_what,
        "asks_what": asks_what,
        "question": "waiting" if doubts else None,
        "receipt": answers.receipt(run.home_id, outcomes, [uuid5(run.pk, str(i)) for i in range(len(outcomes))]),
        "run": str(run.pk),
    }


def _reply(run: Run, message: Message, text: str, metadata: dict[str, Any]) -> Message:
    by = Actor(home=run.home, agent=run.agent, door=Door.AGENT)
    reply = send_message(run.channel, text, by=by, parent=message.parent, pk=uuid5(run.pk, "answer"), metadata=metadata)
    taken = (timezone.now() - message.created_at).total_seconds()
    Message.objects.filter(pk=reply.pk).update(latency_ms=max(0, round(taken * 1000)))
    return reply


def apologise(run: Run) -> None:
    """Inside the transaction that gives a run up: whoever waits is told so."""
    if run.trigger_message is None or run.trigger_message.author_user is None:
        return
    with translation.override(run.trigger_message.author_user.locale or run.home.locale):
        text = _("I could not finish that, and nothing was changed. Say it once more, or in other words.")
        _reply(run, run.trigger_message, text, {"intent": "unclear", "run": str(run.pk), "failed": True})
