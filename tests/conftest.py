"""Fixtures of the demo household: Nok founded Apartment 42, Ben and Ploy are members. Mai owns another home."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import hypothesis
import pytest
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from chat.models import Channel
from groceries.actions import add_entry, create_list
from groceries.models import GroceryList, ListEntry
from homes.models import Agent, Home, Membership
from tests import factories
from tests.factories import Events, by, move_in
from tests.household import DemoHousehold, NewHome

MADE_BY_MIGRATIONS = {"django_content_type", "auth_permission"}
SLOWEST_FOLDERS = {"assistants", "contract", "served"}

hypothesis.settings.register_profile("no clock", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("no clock")


@pytest.hookimpl(tryfirst=True)  # before pytest selects by mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest folders first, so that no worker waits for them at the end. Mark tests that commit.

    With `--dist loadgroup` the tests of a file share a worker, and so do all that need the cluster.
    """
    items.sort(key=lambda item: SLOWEST_FOLDERS.isdisjoint(item.path.parts))
    for item in items:
        item.add_marker(pytest.mark.xdist_group("served" if "served" in item.path.parts else item.path.stem))
        if has_real_transactions(item):
            item.add_marker(pytest.mark.both_databases)


def has_real_transactions(item: pytest.Item) -> bool:
    """Return whether the test has real transactions, which lock, wait and fail differently on each database."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or "transactional_db" in getattr(item, "fixturenames", ())


# The household


@pytest.fixture(scope="session")
def apartment(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> NewHome:
    with django_db_blocker.unblock():
        return NewHome("Nok", "Apartment 42")


@pytest.fixture(scope="session")
def other_home(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> NewHome:
    with django_db_blocker.unblock():
        return NewHome("Mai", "Mai's place")


@pytest.fixture(scope="session")
def demo_rows(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> DemoHousehold:
    with django_db_blocker.unblock():
        return DemoHousehold()


@pytest.fixture
def demo_household(db: None, demo_rows: DemoHousehold) -> Home:
    """Apartment 42 of the demo, with all that `seed_demo` creates."""
    return demo_rows.insert()


@pytest.fixture
def nok(db: None, apartment: NewHome) -> Membership:
    """The owner of Apartment 42, which is in Bangkok and uses baht."""
    return apartment.copy()


@pytest.fixture
def ben(nok: Membership) -> Membership:
    return move_in(nok, "Ben")


@pytest.fixture
def ploy(nok: Membership, ben: Membership) -> Membership:
    return move_in(nok, "Ploy")


@pytest.fixture
def mai(db: None, other_home: NewHome) -> Membership:
    """The owner of another home, who has no access to Apartment 42."""
    return other_home.copy()


@pytest.fixture
def pixie(nok: Membership) -> Agent:
    return Agent.objects.get(home=nok.home, slug="pixie")


@pytest.fixture
def sign_in(db: None) -> Callable[[Membership], Client]:
    """Return a function that signs a member in: `client = sign_in(nok)`."""
    return factories.sign_in


@pytest.fixture
def events(db: None) -> Events:
    """`events(home)`: the types of the events since this fixture. Request it after the fixtures that create data."""
    return Events()


@pytest.fixture
def freeze_time(monkeypatch: pytest.MonkeyPatch, nok: Membership) -> Callable[[str], datetime]:
    """Return a function that freezes the local time of Apartment 42: `freeze_time("2026-03-31 23:30")`."""

    def freeze(text: str) -> datetime:
        moment = datetime.fromisoformat(text).replace(tzinfo=nok.home.zone)
        monkeypatch.setattr(timezone, "now", lambda: moment.astimezone(UTC))
        return moment

    return freeze


# Groceries


@pytest.fixture
def weekly(nok: Membership) -> GroceryList:
    return create_list("Weekly shop", by=by(nok))


@pytest.fixture
def milk(nok: Membership, weekly: GroceryList) -> ListEntry:
    return add_entry(weekly, "Milk", by=by(nok), quantity=Decimal(1), unit="liter")[0]


@pytest.fixture
def eggs(nok: Membership, weekly: GroceryList) -> ListEntry:
    return add_entry(weekly, "Eggs", by=by(nok), quantity=Decimal(6), unit="piece")[0]


@pytest.fixture
def rice(nok: Membership, weekly: GroceryList) -> ListEntry:
    return add_entry(weekly, "Rice", by=by(nok), quantity=Decimal(5), unit="kg")[0]


# Chat


@pytest.fixture
def general(nok: Membership) -> Channel:
    """The first room of the home."""
    return Channel.objects.get(home=nok.home, name="general")


# The database


def empty_tables(_case: TransactionTestCase) -> None:
    """Delete what a test with real transactions committed. Instead of Django's flush, which empties every table and
    makes all permissions anew.

    Homes go first, because the log refuses to delete the events of a home that exists.
    """
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - MADE_BY_MIGRATIONS
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in tables))  # noqa: S608
        filled = {table for (table,) in cursor.fetchall()}
        for table in sorted(filled, key=lambda table: table != Home._meta.db_table):
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608


TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]


@pytest.fixture
def clock(monkeypatch):
    """Clear the counters of rate limits, and freeze their time ten seconds into an hour; `clock(seconds)` sets it."""

    def put(seconds):
        monkeypatch.setattr("pantry.api.throttles.time.time", lambda: 1_800_000_000 + seconds)

    cache.clear()
    put(10)
    yield put
    cache.clear()
