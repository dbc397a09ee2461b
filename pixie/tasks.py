"""Celery tasks of Pixie. Pending work is stored in the database, so a lost task loses nothing."""

from uuid import UUID

from celery import shared_task
from django.core.cache import cache
from django.utils import timezone

from pantry.sweeps import pass_over_errors
from pixie.actions.schedules import fire_due
from pixie.actions.suggestions import make_all_suggestions, post_summaries
from pixie.memory import cleanup, embedding, ingest
from pixie.runs import confirmations, queue


@shared_task(name="pixie.perform_runs")
def perform_runs(home_id: str) -> int:
    """Answer new messages in the home, and perform its other waiting runs. Returns the number of finished runs."""
    return queue.process_home(UUID(home_id))


@shared_task(name="pixie.sweep")
def sweep() -> int:
    """Queue homes with work left by a lost task or a dead worker. Runs at start and every minute; returns their number.

    Each home gets a task of its own, since a language model may take minutes.
    """
    confirmations.close_expired_questions()
    return _queue_homes("pixie.sweep", queue.homes_with_work())


@shared_task(name="pixie.fire_scheduled")
def fire_scheduled() -> int:
    """Start the scheduled messages that are due or overdue. Returns the number of homes with any."""
    return _queue_homes("pixie.fire_scheduled", fire_due(timezone.now()))


def _queue_homes(task: str, homes: set[UUID]) -> int:
    for home_id in homes:
        with pass_over_errors(task, home_id):
            perform_runs.delay(str(home_id))
    return len(homes)


@shared_task(name="pixie.sum_up")
def sum_up() -> int:
    return post_summaries(timezone.now())


@shared_task(name="pixie.suggest")
def suggest() -> int:
    return make_all_suggestions(timezone.now())


@shared_task(name="pixie.remember")
def remember(home_id: str) -> int:
    """Store memories of new events of the home. Returns the number of events read."""
    return ingest.collect(UUID(home_id))


@shared_task(name="pixie.sweep_memory")
def sweep_memory() -> None:
    """Store memories of events whose task was lost. Runs every minute."""
    for home_id in ingest.waiting_homes():
        with pass_over_errors("pixie.sweep_memory", home_id):
            ingest.collect(home_id)
    embedding.release_pages()


@shared_task(name="pixie.tidy_memory")
def tidy_memory() -> int:
    """Tidy each home's memory once a night. Returns the number of deleted passages."""
    dropped = 0
    for home_id in cleanup.due_homes():
        with pass_over_errors("pixie.tidy_memory", home_id):
            embedding.embed_waiting(home_id)
            dropped += cleanup.tidy(home_id)
    return dropped


NUDGE_PAUSE_SECONDS = 2.0  # events of a home are remembered in batches, since answers come first


def nudge_memory(home_id: UUID, seq: int) -> None:
    """Queue `remember` for the home, at most once per pause."""
    if cache.add(f"remember:{home_id}", 1, NUDGE_PAUSE_SECONDS):
        remember.apply_async((str(home_id),), countdown=NUDGE_PAUSE_SECONDS)
