"""Notifications for reminders in rooms and for the morning summary.

Reminders in a chat with an agent need none: every message there is notified.
"""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.models import ROOM_KINDS, Message
from homes.events.models import Event
from homes.models import Membership
from homes.notifications import registry
from pixie.models import ScheduledMessage
from pixie.nlu.reminders import read_reminder

REMINDER = registry.NoticeKind(
    "reminder", gettext_lazy("A reminder is due"), lifetime=timedelta(hours=12), urgency="high"
)
SUMMARY = registry.NoticeKind("summary", gettext_lazy("The morning summary"), lifetime=timedelta(hours=6))


def reminder_notice(event: Event, member: Membership) -> registry.Notice | None:
    """Return the notice of a reminder that fired in a room, or None if the member may not see it."""
    subject: Any = event.subject_id
    visible = ScheduledMessage.objects.visible_to(member).filter(pk=subject, channel__kind__in=ROOM_KINDS)
    scheduled = visible.select_related("channel").first()
    if scheduled is None or read_reminder(scheduled.prompt) is None:
        return None
    return registry.Notice(
        title=_("Reminder in #%(room)s") % {"room": scheduled.channel.name},
        body=scheduled.what,
        url=reverse("chat:channel", args=[member.home_id, scheduled.channel_id]),
        tag=f"channel {scheduled.channel_id}",
    )


def summary_notice(event: Event, member: Membership) -> registry.Notice | None:
    """Return the notice of a morning summary, or None if the message is gone."""
    visible = Message.objects.visible_to(member).filter(pk=event.data["message_id"], deleted_at=None)
    message = visible.select_related("home").first()
    if message is None:
        return None
    return registry.Notice(
        title=message.home.name,
        body=message.body.split("\n", 1)[-1],
        url=reverse("pixie:today", args=[member.home_id]),
        tag=f"summary {member.home_id}",
    )
