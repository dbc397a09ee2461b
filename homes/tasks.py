"""Celery tasks for expired data."""

from datetime import timedelta

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from homes import imports
from homes.accounts.sessions import SessionStore
from pantry.models import Operation
from pantry.sweeps import delete_in_batches, pass_over_errors

OPERATION_LIFETIME = timedelta(days=30)


@shared_task(name="homes.tidy")
def tidy() -> None:
    """Delete old idempotency records, and expired tokens and sessions. Runs daily."""
    now = timezone.now()
    for rows in (
        Operation.objects.filter(created_at__lt=now - OPERATION_LIFETIME),
        OutstandingToken.objects.filter(expires_at__lte=now),
    ):
        with pass_over_errors("homes.tidy", rows.model.__name__):
            delete_in_batches(rows)
    with pass_over_errors("homes.tidy", "Session"):
        SessionStore.clear_expired()
        UserSession.objects.exclude(Exists(Session.objects.filter(pk=OuterRef("session_key")))).delete()


@shared_task(name="homes.delete_abandoned_imports")
def delete_abandoned_imports() -> None:
    imports.delete_abandoned()
