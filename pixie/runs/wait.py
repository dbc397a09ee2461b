"""Waiting for an agent's answer, without holding up everybody else."""

import time
from threading import BoundedSemaphore
from uuid import UUID, uuid5

from chat.models import Message
from pixie.models import Run
from pixie.runs import queue

SEATS = BoundedSemaphore(4)
"""Half of the threads that serve pages: however many wait, the others are served."""
LOOK_EVERY = 0.05  # seconds


def run_for(message: Message, agent_id: UUID) -> Run:
    """The run that answers `message`, made now if the worker has not made it yet."""
    queue.collect(message.home_id)
    return Run.objects.get(agent=agent_id, trigger_message=message)


def answer_within(run: Run, seconds: float) -> Message | None:
    """What the agent says, or None when it has not said it by then, or when too many wait already."""
    until = time.monotonic() + seconds
    answer = answer_of(run)
    if answer is not None or seconds <= 0 or not SEATS.acquire(blocking=False):
        return answer
    try:
        while answer is None and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
            answer = answer_of(run)
        return answer
    finally:
        SEATS.release()


def answer_of(run: Run) -> Message | None:
    """An answer bears an id that follows from its run's."""
    found: Message | None = Message.objects.filter(pk=uuid5(run.pk, "answer")).first()
    if found is not None and not run.is_finished:
        run.refresh_from_db()
    return found if run.is_finished else None
