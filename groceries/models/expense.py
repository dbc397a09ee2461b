"""Shared expenses, payments between members, and what each of them has of an expense."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import User
from homes.files.models import StoredFile
from homes.models import Home
from pantry.models import HomeRowQuerySet, MutableRow, Row
from pantry.recurrence import describe_rule

CENT = Decimal("0.01")
OTHER_EXPENSES = "other"
EXPENSE_GROUPINGS = ("category", "member", "month")
DEFAULT_EXPENSE_CATEGORIES = {
    "rent": _("Rent"),
    "power": _("Power"),
    "water": _("Water"),
    "internet": _("Internet"),
    "household": _("Household"),
    "eating out": _("Eating out"),
    OTHER_EXPENSES: _("Other"),
}


@dataclass(frozen=True)
class Person:
    """Somebody who shares expenses, maybe no longer a member.

    The `key` is the user's id or, of somebody from an imported file, who has no account here, the name.
    """

    key: str
    name: str = field(compare=False)
    user_id: UUID | None = field(compare=False)
    is_member: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, user_id: UUID | None, name: str, *, is_member: bool = False) -> "Person":
        return cls(str(user_id or name), name or str(_("Former member")), user_id, is_member)

    def __str__(self) -> str:
        return self.name


def _somebody(user: str, name: str) -> models.Q:
    """Return the condition that a row has either a user or the name of somebody without an account here."""
    has_user = models.Q((f"{user}__isnull", False), (name, ""))
    return has_user | (models.Q((user, None)) & ~models.Q((name, "")))


class ExpenseQuerySet(HomeRowQuerySet["Expense"]):
    def in_period(self, home: Home, first: date, last: date) -> "ExpenseQuerySet":
        """Return the expenses and payments from the first to the last day, both included."""
        return self.filter(home=home, spent_on__gte=first, spent_on__lte=last)

    def due(self, now: datetime) -> "ExpenseQuerySet":
        return self.exclude(rrule="").filter(next_due_at__lte=now, paused_at=None)

    def totals(self, by: str) -> "dict[Any, Decimal]":
        """Return the totals by category or by the member who paid, largest first, or by month, oldest first.

        `by` is "category", "member", a Person, or "month", a first day. Payments are no expenses. One query.
        """
        columns = {"category": ["category"], "member": ["paid_by", "paid_by__name", "paid_by_name"], "month": ["month"]}
        rows = self.filter(is_payment=False).order_by().annotate(month=TruncMonth("spent_on"))
        sums = rows.values_list(*columns[by]).annotate(total=models.Sum("amount"))
        totals: dict[Any, Decimal] = {_group_key(by, *key): total.quantize(CENT) for *key, total in sums}
        if by == "month":
            return dict(sorted(totals.items()))
        return dict(sorted(totals.items(), key=lambda row: (-row[1], str(row[0]))))

    def with_people(self) -> "ExpenseQuerySet":
        """Select who paid and the shares, newest first. Three queries."""
        shares = ExpenseShare.objects.select_related("user")
        rows = self.select_related("paid_by").order_by("-spent_on", "-created_at", "-id")
        return rows.prefetch_related(models.Prefetch("share_rows", shares))

    def with_files(self) -> "ExpenseQuerySet":
        """Annotate `has_files`: whether there is a picture of a receipt."""
        return self.annotate(has_files=StoredFile.objects.exist_for("expense"))


def _group_key(by: str, *values: Any) -> Any:
    if by == "member":
        user_id, user_name, name = values
        return Person.of(user_id, user_name or name)
    return values[0]


class Expense(MutableRow):
    """Money that one person paid for several; or a payment from one person to another, the only one with a share.

    One with an `rrule` comes again: a copy is created when it is due, and the rule goes on with the copy, so that
    whoever changes the newest one changes those to come.
    """

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="expenses")
    title = models.CharField(_("title"), max_length=80, blank=True)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)])
    spent_on = models.DateField(_("day"))
    category = models.CharField(_("category"), max_length=40, default=OTHER_EXPENSES)
    is_payment = models.BooleanField(_("payment"), default=False)
    paid_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    paid_by_name = models.CharField(_("paid by"), max_length=80, blank=True)  # of somebody without an account here
    note = models.CharField(_("note"), max_length=200, blank=True)
    rrule = models.CharField(_("rule"), max_length=200, blank=True)
    starts_on = models.DateField(_("first day"), null=True, editable=False)  # the rule counts from here
    next_due_at = models.DateTimeField(_("due"), null=True, editable=False)
    paused_at = models.DateTimeField(_("paused"), null=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = ExpenseQuerySet.as_manager()

    class Meta:
        verbose_name = _("expense")
        verbose_name_plural = _("expenses")
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="expense_amount_positive"),
            models.CheckConstraint(
                condition=models.Q(is_payment=True) | ~models.Q(title=""), name="expense_has_a_title"
            ),
            models.CheckConstraint(
                condition=models.Q(rrule="", starts_on=None, next_due_at=None)
                | (
                    ~models.Q(rrule="") & models.Q(starts_on__isnull=False, next_due_at__isnull=False, is_payment=False)
                ),
                name="expense_due_by_a_rule",
            ),
            models.CheckConstraint(
                condition=models.Q(paused_at=None) | ~models.Q(rrule=""), name="expense_paused_with_a_rule"
            ),
            models.CheckConstraint(condition=_somebody("paid_by", "paid_by_name"), name="expense_paid_by_somebody"),
        ]
        indexes = [
            models.Index(fields=["home", "spent_on"], name="expense_day"),
            models.Index(fields=["next_due_at"], name="expense_due", condition=~models.Q(rrule="")),
        ]

    def __str__(self) -> str:
        return self.title or str(_("Payment"))

    @property
    def category_label(self) -> str:
        """Return the category for display: translated if it is one of the default ones."""
        return expense_category_label(self.category)

    @property
    def how_often(self) -> str:
        return describe_rule(self.rrule) if self.rrule else ""

    def is_due(self, now: datetime) -> bool:
        return self.next_due_at is not None and self.next_due_at <= now and self.paused_at is None

    @property
    def payer(self) -> Person:
        return Person.of(self.paid_by_id, self.paid_by.name if self.paid_by else self.paid_by_name)

    @cached_property
    def shares(self) -> "list[ExpenseShare]":
        return list(self.share_rows.all())


class ExpenseShare(Row):
    """The part that one person has of an expense. The shares of an expense add up to its amount."""

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    expense = models.ForeignKey(Expense, on_delete=models.CASCADE, related_name="share_rows")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(_("name"), max_length=80, blank=True)  # of somebody without an account here
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, validators=[MinValueValidator(0)])

    class Meta:
        verbose_name = _("share of an expense")
        verbose_name_plural = _("shares of expenses")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["expense", "user"], name="expense_share_once"),
            models.UniqueConstraint(
                fields=["expense", "name"], condition=models.Q(user=None), name="expense_share_of_name_once"
            ),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="expense_share_not_negative"),
            models.CheckConstraint(condition=_somebody("user", "name"), name="expense_share_of_somebody"),
        ]

    def __str__(self) -> str:
        return str(self.person)

    @property
    def person(self) -> Person:
        return Person.of(self.user_id, self.user.name if self.user else self.name)


def expense_category_label(category: str) -> str:
    return str(DEFAULT_EXPENSE_CATEGORIES.get(category, category))


def expense_group_label(by: str, key: Any) -> str:
    """Return the name of a group of `ExpenseQuerySet.totals` in the active language."""
    if by == "month":
        return date_format(key, "YEAR_MONTH_FORMAT")
    return expense_category_label(key) if by == "category" else str(key)


def expense_category(text: str) -> str:
    """Return the category that was typed: a default one also by its label in the active language."""
    for category, label in DEFAULT_EXPENSE_CATEGORIES.items():
        if text.casefold() in (category, str(label).casefold()):
            return category
    return text
