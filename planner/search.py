"""Search the tasks and the calendar of a home."""

from datetime import datetime, time
from typing import Any

from django.db.models import Q

from groceries.parsing.names import fold, singular
from homes.models import Membership
from homes.search import MAX_RESULTS_PER_KIND, SearchQuery, SearchResult
from planner.models import CalendarEvent, Task


def find_tasks(member: Membership, query: SearchQuery) -> list[SearchResult]:
    """Find tasks, open and closed, by parts of their title, notes or project."""
    rows = _matching(Task.objects.visible_to(member), query, "notes", "project").order_by("-created_at")
    return [
        SearchResult("task", row.pk, _text(row), query, row.project, row.created_at)
        for row in rows[:MAX_RESULTS_PER_KIND]
    ]


def find_events(member: Membership, query: SearchQuery) -> list[SearchResult]:
    """Find events by parts of their title, notes or place."""
    rows = _matching(CalendarEvent.objects.visible_to(member), query, "notes", "place").order_by("-starts_on")
    zone = member.home.zone
    results = []
    for row in rows[:MAX_RESULTS_PER_KIND]:
        begins_at = datetime.combine(row.starts_on, row.start_time or time(), zone)
        results.append(SearchResult("event", row.pk, _text(row), query, row.place, begins_at))
    return results


def _matching(rows: Any, query: SearchQuery, *columns: str) -> Any:
    if query.is_messages_only or not query.terms:
        return rows.none()
    for part in (*map(singular, query.words), *query.phrases):
        matches = Q(search_key__contains=fold(part))
        for column in columns:
            matches |= Q(**{f"{column}__icontains": part})
        rows = rows.filter(matches)
    return rows


def _text(row: Any) -> str:
    return f"{row.title}: {row.notes}" if row.notes else row.title
