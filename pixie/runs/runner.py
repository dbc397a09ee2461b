"""One run of an agent: understand the message, act and answer.

Without a language model, a run is one step in one transaction: if the worker dies, nothing is done and the next worker
starts again. If local understanding is not sure, the run goes back into the queue for a language model, see
`pixie.runs.llm_loop`.
"""

import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.models import ChannelKind, Message, MessageState
from homes.models import Membership
from pantry.errors import MissingScope
from pantry.text import shorten
from pixie.models import LOCAL, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.nlu import understand
from pixie.nlu.clauses import strip_agent_names
from pixie.nlu.followups import complete
from pixie.nlu.outcome import SURE, Understanding
from pixie.nlu.reminders import read_reminder
from pixie.nlu.vocabulary import Vocabulary
from pixie.replies import answers, excuses, small_talk
from pixie.replies.formats import format_schedule
from pixie.replies.quick_replies import MAX_REPLY_CHARS, HomeFacts, needs_facts, quick_replies
from pixie.runs import confirmations, lease, llm_loop, prompt
from pixie.runs.draft import answer_id, has_draft, sanitize
from pixie.runs.language import answer_language
from pixie.runs.llm_loop import ModelChoice, RunResult
from pixie.runs.outcomes import Doubt, Outcome, Refusal, is_act, to_plain
from pixie.runs.tool_calls import call_tool, milliseconds_since
from pixie.runs.vocabulary import load_facts, load_vocabulary
from pixie.tools import TOOLS, Result
from pixie.usage import costs

LATE_AFTER = timedelta(hours=1)


def perform(run: Run) -> None:
    """Answer the message of the run, or leave that to a language model. Raises LeaseLost."""
    message = run.request_message
    author = message.author_user if message else None
    member = None
    if author is not None and author.is_active:
        member = Membership.objects.for_user(author).filter(home=run.home_id).first()
    if message is None or message.deleted_at is not None or member is None:
        _cancel(run, message, "the message was deleted, or its author has left the home or closed the account")
        return
    with translation.override(answer_language(run)), timezone.override(run.home.zone):
        if not run.agent.is_active:
            _cancel(run, message, "the agent is asleep")
        elif run.scheduled_message_id is not None and (reminder := read_reminder(message.body)) is not None:
            _remind(run, message, *reminder)
        else:
            _answer(run, message, member)


def _cancel(run: Run, message: Message | None, error: str) -> None:
    """End a run that cannot be performed. A sleeping agent says so once in each channel."""
    with lease.hold_lease(run):
        lease.finish_run(run, RunStatus.CANCELLED, StopReason.CANCELLED, error=error)
        if message is None:
            return
        if has_draft(run):
            reply(run, message, _("Stopped."), {}, MessageState.ABORTED)
        elif not run.agent.is_active and not excuses.has_announced_sleep(run.agent, run.channel):
            text = _("I'm asleep, so I didn't do anything. An owner can wake me in the settings.")
            reply(run, message, text, {"asleep": True})


def _remind(run: Run, message: Message, recipient: str, subject: str) -> None:
    """Post a reminder as it is, without interpreting its text."""
    started = time.monotonic()
    text = _("Reminder for @%(name)s: %(text)s") if recipient else _("Reminder: %(text)s")
    text %= {"name": recipient, "text": subject}
    assert run.scheduled_for is not None
    if timezone.now() - run.scheduled_for > LATE_AFTER:
        text = _("%(reminder)s (Sorry, this is late: it was due %(when)s.)") % {
            "reminder": text,
            "when": format_schedule(run.scheduled_for, ""),
        }
    with lease.hold_lease(run):
        reply(run, message, text, {"intent": "chat"})
        _finish_step(_start_step(run, message), text, started)
        _finish_locally(run)


