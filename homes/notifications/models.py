"""Push subscriptions, notification settings, and the queue of deliveries."""

import hashlib
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import User
from homes.models import Home, Membership
from pantry.models import MutableRow, Row


class PushSubscription(MutableRow):
    """A browser that gets notifications. Its endpoint and keys are secret: they suffice to send it messages."""

    MAX_PER_USER = 20

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    endpoint = models.CharField(max_length=1000, unique=True, editable=False)
    p256dh = models.CharField(max_length=100, editable=False)
    auth = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("device"), max_length=60)
    last_used_at = models.DateTimeField(_("last notified"), null=True, editable=False)
    failed_at = models.DateTimeField(_("last failed"), null=True, editable=False)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return self.name

    @property
    def service(self) -> str:
        """Return the host of its push service."""
        return urlsplit(self.endpoint).netloc

    @property
    def endpoint_hash(self) -> str:
        """Return a hash by which a browser finds itself in the list of devices, without exposing the endpoint."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()


class NoticeChoice(MutableRow):
    """A member's notification settings for a home. By default all kinds are on, with quiet hours at night."""

    EVENING, MORNING = time(22), time(7)

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    member = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="notice_choice")
    unwanted = models.JSONField(_("kinds turned off"), default=list)
    quiet_from = models.TimeField(_("quiet from"), null=True, default=EVENING)
    quiet_until = models.TimeField(_("quiet until"), null=True, default=MORNING)

    class Meta:
        verbose_name = _("notification settings")
        verbose_name_plural = _("notification settings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_until=None)
                | (
                    models.Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~models.Q(quiet_from=models.F("quiet_until"))
                ),
                name="notice_quiet_has_two_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}, {self.home}"

    @classmethod
    def of(cls, member: Membership) -> "NoticeChoice":
        """Return the member's settings, or unsaved defaults."""
        return getattr(member, "notice_choice", None) or cls(home=member.home, member=member)

    def wants(self, kind: str) -> bool:
        return kind not in self.unwanted

    def quiet_ends(self, moment: datetime) -> datetime | None:
        """Return the end of the quiet hours around `moment`, in the home's time zone; None outside of quiet hours."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        zone = self.member.home.zone
        local = moment.astimezone(zone)
        for day in (local.date() - timedelta(days=1), local.date()):
            end_day = day if self.quiet_from < self.quiet_until else day + timedelta(days=1)
            start = datetime.combine(day, self.quiet_from, zone)
            end = datetime.combine(end_day, self.quiet_until, zone)
            if start <= local < end:
                return end
        return None


class NoticePosition(models.Model):
    """The number up to which a home's log was processed for notifications."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, primary_key=True, related_name="notice_position")
    seq = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.home_id}: {self.seq}"


class Delivery(Row):
    """A notification that is queued for a device. Its text is written when it is sent."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    device = models.ForeignKey(PushSubscription, on_delete=models.CASCADE, related_name="deliveries")
    seq = models.PositiveBigIntegerField(_("number in the log"))
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["device", "home", "seq"], name="delivery_once")]
        indexes = [models.Index(fields=["due_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.seq} → {self.device}"
