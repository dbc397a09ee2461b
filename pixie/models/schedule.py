"""Messages that an agent handles later, once or repeatedly."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models import Channel, visible_channels_q
from homes.accounts.models import User
from homes.models import Agent, Home, Membership
from pantry.models import MutableRow
from pantry.recurrence import describe_rule, next_time
from pixie.nlu.reminders import read_reminder


class ScheduleStatus(models.TextChoices):
    PENDING = "pending", _("Waiting")
    FIRED = "fired", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class ScheduledMessageQuerySet(models.QuerySet["ScheduledMessage"]):
    def visible_to(self, member: Membership) -> "ScheduledMessageQuerySet":
        return self.filter(visible_channels_q(member, "channel__"), home=member.home_id)

    def pending(self) -> "ScheduledMessageQuerySet":
        return self.filter(status=ScheduleStatus.PENDING)

    def due(self, now: datetime) -> "ScheduledMessageQuerySet":
        """Return what is due. Agents that sleep and authors who are deactivated catch up once when they are back."""
        return self.pending().filter(trigger_at__lte=now, agent__is_active=True, created_by__is_active=True)


class ScheduledMessage(MutableRow):
    """A prompt for an agent in a channel. Runs with the rights of its author, as far as the `scopes` allow."""

    MAX_LENGTH = 1000
    MAX_PENDING = 200  # in a home

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="scheduled_messages")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    prompt = models.TextField(_("prompt"), max_length=MAX_LENGTH)
    starts_at = models.DateTimeField(_("starts at"))
    trigger_at = models.DateTimeField(_("next time"))
    rrule = models.CharField(_("rule"), max_length=200, blank=True)
    scopes = models.JSONField(null=True, editable=False)  # of the token that it was scheduled with; None for all
    status = models.CharField(
        _("status"), max_length=10, choices=ScheduleStatus.choices, default=ScheduleStatus.PENDING
    )

    objects: ClassVar[Any] = ScheduledMessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheduled message")
        verbose_name_plural = _("scheduled messages")
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ScheduleStatus.values), name="schedule_status_known"),
            models.CheckConstraint(condition=~models.Q(prompt=""), name="schedule_asks_something"),
        ]
        indexes = [
            models.Index(fields=["status", "trigger_at"], name="schedule_due"),
            models.Index(fields=["home", "status", "trigger_at"], name="schedule_of_home"),
        ]

    def __str__(self) -> str:
        return self.prompt[:60]

    @property
    def is_pending(self) -> bool:
        return self.status == ScheduleStatus.PENDING

    def is_due(self, now: datetime) -> bool:
        return self.is_pending and self.trigger_at <= now

    def due_after(self, moment: datetime) -> datetime | None:
        """Return the next time after `moment`; None for one-time schedules and rules that have ended."""
        return next_time(self.rrule, self.starts_at, self.home.zone, moment) if self.rrule else None

    @property
    def is_reminder(self) -> bool:
        """Return whether the prompt is posted as it is. Any other prompt is carried out."""
        return read_reminder(self.prompt) is not None

    @property
    def what(self) -> str:
        """Return the subject of a reminder, or else the whole prompt."""
        reminder = read_reminder(self.prompt)
        return reminder[1] if reminder else self.prompt

    @property
    def how_often(self) -> str:
        return describe_rule(self.rrule) if self.rrule else ""
