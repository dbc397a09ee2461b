"""Candidates for suggestions, computed from a home's data: no language model, and no member is named.

`SOURCES` holds one function per kind.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Any
from uuid import UUID

from groceries import forecasts, reports
from groceries.models import GroceryList, Item, ListEntry, RecurringItem
from homes.models import Home
from pantry.models import as_json
from pixie.models import DailyPosition, Suggestion, SuggestionKind, SuggestionState

DAY_HOURS = range(7, 22)  # in the home's time zone
MAX_PER_DAY = 3
DISMISSED_PAUSE = timedelta(days=7)  # doubles with each further dismissal in a row
MAX_DISMISSALS = 4  # in a row, after which it is never suggested again
TAKEN_PAUSE = timedelta(days=3)


@dataclass(frozen=True)
class Candidate:
    kind: str
    subject: str
    weight: float
    """The highest is suggested first."""
    facts: dict[str, Any] = field(default_factory=dict)
    item: Item | None = None
    once: bool = False
    """Never suggest it again for the same subject."""


def is_due(home: Home, position: DailyPosition | None, now: datetime) -> bool:
    """Return whether it is daytime in the home and today's suggestions have not been made yet."""
    local = now.astimezone(home.zone)
    return local.hour in DAY_HOURS and (position is None or position.suggested_on != local.date())


def find_candidates(home: Home, now: datetime) -> list[Candidate]:
    history = SuggestionHistory(home, now)
    allowed = [candidate for source in SOURCES for candidate in source(home) if history.allows(candidate)]
    return sorted(allowed, key=lambda candidate: (-candidate.weight, candidate.subject))


def unexpired(home: Home, suggestions: Iterable[Suggestion]) -> list[Suggestion]:
    """Return the suggestions whose day or month is not over."""
    today, months = home.now().date(), {candidate.subject for candidate in budget(home)}
    return [
        row
        for row in suggestions
        if not (row.kind == SuggestionKind.DUE and date.fromisoformat(row.facts["due_on"]) < today)
        and not (row.kind == SuggestionKind.BUDGET and row.subject not in months)
    ]


class SuggestionHistory:
    """Earlier suggestions of a home and the answers to them. One query."""

    def __init__(self, home: Home, now: datetime) -> None:
        self.now = now
        self.past: dict[tuple[str, str], list[tuple[str, Any]]] = defaultdict(list)
        self.open: set[str] = set()
        rows = Suggestion.objects.filter(home=home).order_by("decided_at")
        for kind, subject, item_id, state, decided_at in rows.values_list(
            "kind", "subject", "item", "state", "decided_at"
        ):
            subject = str(item_id or subject)  # the subject may be an item that was merged into this one
            self.past[kind, subject].append((state, decided_at))
            if state == SuggestionState.OPEN:
                self.open.add(subject)

    def allows(self, candidate: Candidate) -> bool:
        past = self.past.get((candidate.kind, candidate.subject), [])
        if candidate.subject in self.open or (past and candidate.once):
            return False
        answers = [row for row in past if row[0] in (SuggestionState.TAKEN, SuggestionState.DISMISSED)]
        if not answers:
            return True
        state, decided_at = answers[-1]
        if state == SuggestionState.TAKEN:
            return self.now >= decided_at + TAKEN_PAUSE
        dismissals = len(list(takewhile(lambda row: row[0] == SuggestionState.DISMISSED, reversed(answers))))
        return dismissals < MAX_DISMISSALS and self.now >= decided_at + DISMISSED_PAUSE * 2 ** (dismissals - 1)


def restock(home: Home) -> list[Candidate]:
    """Suggest items that probably run out. Leaves out what is on a list, comes by a rule, is put off or refused."""
    offered = [each for each in forecasts.forecast_items(home) if each.is_offered]
    items = {item.pk: item for item in Item.objects.filter(pk__in=[each.item_id for each in offered])}
    candidates = []
    for each in offered:
        if (expected := each.forecast) and (item := items.get(each.item_id)):
            facts = {"days": expected.interval_days, "last_on": expected.last_on.isoformat()}
            weight = (each.today - expected.last_on).days / expected.interval_days
            candidates.append(Candidate(SuggestionKind.RESTOCK, str(item.pk), weight, facts, item))
    return candidates


def due(home: Home) -> list[Candidate]:
    """Suggest recurring items that are due by tomorrow and could be bought today."""
    tomorrow = (home.now() + timedelta(days=1)).replace(hour=23, minute=59)
    rules = RecurringItem.objects.due(tomorrow).filter(home=home).exclude(item__in=_listed_items(home))
    soonest: dict[UUID, Candidate] = {}  # an item can have several rules
    for rule in rules.select_related("item").order_by("next_due_at", "pk"):
        facts = {"due_on": rule.next_due_at.astimezone(home.zone).date().isoformat()}
        soonest.setdefault(rule.item_id, Candidate(SuggestionKind.DUE, str(rule.item_id), 0.5, facts, rule.item))
    return list(soonest.values())[:MAX_PER_DAY]


def budget(home: Home) -> list[Candidate]:
    left = reports.remaining_budget(home)
    if left is None or left >= 0:
        return []
    month = home.now().strftime("%Y-%m")
    return [Candidate(SuggestionKind.BUDGET, month, 10, {"over": as_json(-left)}, once=True)]


def _listed_items(home: Home) -> Any:
    lists = GroceryList.objects.filter(home=home).open()
    return ListEntry.objects.pending().filter(list__in=lists).values("item")


SOURCES: list[Callable[[Home], list[Candidate]]] = [budget, restock, due]
