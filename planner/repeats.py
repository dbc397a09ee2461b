"""When and for whom a task that repeats comes next."""

from datetime import date, datetime, time
from uuid import UUID

from django.utils.translation import gettext as _

from pantry.errors import ActionError
from pantry.recurrence import Rule, next_time, normalize_rule
from planner.models import RepeatsFrom, Task


def read_rule(text: str) -> str:
    """Return the rule. Raises ActionError for an invalid one, one of hours, and one with a number of times."""
    text = normalize_rule(text)
    try:
        rule = Rule.parse(text)
    except ValueError as error:
        raise ActionError(_("“%(rule)s” isn't a valid recurrence rule.") % {"rule": text[:200]}) from error
    if rule.frequency == "HOURLY":
        raise ActionError(_("A task can repeat once a day at most."))
    if rule.count:
        raise ActionError(_("A task can repeat until a day, not a number of times."))
    return text


def next_day(task: Task, done_at: datetime) -> date | None:
    """Return the day on which the next task is due, after the task's own and `done_at`; None if the rule has ended.

    A task that counts from its completion is due as if it had been due on that day.
    """
    zone, due_on = task.home.zone, task.due_on
    if task.repeats_from == RepeatsFrom.COMPLETION or due_on is None:
        due_on = done_at.astimezone(zone).date()
    start = datetime.combine(due_on, task.due_time or time(), zone)
    after = start if task.repeats_from == RepeatsFrom.COMPLETION else max(start, done_at)
    moment = next_time(task.rrule, start, zone, after)
    return moment.astimezone(zone).date() if moment is not None else None


def lasting_rule(task: Task) -> str:
    """Return the rule with its day of the month, if shorter months would move it: the 31st stays the 31st."""
    rule, day = Rule.parse(task.rrule), task.due_on
    is_bare = not (rule.month_days or rule.days) and task.repeats_from == RepeatsFrom.SCHEDULE
    if day is None or day.day <= 28 or not is_bare or rule.frequency not in ("MONTHLY", "YEARLY"):
        return task.rrule
    month = f";BYMONTH={day.month}" if rule.frequency == "YEARLY" and not rule.months else ""
    return f"{task.rrule}{month};BYMONTHDAY={day.day}"


def next_turn(task: Task) -> UUID | None:
    """Return whose turn is next among the assignees; None if they take no turns."""
    if task.turn_id is None:
        return None
    ids = task.assignee_ids
    return next((pk for pk in ids if pk > task.turn_id), ids[0] if ids else None)
