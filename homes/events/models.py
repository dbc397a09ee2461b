"""The append-only event log of a home."""

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
    ADMIN = "admin", _("Admin")
    TASK = "task", _("Schedule")
    GUEST = "guest", _("Guest")


class EventQuerySet(models.QuerySet["Event"]):
    def after(self, seq: int) -> "EventQuerySet":
        return self.filter(seq__gt=seq).order_by("seq")

    def visible_to(self, member: "Membership") -> "EventQuerySet":
        """Return the events of the member's home that the member may read."""
        return self.filter(_readable_by(member), home=member.home_id)

    def of_home(self, member: "Membership") -> "EventQuerySet":
        """Return all events of the member's home, annotated with `is_readable`: whether the member may read it."""
        is_readable = models.ExpressionWrapper(_readable_by(member), models.BooleanField())
        return self.filter(home=member.home_id).annotate(is_readable=is_readable)


def _readable_by(member: "Membership") -> models.Q:
    """Match events for the whole home, and those of private channels that the member is in now."""
    private = (models.Q(channel_id__in=channels.of_member(member)) for channels in event_hooks.private_channels)
    return functools.reduce(operator.or_, private, models.Q(channel_id=None))


class Event(Row):
    """A change in a home. A database trigger forbids updates and deletes, except redaction and erasing a home."""

    home = models.ForeignKey("homes.Home", on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField(_("number"))
    type = models.CharField(_("type"), max_length=40)
    actor_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    actor_agent = models.ForeignKey("homes.Agent", on_delete=models.RESTRICT, null=True, related_name="+")
    origin = models.CharField(_("origin"), max_length=10, choices=Origin.choices)
    channel_id = models.UUIDField(_("private channel"), null=True)
    op_id = models.UUIDField(_("operation"), null=True)
    meant_at = models.DateTimeField(_("done offline at"), null=True)
    subject_id = models.UUIDField(_("subject"), null=True)
    data = models.JSONField(_("state after the event"))
    changes = models.JSONField(_("field changes"), default=dict)
    redacted_at = models.DateTimeField(_("redacted"), null=True)
    salt = models.CharField(max_length=32, editable=False)
    """Keeps `content_hash` from confirming guesses of contents that were redacted. Redaction empties it."""
    content_hash = models.CharField(_("hash of the contents"), max_length=64, editable=False)
    hash = models.CharField(_("hash"), max_length=64, editable=False)

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
        """Return when it happened; for a change that was made offline that is before it was recorded."""
        return self.meant_at or self.created_at
