"""An assistant that lives in the home."""

from decimal import Decimal
from typing import Any, ClassVar

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.models.home import Home
from pantry.models import MutableRow


class AgentQuerySet(models.QuerySet["Agent"]):
    def first_awake(self, home: Home) -> "Agent | None":
        """Who is spoken to where nobody is named."""
        return self.filter(home=home, is_active=True).order_by("created_at").first()


class Agent(MutableRow):
    """Pixie, and whoever a home adds. A member of the household, so it lives with the members
    (docs/adr/0001); what it thinks and does is in the app `pixie`."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="agents")
    slug = models.SlugField(_("mention name"), max_length=40)
    display_name = models.CharField(_("name"), max_length=40)
    title = models.CharField(_("title"), max_length=80, blank=True)
    avatar_color = models.CharField(_("colour"), max_length=20, default="marigold")
    system_prompt = models.TextField(_("instructions"), blank=True)
    model = models.CharField(_("language model"), max_length=80, blank=True)
    max_turns = models.PositiveSmallIntegerField(_("most steps in a run"), default=8)
    max_budget_usd = models.DecimalField(
        _("most a run may cost, in US$"), max_digits=8, decimal_places=4, default=Decimal("0.05")
    )
    monthly_budget_usd = models.DecimalField(
        _("most it may cost in a month, in US$"),
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    is_active = models.BooleanField(_("active"), default=True)
    mail_seq = models.PositiveBigIntegerField(_("has read the log up to"), default=0, editable=False)

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
        ]

    def __str__(self) -> str:
        return self.display_name
