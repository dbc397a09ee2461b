"""Create, change, pause, skip, snooze, stop and run recurring items."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from groceries.actions.entries import add_entry
from groceries.actions.items import get_or_create_item
from groceries.actions.lists import current_list
from groceries.models import Frequency, Item, ListEntry, RecurringItem, due_time
from groceries.parsing.quantities import normalize_unit
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, home_lock, record, save_changes
from homes.events.models import Origin
from homes.models import Home
from pantry.errors import ActionError
from pantry.recurrence import HORIZON, is_rule, next_time, normalize_rule


def create_recurring(
    name: str | Item,
    *,
    by: Actor,
    frequency: str = "",
    rrule: str = "",
    starts_on: date | None = None,
    quantity: Decimal | None = None,
    unit: str | None = None,
) -> RecurringItem:
    """Create a recurring item beside those that the item has. One that is the same already is returned.

    `rrule` (RFC 5545) takes precedence over `frequency`. Without `starts_on` it is first due after today. The due time
    is computed before the lock is taken. Raises ActionError for an invalid rule or day.
    """
    rule = _read_rule(frequency, rrule)
    first_day, next_due_at = first_due(by.home, rule, starts_on)
    fields = {"rrule": rule, "starts_on": first_day, "next_due_at": next_due_at}
    return _create_recurring(name, quantity, unit, fields, by=by)


@action
def _create_recurring(
    name: str | Item, quantity: Decimal | None, unit: str | None, fields: dict[str, Any], *, by: Actor
) -> RecurringItem:
    item = get_or_create_item(name, by=by)
    fields["quantity"] = quantity or item.default_quantity or Decimal(1)
    fields["unit"] = normalize_unit(unit or "") or item.default_unit or "piece"
    rows = RecurringItem.objects.select_related("item")
    if (same := rows.filter(home=by.home, item=item, paused_at=None, **fields).first()) is not None:
        return same
    recurring = RecurringItem(home=by.home, item=item, created_by=by.user)
    changes = recurring.assign(**fields)
    recurring.save(force_insert=True)
    record("recurring_set", recurring, by=by, changes=changes)
    return recurring


def set_recurring(
    name: str | Item,
    frequency: str = "",
    *,
    by: Actor,
    rrule: str = "",
    starts_on: date | None = None,
    quantity: Decimal | None = None,
    unit: str | None = None,
) -> RecurringItem:
    """Change the recurring item of that name, and let it go on if it is paused; create it if there is none.

    The arguments and errors are those of `create_recurring`. Raises ActionError if the item has several and none with
    that rule.
    """
    rule = _read_rule(frequency, rrule)
    with home_lock(by.home.pk):
        item = get_or_create_item(name, by=by)
    rules = RecurringItem.objects.filter(home=by.home, item=item).select_related("home", "item")
    rows = list(rules.order_by("next_due_at"))
    same = [row for row in rows if row.rrule == rule] or rows
    if not same:
        return create_recurring(item, by=by, rrule=rule, starts_on=starts_on, quantity=quantity, unit=unit)
    if len(same) > 1:
        message = _("%(item)s comes back in several ways: %(rules)s. Change or stop one of them, or add another.")
        raise ActionError(message, item=item, rules=", ".join(row.how_often for row in rows))
    amount: dict[str, Any] = {
        "quantity": quantity or item.default_quantity or Decimal(1),
        "unit": normalize_unit(unit or "") or item.default_unit or "piece",
    }
    return change_recurring(same[0], by=by, rrule=rule, starts_on=starts_on, paused=False, **amount)


def change_recurring(
    recurring: RecurringItem,
    *,
    by: Actor,
    frequency: str = "",
    rrule: str = "",
    starts_on: date | None = None,
    paused: bool | None = None,
    **fields: Any,
) -> RecurringItem:
    """Change the rule, the first day, `quantity` or `unit`, pause or resume. Raises ActionError for an invalid rule or
    day, and on resuming what has ended."""
    if frequency or rrule:
        fields["rrule"] = _read_rule(frequency, rrule)
    if "unit" in fields:
        fields["unit"] = normalize_unit(fields["unit"] or "") or "piece"
    fields |= _new_due_time(recurring, fields.get("rrule", recurring.rrule), starts_on)  # before the lock is taken
    return _change_recurring(recurring, fields, paused, by=by)


@action
def _change_recurring(
    recurring: RecurringItem, fields: dict[str, Any], paused: bool | None, *, by: Actor
) -> RecurringItem:
    recurring = recurring.reload("item", "home")
    if paused and recurring.paused_at is None:
        fields["paused_at"] = timezone.now()
    elif paused is False and recurring.paused_at is not None:
        fields = {"paused_at": None, "next_due_at": fields.get("next_due_at") or _still_due(recurring), **fields}
    save_changes(recurring, "recurring_set", by=by, **fields)
    return recurring


def _new_due_time(recurring: RecurringItem, rule: str, starts_on: date | None) -> dict[str, Any]:
    """Return the first day and due time of a changed rule; nothing if rule and first day stay as they are."""
    home = recurring.home
    if rule == recurring.rrule and starts_on in (None, recurring.starts_on):
        return {}
    if starts_on == recurring.starts_on and starts_on <= home.now().date():  # it may have come today already
        next_due_at = next_occurrence(rule, due_time(starts_on, home), home, home.now())
        return {"next_due_at": next_due_at}
    first_day, next_due_at = first_due(home, rule, starts_on)
    return {"starts_on": first_day, "next_due_at": next_due_at}


@action
def pause_recurring(recurring: RecurringItem, *, by: Actor, at: datetime | None = None) -> RecurringItem:
    """Pause a recurring item from now or `at`. Idempotent."""
    recurring = recurring.reload("item", "home")
    if recurring.paused_at is None:
        save_changes(recurring, "recurring_updated", by=by, paused_at=at or timezone.now())
    return recurring


@action
def resume_recurring(recurring: RecurringItem, *, by: Actor) -> RecurringItem:
    """Resume a recurring item. Occurrences during the pause are skipped. Raises ActionError if there are no more."""
    recurring = recurring.reload("item", "home")
    if recurring.paused_at is not None:
        save_changes(recurring, "recurring_updated", by=by, paused_at=None, next_due_at=_still_due(recurring))
    return recurring


@action
def skip_recurring(recurring: RecurringItem, *, by: Actor) -> RecurringItem:
    """Leave out the next occurrence. If it was the last one, the item is stopped. Idempotent by the actor's `op_id`."""
    recurring = RecurringItem.objects.select_related("item", "home").get(pk=recurring.pk)
    if find_previous_result(by, "recurring_updated", "recurring_stopped") is None:
        _move_on(recurring, max(recurring.next_due_at, timezone.now()), by)
    return recurring


