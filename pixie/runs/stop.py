"""Stopping a run at a member's request."""

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.models import MessageState
from homes.events.log import home_lock
from pixie.models import Run, RunStatus, StopReason
from pixie.runs import lease
from pixie.runs.draft import answer_id
from pixie.runs.language import answer_language


def stop_run(run: Run) -> Run:
    """Stop a run. Idempotent, also once it has finished.

    A run that has not started ends at once. A running one ends at the next piece of text or the next tool call, and
    keeps what its tools have done, with the receipt.
    """
    with home_lock(run.home_id):
        run = Run.objects.select_related("home", "agent", "channel", "trigger_message__parent").get(pk=run.pk)
        if run.is_finished:
            return run
        run.stop_requested_at = run.stop_requested_at or timezone.now()
        if run.status != RunStatus.CREATED:
            run.save(update_fields=["stop_requested_at"])
            return run
        lease.finish_run(run, RunStatus.CANCELLED, StopReason.CANCELLED)
        parent = run.trigger_message.parent if run.trigger_message else None
        language = answer_language(run)
        metadata, state = {"run": str(run.pk), "language": language}, MessageState.ABORTED
        with translation.override(language):
            text = _("Stopped.")
        pk = answer_id(run)
        send_message(run.channel, text, by=run.actor, parent=parent, pk=pk, metadata=metadata, state=state)
        return run
