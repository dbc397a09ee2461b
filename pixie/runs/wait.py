"""Waiting for a run's answer in a request."""

import time
from threading import BoundedSemaphore
from uuid import UUID

from chat.models import Message
from pixie.models import Run
from pixie.runs import queue
from pixie.runs.draft import answer_id

WAIT_SLOTS = BoundedSemaphore(4)
"""Half of the request threads, so that the others keep serving pages."""
POLL_SECONDS = 0.05


def get_run(message: Message, agent_id: UUID) -> Run:
    """Return the run for `message`, enqueueing it if the worker has not done so yet."""
    queue.enqueue_runs(message.home_id)
    return Run.objects.get(agent=agent_id, trigger_message=message)


def wait_for_answer(run: Run, seconds: float) -> Message | None:
    """Return the finished answer, or None after `seconds`, or at once when all slots are taken."""
    until = time.monotonic() + seconds
    answer = get_answer(run)
    if answer is not None or seconds <= 0 or not WAIT_SLOTS.acquire(blocking=False):
        return answer
    try:
        while answer is None and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
            answer = get_answer(run)
        return answer
    finally:
        WAIT_SLOTS.release()


def get_answer(run: Run) -> Message | None:
    """Return the answer of a finished run. Read in this order, because both are committed together: an answer that is
    read first may still be a draft."""
    if not run.is_finished:
        run.refresh_from_db()
    return Message.objects.filter(pk=answer_id(run)).first() if run.is_finished else None