@action
def snooze_recurring(recurring: RecurringItem, day: date, *, by: Actor) -> RecurringItem:
    """Let it be due next on `day`, and after that by its rule again.

    Raises ActionError for a day that is past or too far away, or before the next one of the rule: the item would come
    twice.
    """
    recurring = recurring.reload("item", "home")
    home = recurring.home
    if day < home.now().date():
        raise ActionError(_("That day has passed. Choose today or a later day."))
    check_day(day, home)
    next_due_at, regular = due_time(day, home), recurring.due_after(timezone.now())
    if regular is not None and next_due_at < regular:
        first = formats.date_format(regular.astimezone(home.zone), "DATE_FORMAT")
        raise ActionError(_("It comes on %(day)s anyway. Choose that day or a later one.") % {"day": first})
    save_changes(recurring, "recurring_updated", by=by, next_due_at=next_due_at)
    return recurring


@action
def stop_recurring(recurring: RecurringItem, *, by: Actor) -> None:
    """Delete a recurring item. Idempotent."""
    current = RecurringItem.objects.select_related("item").filter(pk=recurring.pk).first()
    if current is not None:
        RecurringItem.objects.filter(pk=current.pk).delete()
        record("recurring_stopped", current, by=by)


@action
def add_recurring_early(recurring: RecurringItem, *, by: Actor) -> ListEntry:
    """Add the item to the current list now instead of at its next time. Idempotent by the actor's `op_id`.

    Raises ActionError for an amount above the maximum.
    """
    recurring = recurring.reload("item", "home")
    is_repeated = find_previous_result(by, "list_item_added", "list_item_updated") is not None
    grocery_list = current_list(by=by)
    entry, _is_new = add_entry(grocery_list, recurring.item, by=by, quantity=recurring.quantity, unit=recurring.unit)
    if not is_repeated:
        _move_on(recurring, max(recurring.next_due_at, timezone.now()), by)
    return entry


def fire_due(recurring: RecurringItem, now: datetime) -> bool:
    """Add a due item to the current list and move its due time past `now`. Returns whether it was due.

    Missed occurrences are added once. A rule without further occurrences is stopped.
    """
    with home_lock(recurring.home_id):
        current = RecurringItem.objects.select_related("home", "item").filter(pk=recurring.pk).first()
        if current is None or not current.is_due(now):
            return False
        by = Actor(home=current.home, origin=Origin.TASK)
        with suppress(ActionError):  # the amount would exceed the maximum: skip this occurrence
            add_entry(current_list(by=by), current.item, by=by, quantity=current.quantity, unit=current.unit)
        _move_on(current, now, by)
        return True


