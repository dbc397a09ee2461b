"""Ingestion of the event log into memory, and of facts that messages mention, without a language model.

The position moves in the transaction that writes the passages, so each event is ingested exactly once, even after a
crash. Events are read in small batches, and their memories are computed before the home's lock is taken, so that it is
held only briefly.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
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
from pantry.db import is_temporary
from pantry.errors import ActionError
from pixie.actions import forget_lesson, forget_passage, remember_passage
from pixie.memory.facts import read_facts
from pixie.models import Lesson, MemoryPosition, Passage, Source

log = logging.getLogger(__name__)

BATCH_SIZE = 10  # events, each about 5 ms under the lock


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
    """Ingest the next events. Return their number, and 0 if another worker was faster."""
    position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
    home = Home.objects.get(pk=home_id)
    if home.last_seq <= position.seq:
        return 0
    rows = Event.objects.filter(home=home_id, seq__lte=home.last_seq, type__in=hooks.memories)
    events = list(rows.after(position.seq)[:BATCH_SIZE])
    last_seq = events[-1].seq if len(events) == BATCH_SIZE else home.last_seq
    with translation.override(home.locale), timezone.override(home.zone):
        memories = list(_read_memories(home, events))
        with home_lock(home_id):
            if not MemoryPosition.objects.filter(home=home_id, seq=position.seq).update(seq=last_seq):
                return 0
            _forget_lessons(home, events)
            for event, memory in memories:
                with _pass_over_errors(event), transaction.atomic():
                    _update_passage(event, memory, home)
    return len(events)


def _read_memories(home: Home, events: list[Event]) -> Iterator[tuple[Event, hooks.Memory | None]]:
    """Yield the events with their memories. Leaves out those that have none and had none before: most of them."""
    subjects = {event.subject_id for event in events}
    passages = Passage.objects.filter(home=home, source_id__in=subjects)
    remembered = set(passages.values_list("source_id", flat=True))
    for event in events:
        with _pass_over_errors(event):
            memory = None if event.redacted_at else hooks.memories[event.type](event)
            if memory is not None or event.subject_id in remembered:
                remembered.add(event.subject_id)
                yield event, memory


@contextmanager
def _pass_over_errors(event: Event) -> Iterator[None]:
    """Log an error in the block, so that later events are still ingested. Raises those of an unavailable database."""
    try:
        yield
    except ActionError as error:
        log.info("event %s of home %s is not ingested: %s", event.seq, event.home_id, error)
    except Exception as error:
        if is_temporary(error):
            raise
        log.exception("event %s of home %s could not be ingested", event.seq, event.home_id)


def _forget_lessons(home: Home, events: list[Event]) -> None:
    """Delete the lessons of messages that were edited or deleted."""
    subjects = {event.subject_id for event in events}
    for lesson in Lesson.objects.filter(home=home, message__in=subjects).exclude(text=F("message__body")):
        forget_lesson(lesson, by=Actor(home=home, origin=Origin.TASK))


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
