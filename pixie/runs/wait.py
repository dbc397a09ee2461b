"""Waiting for a run's answer in a request, its format in the API, and stopping a run."""

import time
from threading import BoundedSemaphore
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.models import Message, MessageState
from homes.events.log import home_lock
from pixie.models import LOCAL, Run, RunStatus, StopReason
from pixie.runs import lease, queue
from pixie.runs.draft import answer_id
from pixie.usage.costs import SUMMED

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
    answer: Message | None = Message.objects.filter(pk=answer_id(run)).first()
    if answer is not None and not run.is_finished:
        run.refresh_from_db()
    return answer if run.is_finished else None


def find_run_by_answer(message_id: UUID, runs: list[Run]) -> Run | None:
    return next((run for run in runs if answer_id(run) == message_id), None)


def stop_run(run: Run) -> Run:
    """Stop a run. Idempotent, also once it has finished.

    A run that has not started ends at once. A running one ends at the next piece of text or the next tool call, and
    keeps what its tools have done, with the receipt.
    """
    with home_lock(run.home_id):
        run = Run.objects.select_related("home", "agent", "channel", "trigger_message__parent").get(pk=run.pk)
        if run.is_finished:
            return run
        run.stop_asked_at = run.stop_asked_at or timezone.now()
        if run.status != RunStatus.CREATED:
            run.save(update_fields=["stop_asked_at"])
            return run
        lease.finish_run(run, RunStatus.CANCELLED, StopReason.CANCELLED)
        parent = run.trigger_message.parent if run.trigger_message else None
        metadata, state = {"run": str(run.pk)}, MessageState.ABORTED
        text, pk = _("Stopped."), answer_id(run)
        send_message(run.channel, text, by=run.actor, parent=parent, pk=pk, metadata=metadata, state=state)
        return run


def build_response(run: Run, answer: Message) -> dict[str, Any]:
    """Return the answer with what was understood, done or needs confirmation, and the usage."""
    metadata = answer.metadata
    actions = metadata.get("actions", [])
    return {
        "message_id": answer.pk,
        "run_id": run.pk,
        "thread_id": answer.channel_id,
        "message": answer.body,
        "intent": metadata.get("intent", "unclear"),
        "entities": metadata.get("entities", []),
        **({"action": actions[0]} if actions else {}),
        "actions": actions,
        "confidence": metadata.get("confidence", 0.0),
        "requires_confirmation": bool(metadata.get("requires_confirmation")),
        "usage": {
            "route": LOCAL if run.route in ("", LOCAL) else "model",
            "model": run.route or LOCAL,
            **{name: getattr(run, name) for name in SUMMED},
            "cost_usd": float(run.cost_usd),
            "latency_ms": answer.latency_ms,
        },
    }
