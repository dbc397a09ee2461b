"""Start of the runs of due schedules."""

from datetime import datetime
from uuid import UUID

from pantry.sweeps import pass_over_errors
from pixie.actions import fire_scheduled
from pixie.models import ScheduledMessage


def fire_due(now: datetime) -> set[UUID]:
    """Start a run for each schedule that is due. Return their homes. A failure does not stop the others."""
    homes = set()
    for scheduled in ScheduledMessage.objects.due(now).order_by("trigger_at"):
        with pass_over_errors("pixie.fire_scheduled", scheduled.pk):
            if fire_scheduled(scheduled, now) is not None:
                homes.add(scheduled.home_id)
    return homes
