"""The queue of runs. Each message to an agent becomes one run.

An agent looks at its messages one at a time, in order, and answers at once what local understanding is sure of. It
leaves the others to a language model, by their `route`: a home has one of these at a time, in order. So a later message
may be answered while a model still thinks about an earlier one, but a message for a model waits for that answer.

If a message names several agents, they look at it in that order. Workers hold a run by a lease with a token: one whose
lease has expired may still be alive, but its writes are rejected because the token has changed.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from chat.models import ChannelKind, ChannelMember, Message
from homes.events.log import home_lock
from homes.events.models import Event
from homes.models import Agent, mentioned_agents
from pixie.models import Run, RunStatus, StopReason
from pixie.models.run import RunQuerySet
from pixie.runs.lease import LEASE, LeaseLost, finish_run, hold_lease, release_run
from pixie.runs.runner import perform, send_failure_message

log = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
RELATED = ("agent", "home", "channel", "trigger_message", "scheduled_message__created_by")


def process_home(home_id: UUID) -> int:
    """Enqueue the home's runs, and perform those that need no language model. Returns the number of finished runs."""
    finished = 0
    enqueue_runs(home_id)
    while (run := claim_next_run(home_id)) is not None:
        finished += _perform(run)
        enqueue_runs(home_id)
    return finished


def perform_model_run(home_id: UUID) -> Run | None:
    """Perform the home's next run that needs a language model, which may take minutes.

    Returns None if there is none, or while another worker performs one.
    """
    run = claim_model_run(home_id)
    if run is not None:
        _perform(run)
    return run


def _perform(run: Run) -> bool:
    """Perform the run. Returns whether it has finished."""
    try:
        perform(run)
        return run.is_finished
    except LeaseLost:
        log.warning("run %s was taken over", run.pk)
    except Exception:
        log.exception("run %s failed", run.pk)
        retry_or_fail(run)
    return False


def needs_model(home_id: UUID) -> bool:
    """Return whether a run of the home waits for a language model."""
    return _model_runs(home_id).free(timezone.now()).exists()


def homes_with_work() -> set[UUID]:
    """Return the homes with unread messages to agents or with runs that no worker holds."""
    return set(_agents_with_new_messages().values_list("home", flat=True)) | set(
        Run.objects.free(timezone.now()).values_list("home", flat=True)
    )


def release_leases() -> None:
    """Release all leases when the only process starts: their holders have died with the previous one."""
    Run.objects.unfinished().exclude(lease_until=None).update(lease_until=None, lease_token=None)


def _agents_with_new_messages() -> QuerySet[Agent]:
    unread = _message_events().filter(home=OuterRef("home"), seq__gt=OuterRef("enqueued_seq"))
    return Agent.objects.filter(Exists(unread), home__is_complete=True)


def _message_events() -> QuerySet[Event]:
    return Event.objects.filter(type="chat_message", actor_user__isnull=False)


def enqueue_runs(home_id: UUID) -> int:
    """Create a run for each new message and each agent it addresses, asleep or not. Returns the number of new runs."""
    if not _agents_with_new_messages().filter(home=home_id).exists():
        return 0
    with home_lock(home_id):
        agents = list(Agent.objects.filter(home=home_id).order_by("pk"))
        since = min((agent.enqueued_seq for agent in agents), default=0)
        events = _message_events().filter(home=home_id).after(since)  # type: ignore[attr-defined]
        rows = list(events.values_list("seq", "subject_id")) if agents else []
        if not rows:
            return 0
        messages = Message.objects.filter(pk__in=[message_id for _seq, message_id in rows], deleted_at=None)
        runs = [
            Run(home_id=home_id, agent=agent, trigger_message=message, channel_id=message.channel_id)
            for message in messages.select_related("channel").order_by("seq")
            for agent in addressed_agents(message, agents)
            if message.seq > agent.enqueued_seq
        ]
        Run.objects.bulk_create(runs, ignore_conflicts=True)
        Agent.objects.filter(home=home_id).update(enqueued_seq=rows[-1][0])
        return len(runs)


def addressed_agents(message: Message, agents: Sequence[Agent]) -> list[Agent]:
    """Return the agents that should answer: the agent of an assistant chat, in a room those mentioned, in that order.

    Agents' messages address nobody, so that two agents cannot keep each other going.
    """
    if message.author_user_id is None or message.channel.kind == ChannelKind.DM:
        return []
    if message.channel.kind == ChannelKind.ASSISTANT:
        members = set(ChannelMember.objects.filter(channel=message.channel_id).values_list("agent", flat=True))
        return [agent for agent in agents if agent.pk in members]
    return mentioned_agents(message.body, agents)


def claim_next_run(home_id: UUID) -> Run | None:
    has_run = Exists(Run.objects.free(timezone.now()).undecided().filter(agent=OuterRef("pk")))
    agents = Agent.objects.filter(has_run, home=home_id).order_by("created_at")
    return next((run for agent in agents if (run := claim_run(agent)) is not None), None)


def claim_run(agent: Agent) -> Run | None:
    """Lease the agent's oldest run that local understanding has not looked at.

    Returns None if there is none, while the agent looks at another, or while another agent has to look at it first.
    """
    return _claim(agent.home_id, Run.objects.undecided().filter(agent=agent))


def claim_model_run(home_id: UUID) -> Run | None:
    """Lease the home's oldest run that waits for a language model.

    Returns None if there is none, or while the home has another.
    """
    return _claim(home_id, _model_runs(home_id))


def _model_runs(home_id: UUID) -> RunQuerySet:
    """Return the unfinished runs that local understanding has left to a language model.

    Filtered by the agent's home, since SQLite would read all runs of the home by the index of their own.
    """
    return Run.objects.unfinished().exclude(route="").filter(agent__home=home_id)


def _claim(home_id: UUID, runs: RunQuerySet) -> Run | None:
    """Lease the oldest of the runs, of which only one is performed at a time."""
    with home_lock(home_id):
        now = timezone.now()
        if runs.filter(status=RunStatus.RUNNING, lease_until__gte=now).exists():
            return None
        # Started ones first, which are the oldest: "running" sorts after "created". Ordered by the time alone, SQLite
        # would read all runs of the agent.
        run = runs.free(now).select_related(*RELATED).order_by("-status", "created_at", "pk").first()
        if run is None or _is_anothers_turn(run):
            return None
        if run.attempts >= MAX_ATTEMPTS:  # the worker died each time
            fail_run(run)
            return _claim(home_id, runs)
        run.attempts += 1
        run.status, run.started_at = RunStatus.RUNNING, run.started_at or now
        run.lease_until, run.lease_token = now + LEASE, uuid4()
        run.save()
        return run


def _is_anothers_turn(run: Run) -> bool:
    """Return whether an agent that the message names earlier has not looked at it yet."""
    earlier = Run.objects.unfinished().undecided().filter(trigger_message=run.trigger_message_id, pk__lt=run.pk)
    return run.trigger_message_id is not None and earlier.exists()


def fail_run(run: Run) -> None:
    """End a run after too many attempts, and tell its author. Must run in a transaction."""
    finish_run(run, RunStatus.FAILED, StopReason.ERROR, error=f"failed {MAX_ATTEMPTS} times")
    send_failure_message(run)


def retry_or_fail(run: Run) -> None:
    """Put a run back into the queue after an exception, or end it after too many."""
    with suppress(LeaseLost), hold_lease(run):
        run.refresh_from_db()
        if run.attempts >= MAX_ATTEMPTS:
            fail_run(run)
        else:
            release_run(run)
