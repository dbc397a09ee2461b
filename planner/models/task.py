"""Tasks, and whom they are assigned to."""

from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID, uuid5

from django.db import models
from django.utils.translation import gettext_lazy as _

from groceries.models.item import SearchKeyField
from homes.accounts.models import User
from homes.models import Home
from pantry.models import HomeRowQuerySet, MutableRow, Row
from pantry.recurrence import MAX_RULE_CHARS, describe_rule


class TaskState(models.TextChoices):
    PENDING = "pending", _("To do")
    IN_PROGRESS = "in_progress", _("In progress")
    COMPLETED = "completed", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class Priority(models.TextChoices):
    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


class RepeatsFrom(models.TextChoices):
    SCHEDULE = "schedule", _("When it is due, however late it was done")
    COMPLETION = "completion", _("When it was done")


OPEN_STATES = (TaskState.PENDING, TaskState.IN_PROGRESS)


class TaskQuerySet(HomeRowQuerySet["Task"]):
    def with_assignees(self) -> "TaskQuerySet":
        """Fetch the assignments along, with one query more."""
        return self.prefetch_related("assignments")

    def with_people(self) -> "TaskQuerySet":
        """Fetch the assignees along, with two queries more."""
        return self.prefetch_related("assignments__user")

    def open(self) -> "TaskQuerySet":
        """Return what is to do, what is due first before what has no date."""
        dated = models.F("due_on").asc(nulls_last=True), models.F("due_time").asc(nulls_last=True)
        return self.filter(state__in=OPEN_STATES).order_by(*dated, "created_at", "id")

    def closed(self) -> "TaskQuerySet":
        """Return what is done or cancelled, the last first."""
        return self.exclude(state__in=OPEN_STATES).order_by("-closed_at", "-id")


class Task(MutableRow):
    """Something to do. `due_on` and `due_time` are those of the home's clocks: they stay when its time zone changes.

    `closed_at` and `closed_by` say when and by whom it was completed or cancelled. A task with an `rrule` is followed
    by the next one when it is completed. `turn` is whose turn it is of the assignees; without, it is for all of them.
    """

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="tasks")
    title = models.CharField(_("title"), max_length=200)
    search_key = SearchKeyField(max_length=400, editable=False, source="title")
    notes = models.TextField(_("notes"), max_length=4000, blank=True)
    project = models.CharField(_("project"), max_length=40, blank=True)
    priority = models.CharField(_("priority"), max_length=8, choices=Priority, default=Priority.MEDIUM)
    state = models.CharField(_("state"), max_length=12, choices=TaskState, default=TaskState.PENDING)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_time = models.TimeField(_("due time"), null=True, blank=True)
    rrule = models.CharField(_("repeats"), max_length=MAX_RULE_CHARS, blank=True)
    repeats_from = models.CharField(_("counted from"), max_length=10, choices=RepeatsFrom, default=RepeatsFrom.SCHEDULE)
    turn = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    closed_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    objects: ClassVar[Any] = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        indexes = [
            models.Index(fields=["home", "state", "due_on"], name="task_due"),
            models.Index(fields=["home", "closed_at"], name="task_closed"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(title=""), name="task_has_a_title"),
            models.CheckConstraint(
                condition=models.Q(due_time=None) | models.Q(due_on__isnull=False), name="task_time_has_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(rrule="") | models.Q(due_on__isnull=False), name="task_that_repeats_has_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=OPEN_STATES, closed_at=None)
                | models.Q(closed_at__isnull=False) & ~models.Q(state__in=OPEN_STATES),
                name="task_is_open_or_closed",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @cached_property
    def assigned(self) -> "list[TaskAssignment]":
        """Return the assignments. No query after `with_assignees`."""
        return list(self.assignments.all())

    @property
    def assignee_ids(self) -> list[UUID]:
        return sorted(assignment.user_id for assignment in self.assigned)

    @property
    def assignees(self) -> list[User]:
        """Return the assignees by name."""
        return sorted((each.user for each in self.assigned), key=lambda user: (user.name.casefold(), user.pk))

    @property
    def doers(self) -> list[User]:
        """Return the assignees who are to do it this time, by name."""
        return [user for user in self.assignees if self.turn_id in (None, user.pk)]

    @property
    def how_often(self) -> str:
        return describe_rule(self.rrule) if self.rrule else ""

    @property
    def next_id(self) -> UUID:
        """Return the id of the task that follows when this one is completed."""
        return uuid5(self.pk, "next")

    @property
    def due_at(self) -> datetime | None:
        """Return the moment when it is due, at the end of the day without a time; None without a day."""
        if self.due_on is None:
            return None
        if self.due_time is None:
            return start_of(self.due_on + timedelta(days=1), self.home)
        return datetime.combine(self.due_on, self.due_time, self.home.zone)

    @property
    def is_overdue(self) -> bool:
        return self.is_open and self.due_at is not None and self.due_at <= self.home.now()


def start_of(day: date, home: Home) -> datetime:
    return datetime.combine(day, time(), home.zone)


class TaskAssignment(Row):
    """A member whom a task is assigned to."""

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="assignments")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [models.UniqueConstraint(fields=["task", "user"], name="task_assigned_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.task}"
