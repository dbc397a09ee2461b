"""Create, change and remove shared expenses, and record payments between members."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions.recurring import check_day, check_rule, next_occurrence
from groceries.balances import CENT, ZERO, Part, check_sum, divide, is_shared_equally, people_of
from groceries.models import OTHER_EXPENSES, Expense, ExpenseShare, Person, due_time, expense_category
from groceries.schemas import ShareSnapshot
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.log import action, find_previous_result, home_lock, record
from homes.events.models import Origin
from homes.models import Home
from pantry.errors import ActionError, check_length
from pantry.models import Changes, as_json
from pantry.recurrence import next_time, normalize_rule
from pantry.text import clean_line
from pantry.years import check_year

MAX_TITLE_LENGTH, MAX_CATEGORY_LENGTH, MAX_NOTE_LENGTH = 80, 40, 200
MAX_PEOPLE = 50
MAX_AMOUNT = Decimal("99999999.99")


@action
def create_expense(
    title: str,
    amount: Decimal,
    *,
    by: Actor,
    paid_by: str = "",
    shares: Sequence[Part] | None = None,
    spent_on: date | None = None,
    category: str = "",
    note: str = "",
    rrule: str = "",
) -> Expense:
    """Create an expense of `paid_by`, or of the actor, that is shared as `divide` says, or equally by all members.

    With an `rrule` (RFC 5545), which counts from its day, it comes again.
    `paid_by` and the keys of the shares are those of `people_of`. Idempotent by the actor's `op_id`. Raises ActionError
    for an invalid field, a person who is not in the home, and shares that do not add up.
    """
    fields = {"title": title, "amount": amount, "spent_on": spent_on, "category": category, "note": note}
    fields["rrule"] = rrule
    return _create(fields, paid_by, shares, by=by)


@action
def settle_up(
    payer: str, payee: str, amount: Decimal, *, by: Actor, spent_on: date | None = None, note: str = ""
) -> Expense:
    """Record that one person has paid another. The keys and errors are those of `create_expense`."""
    fields = {"amount": amount, "spent_on": spent_on, "note": note, "is_payment": True}
    return _create(fields, payer, [Part(payee)], by=by)


def _create(fields: dict[str, Any], paid_by: str, shares: Sequence[Part] | None, *, by: Actor) -> Expense:
    if (expense_id := find_previous_result(by, "expense_created")) is not None:
        return _get(expense_id)
    people, own_key = people_of(by.home), str(by.user.pk) if by.user else ""
    expense = Expense(home=by.home, created_by=by.user, **_clean(fields, by.home))
    _assign_payer(expense, _find(people, paid_by or own_key))
    if shares is None:
        shares = [Part(person.key) for person in people.values() if person.is_member]
    expense.shares = _build_shares(expense, shares, people)
    check_expense(expense)
    _schedule(expense)
    _insert(expense, by)
    return expense


@action
def change_expense(
    expense: Expense,
    *,
    by: Actor,
    paid_by: str | None = None,
    shares: Sequence[Part] | None = None,
    paused: bool | None = None,
    **fields: Any,
) -> Expense:
    """Change an expense or a payment. The fields and errors are those of `create_expense`.

    An empty `rrule` ends its repeating, `paused` pauses or resumes it; what would have come meanwhile is skipped.

    Without `shares`, another amount is divided equally if the amount before was. If not, raises ActionError, since it
    is unknown whose shares change.
    """
    expense, people = _get(expense.pk), people_of(by.home)
    old, was_equal = expense.shares, is_shared_equally(expense)
    changes = expense.assign(**_clean(fields, by.home))
    if paid_by is not None:
        changes |= _assign_payer(expense, _find(people, paid_by))
    if shares is not None:
        expense.shares = _build_shares(expense, shares, people)
    elif "amount" in changes:
        if not was_equal:
            raise ActionError(_("This expense isn't shared equally. Say how much of the new amount each person has."))
        expense.shares = _build_shares(expense, [Part(share.person.key) for share in old], people)
    check_expense(expense)
    if not changes.keys().isdisjoint({"rrule", "spent_on"}):
        changes |= _schedule(expense)
    if paused is not None:
        changes |= _pause(expense) if paused else _resume(expense)
    if (new := _amounts(expense.shares)) != _amounts(old):
        changes["shares"] = [_amounts(old), new]
    if changes:
        _save(expense, changes, by)
    return expense


@action
def remove_expense(expense: Expense, *, by: Actor) -> None:
    """Remove an expense or a payment. Idempotent."""
    current = Expense.objects.with_people().filter(pk=expense.pk).first()
    if current is not None:
        record("expense_removed", current, by=by)
        Expense.objects.filter(pk=current.pk).delete()


@action
def restore_expense(expense: Expense, fields: dict[str, Any], shares: Sequence[Any] | None, *, by: Actor) -> Expense:
    """Set fields and shares, if given, to earlier values. `shares` are JSON values, as an event has them.

    An expense that was removed is created again. One that repeats is due as its rule says from now on, so that what
    would have come meanwhile is skipped.
    """
    exists, changes = Expense.objects.filter(pk=expense.pk).exists(), expense.assign(**fields)
    if shares is not None:
        changes["shares"] = [_amounts(expense.shares), list(shares)]
        rows = [ShareSnapshot.model_validate(share).model_dump() for share in shares]
        expense.shares = [ExpenseShare(home=by.home, expense=expense, **row) for row in rows]
    if expense.next_due_at is not None and expense.next_due_at <= timezone.now():
        changes |= _go_on(expense)
    if exists:
        _save(expense, changes, by)
    else:
        _insert(expense, by)
    return expense


def _schedule(expense: Expense) -> Changes:
    """Set when the expense comes again: after its day, and in the future. Raises ActionError for an invalid rule."""
    if not expense.rrule:
        return expense.assign(starts_on=None, next_due_at=None, paused_at=None)
    if expense.is_payment:
        raise ActionError(_("A payment can't repeat."))
    if not _are_members(expense):
        raise ActionError(_("Only what is shared by members can repeat. Somebody in it has left the home."))
    home = expense.home
    check_rule(expense.rrule)
    check_day(expense.spent_on, home, expense.rrule)
    start = due_time(expense.spent_on, home)
    next_due_at = next_occurrence(expense.rrule, start, home, max(start, home.now()))
    return expense.assign(starts_on=expense.spent_on, next_due_at=next_due_at)


def _are_members(expense: Expense) -> bool:
    """Return whether all who are in the expense live in the home."""
    people = people_of(expense.home)
    return all(people[each.key].is_member for each in (expense.payer, *(row.person for row in expense.shares)))


def _pause(expense: Expense) -> Changes:
    if not expense.rrule:
        raise ActionError(_("This expense doesn't repeat."))
    return expense.assign(paused_at=expense.paused_at or timezone.now())


def _resume(expense: Expense) -> Changes:
    """Let it go on. Raises ActionError if there are no more occurrences."""
    if expense.paused_at is None:
        return {}
    assert expense.starts_on is not None and expense.next_due_at is not None
    changes = expense.assign(paused_at=None)
    if expense.next_due_at <= timezone.now():
        changes |= _go_on(expense)
        if not expense.rrule:
            raise ActionError(_("%(expense)s has come for the last time. Choose another rule."), expense=expense)
    return changes


def _go_on(expense: Expense) -> Changes:
    """Let it be due next in the future; end its repeating if it has come for the last time."""
    assert expense.starts_on is not None
    start = due_time(expense.starts_on, expense.home)
    following = next_time(expense.rrule, start, expense.home.zone, timezone.now())
    if following is None:
        return expense.assign(rrule="", starts_on=None, next_due_at=None, paused_at=None)
    return expense.assign(next_due_at=following)


def fire_due_expense(expense: Expense, now: datetime) -> bool:
    """Create the copy of an expense that is due, which goes on with the rule. Returns whether it was due.

    The copy is of the day when it was due, and missed occurrences are made up for once. If somebody in it has left the
    home, nothing is created and the rule ends.
    """
    with home_lock(expense.home_id):
        rows = Expense.objects.with_people().select_related("home")
        current: Expense | None = rows.filter(pk=expense.pk).first()
        if current is None or not current.is_due(now):
            return False
        by = Actor(home=current.home, origin=Origin.TASK)
        rule, starts_on, due_at = current.rrule, current.starts_on, current.next_due_at
        _save(current, current.assign(rrule="", starts_on=None, next_due_at=None), by)
        if not _are_members(current):
            return True
        assert starts_on is not None and due_at is not None
        next_due_at = next_time(rule, due_time(starts_on, current.home), current.home.zone, now)
        if next_due_at is not None:
            current.assign(rrule=rule, starts_on=starts_on, next_due_at=next_due_at)
        _insert(_copy(current, due_at.astimezone(current.home.zone).date()), by)
        return True


def _copy(expense: Expense, day: date) -> Expense:
    names = ("title", "amount", "category", "paid_by", "note", "rrule", "starts_on", "next_due_at", "created_by_id")
    copy = Expense(home=expense.home, spent_on=day, **{name: getattr(expense, name) for name in names})
    copy.shares = [
        ExpenseShare(home_id=row.home_id, expense=copy, user_id=row.user_id, amount=row.amount)
        for row in expense.shares
    ]
    return copy


def move_repeating_expenses(home: Home, old_zone: ZoneInfo, by: Actor) -> None:
    """Keep the local time of expenses that come again after a change of the home's time zone."""
    for expense in Expense.objects.filter(home=home).exclude(rrule="").with_people():
        assert expense.next_due_at is not None
        next_due_at = expense.next_due_at.astimezone(old_zone).replace(tzinfo=home.zone).astimezone(UTC)
        if changes := expense.assign(next_due_at=next_due_at):
            _save(expense, changes, by)


