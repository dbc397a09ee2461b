"""The daily jobs of a home: the summary, and the suggestions on the Today page."""

from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from groceries.models import Item, ListEntry, ListState, RecurringItem
from homes.accounts.models import User
from homes.models import Home
from pantry.models import HomeRowQuerySet, MutableRow
from pantry.money import money


class SummaryChoice(MutableRow):
    """The hour of a home's summary. Homes without a row use DEFAULT_HOUR."""

    DEFAULT_HOUR = 8

    home = models.OneToOneField(Home, on_delete=models.CASCADE, related_name="summary_choice")
    hour = models.PositiveSmallIntegerField(__("hour"), null=True)

    class Meta:
        verbose_name = __("summary setting")
        verbose_name_plural = __("summary settings")
        constraints = [models.CheckConstraint(condition=models.Q(hour__lte=23), name="summary_hour_of_a_day")]

    def __str__(self) -> str:
        return f"{self.home}: {self.hour}"

    @classmethod
    def hour_of(cls, home: Home) -> int | None:
        choice: SummaryChoice | None = getattr(home, "summary_choice", None)
        return choice.hour if choice is not None else cls.DEFAULT_HOUR


class DailyPosition(models.Model):
    """The last days on which a home got its summary and its suggestions."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, primary_key=True, related_name="daily_position")
    summed_up_on = models.DateField(__("summed up on"), null=True)
    suggested_on = models.DateField(__("suggestions made on"), null=True)

    class Meta:
        verbose_name = __("daily position")
        verbose_name_plural = __("daily positions")

    def __str__(self) -> str:
        return str(self.home_id)


class SuggestionKind(models.TextChoices):
    RESTOCK = "restock", __("Buy again")
    DUE = "due", __("Comes back")
    BUDGET = "budget", __("Over the budget")


class SuggestionState(models.TextChoices):
    OPEN = "open", __("Open")
    TAKEN = "taken", __("Taken")
    DISMISSED = "dismissed", __("Dismissed")
    WITHDRAWN = "withdrawn", __("Withdrawn")


class SuggestionQuerySet(HomeRowQuerySet["Suggestion"]):
    def relevant(self, home: Home) -> "SuggestionQuerySet":
        """Return open suggestions, one of an item, which is not on a list and was neither bought nor put off since."""
        pending = ListEntry.objects.pending().filter(item=OuterRef("item"), list__archived_at=None)
        listed = pending.exclude(list__state=ListState.COMPLETED)
        earlier = Suggestion.objects.filter(item=OuterRef("item"), state=SuggestionState.OPEN, pk__lt=OuterRef("pk"))
        rule = RecurringItem.objects.filter(item=OuterRef("item"), paused_at=None)
        return (
            self.filter(state=SuggestionState.OPEN)
            .exclude(Exists(listed))
            .exclude(Exists(earlier))  # of an item that was merged into this one
            .exclude(item__last_purchased_at__gt=F("created_at"))
            .exclude(kind=SuggestionKind.RESTOCK, item__has_forecasts=False)
            .exclude(kind=SuggestionKind.RESTOCK, item__snoozed_until__gt=TruncDate("created_at", tzinfo=home.zone))
            .filter(~Q(kind=SuggestionKind.DUE) | Exists(rule))
        )


class Suggestion(MutableRow):
    """A suggestion to the home. Never names a person. `facts` fill its sentence in the reader's language."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(__("kind"), max_length=20, choices=SuggestionKind.choices)
    subject = models.CharField(__("subject"), max_length=40)
    item = models.ForeignKey(Item, on_delete=models.CASCADE, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=SuggestionState.choices, default=SuggestionState.OPEN)
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(__("decided"), null=True)

    objects: ClassVar[Any] = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name = __("suggestion")
        verbose_name_plural = __("suggestions")
        constraints = [
            models.UniqueConstraint(
                fields=["home", "kind", "subject"], condition=Q(state="open"), name="suggestion_open_once"
            ),
            models.CheckConstraint(condition=Q(state__in=SuggestionState.values), name="suggestion_state_known"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
                name="suggestion_decided_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["home", "state", "created_at"], name="suggestion_of_home")]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    @property
    def is_open(self) -> bool:
        return self.state == SuggestionState.OPEN

    @property
    def title(self) -> str:
        return self.item.name if self.item else str(_("The month's budget"))

    @property
    def why(self) -> str:
        """Return the reason in the active language, relative to the home's current day."""
        facts, today = self.facts, self.home.now().date()
        if self.kind == SuggestionKind.RESTOCK:
            days_ago = (today - date.fromisoformat(facts["last_on"])).days
            sentence = ngettext(
                "You buy %(item)s about every %(days)d days. You last bought it %(ago)d day ago.",
                "You buy %(item)s about every %(days)d days. You last bought it %(ago)d days ago.",
                days_ago,
            )
            return sentence % {"item": self.title, "days": facts["days"], "ago": days_ago}
        if self.kind == SuggestionKind.BUDGET:
            over = money(facts["over"], self.home.currency)
            return _("It is %(sum)s over, and the month isn't over yet.") % {"sum": over}
        if date.fromisoformat(facts["due_on"]) > today:
            return _("It will be added automatically tomorrow, but you could get it today.")
        return _("It will be added automatically today.")
