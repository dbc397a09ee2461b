"""Scheduled tasks: a failing row does not stop the others, and concurrent runs do the work once."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from chat.models import Channel, Message
from groceries.actions import add_entry, current_list, set_recurring, start_shopping
from groceries.models import ListEntry, RecurringItem, Trip
from homes.files.actions import add_file, remove_file
from homes.files.models import StoredFile
from homes.models import Agent, Home, Membership
from homes.notifications.models import NoticePosition, PushSubscription
from pantry.celery import app
from pantry.counters import read_counters
from pantry.models import Operation
from pixie import tasks
from pixie.actions import remember_passage, schedule_message
from pixie.models import DailyPosition, MemoryPosition, PendingAction, Run, ScheduledMessage, Source
from tests.factories import by, found_home, person, run_concurrently
from tests.pictures import picture

pytestmark = pytest.mark.both_databases


@dataclass
class Case:
    """A task's test case.

    `arrange` creates work in a member's home, `effects` counts how often it was done, and `act` is the function that
    raises for a row or an id of the failing home.
    """

    act: str
    arrange: Callable[[Membership], Any]
    effects: Callable[[Home], int]
    hour: int = 12


def recur(member: Membership) -> None:
    recurring = set_recurring("Milk", "weekly", by=by(member))
    RecurringItem.objects.filter(pk=recurring.pk).update(next_due_at=timezone.now() - timedelta(hours=1))


def go_shopping(member: Membership) -> None:
    trip, _is_new = start_shopping(current_list(by=by(member)), by=by(member))
    Trip.objects.filter(pk=trip.pk).update(created_at=timezone.now() - timedelta(days=1))


def subscribe(member: Membership) -> None:
    PushSubscription.objects.create(user=member.user, endpoint=f"https://push.example/{member.pk}", name="Phone")


def be_asked(member: Membership) -> None:
    agent = Agent.objects.get(home=member.home)
    room = Channel.objects.get(home=member.home, name="general")
    question = Message.objects.create(home=member.home, channel=room, author_agent=agent, body="Milk?", seq=1)
    past = timezone.now() - timedelta(hours=1)
    PendingAction.objects.create(
        home=member.home, message=question, requested_by=member.user, tool="add_item", arguments={}, confidence=0.5,
        expires_at=past,
    )  # fmt: skip


def schedule(member: Membership) -> None:
    room = Channel.objects.get(home=member.home, name="general")
    planned = schedule_message("Take the bins out", timezone.now() + timedelta(hours=1), by=by(member), channel=room)
    ScheduledMessage.objects.filter(pk=planned.pk).update(trigger_at=timezone.now() - timedelta(minutes=1))


def need_milk(member: Membership) -> None:
    add_entry(current_list(by=by(member)), "Milk", by=by(member))


def remember(member: Membership) -> None:
    remember_passage("Nok likes oat milk.", by=by(member), source=Source.NOTE)


def abandon(member: Membership) -> None:
    Home.objects.filter(pk=member.home_id).update(is_complete=False)


def remove_picture(member: Membership) -> None:
    entry, _is_new = add_entry(current_list(by=by(member)), "Milk", by=by(member))
    remove_file(add_file("entry", entry, "milk.jpg", picture(), by=by(member)), by=by(member))
    StoredFile.objects.update(removed_at=timezone.now() - timedelta(days=31))


def up_to_date(model: Any, home: Home) -> int:
    newest = Home.objects.values_list("last_seq", flat=True).get(pk=home.pk)
    return int(model.objects.filter(home=home, seq=newest).count())


CASES = {
    "groceries.fire_recurring": Case(
        "groceries.tasks.fire_due", recur, lambda home: ListEntry.objects.filter(home=home, item__name="Milk").count()
    ),
    "groceries.end_forgotten_trips": Case(
        "groceries.tasks.end_forgotten_trip",
        go_shopping,
        lambda home: Trip.objects.filter(home=home).exclude(ended_at=None).count(),
    ),
    "homes.sweep_imports": Case(
        "homes.imports.delete_unfinished", abandon, lambda home: 1 - Home.objects.filter(pk=home.pk).count()
    ),
    "homes.tidy_files": Case(
        "homes.files.deletion.erase",
        remove_picture,
        lambda home: 1 - StoredFile.objects.filter(home=home).count(),
    ),
    "homes.sweep_notices": Case("homes.notifications.dispatch.collect", subscribe, partial(up_to_date, NoticePosition)),
    "pixie.sweep": Case(
        "pixie.runs.confirmations.update_message_metadata",
        be_asked,
        lambda home: PendingAction.objects.filter(home=home, state="expired").count(),
    ),
    "pixie.fire_scheduled": Case(
        "pixie.actions.schedules.fire_scheduled", schedule, lambda home: Run.objects.filter(home=home).count()
    ),
    "pixie.sum_up": Case(
        "pixie.actions.suggestions.post_summary",
        need_milk,
        lambda home: Message.objects.filter(home=home).count(),
        hour=8,
    ),
    "pixie.suggest": Case(
        "pixie.actions.suggestions.make_suggestions",
        need_milk,
        lambda home: DailyPosition.objects.filter(home=home).exclude(suggested_on=None).count(),
    ),
    "pixie.sweep_memory": Case("pixie.memory.ingest.collect", need_milk, partial(up_to_date, MemoryPosition)),
    "pixie.tidy_memory": Case(
        "pixie.memory.cleanup.tidy",
        remember,
        lambda home: MemoryPosition.objects.filter(home=home).exclude(tidied_on=None).count(),
        hour=4,
    ),
}
OF_NO_HOME = {"homes.tidy"}  # tested below


@pytest.fixture
def at_hour(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """`at_hour(8)`: set the local hour of all homes."""

    def put(hour: int) -> None:
        moment = timezone.now().replace(hour=hour, minute=30) - timedelta(hours=7)
        monkeypatch.setattr(timezone, "now", lambda: moment.astimezone(UTC))

    return put


@pytest.fixture(autouse=True, scope="module")
def registered_tasks() -> None:
    current_app.loader.import_default_modules()


@pytest.fixture
def two_homes(transactional_db: None) -> list[Membership]:
    return [found_home(person("Nok"), "Apartment 42"), found_home(person("Mai"), "Mai's place")]


def test_every_scheduled_task_has_a_case() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == CASES.keys() | OF_NO_HOME


@pytest.mark.parametrize("failing", [0, 1])
@pytest.mark.parametrize("task", CASES)
def test_scheduled_task_when_one_home_raises_does_the_other(
    two_homes: list[Membership],
    at_hour: Callable[[int], None],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    task: str,
    failing: int,
) -> None:
    case, bad, good = CASES[task], two_homes[failing].home, two_homes[1 - failing].home
    at_hour(case.hour)
    for member in two_homes:
        case.arrange(member)
    module, _dot, name = case.act.rpartition(".")
    real = getattr(__import__(module, fromlist=[name]), name)

    def act(row: Any, *args: Any, **kwargs: Any) -> Any:
        if getattr(row, "home_id", row) == bad.pk:
            raise RuntimeError("a bad row")
        return real(row, *args, **kwargs)

    monkeypatch.setattr(case.act, act)
    with caplog.at_level(logging.ERROR):
        current_app.tasks[task]()
    assert (case.effects(good), case.effects(bad)) == (1, 0)
    assert "a bad row" in caplog.text
    assert read_counters()["sweep_failures"] == {(task,): 1}


@pytest.mark.parametrize("task", CASES)
def test_scheduled_task_run_twice_at_once_acts_once(
    two_homes: list[Membership], at_hour: Callable[[int], None], task: str
) -> None:
    case = CASES[task]
    at_hour(case.hour)
    for member in two_homes:
        case.arrange(member)
    run_concurrently(*[current_app.tasks[task]] * 2)
    assert [case.effects(member.home) for member in two_homes] == [1, 1]
    assert read_counters() == {}


def test_tidying_when_operations_cannot_be_deleted_deletes_expired_tokens(
    nok: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    past = datetime(2020, 1, 1, tzinfo=UTC)
    OutstandingToken.objects.create(user=nok.user, jti="old", token="old", created_at=past, expires_at=past)

    def fail(**_query: Any) -> Any:
        class Rows:
            model = Operation

            def order_by(self, *_columns: str) -> None:
                raise RuntimeError("a bad row")

        return Rows()

    monkeypatch.setattr(Operation.objects, "filter", fail)
    current_app.tasks["homes.tidy"]()
    assert not OutstandingToken.objects.exists()
    assert read_counters()["sweep_failures"] == {("homes.tidy",): 1}


def test_sweep_queues_a_task_for_each_home_and_performs_no_run_itself(
    two_homes: list[Membership], monkeypatch: pytest.MonkeyPatch
) -> None:
    queued: list[str] = []
    monkeypatch.setattr(tasks.perform_runs, "delay", queued.append)
    for member in two_homes:
        room = Channel.objects.get(home=member.home, name="general")
        Run.objects.create(home=member.home, agent=Agent.objects.get(home=member.home), channel=room)
    assert tasks.sweep() == 2
    assert sorted(queued) == sorted(str(member.home_id) for member in two_homes)
    assert set(Run.objects.values_list("status", flat=True)) == {"created"}
