"""Celery's worker goes on after the errors of a lost connection, and only those."""

import pytest
from celery.worker import consumer

from pantry.worker import Consumer


class Blueprint:
    restarts = 0

    def restart(self, _consumer):
        self.restarts += 1


@pytest.fixture
def worker(monkeypatch):
    worker = object.__new__(Consumer)
    worker.blueprint = Blueprint()
    monkeypatch.setattr(Consumer, "on_close", lambda self: None)
    return worker


def fail_first(monkeypatch, *errors):
    waiting = list(errors)

    def start(self):
        if waiting:
            raise waiting.pop(0)

    monkeypatch.setattr(consumer.Consumer, "start", start)


def closed_connection():
    """Return the error of kombu's transport for a connection that was closed already."""
    try:
        return None.hostname
    except AttributeError as error:
        return error


def test_worker_connects_again_when_its_connection_was_closed_already(monkeypatch, worker):
    fail_first(monkeypatch, closed_connection(), closed_connection())
    worker.start()
    assert worker.blueprint.restarts == 2


def test_other_errors_stop_the_worker(monkeypatch, worker):
    fail_first(monkeypatch, AttributeError("a fault of the program", name="other"))
    with pytest.raises(AttributeError):
        worker.start()
