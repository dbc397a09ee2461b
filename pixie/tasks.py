"""Nudges for Pixie. The work itself is rows, so a lost task loses nothing."""

import time
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from pixie import embedding, mailbox, meanings, questions, remembering, scheduling, suggesting, summary, tidying


@shared_task(name="pixie.read_mail")
def read_mail(home_id: str) -> int:
    """Read what was said in the home and answer it. Returns how many runs were finished."""
    return mailbox.read(UUID(home_id))


@shared_task(name="pixie.sweep")
def sweep() -> int:
    """Pick up what a lost nudge or a dead worker left. At start and each minute."""
    questions.close_expired()
    return sum(mailbox.read(home_id) for home_id in mailbox.waiting_homes())


@shared_task(name="pixie.fire_scheduled")
def fire_scheduled() -> int:
    """Begin what was scheduled for now, or was missed. Returns in how many homes there is something to do."""
    homes = scheduling.fire_due(timezone.now())
    for home_id in homes:
        read_mail.delay(str(home_id))
    return len(homes)


@shared_task(name="pixie.sum_up")
def sum_up() -> int:
    """Say what the day begins with where it is morning: once a day. Returns in how many homes."""
    return summary.tell_all(timezone.now())


@shared_task(name="pixie.suggest")
def suggest() -> int:
    """Make each home's suggestions of the day. Returns how many."""
    return suggesting.suggest_all(timezone.now())


def nudge(home_id: UUID, seq: int) -> None:
    read_mail.delay(str(home_id))


@shared_task(name="pixie.remember")
def remember(home_id: str) -> int:
    """Remember what happened in the home since. Returns how many events were looked at."""
    return remembering.collect(UUID(home_id))


@shared_task(name="pixie.sweep_memory")
def sweep_memory() -> None:
    """What lost nudges left: events that nobody looked at. Each minute."""
    for home_id in remembering.waiting_homes():
        remembering.collect(home_id)
    embedding.rest()


@shared_task(name="pixie.tidy_memory")
def tidy_memory() -> int:
    """Tidy memory where it is night: each home's once. Returns how many passages were dropped."""
    homes = tidying.homes_at_night()
    for home_id in homes:
        meanings.embed_waiting(home_id)
    return sum(tidying.tidy(home_id) for home_id in homes)


REST = 2.0  # seconds after something happened in which nobody remembers it: who waits for it to be shown comes first
_nudged: dict[UUID, float] = {}


def nudge_memory(home_id: UUID, seq: int) -> None:
    """Once for all that happens while it rests."""
    now = time.monotonic()
    if now - _nudged.get(home_id, -REST) >= REST:
        _nudged[home_id] = now
        remember.apply_async((str(home_id),), countdown=REST)
