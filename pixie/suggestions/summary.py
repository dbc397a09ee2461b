"""The morning summary: tasks, events, items to get, recurring items, yesterday's purchases and the budget.

It names no member.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries import reports
from groceries.models import GroceryList, ListEntry, RecurringItem
from homes.models import Home
from pantry.money import money
from pixie.models import DailyPosition, SummaryChoice
from planner.models import CalendarEvent, Occurrence, Task
from planner.occurrences import occurrences_of

MAX_DELAY = timedelta(hours=4)  # a summary that is later than this is skipped for the day
MAX_NAMES = 6


def is_due(home: Home, position: DailyPosition | None, now: datetime) -> bool:
    """Return whether the home's hour has come and today's summary has not been posted yet."""
    hour = SummaryChoice.hour_of(home)
    if hour is None:
        return False
    local = now.astimezone(home.zone)
    start = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return start <= local < start + MAX_DELAY and (position is None or position.summed_up_on != local.date())


def compose(home: Home) -> str:
    """Return the text in the active language and time zone, or an empty string if there is no news."""
    lines = summary_lines(home)
    return "\n".join([_("Good morning."), *lines]) if lines else ""


def summary_lines(home: Home) -> list[str]:
    """Return one sentence per topic; none if there is only the budget to report."""
    lines = [line for line in (_tasks(home), _events(home), _to_get(home), _recurring(home), _yesterday(home)) if line]
    return [*lines, *_budget(home)] if lines else []


def _tasks(home: Home) -> str:
    """Name the tasks that are due today or overdue."""
    due: Any = Task.objects.filter(home=home).open().filter(due_on__lte=home.now().date())
    titles = list(due.values_list("title", flat=True))
    sentence = ngettext("One thing to do today: %(titles)s.", "%(n)d things to do today: %(titles)s.", len(titles))
    return sentence % {"n": len(titles), "titles": _join_names(titles)} if titles else ""


def _events(home: Home) -> str:
    """Name what takes place today, with its time."""
    today = home.now().date()
    events = occurrences_of(CalendarEvent.objects.filter(home=home), home, today, today)
    names = [f"{each.event.title}{_start(each, today)}" for each in events]
    return _("On the calendar today: %(events)s.") % {"events": _join_names(names)} if names else ""


def _start(occurrence: Occurrence, today: date) -> str:
    at = occurrence.event.start_time
    return "" if at is None or occurrence.day < today else f" ({formats.time_format(at)})"


def _to_get(home: Home) -> str:
    current = GroceryList.objects.filter(home=home).current()
    names = (
        list(current.entries.pending().in_aisles(current.store).values_list("item__name", flat=True)) if current else []
    )
    if not names:
        return ""
    sentence = ngettext(
        "One thing to get on %(list)s: %(names)s.", "%(n)d things to get on %(list)s: %(names)s.", len(names)
    )
    return sentence % {"n": len(names), "list": current, "names": _join_names(names)}


def _recurring(home: Home) -> str:
    """Name the recurring items that are added to the list by tomorrow."""
    tomorrow = (home.now() + timedelta(days=1)).replace(hour=23, minute=59)
    listed = ListEntry.objects.pending().filter(home=home, list__in=GroceryList.objects.filter(home=home).open())
    due = RecurringItem.objects.due(tomorrow).filter(home=home).exclude(item__in=listed.values("item"))
    names = list(due.order_by("next_due_at").values_list("item__name", flat=True))
    return _("Back on the list by tomorrow: %(names)s.") % {"names": _join_names(names)} if names else ""


def _yesterday(home: Home) -> str:
    bought = reports.purchases(reports.Period.named(home, "yesterday"))
    count, total = bought.aggregate(count=Count("pk"), total=Sum("price_paid")).values()
    if not count:
        return ""
    if total:
        sentence = ngettext(
            "One thing was bought yesterday, for %(sum)s.", "%(n)d things were bought yesterday, for %(sum)s.", count
        )
    else:
        sentence = ngettext("One thing was bought yesterday.", "%(n)d things were bought yesterday.", count)
    return sentence % {"n": count, "sum": money(total, home.currency)}


def _budget(home: Home) -> list[str]:
    left = reports.remaining_budget(home)
    if left is None or not home.monthly_budget:
        return []
    days = reports.Period.month(home).days_left()
    values: dict[str, Any] = {
        "month": formats.date_format(timezone.localtime(), "F"),
        "sum": money(abs(left), home.currency),
        "percent": reports.budget_percent(home, left),
        "days": days,
    }
    if left < 0:
        return [_("%(month)s is %(sum)s over its budget.") % values]
    sentence = ngettext(
        "%(percent)d %% of the budget for %(month)s is spent: %(sum)s is left for the last day.",
        "%(percent)d %% of the budget for %(month)s is spent: %(sum)s is left for %(days)d days.",
        days,
    )
    return [sentence % values]


def _join_names(names: list[str]) -> str:
    visible = names[:MAX_NAMES]
    if more := len(names) - len(visible):
        visible.append(ngettext("one more", "%(n)d more", more) % {"n": more})
    return str(get_text_list(visible, _("and")))
