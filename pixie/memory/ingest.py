"""Ingestion of the event log into memory, and of facts that messages mention, without a language model.

The position moves in the transaction that writes the passage, so each event is ingested exactly once, even after a
crash. Each event has a transaction of its own, so that the home's lock is held only briefly.
"""

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from chat.models import Channel, ChannelKind, ChannelMember, Message
from homes import hooks
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.events.models import Event, Origin
from homes.models import Agent, Home, Membership
from pantry.errors import ActionError
from pixie.actions import forget_passage, remember_passage
from pixie.models import MemoryPosition, Passage, Source
from pixie.nlu.facts import read_facts

log = logging.getLogger(__name__)

BATCH_SIZE = 50  # events per query


def waiting_homes() -> set[UUID]:
    """Return the homes whose log has events that were not ingested yet."""
    homes = Home.objects.complete().filter(last_seq__gt=0)
    return set(homes.exclude(memory_position__seq__gte=F("last_seq")).values_list("pk", flat=True))


def collect(home_id: UUID) -> int:
    """Ingest the rest of the home's log. Return how many events were read."""
    total = count = _collect_batch(home_id)
    while count == BATCH_SIZE:
        count = _collect_batch(home_id)
        total += count
    return total


def _collect_batch(home_id: UUID) -> int:
    position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
    home = Home.objects.get(pk=home_id)
    if home.last_seq <= position.seq:
        return 0
    rows = Event.objects.filter(home=home_id, seq__lte=home.last_seq, type__in=hooks.memories)
    events = list(rows.after(position.seq)[:BATCH_SIZE])
    with translation.override(home.locale), timezone.override(home.zone):
        for event in events:
            _ingest(event, home)
    if len(events) < BATCH_SIZE:
        _advance(home.last_seq, home)
    return len(events)


def _advance(seq: int, home: Home) -> bool:
    """Advance the home's position to `seq`. Return False when another worker has already advanced it that far."""
    return bool(MemoryPosition.objects.filter(home=home, seq__lt=seq).update(seq=seq))


def _ingest(event: Event, home: Home) -> None:
    """Ingest one event, once. A failure is logged and skipped, so that later events are still ingested."""
    with home_lock(home.pk):
        if not _advance(event.seq, home):
            return
        try:
            with transaction.atomic():
                memory = None if event.redacted_at else hooks.memories[event.type](event)
                _update_passage(event, memory, home)
        except ActionError as error:
            log.info("event %s of home %s is not ingested: %s", event.seq, home.pk, error)
        except Exception:
            log.exception("event %s of home %s could not be ingested", event.seq, home.pk)


def _update_passage(event: Event, memory: hooks.Memory | None, home: Home) -> None:
    by = Actor(home=home, origin=Origin.TASK)
    passage = Passage.objects.filter(home=home, source_id=event.subject_id).select_related("channel").first()
    if passage is not None and (memory is None or memory.source != passage.source):
        forget_passage(passage, by=by)
    if memory is None:
        return
    channel = Channel.objects.filter(pk=memory.channel).first() if memory.channel else None
    remember_passage(
        memory.content[: Passage.MAX_LENGTH],
        by=by,
        source=memory.source,
        channel=channel,
        agent=_agent_of(channel) if channel else None,
        user=User.objects.filter(pk=memory.user).first() if memory.user else None,
        author_name=memory.author_name,
        tags=memory.tags,
        source_id=event.subject_id,
        seq=event.seq,
        said_at=memory.at or event.moment,
    )


def _agent_of(channel: Channel) -> Agent | None:
    """Return the agent of a chat with an agent: other agents must not know what was said there. None for a room."""
    if channel.kind != ChannelKind.ASSISTANT:
        return None
    return Agent.objects.filter(pk__in=ChannelMember.objects.filter(channel=channel).values("agent")).first()


def memory_of_message(event: Event) -> hooks.Memory | None:
    """Extract a memory from the message as it is now; None for a deleted one, or one without a fact. Ignores direct
    messages, and those of agents."""
    subject: Any = event.subject_id
    messages = Message.objects.filter(home=event.home_id, pk=subject, deleted_at=None, author_agent=None)
    message = messages.select_related("channel").first()
    if message is None or message.channel.kind == ChannelKind.DM:
        return None
    names = Membership.objects.filter(home=event.home_id).values_list("user__name", flat=True)
    fact = read_facts(message.body, tuple(names))
    if fact is None:
        return None
    kind, sentence = fact
    return hooks.Memory(
        sentence,
        Source(kind),
        user=message.author_user_id,
        author_name=message.author_name,
        channel=message.channel_id,
        at=message.created_at,
    )


def undeleted_messages(ids: set[UUID]) -> set[UUID]:
    return set(Message.objects.filter(pk__in=ids, deleted_at=None).values_list("pk", flat=True))


MEMORIES = dict.fromkeys(("chat_message", "message_edited", "message_deleted"), memory_of_message)
