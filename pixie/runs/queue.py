"""From the log to runs: what was said to an agent becomes one run, and an agent has one run at a time. Where a message
names several, they answer in that order.

A run is worked on under a lease with a token: a worker whose lease ran out may still be alive, and whatever it
writes then finds another's token and is refused.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Exists, OuterRef
from django.utils import timezone

from chat.models import ChannelKind, ChannelMember, Message
from homes.events.log import home_lock
from homes.events.models import Event
from homes.models import Agent, mentioned_agents
from pixie.models import Run, RunStatus, StopReason
from pixie.runs.lease import LEASE, LeaseLost, finish, hold
from pixie.runs.runner import apologise, perform

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 3
TAKEN_WITH = ("agent", "home", "channel", "trigger_message", "scheduled_message__created_by")


def read(home_id: UUID) -> int:
    """Collect the home's mail and work on it until nothing waits. Returns how many runs were finished."""
    finished = 0
    collect(home_id)
    while (run := take_any(home_id)) is not None:
        try:
            perform(run)
            finished += 1
        except LeaseLost:
            log.warning("run %s was taken over", run.pk)
        except Exception:
            log.exception("run %s failed", run.pk)
            give_back(run)
        collect(home_id)
    return finished


def waiting_homes() -> set[UUID]:
    """Homes with mail that no agent has read, or with runs that nobody works on."""
    return set(_with_mail().values_list("home", flat=True)) | set(
        Run.objects.free(timezone.now()).values_list("home", flat=True)
    )


def release() -> int:
    """When the one process of a home starts, whoever held a run died with the last one: nobody waits for the lease.
    A worker that is alive all the same finds its token gone. Returns how many runs are free again."""
    held = Run.objects.unfinished().exclude(lease_until=None)
    return held.update(lease_until=None, lease_token=None)


def _with_mail() -> Any:
    """Agents in whose homes a person said something that they have not read."""
    said = _said().filter(home=OuterRef("home"), seq__gt=OuterRef("mail_seq"))
    return Agent.objects.filter(Exists(said))


def _said() -> Any:
    return Event.objects.filter(type="chat_message", actor_user__isnull=False)


def collect(home_id: UUID) -> int:
    """One run for each message and agent that it is for, also for one that sleeps, since they last looked. Returns how
    many are new."""
    if not _with_mail().filter(home=home_id).exists():
        return 0
    with home_lock(home_id):
        return _collect(home_id)


def _collect(home_id: UUID) -> int:
    agents = list(Agent.objects.filter(home=home_id).order_by("pk"))
    since = min((agent.mail_seq for agent in agents), default=0)
    mail = list(_said().filter(home=home_id).after(since).values_list("seq", "subject_id")) if agents else []
    if not mail:
        return 0
    messages = Message.objects.filter(pk__in=[message_id for _seq, message_id in mail], deleted_at=None)
    runs = [
        Run(home_id=home_id, agent=agent, trigger_message=message, channel_id=message.channel_id)
        for message in messages.select_related("channel").order_by("seq")
        for agent in spoken_to(message, agents)
        if message.seq > agent.mail_seq
    ]
    Run.objects.bulk_create(runs, ignore_conflicts=True)
    Agent.objects.filter(home=home_id).update(mail_seq=mail[-1][0])
    return len(runs)


def spoken_to(message: Message, agents: Sequence[Agent]) -> list[Agent]:
    """Whom a person speaks to: in a talk of theirs always its agent, in a room who is named, in that order. What agents
    say is for nobody, so two of them never keep each other going."""
    if message.author_user_id is None or message.channel.kind == ChannelKind.DM:
        return []
    if message.channel.kind == ChannelKind.ASSISTANT:
        inside = set(ChannelMember.objects.filter(channel=message.channel_id).values_list("agent", flat=True))
        return [agent for agent in agents if agent.pk in inside]
    return mentioned_agents(message.body, agents)


def take_any(home_id: UUID) -> Run | None:
    """A run of whichever of the home's agents is free to work."""
    waiting = Run.objects.free(timezone.now()).filter(home=home_id).values("agent")
    agents = Agent.objects.filter(pk__in=waiting).order_by("created_at")
    return next((run for agent in agents if (run := take(agent)) is not None), None)


def take(agent: Agent) -> Run | None:
    """The oldest run that waits, leased; None while the agent has one in hand, while nothing waits, and while it is
    another's turn to answer that message."""
    with home_lock(agent.home_id):
        return _take(agent)


def _take(agent: Agent) -> Run | None:
    now = timezone.now()
    runs = Run.objects.filter(agent=agent)
    if runs.filter(status=RunStatus.RUNNING, lease_until__gte=now).exists():
        return None
    run = runs.free(now).select_related(*TAKEN_WITH).order_by("created_at").first()
    if run is None or _is_anothers_turn(run):
        return None
    if run.attempts >= MOST_ATTEMPTS:  # the process died in it each time
        give_up(run)
        return _take(agent)
    run.attempts += 1
    run.status, run.started_at = RunStatus.RUNNING, run.started_at or now
    run.lease_until, run.lease_token = now + LEASE, uuid4()
    run.save()
    return run


def _is_anothers_turn(run: Run) -> bool:
    """The message names somebody else first, who has not answered yet."""
    before = Run.objects.unfinished().filter(trigger_message=run.trigger_message_id, pk__lt=run.pk)
    return run.trigger_message_id is not None and before.exists()


def give_up(run: Run) -> None:
    """Inside a transaction: it failed too often, and whoever waits is told."""
    finish(run, RunStatus.FAILED, StopReason.ERROR, error=f"failed {MOST_ATTEMPTS} times")
    apologise(run)


def give_back(run: Run) -> None:
    """After a failure: to be tried again, or given up."""
    with suppress(LeaseLost), hold(run):
        _give_back(run)


def _give_back(run: Run) -> None:
    run.refresh_from_db()
    if run.attempts < MOST_ATTEMPTS:
        run.status, run.lease_until, run.lease_token = RunStatus.CREATED, None, None
        run.save()
    else:
        give_up(run)
