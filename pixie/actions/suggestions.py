"""Make, take and dismiss suggestions."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions import add_entry, current_list
from groceries.models import RecurringItem
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.events.models import Event, Origin
from homes.events.undo import subject_of
from homes.models import Home
from pantry.errors import ActionError
from pantry.sweeps import pass_over_errors
from pixie.models import DailyPosition, Suggestion, SuggestionState
from pixie.suggestions.candidates import MAX_PER_DAY, find_candidates, is_due, unexpired


def make_suggestions(home_id: UUID, now: datetime) -> list[Suggestion]:
    """Withdraw outdated suggestions and make the day's new ones. Does nothing if they were made today."""
    with home_lock(home_id):
        position, _new = DailyPosition.objects.get_or_create(home_id=home_id)
        home = Home.objects.get(pk=home_id)
        if not is_due(home, position, now):
            return []
        DailyPosition.objects.filter(pk=position.pk).update(suggested_on=now.astimezone(home.zone).date())
        by = Actor(home=home, origin=Origin.TASK)
        rows = Suggestion.objects.filter(home=home)
        relevant_ids = {suggestion.pk for suggestion in unexpired(home, rows.relevant())}
        for outdated in rows.filter(state=SuggestionState.OPEN).exclude(pk__in=relevant_ids):
            _decide(outdated, SuggestionState.WITHDRAWN, "suggestion_withdrawn", by)
        free_slots = max(0, MAX_PER_DAY - rows.filter(state=SuggestionState.OPEN).count())
        suggestions = [
            Suggestion(
                home=home, kind=candidate.kind, subject=candidate.subject, item=candidate.item, facts=candidate.facts
            )
            for candidate in find_candidates(home, now)[:free_slots]
        ]
        for suggestion in suggestions:
            suggestion.save(force_insert=True)
            record("suggestion_made", suggestion, by=by)
        return suggestions


def make_all_suggestions(now: datetime) -> int:
    """Make suggestions for every home and return their number. Errors in one home do not affect the others."""
    count = 0
    for home in Home.objects.select_related("daily_position").iterator():
        with pass_over_errors("pixie.suggest", home.pk):
            if is_due(home, getattr(home, "daily_position", None), now):
                count += len(make_suggestions(home.pk, now))
    return count


@action
def take_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """Carry out a suggestion as the acting member. Idempotent. Raises ActionError if it is no longer open."""
    suggestion = suggestion.reload("item", "home")
    if suggestion.state == SuggestionState.TAKEN:
        return suggestion
    if not suggestion.is_open:
        raise ActionError(_("This suggestion is no longer available."))
    if suggestion.item is not None:
        rule = RecurringItem.objects.filter(home=by.home, item=suggestion.item).first()
        quantity, unit = (rule.quantity, rule.unit) if rule else (None, None)
        if Suggestion.objects.filter(pk=suggestion.pk).relevant().exists():  # otherwise it is already listed or bought
            add_entry(current_list(by=by), suggestion.item, by=by, quantity=quantity, unit=unit)
    _decide(suggestion, SuggestionState.TAKEN, "suggestion_taken", by)
    return suggestion


@action
def dismiss_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """Dismiss a suggestion. It returns later each time, and after several times never. Idempotent."""
    suggestion = suggestion.reload("item", "home")
    if suggestion.is_open:
        _decide(suggestion, SuggestionState.DISMISSED, "suggestion_dismissed", by)
    return suggestion


@action
def reopen_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """Reopen a dismissed suggestion."""
    suggestion = suggestion.reload("item", "home")
    rows = Suggestion.objects.filter(home=by.home, kind=suggestion.kind, subject=suggestion.subject)
    if suggestion.state == SuggestionState.DISMISSED and not rows.filter(state=SuggestionState.OPEN).exists():
        changes = suggestion.assign(state=SuggestionState.OPEN, decided_at=None, decided_by=None)
        suggestion.save()
        record("suggestion_reopened", suggestion, by=by, changes=changes)
    return suggestion


def _decide(suggestion: Suggestion, state: str, event_type: str, by: Actor) -> None:
    changes = suggestion.assign(state=state)
    suggestion.decided_at, suggestion.decided_by = timezone.now(), by.user
    suggestion.save()
    record(event_type, suggestion, by=by, changes=changes)


def _undo_dismissed(event: Event, by: Actor) -> None:
    reopen_suggestion(subject_of(event, Suggestion.objects), by=by)


UNDO = {"suggestion_dismissed": _undo_dismissed}
