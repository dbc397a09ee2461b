"""Periodic tasks. Safe to run concurrently."""

from celery import shared_task
from django.utils import timezone

from groceries.actions import end_forgotten_trip, fire_due, fire_due_expense
from groceries.models import Expense, RecurringItem, Trip
from pantry.sweeps import pass_over_errors


@shared_task(name="groceries.fire_recurring")
def fire_recurring() -> int:
    """Add due recurring items to the lists of their homes, and create due expenses. Returns how many were due."""
    now, fired = timezone.now(), 0
    for recurring in RecurringItem.objects.due(now).select_related("home"):
        with pass_over_errors("groceries.fire_recurring", recurring.pk):
            fired += fire_due(recurring, now)
    for expense in Expense.objects.due(now):
        with pass_over_errors("groceries.fire_recurring", expense.pk):
            fired += fire_due_expense(expense, now)
    return fired


@shared_task(name="groceries.end_forgotten_trips")
def end_forgotten_trips() -> None:
    """End trips that exceed the maximum duration."""
    for trip in Trip.objects.forgotten(timezone.now()).select_related("home"):
        with pass_over_errors("groceries.end_forgotten_trips", trip.pk):
            end_forgotten_trip(trip)
