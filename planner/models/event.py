"""Events of the calendar, when they come, and who is invited."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from groceries.models.item import SearchKeyField
from homes.accounts.models import User
from homes.models import Home
from pantry.models import HomeRowQuerySet, MutableRow, Row
from pantry.recurrence import MAX_RULE_CHARS, Rule, describe_rule
from pantry.years import YEARS

LAST_DAY = date(YEARS[-1], 12, 31)


class CalendarEventQuerySet(HomeRowQuerySet["CalendarEvent"]):
    def with_guests(self) -> "CalendarEventQuerySet":
        """Fetch the invitations along, with one query more."""
        return self.prefetch_related("invitations")

    def with_people(self) -> "CalendarEventQuerySet":
        """Fetch the guests along, with two queries more."""
        return self.prefetch_related("invitations__user")

    def between(self, first: date, last: date) -> "CalendarEventQuerySet":
        """Return the events that can come from the first to the last day."""
        return self.filter(Q(last_on=None) | Q(last_on__gte=first), starts_on__lte=last)


class CalendarEvent(MutableRow):
    """Something that takes place, on whole days or at times of the home's clocks: they stay when its time zone changes.

    With a rule it comes again and again, except on the days in `skipped`. A day of such a series that was changed alone
    is an event of its own: it has the `series` and the day in it that it stands for.
    """

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="calendar_events")
    title = models.CharField(_("title"), max_length=200)
    search_key = SearchKeyField(max_length=400, editable=False, source="title")
    place = models.CharField(_("place"), max_length=200, blank=True)
    notes = models.TextField(_("notes"), max_length=4000, blank=True)
    starts_on = models.DateField(_("first day"))
    start_time = models.TimeField(_("from"), null=True, blank=True)  # None: on whole days
    ends_on = models.DateField(_("last day"))
    end_time = models.TimeField(_("until"), null=True, blank=True)
    rrule = models.CharField(_("rule"), max_length=MAX_RULE_CHARS, blank=True)
    skipped = models.JSONField(_("left out"), default=list, blank=True)  # days like 2026-03-14
    series = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="changed_days")
    series_on = models.DateField(_("instead of"), null=True, blank=True)
    last_on = models.DateField(_("not after"), null=True, blank=True, editable=False)  # None: without an end
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    objects: ClassVar[Any] = CalendarEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar event")
        verbose_name_plural = _("calendar events")
        indexes = [models.Index(fields=["home", "last_on", "starts_on"], name="calendar_event_days")]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="calendar_event_has_a_title"),
            models.CheckConstraint(
                condition=Q(start_time=None, end_time=None, ends_on__gte=F("starts_on"))
                | Q(start_time__isnull=False, end_time__isnull=False, ends_on__gt=F("starts_on"))
                | Q(ends_on=F("starts_on"), end_time__gte=F("start_time")),
                name="calendar_event_ends_after_its_start",
            ),
            models.CheckConstraint(
                condition=Q(series=None, series_on=None) | Q(series__isnull=False, series_on__isnull=False, rrule=""),
                name="calendar_event_stands_for_a_day",
            ),
            models.UniqueConstraint(fields=["series", "series_on"], name="calendar_event_once_a_day"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_all_day(self) -> bool:
        return self.start_time is None

    @property
    def how_often(self) -> str:
        return describe_rule(self.rrule) if self.rrule else ""

    @property
    def length(self) -> timedelta:
        """Return for how long it lasts by the clocks; for whole days, how long after the first the last one is."""
        start, end = self.start_time or time(), self.end_time or time()
        return datetime.combine(self.ends_on, end) - datetime.combine(self.starts_on, start)

    @cached_property
    def invited(self) -> "list[EventGuest]":
        """Return the invitations. No query after `with_guests`."""
        return list(self.invitations.all())

    @property
    def guest_ids(self) -> list[UUID]:
        return sorted(each.user_id for each in self.invited)

    @property
    def guests(self) -> list[User]:
        """Return the guests by name."""
        return sorted((each.user for each in self.invited), key=lambda user: (user.name.casefold(), user.pk))

    def days(self, first: date, last: date) -> Iterator[date]:
        """Yield the days from `first` to `last` on which it begins. Takes at most the time from one to the other."""
        if self.last_on is not None:
            last = min(last, self.last_on - (self.ends_on - self.starts_on))
        for day in self._rule_days(first, last, has_count=False):
            if day.isoformat() not in self.skipped:
                yield day

    def find_last_day(self) -> date | None:
        """Return a day that it does not go beyond, None for a rule without an end. With COUNT it is the last one, which
        takes the time until then."""
        if not self.rrule:
            return self.ends_on
        rule = Rule.parse(self.rrule)
        if rule.count:
            *_days, last = self._rule_days(self.starts_on, LAST_DAY, has_count=True)
        elif rule.until:
            last = rule.end(self.home.zone).date() + timedelta(1)  # the home can go to another time zone
        else:
            return None
        return min(last + (self.ends_on - self.starts_on), LAST_DAY)

    def begins_by_its_rule(self) -> bool:
        return self.comes_by_rule(self.starts_on)

    def comes_by_rule(self, day: date) -> bool:
        """Return whether the rule has the day, also one that is left out."""
        is_over = self.last_on is not None and day > self.last_on
        return not is_over and any(self._rule_days(day, day, has_count=False))

    def count_before(self, day: date) -> int:
        """Return how many times the rule comes before the day. Takes the time from the start to then."""
        return sum(1 for _day in self._rule_days(self.starts_on, day - timedelta(1), has_count=True))

    def _rule_days(self, first: date, last: date, *, has_count: bool) -> Iterator[date]:
        if not self.rrule:
            yield from [self.starts_on] if first <= self.starts_on <= last else []
            return
        rule = Rule.parse(self.rrule)
        rule = rule if has_count else replace(rule, count=None)
        start = datetime.combine(self.starts_on, self.start_time or time())
        yield from rule.days_between(start, first, last, self.home.zone)


class EventGuest(Row):
    """A member who is invited to an event."""

    event = models.ForeignKey(CalendarEvent, on_delete=models.CASCADE, related_name="invitations")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("guest")
        verbose_name_plural = _("guests")
        constraints = [models.UniqueConstraint(fields=["event", "user"], name="event_guest_once")]

    def __str__(self) -> str:
        return f"{self.user}: {self.event}"


@dataclass
class Occurrence:
    """An event on the day on which it begins."""

    event: CalendarEvent
    day: date
    clashing: set[UUID] = field(default_factory=set)  # guests who have another event at the same time

    @property
    def last_day(self) -> date:
        return self.day + (self.event.ends_on - self.event.starts_on)

    @property
    def starts_at(self) -> datetime:
        """Return the moment of its start. A time that daylight saving skips is an hour later."""
        return datetime.combine(self.day, self.event.start_time or time(), self.event.home.zone)

    @property
    def ends_at(self) -> datetime:
        """Return the moment of its end, for whole days that of the next midnight."""
        if self.event.end_time is None:
            return datetime.combine(self.last_day + timedelta(1), time(), self.event.home.zone)
        return max(self.starts_at, datetime.combine(self.last_day, self.event.end_time, self.event.home.zone))