def _answer(run: Run, message: Message, member: Membership) -> None:
    started = time.monotonic()
    understood = _understand(run, message, member)  # before the lock is taken, because it takes time
    with lease.hold_lease(run):
        choice = _perform_locally(run, message, member, understood, started)
        if choice is not None and not run.route:
            run.route, run.attempts, run.started_at = choice.model, 0, None
            lease.release_run(run)
            return
    if choice is not None:
        result = llm_loop.run_with_model(run, message, member, understood, choice)
        with lease.hold_lease(run):
            lease.sum_steps(run)
            run.route = choice.model
            _finish_model_run(run, message, member, understood, result)


def _understand(run: Run, message: Message, member: Membership) -> Understanding:
    """Understand the message, which may be a short answer to what the agent asked before."""
    words = _vocabulary(run, message, member)
    question = confirmations.open_what_question(run, message)
    answer = complete(question, message.body, words) if question else None
    return answer or understand(message.body, words)


def _vocabulary(run: Run, message: Message, member: Membership) -> Vocabulary:
    """Return the home's vocabulary. Of a home that the person's token may not read nothing shows, such as its names."""
    words = load_vocabulary(run.home, run.agent, message)
    if run.actor_for(member).allows("read"):
        return words
    return Vocabulary(agents=words.agents, now=words.now, timezone=words.timezone, currency=words.currency)


def _perform_locally(
    run: Run, message: Message, member: Membership, understood: Understanding, started: float
) -> ModelChoice | None:
    """Answer without a model, or return the model to use if local understanding is not sure."""
    if run.scheduled_message_id is None:
        if _answers_question(run, message, member, understood, started):
            return None
        confirmations.close_open_questions(run, message, member)
    choice = llm_loop.choose_model(run, message, understood)
    if choice.access is not None:
        return choice
    _answer_locally(run, message, member, understood, started, is_spent=choice.is_spent)
    _finish_locally(run)
    return None


def _answers_question(
    run: Run, message: Message, member: Membership, understood: Understanding, started: float
) -> bool:
    """Take a typed yes or no as a press of the question's button. Returns False for any other message.

    An undo is a no, too, unless the answer with the question has done something that can be undone.
    """
    names = Vocabulary(agents=(run.agent.display_name, run.agent.slug))
    yes = confirmations.parse_yes_no(strip_agent_names(message.body, names))
    if yes is None and understood.intent in ("yes", "no") and understood.confidence >= SURE:
        yes = understood.intent == "yes"
    is_undo = [action.type for action in understood.actions if action.confidence >= SURE] == ["undo"]
    question = confirmations.open_question(run, message, member) if yes is not None or is_undo else None
    if question is None or (is_undo and question.metadata.get("receipt")):
        return False
    try:
        answer = confirmations.decide(question, yes=bool(yes), by=run.actor_for(member), pk=answer_id(run)).body
    except MissingScope as error:
        answer = str(error)
        reply(run, message, answer, {})
    _finish_step(_start_step(run, message), answer, started)
    _finish_locally(run)
    return True


def _answer_locally(
    run: Run, message: Message, member: Membership, understood: Understanding, started: float, *, is_spent: bool = False
) -> None:
    step = _start_step(run, message)
    step.record(RunMessage.Type.ASSISTANT, understood.intent, tool_input=understood.as_dict())
    by = run.actor_for(member)
    outcomes = _askable(
        [
            call_tool(by, proposal, step, op_id=uuid5(run.pk, str(index)))
            for index, proposal in enumerate(understood.actions)
            if proposal.type in TOOLS
        ]
    )
    answer = answers.compose(understood, outcomes)
    metadata = _metadata(run, understood, outcomes) | _offer(run, message, member, understood, outcomes)
    if is_spent and not costs.was_announced(run.home, budget := costs.budget_for(run.agent), member):
        answer = f"{answer} {excuses.budget_spent_text(budget.month)}"
        metadata |= {"budget": budget.metadata_value, "told": str(member.pk)}
    confirmations.create_pending_actions(reply(run, message, answer, metadata), member, outcomes)
    _finish_step(step, answer, started)
    run.tool_ms += step.tool_ms


