"""What happened in a home, in order, for ever."""

import functools
import operator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.events import hooks as event_hooks
from pantry.models import Row

if TYPE_CHECKING:
    from homes.models import Membership


class Origin(models.TextChoices):
    BROWSER = "browser", _("Browser")
    API = "api", _("API")
    SOCKET = "socket", _("Socket")
    AGENT = "agent", _("Agent")
    MCP = "mcp", _("MCP")
    COMMAND = "command", _("Command")
    ADMIN = "admin", _("Back office")
    TASK = "task", _("Schedule")


class EventQuerySet(models.QuerySet["Event"]):
    def after(self, seq: int) -> "EventQuerySet":
        return self.filter(seq__gt=seq).order_by("seq")

    def visible_to(self, member: "Membership") -> "EventQuerySet":
        return self.filter(_readable_by(member), home=member.home_id)

    def of_home(self, member: "Membership") -> "EventQuerySet":
        """All of them, each with `is_readable`: whether the member may know more of it than its number."""
        is_readable = models.ExpressionWrapper(_readable_by(member), models.BooleanField())
        return self.filter(home=member.home_id).annotate(is_readable=is_readable)


def _readable_by(member: "Membership") -> models.Q:
    """What is for all, and what is of the private channels that the member is in now."""
    inside = (models.Q(channel_id__in=channels(member)) for channels in event_hooks.private_channels)
    return functools.reduce(operator.or_, inside, models.Q(channel_id=None))


class Event(Row):
    """One thing that happened in a home. Never changed, never deleted: a trigger sees to it."""

    home = models.ForeignKey("homes.Home", on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField(_("number"))
    type = models.CharField(_("type"), max_length=40)
    actor_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_agent = models.ForeignKey("homes.Agent", on_delete=models.RESTRICT, null=True, related_name="+")
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices)
    channel_id = models.UUIDField(_("private channel"), null=True)
    op_id = models.UUIDField(_("operation"), null=True)
    meant_at = models.DateTimeField(_("meant"), null=True)
    subject_id = models.UUIDField(_("subject"), null=True)
    data = models.JSONField(_("what is so now"))
    changes = models.JSONField(_("what changed"), default=dict)
    redacted_at = models.DateTimeField(_("redacted"), null=True)

    objects: ClassVar[Any] = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [models.UniqueConstraint(fields=["home", "seq"], name="event_number_once")]
        indexes = [
            models.Index(fields=["home", "op_id"], name="event_operation", condition=models.Q(op_id__isnull=False)),
            models.Index(fields=["home", "subject_id", "seq"], name="event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.type}"

    @property
    def moment(self) -> datetime:
        """When it was done. What was done without a signal is written later."""
        return self.meant_at or self.created_at
