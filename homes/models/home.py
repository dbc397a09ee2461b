"""Homes, memberships and invitations."""

import hashlib
import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from homes.accounts.models.user import User
from pantry.models import MutableRow, Row

COLOUR_COUNT = 6


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones. Cached, since Python scans the disk for them."""
    return frozenset(available_timezones())


def validate_timezone(name: str) -> None:
    if name not in zones():
        raise ValidationError(_("“%(name)s” isn't a time zone. Example: Asia/Bangkok."), params={"name": name})


class HomeQuerySet(models.QuerySet["Home"]):
    def for_user(self, user: User) -> "HomeQuerySet":
        return self.filter(memberships__user=user)


class Home(MutableRow):
    name = models.CharField(_("name"), max_length=80)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", verbose_name=_("created by"))
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Bangkok", validators=[validate_timezone])
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="THB",
        validators=[RegexValidator("^[A-Z]{3}$", _("Use three letters, like THB."))],
    )
    locale = models.CharField(_("language"), max_length=10, default="en", choices=settings.LANGUAGES)
    monthly_budget = models.DecimalField(
        _("monthly budget"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)

    objects: ClassVar[Any] = HomeQuerySet.as_manager()

    class Meta:
        verbose_name = _("home")
        verbose_name_plural = _("homes")
        constraints = [
            models.CheckConstraint(condition=models.Q(monthly_budget__gte=0), name="home_budget_not_negative"),
            models.CheckConstraint(condition=~models.Q(name=""), name="home_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def now(self) -> datetime:
        """Return the current time in the home's time zone."""
        return timezone.now().astimezone(self.zone)


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")


class MembershipQuerySet(models.QuerySet["Membership"]):
    def for_user(self, user: User) -> "MembershipQuerySet":
        return self.select_related("home", "user").order_by("joined_at").filter(user=user)

    def visible_to(self, member: "Membership") -> "MembershipQuerySet":
        return self.filter(home=member.home_id).select_related("user").order_by("number")


class Membership(MutableRow):
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    number = models.PositiveSmallIntegerField(_("joining order"))

    objects: ClassVar[Any] = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(fields=["home", "user"], name="member_once"),
            models.UniqueConstraint(fields=["home", "number"], name="member_number_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="member_role_known"),
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def is_owner(self) -> bool:
        return self.role == Role.OWNER

    @property
    def colour(self) -> int:
        """Return the member's colour, 1 to 6, by joining order."""
        return (self.number - 1) % COLOUR_COUNT + 1


class Invitation(Row):
    """An invitation link for one person. Only the hash of its token is stored."""

    LIFETIME = timedelta(days=7)
    STATES = ("open", "used", "revoked", "expired")

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    email = models.EmailField(_("email"), blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(accepted_at=None, accepted_by=None)
                | models.Q(accepted_at__isnull=False, accepted_by__isnull=False),
                name="invitation_accepted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Invitation to %(home)s")) % {"home": self.home}

    @staticmethod
    def new_token() -> str:
        return secrets.token_urlsafe(24)

    @staticmethod
    def hash_token(token: str) -> str:
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()

    @property
    def state(self) -> str:
        """One of STATES."""
        if self.accepted_at:
            return "used"
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "open"
