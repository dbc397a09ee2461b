"""Scheduled work on lists. Harmless to run twice, or at once."""

from celery import shared_task
from django.utils import timezone

from groceries.actions import fire_due
from groceries.models import RecurringItem


@shared_task(name="groceries.fire_recurring")
def fire_recurring() -> int:
    """Put what is due on the lists. Returns how many were."""
    now = timezone.now()
    return sum(fire_due(recurring, now) for recurring in RecurringItem.objects.due(now).select_related("home"))
