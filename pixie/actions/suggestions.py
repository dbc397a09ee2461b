"""The daily jobs of a home: its suggestions, and the summary. Each is one transaction with its record for the day."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from chat.actions import send_message
from chat.models import Channel, Message
from groceries.actions import add_entry, add_recurring_early, current_list
from groceries.models import Item, RecurringItem
from homes.events.actor import Actor
from homes.events.log import action, home_lock, record
from homes.events.models import Origin
from homes.models import Agent, Home
from pantry.errors import ActionError
from pantry.sweeps import pass_over_errors
from pixie.models import DailyPosition, Suggestion, SuggestionKind, SuggestionState, SummaryChoice
from pixie.schemas import SummaryTold
from pixie.suggestions import candidates, summary


def make_all_suggestions(now: datetime) -> int:
    """Make suggestions for every home and return their number. Errors in one home do not affect the others."""
    made = _run_daily("pixie.suggest", candidates.is_due, lambda home_id: make_suggestions(home_id, now), now)
    return sum(len(suggestions) for suggestions in made)


def post_summaries(now: datetime) -> int:
    """Post the summary of every home that is due. Returns their number. Errors in one home do not affect the others."""
    posted = _run_daily("pixie.sum_up", summary.is_due, lambda home_id: post_summary(home_id, now), now)
    return len([message for message in posted if message is not None])


def _run_daily(
    task: str, is_due: Callable[[Home, Any, datetime], bool], job: Callable[[UUID], Any], now: datetime
) -> list[Any]:
    results = []
    for home in Home.objects.complete().select_related("summary_choice", "daily_position").iterator():
        with pass_over_errors(task, home.pk):
            if is_due(home, getattr(home, "daily_position", None), now):
                results.append(job(home.pk))
    return results


def make_suggestions(home_id: UUID, now: datetime) -> list[Suggestion]:
    """Withdraw outdated suggestions and make the day's new ones. Does nothing if they were made today."""
    with home_lock(home_id):
        position, _new = DailyPosition.objects.get_or_create(home_id=home_id)
        home = Home.objects.get(pk=home_id)
        if not candidates.is_due(home, position, now):
            return []
        DailyPosition.objects.filter(pk=position.pk).update(suggested_on=now.astimezone(home.zone).date())
        by = Actor(home=home, origin=Origin.TASK)
        rows = Suggestion.objects.filter(home=home)
        relevant_ids = {suggestion.pk for suggestion in candidates.unexpired(home, rows.relevant(home))}
        for outdated in rows.filter(state=SuggestionState.OPEN).exclude(pk__in=relevant_ids):
            _decide(outdated, SuggestionState.WITHDRAWN, "suggestion_withdrawn", by)
        free_slots = max(0, candidates.MAX_PER_DAY - rows.filter(state=SuggestionState.OPEN).count())
        suggestions = []
        for candidate in candidates.find_candidates(home, now)[:free_slots]:
            fields = {name: getattr(candidate, name) for name in ("kind", "subject", "item", "facts")}
            suggestions.append(Suggestion.objects.create(home=home, **fields))
            record("suggestion_made", suggestions[-1], by=by)
        return suggestions


@action
def take_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """Carry out a suggestion as the acting member. Idempotent. Raises ActionError if it is no longer open."""
    suggestion = suggestion.reload("item", "home")
    if suggestion.state == SuggestionState.TAKEN:
        return suggestion
    if not suggestion.is_open:
        raise ActionError(_("This suggestion is no longer available."))
    is_relevant = Suggestion.objects.filter(pk=suggestion.pk).relevant(by.home).exists()  # neither listed nor bought
    if suggestion.item is not None and is_relevant:
        _add_suggested(suggestion.item, suggestion.kind, by)
    _decide(suggestion, SuggestionState.TAKEN, "suggestion_taken", by)
    return suggestion


def _add_suggested(item: Item, kind: str, by: Actor) -> None:
    rules = RecurringItem.objects.filter(home=by.home, item=item).order_by("next_due_at")
    soonest = rules.filter(paused_at=None).first()
    if kind == SuggestionKind.DUE and soonest is not None:
        add_recurring_early(soonest, by=by)
        return
    rule = soonest or rules.first()
    quantity, unit = (rule.quantity, rule.unit) if rule else (None, None)
    add_entry(current_list(by=by), item, by=by, quantity=quantity, unit=unit)


@action
def dismiss_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
    """Dismiss a suggestion. It returns later each time, and after several times never. Idempotent."""
    suggestion = suggestion.reload("item", "home")
    if suggestion.is_open:
        _decide(suggestion, SuggestionState.DISMISSED, "suggestion_dismissed", by)
    return suggestion


@action
def reopen_suggestion(suggestion: Suggestion, *, by: Actor) -> Suggestion:
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


@action
def choose_summary(hour: int | None, *, by: Actor) -> SummaryChoice:
    """Set the hour, in the home's time zone, at which the summary is posted; None for never."""
    new = SummaryChoice(home=by.home, hour=SummaryChoice.DEFAULT_HOUR)
    choice = SummaryChoice.objects.filter(home=by.home).first() or new
    if changes := choice.assign(hour=hour):
        choice.save()
        record("summary_chosen", choice, by=by, changes=changes)
    return choice


def post_summary(home_id: UUID, now: datetime) -> Message | None:
    """Post the day's summary in the home's first room.

    Returns None if it was posted today, is empty, or no agent is active.
    """
    with home_lock(home_id):
        position, _new = DailyPosition.objects.get_or_create(home_id=home_id)
        home = Home.objects.select_related("summary_choice").get(pk=home_id)
        if not summary.is_due(home, position, now):
            return None
        day = now.astimezone(home.zone).date()
        DailyPosition.objects.filter(pk=position.pk).update(summed_up_on=day)
        agent = Agent.objects.default_agent(home)
        room = Channel.objects.filter(home=home, is_system=True).first()
        with translation.override(home.locale), timezone.override(home.zone):
            text = summary.compose(home)
        if not text or agent is None or room is None:
            return None
        by = Actor(home=home, agent=agent, origin=Origin.TASK)
        message = send_message(room, text, by=by, pk=uuid5(home.pk, f"summary {day}"), metadata={"intent": "summary"})
        record("summary_told", home, by=by, data=SummaryTold(message_id=message.pk))
        return message
