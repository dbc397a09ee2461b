"""Leases of runs. Each has a token, so that only one worker can change a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from homes.events.log import home_lock
from pixie.models import Run, RunStatus
from pixie.usage.costs import SUMMED, log_run
from pixie.usage.prometheus import count_run

LEASE = timedelta(seconds=60)


class LeaseLost(Exception):
    """Another worker has taken over the run."""


@contextmanager
def hold_lease(run: Run) -> Iterator[None]:
    """Open a transaction under the home's lock, in which no other worker can take over the run.

    Raises LeaseLost.
    """
    with home_lock(run.home_id):
        if not _leased(run).exists():
            raise LeaseLost(run.pk)
        yield


def renew_lease(run: Run) -> None:
    """Extend the lease. Raises LeaseLost."""
    now = timezone.now()
    if not _leased(run).update(lease_until=now + LEASE, updated_at=now):
        raise LeaseLost(run.pk)


def stop_requested(run: Run) -> bool:
    """Return whether a member asked the run to stop. Raises LeaseLost."""
    row = _leased(run).values_list("stop_requested_at").first()
    if row is None:
        raise LeaseLost(run.pk)
    return row[0] is not None


def release_run(run: Run) -> None:
    """Put the run back into the queue. Must run in a transaction."""
    run.status, run.lease_until, run.lease_token = RunStatus.CREATED, None, None
    run.save()


def finish_run(run: Run, status: str, reason: str, error: str = "") -> None:
    """End the run and release its lease. Must run in a transaction. Of a run that did not complete, a step may be
    unfinished, and what its steps cost is counted here."""
    run.status, run.stop_reason, run.error = status, reason, error
    run.completed_at, run.lease_until, run.lease_token = timezone.now(), None, None
    if status != RunStatus.COMPLETED:
        run.steps.filter(status=RunStatus.RUNNING).update(status=status, completed_at=run.completed_at)
        sum_steps(run)
    run.save()
    transaction.on_commit(partial(log_run, run))
    transaction.on_commit(partial(count_run, run), robust=True)


def sum_steps(run: Run) -> None:
    """Set the usage of the run to that of its steps, without saving."""
    steps = list(run.steps.all())
    for name in SUMMED:
        setattr(run, name, sum(getattr(step, name) for step in steps))


def _leased(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(pk=run.pk, lease_token=run.lease_token, status=RunStatus.RUNNING)
