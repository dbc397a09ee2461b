"""Homes, memberships, invitations and agents."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import ApiToken, User
from pantry.errors import ActionError
from pantry.models import HomeRowQuerySet, MutableRow, Row

COLOUR_COUNT = 6


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones. Cached, since Python scans the disk for them.

    `localtime` is this machine's own and `Factory` that of one which has none, so another server reads them otherwise.
    """
    return frozenset(available_timezones() - {"localtime", "Factory"})


def validate_timezone(name: str) -> None:
    if name not in zones():
        raise ValidationError(_("“%(name)s” isn't a time zone. Example: Asia/Bangkok."), params={"name": name})


class HomeQuerySet(models.QuerySet["Home"]):
    def for_user(self, user: User) -> "HomeQuerySet":
        return self.filter(memberships__user=user)

    def check_limit(self, user: User) -> None:
        """Raise ActionError for a user who has created as many homes as one may."""
        if self.filter(created_by=user).count() >= Home.MAX_PER_FOUNDER:
            raise ActionError(_("You can create at most %(max)d homes.") % {"max": Home.MAX_PER_FOUNDER})

    def complete(self) -> "HomeQuerySet":
        """Exclude homes that are being imported: they have no members yet, and background tasks must wait."""
        return self.filter(is_complete=True)


class Home(MutableRow):
    MAX_PER_FOUNDER = 30

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
    shares_examples = models.BooleanField(_("share examples"), default=False)
    """An owner agreed that lessons are exported to improve Pixie: see `manage.py export_lessons`."""
    fills_pantry = models.BooleanField(_("put purchases into the pantry"), default=False)
    last_seq = models.PositiveBigIntegerField(default=0, editable=False)
    is_complete = models.BooleanField(default=True, editable=False)
    """False while it is being imported."""

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
        return timezone.now().astimezone(self.zone)


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MEMBER = "member", _("Member")


class MembershipQuerySet(HomeRowQuerySet["Membership"]):
    def for_user(self, user: User) -> "MembershipQuerySet":
        return self.select_related("home", "user").order_by("joined_at").filter(user=user)

    def visible_to(self, member: "Membership") -> "MembershipQuerySet":
        return super().visible_to(member).select_related("user").order_by("number")


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
    """An invitation link for one person. Only the hash of its token is stored.

    It ends with the sign-ins of whoever made it (`end_sign_ins`), and with the API token that it was made with.
    """

    LIFETIME = timedelta(days=7)
    STATES = ("open", "used", "revoked", "expired")

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="invitations")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    session_version = models.PositiveIntegerField(editable=False)  # of `invited_by`, when it was made
    api_token = models.ForeignKey(ApiToken, on_delete=models.CASCADE, null=True, related_name="+", editable=False)
    email = models.EmailField(_("email"), blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, editable=False)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, editable=False)

    objects: ClassVar[Any] = HomeRowQuerySet.as_manager()

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
        """Return the state. Needs `invited_by` and `api_token`."""
        if self.accepted_at:
            return "used"
        if self.revoked_at or self.invited_by.session_version != self.session_version:
            return "revoked"
        if self.api_token and self.api_token.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "open"

    def current_state(self) -> str:
        """Return the state, which is “revoked” if whoever made the invitation may not invite any more. One query."""
        owners = Membership.objects.filter(home=self.home_id, role=Role.OWNER, user__is_active=True)
        if self.state == "open" and not owners.filter(user=self.invited_by_id).exists():
            return "revoked"
        return self.state


class ImportState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    WORKING = "working", _("Working")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class ImportQuerySet(models.QuerySet["Import"]):
    def unfinished(self) -> "ImportQuerySet":
        return self.filter(finished_at=None)

    def free(self, now: datetime) -> "ImportQuerySet":
        """Return the imports that no worker performs: those that wait, and those whose worker has died."""
        dead = models.Q(heartbeat_at__lte=now - Import.MAX_PAUSE)
        return self.unfinished().filter(models.Q(state=ImportState.WAITING) | dead)


