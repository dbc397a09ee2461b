"""What comes back by itself."""

from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from dateutil.rrule import rrulestr
from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.entries import add_entry
from groceries.actions.items import get_or_create_item
from groceries.actions.lists import current_list
from groceries.models import Frequency, Item, RecurringItem
from groceries.parsing.quantities import normalize_unit
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.events.models import Origin
from homes.models import Home
from pantry.errors import ActionError
from pantry.recurrence import is_rule

MORNING = 8  # o'clock, in the home


@action
def set_recurring(
    name: str | Item,
    frequency: str,
    *,
    by: Actor,
    rrule: str = "",
    quantity: Decimal | None = None,
    unit: str | None = None,
) -> RecurringItem:
    """Buy something every week, two weeks or month. Saying it again changes the rule that is there.

    `rrule` (RFC 5545) may say more, such as the day; without one the rule begins with the coming week or month.
    Raises ActionError for a rule that is none.
    """
    if frequency not in Frequency.values:
        raise ActionError(_("Every week, every two weeks or every month: which?"))
    item = get_or_create_item(name, by=by)
    rule = rrule or Frequency(frequency).rrule
    recurring = RecurringItem.objects.filter(home=by.home, item=item).first() or RecurringItem(
        home=by.home, item=item, created_by=by.user, next_due_at=_first_due(by.home, rule)
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
            changes |= recurring.assign(next_due_at=_first_due(by.home, rule))
        recurring.save()
        record("recurring_set", recurring, by=by, changes=changes)
    return recurring


@action
def change_recurring(
    recurring: RecurringItem, *, by: Actor, paused: bool | None = None, frequency: str = "", **fields: Any
) -> RecurringItem:
    """Change how often (`frequency`, `rrule`), how much (`quantity`, `unit`), and whether it rests."""
    was_paused = recurring.paused_at is not None
    if frequency or fields:
        kept = {"quantity": recurring.quantity, "unit": recurring.unit, "rrule": "" if frequency else recurring.rrule}
        recurring = set_recurring(recurring.item, frequency or recurring.frequency, by=by, **{**kept, **fields})
    if was_paused if paused is None else paused:
        return pause_recurring(recurring, by=by)
    return resume_recurring(recurring, by=by) if paused is False and recurring.paused_at else recurring


@action
def pause_recurring(recurring: RecurringItem, *, by: Actor, at: datetime | None = None) -> RecurringItem:
    return (
        update_recurring_fields(recurring, by=by, paused_at=at or timezone.now())
        if recurring.paused_at is None
        else recurring
    )


@action
def resume_recurring(recurring: RecurringItem, *, by: Actor) -> RecurringItem:
    """Going on where the rule stands now: what fell into the pause is not made up for."""
    following = recurring.due_after(timezone.now()) or recurring.next_due_at
    return update_recurring_fields(recurring, by=by, paused_at=None, next_due_at=max(recurring.next_due_at, following))


@action
def stop_recurring(recurring: RecurringItem, *, by: Actor) -> None:
    pk = recurring.pk
    if RecurringItem.objects.filter(pk=pk).delete()[0]:
        recurring.pk = pk
        record("recurring_stopped", recurring, by=by)


def fire_due(recurring: RecurringItem, now: datetime) -> bool:
    """Put it on the current list if it is due, once, and move the rule past `now`. However late it comes,
    what was missed is added a single time. A rule that has run out is stopped."""
    with home_lock(recurring.home_id):
        current = RecurringItem.objects.select_related("home", "item").filter(pk=recurring.pk).first()
        return current is not None and current.is_due(now) and _fire(current, now)


def _fire(recurring: RecurringItem, now: datetime) -> bool:
    by = Actor(home=recurring.home, origin=Origin.TASK)
    with suppress(ActionError):  # the list holds as much of it as it can; the rule goes on
        add_entry(current_list(by=by), recurring.item, by=by, quantity=recurring.quantity, unit=recurring.unit)
    following = recurring.due_after(now)
    if following is None:
        stop_recurring(recurring, by=by)
        return True
    changes = recurring.assign(next_due_at=following)
    recurring.save()
    record("recurring_updated", recurring, by=by, changes=changes)
    return True


@action
def update_recurring_fields(recurring: RecurringItem, *, by: Actor, **fields: object) -> RecurringItem:
    recurring = RecurringItem.objects.select_related("item").get(pk=recurring.pk)
    if changes := recurring.assign(**fields):
        recurring.save()
        record("recurring_updated", recurring, by=by, changes=changes)
    return recurring


def _first_due(home: Home, rule: str) -> datetime:
    """The first morning, after today, that the rule names; a rule that names no day begins one period from now."""
    if not is_rule(rule):
        raise ActionError(_("“%(rule)s” is not a rule for repeating.") % {"rule": rule[:200]})
    today = home.now().replace(hour=MORNING, minute=0, second=0, microsecond=0, tzinfo=None)
    following = rrulestr(rule, dtstart=today).after(today + timedelta(hours=1))
    if following is None:
        raise ActionError(_("“%(rule)s” never comes round.") % {"rule": rule})
    return following.replace(tzinfo=home.zone)
