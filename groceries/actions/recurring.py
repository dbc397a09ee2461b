"""Create, change, pause, stop and run recurring items."""

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.entries import add_entry
from groceries.actions.items import get_or_create_item
from groceries.actions.lists import current_list
from groceries.models import Frequency, Item, RecurringItem
from groceries.parsing.quantities import normalize_unit
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record, save_changes
from homes.events.models import Origin
from homes.models import Home
from pantry.errors import ActionError
from pantry.recurrence import is_rule, next_time

DUE_HOUR = 8  # local time of the home


def set_recurring(
    name: str | Item,
    frequency: str,
    *,
    by: Actor,
    rrule: str = "",
    quantity: Decimal | None = None,
    unit: str | None = None,
) -> RecurringItem:
    """Create or update the recurring item of that name. Raises ActionError for an invalid rule.

    `rrule` (RFC 5545) may be more specific than `frequency`. The first due time is after today, and computed before
    the lock is taken.
    """
    if frequency not in Frequency.values:
        raise ActionError(_("Choose every week, every two weeks or every month."))
    rule = rrule or Frequency(frequency).rrule
    return _set_recurring(name, frequency, rule, first_due(by.home, rule), quantity, unit, by=by)


@action
def _set_recurring(
    name: str | Item,
    frequency: str,
    rule: str,
    next_due_at: datetime,
    quantity: Decimal | None,
    unit: str | None,
    *,
    by: Actor,
) -> RecurringItem:
    item = get_or_create_item(name, by=by)
    recurring = RecurringItem.objects.filter(home=by.home, item=item).first() or RecurringItem(
        home=by.home, item=item, created_by=by.user, next_due_at=next_due_at
    )
    changes = recurring.assign(
        frequency=frequency,
        rrule=rule,
        quantity=quantity or item.default_quantity or Decimal(1),
        unit=normalize_unit(unit or "") or item.default_unit or "piece",
        paused_at=None,
    )
    if changes:
        if "rrule" in changes:
            changes |= recurring.assign(next_due_at=next_due_at)
        recurring.save()
        record("recurring_set", recurring, by=by, changes=changes)
    return recurring


def change_recurring(recurring: RecurringItem, *, by: Actor, **fields: Any) -> RecurringItem:
    """Change `frequency`, `rrule`, `quantity` or `unit`, pause or resume. Raises ActionError for an invalid rule."""
    if fields.get("rrule"):
        first_due(by.home, fields["rrule"])  # before the lock is taken
    return _change_recurring(recurring, by=by, **fields)


@action
def _change_recurring(
    recurring: RecurringItem, *, by: Actor, paused: bool | None = None, frequency: str = "", **fields: Any
) -> RecurringItem:
    was_paused = recurring.paused_at is not None
    if frequency or fields:
        rrule = "" if frequency else recurring.rrule
        fields = {"quantity": recurring.quantity, "unit": recurring.unit, "rrule": rrule, **fields}
        recurring = set_recurring(recurring.item, frequency or recurring.frequency, by=by, **fields)
    if was_paused if paused is None else paused:
        return pause_recurring(recurring, by=by)
    return resume_recurring(recurring, by=by) if paused is False and recurring.paused_at else recurring


@action
def pause_recurring(recurring: RecurringItem, *, by: Actor, at: datetime | None = None) -> RecurringItem:
    """Pause a recurring item from now or `at`. Idempotent."""
    if recurring.paused_at is not None:
        return recurring
    return update_recurring_fields(recurring, by=by, paused_at=at or timezone.now())


@action
def resume_recurring(recurring: RecurringItem, *, by: Actor) -> RecurringItem:
    """Resume a recurring item. Occurrences during the pause are skipped."""
    next_due_at = max(recurring.next_due_at, recurring.due_after(timezone.now()) or recurring.next_due_at)
    return update_recurring_fields(recurring, by=by, paused_at=None, next_due_at=next_due_at)


@action
def stop_recurring(recurring: RecurringItem, *, by: Actor) -> None:
    """Delete a recurring item. Idempotent."""
    if RecurringItem.objects.filter(pk=recurring.pk).delete()[0]:
        record("recurring_stopped", recurring, by=by)


def fire_due(recurring: RecurringItem, now: datetime) -> bool:
    """Add a due item to the current list and move its due time past `now`. Returns whether it was due.

    Missed occurrences are added once. A rule without further occurrences is stopped.
    """
    with home_lock(recurring.home_id):
        current = RecurringItem.objects.select_related("home", "item").filter(pk=recurring.pk).first()
        if current is None or not current.is_due(now):
            return False
        _fire(current, now)
        return True


def _fire(recurring: RecurringItem, now: datetime) -> None:
    by = Actor(home=recurring.home, origin=Origin.TASK)
    with suppress(ActionError):  # the amount would exceed the maximum: skip this occurrence
        add_entry(current_list(by=by), recurring.item, by=by, quantity=recurring.quantity, unit=recurring.unit)
    if (next_due_at := recurring.due_after(now)) is None:
        stop_recurring(recurring, by=by)
    else:
        save_changes(recurring, "recurring_updated", by=by, next_due_at=next_due_at)


@action
def update_recurring_fields(recurring: RecurringItem, *, by: Actor, **fields: Any) -> RecurringItem:
    """Set fields without validation or recalculating the due time."""
    recurring = RecurringItem.objects.select_related("item").get(pk=recurring.pk)
    save_changes(recurring, "recurring_updated", by=by, **fields)
    return recurring


def check_rule(rule: str) -> None:
    """Raise ActionError for an invalid rule."""
    if not is_rule(rule):
        raise ActionError(_("“%(rule)s” isn't a valid recurrence rule.") % {"rule": rule[:200]})


def first_due(home: Home, rule: str) -> datetime:
    """Return the first occurrence after today, in the morning. Raises ActionError for an invalid or empty rule."""
    today = home.now().replace(hour=DUE_HOUR, minute=0, second=0, microsecond=0)
    return next_occurrence(rule, today, home, today + timedelta(hours=1))


def next_occurrence(rule: str, start: datetime, home: Home, after: datetime) -> datetime:
    """Raises ActionError for an invalid rule, and one that does not occur within five years."""
    check_rule(rule)
    if (moment := next_time(rule, start, home.zone, after)) is None:
        raise ActionError(_("“%(rule)s” doesn't occur within five years.") % {"rule": rule})
    return moment
