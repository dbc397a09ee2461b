"""The demo household: Nok founded Apartment 42, Ben and Ploy live there too. Mai, at home elsewhere, is a stranger."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import hypothesis
import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chat.models import Channel
from groceries.actions import add_entry, create_list
from groceries.models import GroceryList, ListEntry
from homes.models import Agent, Home, Membership
from tests import factories
from tests.factories import Events, by, found_home, move_in, person

LONGEST = {"assistants", "contract", "served"}

hypothesis.settings.register_profile("no clock", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("no clock")


@pytest.hookimpl(tryfirst=True)  # before pytest selects by mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with what takes longest, so that no worker waits for it at the end. Mark what commits."""
    items.sort(key=lambda item: LONGEST.isdisjoint(item.path.parts))
    for item in items:
        if commits(item):
            item.add_marker(pytest.mark.both_databases)


def commits(item: pytest.Item) -> bool:
    """Tell whether the test has real transactions: those lock, wait and fail differently on each database."""
    mark = item.get_closest_marker("django_db")
    return bool(mark and mark.kwargs.get("transaction")) or "transactional_db" in getattr(item, "fixturenames", ())


# The household


@pytest.fixture
def nok(db: None) -> Membership:
    """The owner of Apartment 42, which is in Bangkok and counts in baht."""
    return found_home(person("Nok"), "Apartment 42")


@pytest.fixture
def ben(nok: Membership) -> Membership:
    return move_in(nok, "Ben")


@pytest.fixture
def ploy(nok: Membership, ben: Membership) -> Membership:
    return move_in(nok, "Ploy")


@pytest.fixture
def mai(db: None) -> Membership:
    """The owner of another home: nothing of Apartment 42 may reach her."""
    return found_home(person("Mai"), "Mai's place")


@pytest.fixture
def pixie(nok: Membership) -> Agent:
    return Agent.objects.get(home=nok.home, slug="pixie")


@pytest.fixture
def sign_in(db: None) -> Callable[[Membership], Client]:
    """`sign_in(nok)`: a browser in which that member is signed in."""
    return factories.sign_in


@pytest.fixture
def events(db: None) -> Events:
    """`events(home)`: the types of the events since this fixture. Name it after those that set the scene."""
    return Events()


@pytest.fixture
def freeze_time(monkeypatch: pytest.MonkeyPatch, nok: Membership) -> Callable[[str], datetime]:
    """`freeze_time("2026-03-31 23:30")`: what it is from now on in Apartment 42."""

    def put(text: str) -> datetime:
        moment = datetime.fromisoformat(text).replace(tzinfo=nok.home.zone)
        monkeypatch.setattr(timezone, "now", lambda: moment.astimezone(UTC))
        return moment

    return put


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
    """The room that the home was born with."""
    return Channel.objects.get(home=nok.home, name="general")


# The database


@pytest.fixture(autouse=True)
def erased_homes(request: pytest.FixtureRequest) -> Iterator[None]:
    """Delete the homes before a test with real transactions empties the database.

    The log's triggers refuse to delete the events of a home that exists. PostgreSQL truncates, which runs no triggers.
    """
    asked = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if asked or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")  # first, so that this here ends before it does
        yield
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            with connection.constraint_checks_disabled():
                Home.objects.all()._raw_delete(connection.alias)
    else:
        yield
