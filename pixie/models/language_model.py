"""A home's language model provider, and the prices of models."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.models import Home
from pantry.models import MutableRow


class Provider(models.TextChoices):
    ANTHROPIC = "anthropic", _("Anthropic")
    COMPATIBLE = "compatible", _("OpenAI-compatible server")


class ModelAccess(MutableRow):
    """A home's own provider, set by an owner. Homes without one use the server's, if it has one.

    A row without a provider only holds the home's budget.
    """

    home = models.OneToOneField(Home, on_delete=models.CASCADE, related_name="model_access")
    provider = models.CharField(_("provider"), max_length=12, choices=Provider.choices, blank=True)
    url = models.CharField(_("address"), max_length=300, blank=True)
    sealed_key = models.TextField(_("key"), blank=True, editable=False)
    """The key, encrypted: see `pixie.llm.access`."""
    key_end = models.CharField(_("last four characters of the key"), max_length=4, blank=True, editable=False)
    small = models.CharField(_("small model"), max_length=80, blank=True)
    normal = models.CharField(_("normal model"), max_length=80, blank=True)
    large = models.CharField(_("large model"), max_length=80, blank=True)
    monthly_budget_usd = models.DecimalField(
        _("Pixie's monthly budget, in US$"), max_digits=8, decimal_places=2, null=True, blank=True
    )

    TIERS: ClassVar[tuple[str, ...]] = ("small", "normal", "large")

    class Meta:
        verbose_name = _("language model of a home")
        verbose_name_plural = _("language models of homes")
        constraints = [
            models.CheckConstraint(condition=models.Q(provider__in=["", *Provider.values]), name="provider_known"),
            models.CheckConstraint(
                condition=models.Q(monthly_budget_usd=None) | models.Q(monthly_budget_usd__gte=0),
                name="model_budget_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.home}: {self.get_provider_display() or '–'}"


class ModelPrice(MutableRow):
    """Prices of a model in US$ per million tokens."""

    model = models.CharField(_("model"), max_length=80, unique=True)
    input = models.DecimalField(_("input"), max_digits=10, decimal_places=4, default=Decimal(0))
    output = models.DecimalField(_("output"), max_digits=10, decimal_places=4, default=Decimal(0))
    cache_read = models.DecimalField(_("read from the cache"), max_digits=10, decimal_places=4, default=Decimal(0))
    cache_write = models.DecimalField(_("written to the cache"), max_digits=10, decimal_places=4, default=Decimal(0))

    class Meta:
        verbose_name = _("model price")
        verbose_name_plural = _("model prices")
        ordering = ["model"]

    def __str__(self) -> str:
        return self.model

    def cost(self, fresh: int, written: int, read: int, output: int) -> Decimal:
        """Return the cost in US$ of uncached input, input written to and read from the cache, and output tokens."""
        millions = fresh * self.input + written * self.cache_write + read * self.cache_read + output * self.output
        return (millions / 1_000_000).quantize(Decimal("0.000001"))
