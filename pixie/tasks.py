"""Celery tasks of Pixie. Pending work is stored in the database, so a lost task loses nothing.

Language models are called in threads of their own, so that a provider that hangs blocks no task. The homes that wait
for one of these threads take turns, one answer each. The sweep queues what a dead worker leaves.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_process_shutdown, worker_shutting_down
from django.core.cache import cache
from django.db import close_old_connections
from django.utils import timezone

from pantry.sweeps import pass_over_errors
from pixie.actions.schedules import fire_due
from pixie.actions.suggestions import make_all_suggestions, post_summaries
from pixie.memory import cleanup, embedding, ingest
from pixie.runs import confirmations, queue

log = logging.getLogger(__name__)

MODEL_THREADS = 8  # in each process

model_pool = ThreadPoolExecutor(MODEL_THREADS, "model")
_queued_homes: set[UUID] = set()


@worker_shutting_down.connect
def stop_model_pool(**_kwargs: Any) -> None:
    """Begin no more answers of models. The process ends after those that have begun."""
    model_pool.shutdown(wait=False, cancel_futures=True)


@worker_process_shutdown.connect
def finish_model_runs(*, exitcode: int = 0, **_kwargs: Any) -> None:
    """Wait for the answers that have begun, since Celery's child processes end without waiting for threads.

    Not if the process is terminated (a cold shutdown, with an exit code).
    """
    model_pool.shutdown(wait=not exitcode, cancel_futures=True)


@shared_task(name="pixie.perform_runs")
def perform_runs(home_id: str) -> int:
    """Answer new messages in the home, and perform its other waiting runs. Returns the number of finished runs.

    Does not wait for those that need a language model.
    """
    home = UUID(home_id)
    finished = queue.process_home(home)
    if queue.needs_model(home):
        _queue_for_model(home)
    return finished


def _queue_for_model(home_id: UUID) -> None:
    if home_id not in _queued_homes:
        _queued_homes.add(home_id)
        with suppress(RuntimeError):  # the process ends
            model_pool.submit(copy_context().run, _perform_model_run, home_id)


def _perform_model_run(home_id: UUID) -> None:
    """Perform one run, and queue the home again, behind the others, for its next."""
    _queued_homes.discard(home_id)
    try:
        if queue.perform_model_run(home_id) is not None and queue.needs_model(home_id):
            _queue_for_model(home_id)
    except Exception:
        log.exception("answering in home %s failed", home_id)
    finally:
        close_old_connections()


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
