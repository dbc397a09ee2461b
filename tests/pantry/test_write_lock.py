"""Threads of a process write to SQLite in turn."""

from functools import partial
from threading import Thread
from time import monotonic, sleep

import pytest
from django.db import OperationalError, connection, transaction

from homes.models import Home
from pantry.db.sqlite3.base import FairLock, write_locks
from tests.factories import run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)
TIMEOUT_SECONDS = 10


def wait_for_turns(lock, count):
    deadline = monotonic() + TIMEOUT_SECONDS
    while len(lock._turns) < count:
        assert monotonic() < deadline
        sleep(0.001)


def test_lock_is_granted_in_the_order_of_requests():
    lock, order = FairLock(), []

    def take(number):
        assert lock.acquire(TIMEOUT_SECONDS)
        order.append(number)
        lock.release()

    assert lock.acquire(0)
    threads = [Thread(target=take, args=[number]) for number in range(5)]
    for turns, thread in enumerate(threads, 2):
        thread.start()
        wait_for_turns(lock, turns)
    lock.release()
    for thread in threads:
        thread.join()
    assert order == list(range(5))


def rename(home):
    Home.objects.filter(pk=home.pk).update(name="Elsewhere")


def rename_in_a_transaction(home):
    with transaction.atomic():
        rename(home)


@pytest.mark.parametrize("write", [rename, rename_in_a_transaction])
def test_writing_waits_for_its_turn_and_reading_does_not(nok, monkeypatch, write):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL locks rows")
    lock = write_locks[str(connection.settings_dict["NAME"])]
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "timeout", 0.05)
    assert lock.acquire(0)
    try:
        assert run_concurrently(Home.objects.count) == [1]
        with pytest.raises(OperationalError, match="locked"):
            run_concurrently(partial(write, nok.home))
    finally:
        lock.release()
    run_concurrently(partial(write, nok.home))
    assert Home.objects.get().name == "Elsewhere"
