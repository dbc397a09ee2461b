"""Suggestions: made once a day, taken or dismissed by anybody at home, at most once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from groceries.actions import add_entry, current_list
from groceries.models import RecurringItem
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.events.models import Event, Origin
from homes.models import Home
from pantry.errors import ActionError
from pantry.sweeps import pass_over_errors
from pixie.models import DailyPosition, Suggestion, SuggestionState
from pixie.suggestions.candidates import MOST_A_DAY, candidates, is_due, still_true


def make_suggestions(home_id: UUID, now: datetime) -> list[Suggestion]:
    """Withdraw what makes no sense any more, and make the day's suggestions; none where the day has had them."""
    with home_lock(home_id):
        return _suggest(home_id, now)


def _suggest(home_id: UUID, now: datetime) -> list[Suggestion]:
    position, _new = DailyPosition.objects.get_or_create(home_id=home_id)
    home = Home.objects.get(pk=home_id)
    if not is_due(home, position, now):
        return []
    DailyPosition.objects.filter(pk=position.pk).update(suggested_on=now.astimezone(home.zone).date())
    by = Actor(home=home, origin=Origin.TASK)
    rows = Suggestion.objects.filter(home=home)
    standing = {each.pk for each in still_true(home, rows.relevant())}
    for stale in rows.filter(state=SuggestionState.OPEN).exclude(pk__in=standing):
        _decide(stale, SuggestionState.WITHDRAWN, "suggestion_withdrawn", by)
    room = max(0, MOST_A_DAY - rows.filter(state=SuggestionState.OPEN).count())
    made = [
        Suggestion(home=home, kind=each.kind, subject=each.subject, item=each.item, facts=each.facts)
        for each in candidates(home, now)[:room]
    ]
    for suggestion in made:
        suggestion.save(force_insert=True)
        record("suggestion_made", suggestion, by=by)
    return made


@action
def take_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """Do what it says, as the person who takes it. Raises ActionError for one that was dismissed or is over."""
    suggestion = _current(suggestion)
    if suggestion.state == SuggestionState.TAKEN:
        return suggestion
    if not suggestion.is_open:
        raise ActionError(_("This suggestion is no longer available."))
    if suggestion.item is not None:
        rule = RecurringItem.objects.filter(home=by.home, item=suggestion.item).first()
        quantity, unit = (rule.quantity, rule.unit) if rule else (None, None)
        if Suggestion.objects.filter(pk=suggestion.pk).relevant().exists():  # else it is on the list, or was bought
            add_entry(current_list(by=by), suggestion.item, by=by, quantity=quantity, unit=unit)
    _decide(suggestion, SuggestionState.TAKEN, "suggestion_taken", by)
    return suggestion


@action
def dismiss_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """Not now. Each time it comes back later, and after some never."""
    suggestion = _current(suggestion)
    if suggestion.is_open:
        _decide(suggestion, SuggestionState.DISMISSED, "suggestion_dismissed", by)
    return suggestion


@action
def reopen_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """It was dismissed by mistake."""
    suggestion = _current(suggestion)
    rows = Suggestion.objects.filter(home=by.home, kind=suggestion.kind, subject=suggestion.subject)
    if suggestion.state == SuggestionState.DISMISSED and not rows.filter(state=SuggestionState.OPEN).exists():
        changes = suggestion.assign(state=SuggestionState.OPEN, decided_at=None, decided_by=None)
        suggestion.save()
        record("suggestion_reopened", suggestion, by=by, changes=changes)
    return suggestion


def _current(suggestion: Suggestion) -> Suggestion:
    current: Suggestion = Suggestion.objects.select_related("item", "home").get(pk=suggestion.pk)
    return current


def _decide(suggestion: Suggestion, state: str, event_type: str, by: Actor) -> None:
    changes = suggestion.assign(state=state)
    suggestion.decided_at, suggestion.decided_by = timezone.now(), by.user
    suggestion.save()
    record(event_type, suggestion, by=by, changes=changes)


def _undo_dismissed(event: Event, by: Actor) -> None:
    subject: Any = event.subject_id
    found = Suggestion.objects.filter(pk=subject, home=event.home_id).first()
    if found is None:
        raise ActionError(_("That is gone by now."))
    reopen_suggestion(found, by=by)


UNDO = {"suggestion_dismissed": _undo_dismissed}


def make_all_suggestions(now: datetime) -> int:
    """Returns how many suggestions are new. A home that fails must not keep the next from its own."""
    made = 0
    for home in Home.objects.select_related("daily_position").iterator():
        with pass_over_errors("pixie.suggest", home.pk):
            if is_due(home, getattr(home, "daily_position", None), now):
                made += len(make_suggestions(home.pk, now))
    return made
