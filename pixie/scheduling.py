"""From the clock to runs: what is due begins, once, and the mailbox works on it."""

import logging
from datetime import datetime
from uuid import UUID

from pixie.actions import fire_scheduled
from pixie.models import ScheduledMessage

log = logging.getLogger(__name__)


def fire_due(now: datetime) -> set[UUID]:
    """Returns the homes in which a run waits now. One that cannot be fired must not keep the next from it."""
    homes = set()
    for scheduled in ScheduledMessage.objects.due(now).order_by("trigger_at"):
        try:
            if fire_scheduled(scheduled, now) is not None:
                homes.add(scheduled.home_id)
        except Exception:
            log.exception("scheduled message %s could not be fired", scheduled.pk)
    return homes
