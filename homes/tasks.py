"""Celery tasks for imports and expired data.

Imports are performed in threads of their own, so that long ones hold up no other tasks.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from celery import shared_task
from celery.signals import worker_process_shutdown
from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.db.models import Exists, OuterRef
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from homes import imports
from homes.accounts.sessions import SessionStore
from homes.models import Import
from pantry.models import Operation
from pantry.sweeps import delete_in_batches, pass_over_errors

OPERATION_LIFETIME = timedelta(days=30)
IMPORT_THREADS = 2  # in each process: an import needs a few times the memory of its file

import_pool = ThreadPoolExecutor(IMPORT_THREADS, "import")


@shared_task(name="homes.tidy")
def tidy() -> None:
    """Delete old idempotency records and imports, and expired tokens and sessions. Runs daily."""
    now = timezone.now()
    for rows in (
        Operation.objects.filter(created_at__lt=now - OPERATION_LIFETIME),
        OutstandingToken.objects.filter(expires_at__lte=now),
        Import.objects.filter(finished_at__lt=now - Import.LIFETIME),
    ):
        with pass_over_errors("homes.tidy", rows.model.__name__):
            delete_in_batches(rows)
    with pass_over_errors("homes.tidy", "Session"):
        SessionStore.clear_expired()
        UserSession.objects.exclude(Exists(Session.objects.filter(pk=OuterRef("session_key")))).delete()


@shared_task(name="homes.perform_imports")
def perform_imports() -> None:
    with suppress(RuntimeError):  # the process ends
        import_pool.submit(copy_context().run, _perform_imports)


def _perform_imports() -> None:
    try:
        while imports.perform_next():
            pass
    finally:
        close_old_connections()


@shared_task(name="homes.sweep_imports")
def sweep_imports() -> None:
    """Delete what cut imports have left, and perform those whose task was lost or whose worker has died.

    Runs at start and every minute.
    """
    imports.delete_leftovers()
    if Import.objects.free(timezone.now()).exists():
        perform_imports.delay()


@worker_process_shutdown.connect
def stop_imports(**_kwargs: Any) -> None:
    """Interrupt the imports of this process; another one begins them again."""
    imports.process_ends.set()
    import_pool.shutdown(cancel_futures=True)
