"""From the log to memory: what was said, decided or bought becomes a passage as it happens, without a model.

The position moves in the transaction that writes the passage, so each event counts once, whatever crashes. An event is
a transaction of its own, so that nobody waits long for the home's lock.
"""

import logging
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from chat.models import Channel
from homes import hooks
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.events.models import Event, Origin
from homes.models import Home
from pantry.errors import ActionError
from pixie.actions import forget_passage, remember_passage
from pixie.models import MemoryPosition, Passage

log = logging.getLogger(__name__)

BATCH = 50  # events that are read at once


def waiting_homes() -> set[UUID]:
    """Homes with a log that was not read to its end."""
    homes = Home.objects.filter(last_seq__gt=0)
    return set(homes.exclude(memory_position__seq__gte=F("last_seq")).values_list("pk", flat=True))


def collect(home_id: UUID) -> int:
    """Read on in the home's log, to its end. Returns how many events were looked at."""
    read = 0
    while True:
        looked_at = _collect_some(home_id)
        read += looked_at
        if looked_at < BATCH:
            return read


def _collect_some(home_id: UUID) -> int:
    position, _new = MemoryPosition.objects.get_or_create(home_id=home_id)
    home = Home.objects.get(pk=home_id)
    if home.last_seq <= position.seq:
        return 0
    rows = Event.objects.filter(home=home_id, seq__lte=home.last_seq, type__in=hooks.memories)
    events = list(rows.after(position.seq)[:BATCH])
    with translation.override(home.locale), timezone.override(home.zone):
        for event in events:
            _take(event, home)
    if len(events) < BATCH:
        _move_to(home.last_seq, home)
    return len(events)


def _move_to(seq: int, home: Home) -> bool:
    """Move the home's position on to `seq`. False when another worker has moved it there, or further."""
    return bool(MemoryPosition.objects.filter(home=home, seq__lt=seq).update(seq=seq))


def _take(event: Event, home: Home) -> None:
    """Remember one event, once. One that cannot be read must not keep the home from remembering the next."""
    with home_lock(home.pk):
        if not _move_to(event.seq, home):
            return
        try:
            with transaction.atomic():
                memory = None if event.redacted_at else hooks.memories[event.type](event)
                _keep(event, memory, home)
        except ActionError as refusal:
            log.info("event %s of home %s is not remembered: %s", event.seq, home.pk, refusal)
        except Exception:
            log.exception("event %s of home %s could not be remembered", event.seq, home.pk)


def _keep(event: Event, memory: hooks.Memory | None, home: Home) -> None:
    by = Actor(home=home, origin=Origin.TASK)
    known = Passage.objects.filter(home=home, source_id=event.subject_id).select_related("channel").first()
    if known is not None and (memory is None or memory.source != known.source):
        forget_passage(known, by=by)
    if memory is None:
        return
    remember_passage(
        memory.content[: Passage.MAX_LENGTH],
        by=by,
        source=memory.source,
        channel=Channel.objects.filter(pk=memory.channel).first() if memory.channel else None,
        user=User.objects.filter(pk=memory.user).first() if memory.user else None,
        author_name=memory.author_name,
        tags=memory.tags,
        source_id=event.subject_id,
        seq=event.seq,
        said_at=memory.at or event.moment,
    )
