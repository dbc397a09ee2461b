"""Daily jobs of a home, in its time zone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.models import Home
from pantry.models import MutableRow


class SummaryChoice(MutableRow):
    """The hour of a home's summary. Homes without a row use DEFAULT_HOUR."""

    DEFAULT_HOUR = 8

    home = models.OneToOneField(Home, on_delete=models.CASCADE, related_name="summary_choice")
    hour = models.PositiveSmallIntegerField(_("hour"), null=True)

    class Meta:
        verbose_name = _("summary setting")
        verbose_name_plural = _("summary settings")
        constraints = [models.CheckConstraint(condition=models.Q(hour__lte=23), name="summary_hour_of_a_day")]

    def __str__(self) -> str:
        return f"{self.home}: {self.hour}"

    @classmethod
    def hour_of(cls, home: Home) -> int | None:
        """Return the hour of the summary, or None if it is turned off."""
        choice: SummaryChoice | None = getattr(home, "summary_choice", None)
        return choice.hour if choice is not None else cls.DEFAULT_HOUR


class DailyPosition(models.Model):
    """The last days on which a home got its summary and its suggestions."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, primary_key=True, related_name="daily_position")
    summed_up_on = models.DateField(_("summed up on"), null=True)
    suggested_on = models.DateField(_("suggestions made on"), null=True)

    class Meta:
        verbose_name = _("daily position")
        verbose_name_plural = _("daily positions")

    def __str__(self) -> str:
        return str(self.home_id)
