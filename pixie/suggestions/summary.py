"""The summary of the morning: what is on the list, what comes back, what was bought, how the month stands. Short, and
neutral: nobody is named."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries import reports
from groceries.models import GroceryList, ListEntry, RecurringItem
from homes.models import Home
from pantry.templatetags.look import money
from pixie.models import DailyPosition, SummaryChoice

MORNING = timedelta(hours=4)  # after its hour; then it is no morning any more, and that day has none
MOST_NAMED = 6


def is_due(home: Home, position: DailyPosition | None, now: datetime) -> bool:
    hour = SummaryChoice.hour_of(home)
    if hour is None:
        return False
    here = now.astimezone(home.zone)
    begin = here.replace(hour=hour, minute=0, second=0, microsecond=0)
    return begin <= here < begin + MORNING and (position is None or position.summed_up_on != here.date())


def compose(home: Home) -> str:
    """In the language and on the clock that are active. Empty when there is no news."""
    told = news(home)
    return "\n".join([_("Good morning."), *told]) if told else ""


def news(home: Home) -> list[str]:
    """How the home stands, a sentence each; the budget alone is no news."""
    found = [*_to_get(home), *_back(home), *_yesterday(home)]
    return [*found, *_budget(home)] if found else []


def _to_get(home: Home) -> list[str]:
    current = GroceryList.objects.filter(home=home).current()
    names = list(current.entries.pending().in_aisles().values_list("item__name", flat=True)) if current else []
    if not names:
        return []
    said = {"n": len(names), "list": current, "names": _named(names)}
    return [
        ngettext("One thing to get on %(list)s: %(names)s.", "%(n)d things to get on %(list)s: %(names)s.", len(names))
        % said
    ]


def _back(home: Home) -> list[str]:
    """What the list takes up by itself until tomorrow."""
    tomorrow = (home.now() + timedelta(days=1)).replace(hour=23, minute=59)
    listed = ListEntry.objects.pending().filter(home=home, list__in=GroceryList.objects.filter(home=home).open())
    due = RecurringItem.objects.due(tomorrow).filter(home=home).exclude(item__in=listed.values("item"))
    names = list(due.order_by("next_due_at").values_list("item__name", flat=True))
    return [_("Back on the list by tomorrow: %(names)s.") % {"names": _named(names)}] if names else []


def _yesterday(home: Home) -> list[str]:
    bought = reports.purchases(reports.Period.named(home, "yesterday"))
    sums = bought.aggregate(count=Count("pk"), total=Sum("price_paid"))
    if not sums["count"]:
        return []
    if not sums["total"]:
        return [
            ngettext("One thing was bought yesterday.", "%(n)d things were bought yesterday.", sums["count"])
            % {"n": sums["count"]}
        ]
    said = {"n": sums["count"], "sum": money(sums["total"], home.currency)}
    return [
        ngettext(
            "One thing was bought yesterday, for %(sum)s.",
            "%(n)d things were bought yesterday, for %(sum)s.",
            sums["count"],
        )
        % said
    ]


def _budget(home: Home) -> list[str]:
    left = reports.remaining_budget(home)
    if left is None or not home.monthly_budget:
        return []
    said: dict[str, Any] = {
        "month": formats.date_format(timezone.localtime(), "F"),
        "sum": money(abs(left), home.currency),
    }
    if left < 0:
        return [_("%(month)s is %(sum)s over its budget.") % said]
    days = reports.Period.month(home).days_left()
    said |= {"percent": reports.budget_percent(home, left), "days": days}
    return [
        ngettext(
            "%(percent)d %% of the budget for %(month)s is spent: %(sum)s is left for the last day.",
            "%(percent)d %% of the budget for %(month)s is spent: %(sum)s is left for %(days)d days.",
            days,
        )
        % said
    ]


def _named(names: list[str]) -> str:
    shown = names[:MOST_NAMED]
    if more := len(names) - len(shown):
        shown.append(ngettext("one more", "%(n)d more", more) % {"n": more})
    return str(get_text_list(shown, _("and")))
