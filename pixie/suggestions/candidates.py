"""What is worth suggesting to a home, computed from what it does: no model is asked, and nobody is named.

Each source finds candidates for a home; the planner adds its own to `SOURCES`.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from groceries import reports
from groceries.models import GroceryList, Item, ListEntry, RecurringItem
from groceries.purchase_patterns import find_purchase_patterns
from homes.models import Home
from pantry.models import as_json
from pixie.models import DailyPosition, Suggestion, SuggestionKind, SuggestionState

BY_DAY = range(7, 22)  # hours of the home's clock
MOST_A_DAY = 3
GIVEN_UP = 2.5  # pauses after which a thing is not bought any more
REST = timedelta(days=7)  # after the first no; each further one doubles it
MOST_NOES = 4  # in a row: then it is never suggested again
BREATH = timedelta(days=3)  # after a yes


@dataclass(frozen=True)
class Candidate:
    """`weight`: the more, the sooner. `once`: it is never said a second time of its subject."""

    kind: str
    subject: str
    weight: float
    facts: dict[str, Any] = field(default_factory=dict)
    item: Item | None = None
    once: bool = False


def is_due(home: Home, position: DailyPosition | None, now: datetime) -> bool:
    """Once a day, and not in the night."""
    here = now.astimezone(home.zone)
    return here.hour in BY_DAY and (position is None or position.suggested_on != here.date())


def candidates(home: Home, now: datetime) -> list[Candidate]:
    """What is new and welcome, the weightiest first."""
    wanted = Welcome(home, now)
    found = [each for find in SOURCES for each in find(home) if wanted.has(each)]
    return sorted(found, key=lambda each: (-each.weight, each.subject))


def still_true(home: Home, standing: Iterable[Suggestion]) -> list[Suggestion]:
    """Without those whose day or month is over."""
    today, months = home.now().date(), {each.subject for each in budget(home)}
    return [
        each
        for each in standing
        if not (each.kind == SuggestionKind.DUE and date.fromisoformat(each.facts["due_on"]) < today)
        and not (each.kind == SuggestionKind.BUDGET and each.subject not in months)
    ]


class Welcome:
    """What the home said to such suggestions before. One query."""

    def __init__(self, home: Home, now: datetime) -> None:
        self.now = now
        self.past: dict[tuple[str, str], list[tuple[str, Any]]] = defaultdict(list)
        rows = Suggestion.objects.filter(home=home).order_by("decided_at")
        for kind, subject, state, decided_at in rows.values_list("kind", "subject", "state", "decided_at"):
            self.past[kind, subject].append((state, decided_at))

    def has(self, candidate: Candidate) -> bool:
        past = self.past.get((candidate.kind, candidate.subject), [])
        if any(state == SuggestionState.OPEN for state, _at in past) or (past and candidate.once):
            return False
        answers = [answer for answer in past if answer[0] in (SuggestionState.TAKEN, SuggestionState.DISMISSED)]
        if not answers:
            return True
        state, at = answers[-1]
        if state == SuggestionState.TAKEN:
            return self.now >= at + BREATH
        noes = _last_in_a_row([state for state, _at in answers])
        return noes < MOST_NOES and self.now >= at + REST * 2 ** (noes - 1)


def _last_in_a_row(states: list[str]) -> int:
    """How many noes came since the last yes."""
    return next((count for count, state in enumerate(reversed(states)) if state == SuggestionState.TAKEN), len(states))


def restock(home: Home) -> list[Candidate]:
    """What is bought at a rhythm, and due by it. What comes back by itself needs nobody to think of it."""
    today = home.now().date()
    late = [each for each in find_purchase_patterns(home) if 1 <= each.overdue(today) <= GIVEN_UP]
    by_itself = RecurringItem.objects.filter(home=home, paused_at=None).values("item")
    items = Item.objects.filter(home=home).exclude(pk__in=_listed(home)).exclude(pk__in=by_itself)
    known = {item.pk: item for item in items.filter(pk__in=[each.item_id for each in late])}
    return [
        Candidate(
            SuggestionKind.RESTOCK,
            str(each.item_id),
            each.overdue(today),
            {"days": each.days, "last_on": each.last_on.isoformat()},
            known[each.item_id],
        )
        for each in late
        if each.item_id in known
    ]


def due(home: Home) -> list[Candidate]:
    """What comes back by tomorrow, and may as well be bought today."""
    tomorrow = (home.now() + timedelta(days=1)).replace(hour=23, minute=59)
    rules = RecurringItem.objects.due(tomorrow).filter(home=home).exclude(item__in=_listed(home))
    return [
        Candidate(
            SuggestionKind.DUE,
            str(rule.item_id),
            0.5,
            {"due_on": rule.next_due_at.astimezone(home.zone).date().isoformat()},
            rule.item,
        )
        for rule in rules.select_related("item").order_by("next_due_at", "pk")[:MOST_A_DAY]
    ]


def budget(home: Home) -> list[Candidate]:
    """A month that costs more than was meant, said once."""
    left = reports.remaining_budget(home)
    if left is None or left >= 0:
        return []
    month = home.now().strftime("%Y-%m")
    return [Candidate(SuggestionKind.BUDGET, month, 10, {"over": as_json(-left)}, once=True)]


def _listed(home: Home) -> Any:
    """The things that are on an open list."""
    lists = GroceryList.objects.filter(home=home).open()
    return ListEntry.objects.pending().filter(list__in=lists).values("item")


SOURCES: list[Callable[[Home], list[Candidate]]] = [budget, restock, due]
