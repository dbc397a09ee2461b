"""Scheduled work on lists. Harmless to run twice, or at once."""

from celery import shared_task
from django.utils import timezone

from groceries.actions import end_forgotten_trip, fire_due
from groceries.models import RecurringItem, Trip
from pantry.sweeps import pass_over_errors


@shared_task(name="groceries.fire_recurring")
def fire_recurring() -> int:
    """Add recurring items that are due to their homes' lists. Returns how many were due."""
    now, fired = timezone.now(), 0
    for recurring in RecurringItem.objects.due(now).select_related("home"):
        with pass_over_errors("groceries.fire_recurring", recurring.pk):
            fired += fire_due(recurring, now)
    return fired


@shared_task(name="groceries.end_forgotten_trips")
def end_forgotten_trips() -> None:
    for trip in Trip.objects.forgotten(timezone.now()).select_related("home"):
        with pass_over_errors("groceries.end_forgotten_trips", trip.pk):
            end_forgotten_trip(trip)
