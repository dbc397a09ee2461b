"""Nudges for Pixie. The work itself is rows, so a lost task loses nothing."""

from uuid import UUID

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from pantry.sweeps import pass_over_errors
from pixie.actions.suggestions import suggest_all
from pixie.actions.summaries import tell_all
from pixie.memory import cleanup, embedding, embedding_jobs, ingest
from pixie.runs import confirmations, queue
from pixie.schedules import due


@shared_task(name="pixie.read_mail")
def read_mail(home_id: str) -> int:
    """Read what was said in the home and answer it. Returns how many runs were finished."""
    return queue.process_home(UUID(home_id))


@shared_task(name="pixie.sweep")
def sweep() -> int:
    """Pick up what a lost nudge or a dead worker left, at start and each minute. Returns how many homes had any.

    Each home is answered in a task of its own: a language model may take minutes.
    """
    confirmations.close_expired_questions()
    homes = queue.homes_with_work()
    for home_id in homes:
        with pass_over_errors("pixie.sweep", home_id):
            read_mail.delay(str(home_id))
    return len(homes)


@shared_task(name="pixie.fire_scheduled")
def fire_scheduled() -> int:
    """Begin what was scheduled for now, or was missed. Returns in how many homes there is something to do."""
    homes = due.fire_due(timezone.now())
    for home_id in homes:
        with pass_over_errors("pixie.fire_scheduled", home_id):
            read_mail.delay(str(home_id))
    return len(homes)


@shared_task(name="pixie.sum_up")
def sum_up() -> int:
    """Say what the day begins with where it is morning: once a day. Returns in how many homes."""
    return tell_all(timezone.now())


@shared_task(name="pixie.suggest")
def suggest() -> int:
    """Make each home's suggestions of the day. Returns how many."""
    return suggest_all(timezone.now())


def nudge(home_id: UUID, seq: int) -> None:
    read_mail.delay(str(home_id))


@shared_task(name="pixie.remember")
def remember(home_id: str) -> int:
    """Remember what happened in the home since. Returns how many events were looked at."""
    return ingest.collect(UUID(home_id))


@shared_task(name="pixie.sweep_memory")
def sweep_memory() -> None:
    """What lost nudges left: events that nobody looked at. Each minute."""
    for home_id in ingest.waiting_homes():
        with pass_over_errors("pixie.sweep_memory", home_id):
            ingest.collect(home_id)
    embedding.rest()


@shared_task(name="pixie.tidy_memory")
def tidy_memory() -> int:
    """Tidy memory where it is night: each home's once. Returns how many passages were dropped."""
    dropped = 0
    for home_id in cleanup.homes_at_night():
        with pass_over_errors("pixie.tidy_memory", home_id):
            embedding_jobs.embed_waiting(home_id)
            dropped += cleanup.tidy(home_id)
    return dropped


NUDGE_PAUSE_SECONDS = 2.0  # answering people comes first: a home's events are remembered once in that time


def nudge_memory(home_id: UUID, seq: int) -> None:
    """Queue remembering the home's events, once for all that happen during the pause."""
    if cache.add(f"remember:{home_id}", 1, NUDGE_PAUSE_SECONDS):
        remember.apply_async((str(home_id),), countdown=NUDGE_PAUSE_SECONDS)
