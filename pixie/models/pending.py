"""Actions that wait for a member's confirmation."""

from datetime import timedelta
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models import Message, visible_channels_q
from homes.accounts.models import User
from homes.models import Home, Membership
from pantry.models import MutableRow


class PendingState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")


class PendingActionQuerySet(models.QuerySet["PendingAction"]):
    def visible_to(self, member: Membership) -> "PendingActionQuerySet":
        return self.filter(visible_channels_q(member, "message__channel__"), home=member.home_id)


class PendingAction(MutableRow):
    """A tool call to confirm, decided at most once. A newer message by the same person, or expiry, closes it."""

    LIFETIME = timedelta(hours=24)

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="pending_actions")
    asked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    tool = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    confidence = models.FloatField()
    state = models.CharField(max_length=10, choices=PendingState.choices, default=PendingState.WAITING)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = PendingActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=PendingState.values), name="pending_state_known")
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="pending_open")]

    def __str__(self) -> str:
        return f"{self.tool} ({self.state})"