def _move_on(recurring: RecurringItem, moment: datetime, by: Actor) -> None:
    if (next_due_at := recurring.due_after(moment)) is None:
        stop_recurring(recurring, by=by)
    else:
        save_changes(recurring, "recurring_updated", by=by, next_due_at=next_due_at)


def move_recurring(home: Home, old_zone: ZoneInfo, by: Actor) -> None:
    """Keep the local time of recurring items after a change of the home's time zone."""
    for recurring in RecurringItem.objects.filter(home=home).select_related("item"):
        next_due_at = recurring.next_due_at.astimezone(old_zone).replace(tzinfo=home.zone).astimezone(UTC)
        save_changes(recurring, "recurring_updated", by=by, next_due_at=next_due_at)


@action
def restore_recurring(recurring: RecurringItem, fields: dict[str, Any], *, by: Actor) -> RecurringItem:
    """Set fields to earlier values. Of times that have passed meanwhile, none is made up for."""
    recurring, restored = recurring.reload("item", "home"), recurring.reload("item", "home")
    restored.assign(**fields)
    if restored.paused_at is None and not {"next_due_at", "paused_at"}.isdisjoint(fields):
        fields = {**fields, "next_due_at": _still_due(restored)}
    save_changes(recurring, "recurring_updated", by=by, **fields)
    return recurring


@action
def restore_stopped(recurring: RecurringItem, *, by: Actor) -> RecurringItem:
    """Save a recurring item that was stopped. Idempotent. Raises ActionError if there are no more occurrences."""
    existing = RecurringItem.objects.select_related("item").filter(pk=recurring.pk).first()
    if existing is not None:
        return existing
    if recurring.paused_at is None:
        recurring.next_due_at = _still_due(recurring)
    recurring.save(force_insert=True)
    record("recurring_set", recurring, by=by, changes={"rrule": ["", recurring.rrule]})
    return recurring


def _still_due(recurring: RecurringItem) -> datetime:
    """Return the due time, or the next one if it has passed. Raises ActionError if there is none."""
    now = timezone.now()
    next_due_at = recurring.next_due_at if recurring.next_due_at > now else recurring.due_after(now)
    if next_due_at is None:
        raise ActionError(_("%(item)s has come for the last time. Choose a new first day."), item=recurring.item)
    return next_due_at


def _read_rule(frequency: str, rrule: str) -> str:
    """Return the rule. Raises ActionError for an invalid one, and without any."""
    if not rrule and frequency not in Frequency.values:
        raise ActionError(_("Choose every day, week, two weeks, month or year, or give a rule."))
    rule = normalize_rule(rrule) or Frequency(frequency).rrule
    check_rule(rule)
    return rule


def check_rule(rule: str) -> None:
    """Raise ActionError for an invalid rule, and for one of hours: what comes back does so in the morning."""
    if not is_rule(rule):
        raise ActionError(_("“%(rule)s” isn't a valid recurrence rule.") % {"rule": rule[:200]})
    if "FREQ=HOURLY" in rule:
        raise ActionError(_("It can come back once a day at most."))


def first_due(home: Home, rule: str, starts_on: date | None = None) -> tuple[date, datetime]:
    """Return the first day of the rule, and when it is due first: on that day or, without one, after today.

    COUNT counts from the first time. Of a first day that is past, no time is made up for. Raises ActionError for an
    invalid or ended rule, and for a day that is too far away.
    """
    today = home.now().date()
    if starts_on is None:
        due_today = due_time(today, home)
        endless = ";".join(part for part in rule.split(";") if not part.startswith("COUNT="))
        next_due_at = next_occurrence(endless, due_today, home, due_today + timedelta(hours=1))
        return today if endless == rule else next_due_at.astimezone(home.zone).date(), next_due_at
    check_day(starts_on, home, rule)
    start = due_time(starts_on, home)
    after = start - timedelta(seconds=1) if starts_on >= today else home.now()
    return starts_on, next_occurrence(rule, start, home, after)


def check_day(day: date, home: Home, rule: str = "") -> None:
    """Raise ActionError for a day that is too far away for the first one of the rule."""
    oldest = HORIZON if "COUNT=" in rule else 10 * HORIZON  # with COUNT the search begins on that day
    if not -oldest <= day - home.now().date() <= HORIZON:
        raise ActionError(_("That day is too far away. Choose one within five years."))


def next_occurrence(rule: str, start: datetime, home: Home, after: datetime) -> datetime:
    """Raises ActionError for an invalid rule, and one that does not occur within five years."""
    check_rule(rule)
    if (moment := next_time(rule, start, home.zone, after)) is None:
        raise ActionError(_("“%(rule)s” doesn't occur within five years.") % {"rule": rule})
    return moment
