"""Scheduled work on lists. Harmless to run twice, or at once."""

from celery import shared_task
from django.utils import timezone

from groceries.actions import end_forgotten_trip, fire_due
from groceries.models import RecurringItem, Trip


@shared_task(name="groceries.fire_recurring")
def fire_recurring() -> int:
    """Put what is due on the lists. Returns how many were."""
    now = timezone.now()
    return sum(fire_due(recurring, now) for recurring in RecurringItem.objects.due(now).select_related("home"))


@shared_task(name="groceries.end_forgotten_trips")
def end_forgotten_trips() -> None:
    for trip in Trip.objects.forgotten(timezone.now()).select_related("home"):
        end_forgotten_trip(trip)
