"""Stopping a run."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.models import MessageState
from homes.events.actor import Actor
from homes.events.log import home_lock
from homes.events.models import Origin
from pixie.models import Run, RunStatus, StopReason
from pixie.runs import lease
from pixie.runs.draft import answer_id


def stop_run(run: Run) -> Run:
    """Stop a run. Idempotent, also once it has finished.

    A run that has not started ends at once. A running one ends at the next piece of text or the next tool call, and
    keeps what its tools have done, with the receipt.
    """
    with home_lock(run.home_id):
        return _stop(Run.objects.select_related("home", "agent", "channel", "trigger_message__parent").get(pk=run.pk))


def _stop(run: Run) -> Run:
    if run.is_finished:
        return run
    run.stop_asked_at = run.stop_asked_at or timezone.now()
    if run.status == RunStatus.CREATED:
        lease.finish_run(run, RunStatus.CANCELLED, StopReason.CANCELLED)
        by = Actor(home=run.home, agent=run.agent, origin=Origin.AGENT)
        parent = run.trigger_message.parent if run.trigger_message else None
        metadata = {"run": str(run.pk)}
        text, state = _("Stopped."), MessageState.ABORTED
        send_message(run.channel, text, by=by, parent=parent, pk=answer_id(run), metadata=metadata, state=state)
    else:
        Run.objects.filter(pk=run.pk).update(stop_asked_at=run.stop_asked_at)
    return run


def find_run_by_answer(message_id: UUID, runs: list[Run]) -> Run | None:
    """Return the one of `runs` that writes the message."""
    return next((run for run in runs if answer_id(run) == message_id), None)
