"""What happens once a day in a home, by its clock."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.models import Home
from pantry.models import MutableRow


class SummaryChoice(MutableRow):
    """When a home wants its summary. One that never chose gets it at eight."""

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
        """None: the home wants none."""
        choice: SummaryChoice | None = getattr(home, "summary_choice", None)
        return choice.hour if choice is not None else cls.DEFAULT_HOUR


class DailyPosition(models.Model):
    """Up to which of its days a home was told its summary, and given suggestions."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, primary_key=True, related_name="daily_position")
    summed_up_on = models.DateField(_("summed up on"), null=True)
    suggested_on = models.DateField(_("suggestions made on"), null=True)

    class Meta:
        verbose_name = _("daily position")
        verbose_name_plural = _("daily positions")

    def __str__(self) -> str:
        return str(self.home_id)
