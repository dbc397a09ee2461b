"""What a person's devices are told while no page is open: which devices, what of, and what is on its way."""

import hashlib
from datetime import datetime, time, timedelta
from urllib.parse import urlsplit

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.accounts.models.user import User
from homes.models.home import Home, Membership
from pantry.models import MutableRow, Row


class PushSubscription(MutableRow):
    """A browser that may be told something. Its endpoint and keys are secret: who knows them can tell it anything."""

    MOST = 20  # of one person

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    endpoint = models.CharField(max_length=1000, unique=True, editable=False)
    p256dh = models.CharField(max_length=100, editable=False)
    auth = models.CharField(max_length=40, editable=False)
    name = models.CharField(_("device"), max_length=60)
    last_used_at = models.DateTimeField(_("last told something"), null=True, editable=False)
    failed_at = models.DateTimeField(_("could not be told"), null=True, editable=False)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")

    def __str__(self) -> str:
        return self.name

    @property
    def service(self) -> str:
        """Whose push service it is."""
        return urlsplit(self.endpoint).netloc

    @property
    def mark(self) -> str:
        """By which a browser knows itself among a person's devices, without its secret being told."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()


class NoticeChoice(MutableRow):
    """What a member wants to be told of one home, and when not. Who never chose is told everything by day."""

    EVENING, MORNING = time(22), time(7)

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    member = models.OneToOneField(Membership, on_delete=models.CASCADE, related_name="notice_choice")
    unwanted = models.JSONField(_("kinds that are not wanted"), default=list)
    quiet_from = models.TimeField(_("quiet from"), null=True, default=EVENING)
    quiet_until = models.TimeField(_("quiet until"), null=True, default=MORNING)

    class Meta:
        verbose_name = _("choice of notices")
        verbose_name_plural = _("choices of notices")
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
        """What the member chose; else what is usual, not saved yet."""
        return getattr(member, "notice_choice", None) or cls(home=member.home, member=member)

    def wants(self, kind: str) -> bool:
        return kind not in self.unwanted

    def quiet_ends(self, moment: datetime) -> datetime | None:
        """When the quiet hours that `moment` lies in end, by the home's clock; None outside of them."""
        if self.quiet_from is None or self.quiet_until is None:
            return None
        zone = self.member.home.zone
        here = moment.astimezone(zone)
        for day in (here.date() - timedelta(days=1), here.date()):
            last = day if self.quiet_from < self.quiet_until else day + timedelta(days=1)
            begin = datetime.combine(day, self.quiet_from, zone)
            end = datetime.combine(last, self.quiet_until, zone)
            if begin <= here < end:
                return end
        return None


class NoticePosition(models.Model):
    """How far a home's log was read for what is to be told."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, primary_key=True, related_name="notice_position")
    seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("position of notices")
        verbose_name_plural = _("positions of notices")

    def __str__(self) -> str:
        return f"{self.home_id}: {self.seq}"


class Delivery(Row):
    """An event that one device is still to be told of. What it says is written when it is sent."""

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