def _askable(outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes, without the doubts if one message cannot show all that a yes would do."""
    if len(answers.describe_outcomes(outcomes)) <= Message.MAX_LENGTH:
        return outcomes
    sentence = _("That is more than I can show in one question, so I did none of it. Ask me for a smaller part.")
    refusals = [Refusal(sentence, must_be_told=True)] if any(isinstance(each, Doubt) for each in outcomes) else []
    return [*(outcome for outcome in outcomes if not isinstance(outcome, Doubt)), *refusals]


def _finish_model_run(
    run: Run, message: Message, member: Membership, understood: Understanding, result: RunResult
) -> None:
    text, outcomes = sanitize(result.text), prompt.load_progress(run)[1]
    is_stopped = result.status == RunStatus.CANCELLED
    if is_stopped:  # then no confirmation is asked for
        outcomes = [outcome for outcome in outcomes if not isinstance(outcome, Doubt)]
    has_local_answer = bool(understood.actions) or understood.question or small_talk.matches_smalltalk(understood.text)
    if not text and not is_stopped and not outcomes and has_local_answer:
        _answer_locally(run, message, member, understood, time.monotonic())
        _finish_locally(run, result.reason, result.error)
        return
    outcomes = _askable([outcome for outcome in outcomes if is_act(outcome) or not isinstance(outcome, Result)])
    has_failed = not text and not is_stopped and not any(isinstance(outcome, Result | Doubt) for outcome in outcomes)
    if not text and not has_failed:
        result.status = result.status if is_stopped else RunStatus.COMPLETED
    metadata = _metadata(run, understood, outcomes, llm_loop.run_op_ids(run)) | ({"failed": True} if has_failed else {})
    text, metadata["note"] = _compose_model_answer(text, outcomes, result)
    state = MessageState.ERROR if has_failed else result.state
    answer = reply(run, message, text, metadata, state)
    Message.objects.filter(pk=answer.pk).update(input_tokens=run.input_tokens, output_tokens=run.output_tokens)
    confirmations.create_pending_actions(answer, member, outcomes)
    lease.finish_run(run, result.status, result.reason, error=result.error)


def _compose_model_answer(text: str, outcomes: list[Outcome], result: RunResult) -> tuple[str, str]:
    """Return the answer, and the note that it ends with if it begins with the model's own words: what was done, and
    why the answer ended early."""
    reason = _early_end(result)
    if not text:
        account = answers.describe_outcomes(outcomes)
        return " ".join(filter(None, [account, reason])) or excuses.error_text(result.error), ""
    account = answers.describe_account(outcomes)
    note = " ".join(filter(None, [account, reason]))
    if len(text) + len(note) + 2 > Message.MAX_LENGTH:
        note = f"{note} {excuses.shortened_text(Message.MAX_LENGTH)}"
        note = shorten(note, Message.MAX_LENGTH // 2)
        text = shorten(text, Message.MAX_LENGTH - len(note) - 2)
    return f"{text}\n\n{note}", note


def _early_end(result: RunResult) -> str:
    if result.reason == StopReason.CANCELLED:
        return _("Stopped before it was finished.") if result.text else _("Stopped.")
    if result.reason in (StopReason.NO_TOOL_CALL, StopReason.INVALID_TOOL_CALL):
        return excuses.error_text(result.error)
    return excuses.end_reason_text(result.reason, result.error)


def _start_step(run: Run, message: Message) -> RunStep:
    step = RunStep.objects.create(run=run, step_number=run.steps.count() + 1, model=LOCAL)
    step.record(RunMessage.Type.USER, message.body)
    return step


def _finish_step(step: RunStep, answer: str, started: float) -> None:
    step.record(RunMessage.Type.ASSISTANT, answer)
    step.status, step.completed_at = RunStatus.COMPLETED, timezone.now()
    step.duration_ms = milliseconds_since(started)
    step.save()


def _finish_locally(run: Run, reason: str = StopReason.END_TURN, error: str = "") -> None:
    run.route = LOCAL
    lease.finish_run(run, RunStatus.COMPLETED, reason, error=error)


def _metadata(
    run: Run, understood: Understanding, outcomes: Sequence[Outcome], ops: list[UUID] | None = None
) -> dict[str, Any]:
    """Return the answer's metadata for the API and the page.

    `ops` are the operations of a model's calls; None if local understanding has acted.
    """
    summary = understood.as_dict()
    needs_confirmation = any(isinstance(outcome, Doubt) for outcome in outcomes)
    asks_what = understood.question is not None and not outcomes and ops is None
    if ops is None:
        ops = [uuid5(run.pk, str(index)) for index in range(len(outcomes))]
        actions = [action for action in summary["actions"] if action["type"] in TOOLS]
    else:  # what local understanding would have done was not done
        actions = prompt.run_actions(run)
        summary |= {"intent": actions[0]["type"] if actions else "chat", "entities": []}
    return {
        "intent": summary["intent"],
        "entities": summary["entities"],
        "actions": actions,
        "confidence": summary["confidence"],
        "requires_confirmation": needs_confirmation or asks_what,
        "asks_what": asks_what,
        "question": "waiting" if needs_confirmation else None,
        "receipt": answers.build_receipt(run.home_id, outcomes, ops),
    }


def _offer(
    run: Run, message: Message, member: Membership, understood: Understanding, outcomes: list[Outcome]
) -> dict[str, Any]:
    """Return the metadata of quick replies, for the person who asked. In a room they name the agent, to reach it."""
    words, facts = Vocabulary(), HomeFacts()
    if needs_facts(understood, outcomes):
        words = _vocabulary(run, message, member)
        facts = load_facts(member) if run.actor_for(member).allows("read") else facts
    call_name = "" if run.channel.kind == ChannelKind.ASSISTANT else f"@{run.agent.slug} "
    texts = [f"{call_name}{text}" for text in quick_replies(understood, outcomes, facts, words)]
    open_calls = [outcome.open_call for outcome in outcomes if isinstance(outcome, Refusal) and outcome.open_call]
    return {
        "asker": str(member.user_id),
        "replies": [{"text": text} for text in texts if len(text) <= MAX_REPLY_CHARS],
        **({"open_calls": to_plain(open_calls)} if open_calls else {}),
    }


def reply(
    run: Run, message: Message, text: str, metadata: dict[str, Any], state: str = MessageState.COMPLETE
) -> Message:
    """Send the answer of the run to the message."""
    pk, text = answer_id(run), shorten(text, Message.MAX_LENGTH)
    metadata = {**metadata, "run": str(run.pk), "language": translation.get_language()}
    answer = send_message(run.channel, text, by=run.actor, parent=message.parent, pk=pk, metadata=metadata, state=state)
    seconds = (timezone.now() - message.created_at).total_seconds()
    Message.objects.filter(pk=answer.pk).update(latency_ms=max(0, round(seconds * 1000)))
    return answer


def send_failure_message(run: Run) -> None:
    """Tell the author that the run has failed, and what was done nevertheless. Must run in a transaction."""
    message = run.request_message
    if message is None or message.author_user is None:
        return
    with translation.override(answer_language(run)):
        text = _("Sorry, I couldn't finish that, and nothing was changed. Please try again.")
        metadata: dict[str, Any] = {"intent": "unclear", "failed": True}
        if outcomes := [outcome for outcome in prompt.load_progress(run)[1] if is_act(outcome)]:
            text = " ".join([answers.describe_outcomes(outcomes), _("Sorry, I couldn't finish the rest.")])
            metadata["receipt"] = answers.build_receipt(run.home_id, outcomes, llm_loop.run_op_ids(run))
        reply(run, message, text, metadata)
