"""Hold a run while working on it, by a token that only one worker has."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.utils import timezone

from homes.events.log import home_lock
from pixie.models import Run, RunStatus
from pixie.usage.costs import write_line
from pixie.usage.prometheus import count_run

LEASE = timedelta(seconds=60)


class LeaseLost(Exception):
    """Another worker has taken the run up meanwhile."""


@contextmanager
def hold(run: Run) -> Iterator[None]:
    """Open the transaction of a step, in the home's lock, in which the run is still ours until the commit.

    Raises LeaseLost.
    """
    with home_lock(run.home_id):
        if not Run.objects.filter(pk=run.pk, lease_token=run.lease_token, status=RunStatus.RUNNING).exists():
            raise LeaseLost(run.pk)
        yield


def renew(run: Run) -> None:
    """Work goes on: the lease begins anew. Raises LeaseLost."""
    now = timezone.now()
    ours = Run.objects.filter(pk=run.pk, lease_token=run.lease_token, status=RunStatus.RUNNING)
    if not ours.update(lease_until=now + LEASE, updated_at=now):
        raise LeaseLost(run.pk)


def stop_requested(run: Run) -> bool:
    """Somebody asked it to stop. Raises LeaseLost when the run is not ours any more."""
    ours = Run.objects.filter(pk=run.pk, lease_token=run.lease_token, status=RunStatus.RUNNING)
    held = ours.values_list("stop_asked_at").first()
    if held is None:
        raise LeaseLost(run.pk)
    return held[0] is not None


def finish(run: Run, status: str, reason: str, error: str = "") -> None:
    """Inside the transaction of the last step."""
    run.status, run.stop_reason, run.error = status, reason, error
    run.completed_at, run.lease_until, run.lease_token = timezone.now(), None, None
    run.save()
    transaction.on_commit(partial(write_line, run))
    transaction.on_commit(partial(count_run, run), robust=True)