class Import(Row):
    """The import of a home from a file, which a worker performs. A user has one unfinished import at a time."""

    MAX_PAUSE = timedelta(minutes=2)  # between two heartbeats: longer only if the worker has died
    MAX_ATTEMPTS = 3
    LIFETIME = timedelta(days=7)  # after its end

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="imports")
    state = models.CharField(
        _("state"), max_length=10, choices=ImportState.choices, default=ImportState.WAITING, editable=False
    )
    name = models.CharField(_("name"), max_length=80)
    file = models.BinaryField(editable=False)  # compressed JSON, empty when the import has finished
    total_rows = models.PositiveIntegerField(_("rows"), default=0, editable=False)
    done_rows = models.PositiveIntegerField(_("imported rows"), default=0, editable=False)
    error = models.TextField(_("error"), blank=True, editable=False)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0, editable=False)
    heartbeat_at = models.DateTimeField(null=True, editable=False)
    finished_at = models.DateTimeField(_("finished"), null=True, editable=False)
    home_id = models.UUIDField(null=True, editable=False)
    """The home that the current attempt creates, another one for each. No foreign key, since it may be deleted."""

    objects: ClassVar[Any] = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(finished_at=None), name="one_unfinished_import_per_user"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "working"], finished_at=None)
                | models.Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                name="import_finished_at_its_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AgentColour(models.TextChoices):
    """The colour of an agent's flower. All but marigold are also colours of members."""

    MARIGOLD = "marigold", _("Marigold")
    CLAY = "clay", _("Clay")
    BLUE = "blue", _("Blue")
    LOTUS = "lotus", _("Lotus")
    TEAL = "teal", _("Teal")
    OLIVE = "olive", _("Olive")
    TAMARIND = "tamarind", _("Tamarind")


class AgentQuerySet(HomeRowQuerySet["Agent"]):
    def default_agent(self, home: Home) -> "Agent | None":
        """Return the agent that answers a message without a mention: the oldest active one."""
        return self.filter(home=home, is_active=True).order_by("created_at").first()


class Agent(MutableRow):
    """Pixie, or an agent that a home added. What it does is in the app `pixie` (docs/adr/0001)."""

    MAX_INSTRUCTIONS_CHARS = 4000
    MAX_TURNS = 30
    MIN_BUDGET_USD, MAX_BUDGET_USD = Decimal("0.0001"), Decimal(100)

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="agents")
    slug = models.CharField(_("mention name"), max_length=40)
    display_name = models.CharField(_("name"), max_length=40)
    title = models.CharField(_("title"), max_length=80, blank=True)
    avatar_color = models.CharField(
        _("colour"), max_length=20, choices=AgentColour.choices, default=AgentColour.MARIGOLD
    )
    system_prompt = models.TextField(
        _("instructions"), blank=True, validators=[MaxLengthValidator(MAX_INSTRUCTIONS_CHARS)]
    )
    model = models.CharField(_("language model"), max_length=80, blank=True)
    max_turns = models.PositiveSmallIntegerField(
        _("max. steps per run"), default=8, validators=[MinValueValidator(1), MaxValueValidator(MAX_TURNS)]
    )
    max_budget_usd = models.DecimalField(
        _("max. cost per run, in US$"),
        max_digits=8,
        decimal_places=4,
        default=Decimal("0.05"),
        validators=[MinValueValidator(MIN_BUDGET_USD), MaxValueValidator(MAX_BUDGET_USD)],
    )
    monthly_budget_usd = models.DecimalField(
        _("monthly budget, in US$"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    is_active = models.BooleanField(_("awake"), default=True)
    enqueued_seq = models.PositiveBigIntegerField(_("last event read"), default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[Any] = AgentQuerySet.as_manager()

    class Meta:
        verbose_name = _("agent")
        verbose_name_plural = _("agents")
        constraints = [
            models.UniqueConstraint(fields=["home", "slug"], name="agent_slug_once"),
            models.CheckConstraint(
                condition=models.Q(monthly_budget_usd=None) | models.Q(monthly_budget_usd__gte=0),
                name="agent_budget_not_negative",
            ),
            models.CheckConstraint(condition=~models.Q(slug="") & ~models.Q(display_name=""), name="agent_has_a_name"),
            models.CheckConstraint(condition=models.Q(avatar_color__in=AgentColour.values), name="agent_colour_known"),
            models.CheckConstraint(
                condition=models.Q(max_turns__gte=1, max_budget_usd__gt=0), name="agent_may_take_a_step"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name


def mentioned_agents(text: str, agents: Iterable[Agent]) -> list[Agent]:
    """Return the agents that a text mentions, in order: “@pixie …”, “Pixie, …” or “… pixie?”.

    A name must be a word of its own. Where one name begins with another, the longer one matches.
    """
    by_name = {name.casefold(): agent for agent in agents for name in (agent.slug, agent.display_name)}
    names = _mention_pattern(tuple(by_name)).findall(text.casefold()) if by_name else []
    return list(dict.fromkeys(by_name[name] for name in names))


@lru_cache(maxsize=256)
def _mention_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w@/.])@?({words})(?![\w@])")
