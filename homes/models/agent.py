"""Agents of a home, and mentions of them in text."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.models.home import Home
from pantry.models import MutableRow


class AgentColour(models.TextChoices):
    """The colour of an agent's flower. All but marigold are also colours of members."""

    MARIGOLD = "marigold", _("Marigold")
    CLAY = "clay", _("Clay")
    BLUE = "blue", _("Blue")
    LOTUS = "lotus", _("Lotus")
    TEAL = "teal", _("Teal")
    OLIVE = "olive", _("Olive")
    TAMARIND = "tamarind", _("Tamarind")


class AgentQuerySet(models.QuerySet["Agent"]):
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
    mail_seq = models.PositiveBigIntegerField(_("last event read"), default=0, editable=False)
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