def _get(expense_id: Any) -> Expense:
    expense: Expense = Expense.objects.with_people().select_related("home").get(pk=expense_id)
    return expense


def _insert(expense: Expense, by: Actor) -> None:
    expense.save(force_insert=True)
    ExpenseShare.objects.bulk_create(expense.shares)
    record("expense_created", expense, by=by)


def _save(expense: Expense, changes: Changes, by: Actor) -> None:
    expense.save()
    if "shares" in changes:
        ExpenseShare.objects.filter(expense=expense).delete()
        ExpenseShare.objects.bulk_create(expense.shares)
    record("expense_updated", expense, by=by, changes=changes)


def _clean(fields: dict[str, Any], home: Home) -> dict[str, Any]:
    """Return the fields as they are stored. Raises ActionError for an invalid one."""
    fields = dict(fields)
    if "title" in fields:
        fields["title"] = check_length(clean_line(fields["title"]), MAX_TITLE_LENGTH)
    if "note" in fields:
        fields["note"] = check_length(clean_line(fields["note"]), MAX_NOTE_LENGTH)
    if "category" in fields:
        category = check_length(clean_line(fields["category"]), MAX_CATEGORY_LENGTH)
        fields["category"] = expense_category(category) or OTHER_EXPENSES
    if "spent_on" in fields:
        fields["spent_on"] = _check_day(fields["spent_on"] or home.now().date())
    if "rrule" in fields:
        fields["rrule"] = normalize_rule(fields["rrule"] or "")
    if "amount" in fields:
        _check_amount(fields["amount"], CENT)
    return fields


