"""A provider that accepts requests and does not answer: nothing waits for it but the answers that it is to give."""

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from functools import partial

import pytest
from django.db import connections
from django.utils import timezone

from chat.actions import open_assistant, send_message
from chat.models import Message
from homes.models import Agent
from pixie import tasks
from pixie.actions import schedule_message
from pixie.models import Run, RunStatus, ScheduledMessage
from pixie.runs import queue
from pixie.runs.stop import stop_run
from pixie.runs.wait import get_answer
from tests.factories import by, found_home, person
from tests.pixie.providers import Reply, wait_until
from tests.pixie.runs import MODEL_REQUEST, expire_leases, unchanged

pytestmark = pytest.mark.django_db(transaction=True)

WORKER_THREADS = 8


class Threads(ThreadPoolExecutor):
    """Threads that close their connections after each call."""

    def submit(self, function, /, *args):
        return super().submit(self.run, function, *args)

    @staticmethod
    def run(function, *args):
        try:
            return function(*args)
        finally:
            connections.close_all()


@pytest.fixture
def start_worker(monkeypatch):
    """Return a function that starts a worker whose tasks run in threads, with this number of threads for models."""
    with ExitStack() as stack:

        def start(model_threads):
            worker = stack.enter_context(Threads(WORKER_THREADS))
            monkeypatch.setattr(tasks.perform_runs, "delay", partial(worker.submit, tasks.perform_runs))
            monkeypatch.setattr(tasks, "model_pool", stack.enter_context(Threads(model_threads)))
            monkeypatch.setattr(tasks, "_queued_homes", set())

        yield start


@pytest.fixture
def released(provider, start_worker, settings):
    """An event: until it is set, the provider answers no request."""
    settings.PIXIE_RUN_SECONDS = 1000
    event = threading.Event()
    provider.respond = lambda _body: event.wait() and Reply("Balloons.")
    yield event
    event.set()  # before the threads are joined


@pytest.fixture
def founders(db):
    """The founders of more homes than a worker has threads."""
    return [found_home(person(f"Founder{number}"), f"Home {number}") for number in range(WORKER_THREADS + 1)]


def ask(member, text):
    pixie = Agent.objects.get(home=member.home)
    return send_message(open_assistant(pixie, by=by(member)), text, by=by(member))


def answer_to(message):
    run = Run.objects.filter(trigger_message=message).first()
    return get_answer(run) if run else None


def wait_for_answer(message):
    wait_until(lambda: answer_to(message) is not None)
    return answer_to(message).body


def is_left_to_model(message):
    return Run.objects.filter(trigger_message=message, status=RunStatus.CREATED).exclude(route="").exists()


def test_hanging_provider_delays_only_its_own_answers(nok, general, provider, released, founders, start_worker):
    start_worker(tasks.MODEL_THREADS)
    waiting = [ask(founder, MODEL_REQUEST) for founder in founders]
    wait_until(lambda: len(provider.requests) == tasks.MODEL_THREADS)

    assert wait_for_answer(ask(nok, "We need eggs")).startswith("Added Eggs")
    for founder in founders:
        assert wait_for_answer(ask(founder, "We need milk")).startswith("Added Milk")
    schedule_message("Remind us: take the bins out", timezone.now() + timedelta(days=1), by=by(nok), channel=general)
    ScheduledMessage.objects.update(trigger_at=timezone.now())
    assert tasks.fire_scheduled() == 1
    wait_until(lambda: Message.objects.filter(channel=general, body__startswith="Reminder").exists())
    assert (len(provider.requests), [answer_to(message) for message in waiting]) == (
        tasks.MODEL_THREADS,
        [None] * len(waiting),
    )

    released.set()
    assert [wait_for_answer(message) for message in waiting] == [unchanged("Balloons.")] * len(waiting)
    assert Message.objects.filter(body=unchanged("Balloons.")).count() == len(provider.requests) == len(waiting)


def test_homes_that_wait_for_a_model_take_turns(provider, released, founders, start_worker):
    start_worker(model_threads=1)
    first, second = founders[:2]
    messages = [ask(first, MODEL_REQUEST)]
    wait_until(lambda: provider.requests)
    for founder, count in ((first, 3), (second, 2)):
        messages += [ask(founder, MODEL_REQUEST) for _number in range(count)]
        wait_until(lambda home_id=founder.home_id: home_id in tasks._queued_homes)
    wait_until(lambda: all(map(is_left_to_model, messages[1:])))
    released.set()
    assert [wait_for_answer(message) for message in messages] == [unchanged("Balloons.")] * 6
    turns = [re.search(r"Home (\d)", json.dumps(request))[1] for request in provider.requests]
    assert turns == ["0", "0", "1", "0", "1", "0"]


def test_home_uses_one_thread_for_models(provider, released, founders, start_worker):
    start_worker(tasks.MODEL_THREADS)
    waiting = [ask(founders[0], MODEL_REQUEST) for _number in range(3)]
    wait_until(lambda: provider.requests)
    wait_until(lambda: all(map(is_left_to_model, waiting[1:])))
    assert queue.claim_model_run(founders[0].home_id) is None
    released.set()
    assert [wait_for_answer(message) for message in waiting] == [unchanged("Balloons.")] * 3
    assert [answer_to(message).seq for message in waiting] == sorted(answer_to(message).seq for message in waiting)


def test_sweep_resumes_a_model_run_of_a_dead_worker(nok, provider, released, start_worker):
    message = ask(nok, MODEL_REQUEST)
    queue.process_home(nok.home_id)
    assert queue.claim_model_run(nok.home_id) is not None
    start_worker(tasks.MODEL_THREADS)
    assert tasks.sweep() == 0
    expire_leases()
    released.set()
    assert tasks.sweep() == 1
    assert wait_for_answer(message) == unchanged("Balloons.")
    assert Run.objects.get().attempts == 2


def test_question_can_be_answered_while_a_model_thinks(nok, provider, released, weekly, rice, start_worker):
    start_worker(tasks.MODEL_THREADS)
    thinking = ask(nok, MODEL_REQUEST)
    wait_until(lambda: provider.requests)
    assert "Did you mean it?" in wait_for_answer(ask(nok, "We need 90 kg rice"))
    assert wait_for_answer(ask(nok, "yes")).startswith("Rice: now 95 kg")
    assert answer_to(thinking) is None


def test_run_that_waits_for_a_model_can_be_stopped(nok, provider, released, start_worker):
    start_worker(tasks.MODEL_THREADS)
    thinking, waiting = [ask(nok, MODEL_REQUEST) for _number in range(2)]
    wait_until(lambda: provider.requests and is_left_to_model(waiting))
    stop_run(Run.objects.get(trigger_message=waiting))
    assert wait_for_answer(waiting) == "Stopped."
    released.set()
    assert wait_for_answer(thinking) == unchanged("Balloons.")
    assert len(provider.requests) == 1
