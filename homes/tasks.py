"""Background task that deletes once a day what has expired."""

from datetime import timedelta

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from pantry.models import Operation
from pantry.sweeps import pass_over_errors

KEPT = timedelta(days=30)


@shared_task(name="homes.tidy")
def tidy() -> None:
    """Delete stored answers that nobody repeats any more, and expired tokens and sessions."""
    now = timezone.now()
    for expired in (
        Operation.objects.filter(created_at__lt=now - KEPT),
        OutstandingToken.objects.filter(expires_at__lte=now),
        Session.objects.filter(expire_date__lt=now),
    ):
        with pass_over_errors("homes.tidy", expired.model.__name__):
            expired.delete()