def _check_amount(amount: Decimal, least: Decimal) -> None:
    if not least <= amount <= MAX_AMOUNT or amount != amount.quantize(CENT):
        message = _("An amount is from %(min)s to %(max)s, with up to two decimals.")
        raise ActionError(message % {"min": as_json(least), "max": as_json(MAX_AMOUNT)})


def _check_day(day: date) -> date:
    try:
        return check_year(day)
    except ValueError as error:
        raise ActionError(_("Choose a day from 1900 on.")) from error


def check_expense(expense: Expense) -> None:
    """Raise ActionError for an expense without a title, a payment that is none, and shares that do not add up."""
    check_sum(sum((share.amount for share in expense.shares), ZERO), expense.amount)
    if not expense.title and not expense.is_payment:
        raise ActionError(_("What was it for? An expense needs a title."))
    if expense.is_payment and [share.person == expense.payer for share in expense.shares] != [False]:
        raise ActionError(_("A payment is from one person to another."))


def _find(people: Mapping[str, Person], key: str) -> Person:
    if key not in people:
        raise ActionError(_("That person isn't in this home."))
    return people[key]


def _assign_payer(expense: Expense, person: Person) -> Changes:
    user = User.objects.get(pk=person.user_id) if person.user_id else None
    return expense.assign(paid_by=user, paid_by_name="" if user else person.name)


def _build_shares(expense: Expense, parts: Sequence[Part], people: Mapping[str, Person]) -> list[ExpenseShare]:
    """Return the shares of the expense, in the order of the home's people: who they are decides who gets which cent."""
    by_person = {_find(people, part.key).key: part for part in parts}
    if not parts or len(by_person) < len(parts):
        raise ActionError(_("Choose who shares it, each person once."))
    if len(parts) > MAX_PEOPLE:
        raise ActionError(_("At most %(max)d people can share an expense.") % {"max": MAX_PEOPLE})
    for part in parts:
        if part.amount is not None:
            _check_amount(part.amount, ZERO)
    chosen = [(person, by_person[key]) for key, person in people.items() if key in by_person]
    amounts = divide(expense.amount, [part for _person, part in chosen], expense.home.currency)
    return [
        ExpenseShare(
            home_id=expense.home_id,
            expense=expense,
            user_id=person.user_id,
            name="" if person.user_id else person.name,
            amount=amount,
        )
        for (person, _part), amount in zip(chosen, amounts, strict=True)
    ]


def _amounts(shares: Sequence[ExpenseShare]) -> list[Any]:
    """Return the shares as an event has them."""
    return [ShareSnapshot.model_validate(share).model_dump(mode="json") for share in shares]
