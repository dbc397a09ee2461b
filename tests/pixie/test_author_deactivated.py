"""Nothing is done in the name of somebody whose account an administrator has closed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from groceries.models import ListEntry
from homes.accounts.actions import sign_up
from homes.accounts.models import User
from homes.actions import create_home
from homes.events.actor import Actor
from homes.events.models import Origin
from pixie.actions.schedules import fire_due, schedule_message
from pixie.models import Run, RunStatus
from pixie.runs.queue import process_home

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> Actor:
    user = sign_up("ann@home.example", "quite-a-Long-pass-77", "Ann")
    return Actor.of(create_home(user, origin=Origin.COMMAND, name="Home"), Origin.COMMAND)


def set_active(by: Actor, is_active: bool) -> None:
    User.objects.filter(pk=by.user.pk).update(is_active=is_active)  # type: ignore[union-attr]


@pytest.mark.parametrize("rrule", ["", "FREQ=DAILY"])
def test_schedule_waits_while_its_author_is_inactive(rrule: str, by: Actor) -> None:
    now = timezone.now()
    schedule_message("Add 3 eggs to the list", now + timedelta(minutes=1), by=by, rrule=rrule)
    set_active(by, False)
    assert fire_due(now + timedelta(days=3)) == set()

    set_active(by, True)
    assert fire_due(now + timedelta(days=3)) == {by.home.pk}


@pytest.mark.parametrize("rrule", ["", "FREQ=DAILY"])
def test_run_of_an_inactive_author_is_cancelled(rrule: str, by: Actor) -> None:
    now = timezone.now()
    schedule_message("Add 3 eggs to the list", now + timedelta(minutes=1), by=by, rrule=rrule)
    fire_due(now + timedelta(hours=1))
    set_active(by, False)
    process_home(by.home.pk)

    assert [run.status for run in Run.objects.all()] == [RunStatus.CANCELLED]
    assert not ListEntry.objects.exists()
