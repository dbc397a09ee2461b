"""What is on the calendar of a home in a time."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from homes.models import Home, Membership
from planner.models import CalendarEvent, Occurrence


def list_occurrences(member: Membership, first: date, last: date) -> list[Occurrence]:
    """Return what takes place from the first to the last day in the order in which it begins, whole days first.

    Costs three queries; the time depends on how many days there are and how many events repeat.
    """
    return occurrences_of(CalendarEvent.objects.visible_to(member), member.home, first, last)


def occurrences_of(events: Any, home: Home, first: date, last: date) -> list[Occurrence]:
    """Return what takes place of these events of the home, as `list_occurrences` does."""
    occurrences: list[Occurrence] = []
    for event in events.between(first, last).with_people():
        event.home = home
        earliest = first - (event.ends_on - event.starts_on)
        occurrences += (Occurrence(event, day) for day in event.days(earliest, last))
    occurrences.sort(key=lambda each: (each.day, not each.event.is_all_day, each.event.start_time, each.event.title))
    _mark_clashes(occurrences)
    return occurrences


def by_day(occurrences: list[Occurrence], first: date, last: date) -> dict[date, list[Occurrence]]:
    """Return the occurrences of each day; what lasts for several is on each of them."""
    days: dict[date, list[Occurrence]] = {first + timedelta(n): [] for n in range((last - first).days + 1)}
    for each in occurrences:
        for n in range((each.last_day - each.day).days + 1):
            if (day := each.day + timedelta(n)) in days:
                days[day].append(each)
    return days


def _mark_clashes(occurrences: list[Occurrence]) -> None:
    """Mark the guests who have two events at once, apart from those of whole days."""
    latest: dict[UUID, Occurrence] = {}  # the one that ends last, by guest
    for each in occurrences:
        if each.event.is_all_day:
            continue
        for user_id in each.event.guest_ids:
            other = latest.get(user_id)
            if other is not None and other.ends_at > each.starts_at:
                each.clashing.add(user_id)
                other.clashing.add(user_id)
            if other is None or other.ends_at < each.ends_at:
                latest[user_id] = each
