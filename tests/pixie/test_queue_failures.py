"""Leases of runs, failures and crashes of workers."""

import sys
from datetime import timedelta

import pytest
from django.utils import timezone, translation

from chat.actions import create_channel, send_message
from chat.models import Message
from groceries.models import ListEntry
from homes.actions import remove_member
from pixie.models import PendingAction, Run, RunStatus, RunStep, StopReason
from pixie.runs import lease, queue, runner
from tests.factories import by, names
from tests.pixie.runs import WorkerDied, agent_messages, expire_leases

pytestmark = pytest.mark.both_databases


# Leases


def test_claimed_run_has_a_lease(pixie, request_for_eggs):
    queue.enqueue_runs(pixie.home_id)
    run = queue.claim_run(pixie)
    assert (run.status, run.attempts) == (RunStatus.RUNNING, 1)
    assert timedelta(0) < run.lease_until - timezone.now() <= lease.LEASE
    with lease.hold_lease(run):
        pass


def test_worker_without_its_lease_writes_nothing(nok, pixie, weekly, request_for_eggs, events):
    queue.enqueue_runs(pixie.home_id)
    slow = queue.claim_run(pixie)
    expire_leases()
    fresh = queue.claim_run(pixie)
    assert (fresh.pk, fresh.attempts) == (slow.pk, 2)
    with pytest.raises(lease.LeaseLost):
        runner.perform(slow)
    assert events(nok.home) == []
    runner.perform(fresh)
    assert events(nok.home) == ["list_item_added", "chat_message"]
    with pytest.raises(lease.LeaseLost):
        runner.perform(slow)
    assert events(nok.home) == ["list_item_added", "chat_message"]


def test_worker_without_its_lease_does_not_release_the_run(pixie, request_for_eggs):
    queue.enqueue_runs(pixie.home_id)
    slow = queue.claim_run(pixie)
    expire_leases()
    fresh = queue.claim_run(pixie)
    queue.retry_or_fail(slow)
    run_after_retry = Run.objects.get()
    assert (run_after_retry.status, run_after_retry.lease_token) == (RunStatus.RUNNING, fresh.lease_token)


def test_queue_continues_after_a_lost_lease(nok, pixie, weekly, request_for_eggs, monkeypatch):
    perform = runner.perform

    def lose_lease(run):
        Run.objects.filter(pk=run.pk).update(lease_token="00000000-0000-0000-0000-000000000001")
        perform(run)

    monkeypatch.setattr(queue, "perform", lose_lease)
    assert queue.process_home(nok.home_id) == 0
    monkeypatch.undo()
    expire_leases()
    assert queue.process_home(nok.home_id) == 1
    assert names(weekly.entries.all()) == ["Eggs"]


def test_finished_run_is_not_claimed_again(nok, pixie, request_for_eggs):
    queue.process_home(nok.home_id)
    run = Run.objects.get()
    assert (run.lease_until, run.lease_token) == (None, None)
    assert queue.claim_run(pixie) is None


def test_cancelling_a_run_requires_its_lease(nok, ben, pixie, general):
    send_message(general, "Pixie, we need eggs", by=by(ben))
    remove_member(ben, by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    slow = queue.claim_run(pixie)
    expire_leases()
    queue.claim_run(pixie)
    with pytest.raises(lease.LeaseLost):
        runner.perform(slow)
    assert Run.objects.get().status == RunStatus.RUNNING


# Failures


def crash_at_line(number):
    """Return a tracer that raises at the `number`th line run in pixie/runs/runner.py, and the lines that it reached."""
    lines_reached = []

    def trace_line(frame, event, _argument):
        if event == "line":
            lines_reached.append(frame.f_lineno)
            if len(lines_reached) == number:
                raise WorkerDied
        return trace_line

    def trace_call(frame, _event, _argument):
        return trace_line if frame.f_code.co_filename == runner.__file__ else None

    return trace_call, lines_reached


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 11])
def test_crash_of_a_worker_at_any_line_acts_once(nok, weekly, agent_chat, events, step):
    """With a step, at every eleventh line."""
    send_message(agent_chat, "We need eggs and 500 lemons", by=by(nok))
    before = events(nok.home)
    for number in range(1, 1000, step):
        tracer, _reached = crash_at_line(number)
        previous_tracer = sys.gettrace()
        sys.settrace(tracer)
        try:
            with (
                timezone.override("UTC"),
                translation.override("en"),
            ):  # restores what a dead process would not leave behind
                queue.process_home(nok.home_id)
        except WorkerDied:
            pass
        finally:
            sys.settrace(previous_tracer)
        if events(nok.home) != before:
            break
        assert not (ListEntry.objects.exists() or RunStep.objects.exists() or PendingAction.objects.exists())
        assert queue.process_home(nok.home_id) == 0  # the lease has not expired
        expire_leases()
        Run.objects.update(attempts=0)  # otherwise it fails after three attempts
    assert queue.process_home(nok.home_id) == 0
    assert number > 40
    assert events(nok.home) == [*before, "list_item_added", "chat_message"]
    assert [str(entry) for entry in weekly.entries.all()] == ["Eggs (1 piece)"]
    assert (PendingAction.objects.count(), Run.objects.get().status) == (1, RunStatus.COMPLETED)


@pytest.mark.parametrize(
    "stage",
    [
        "_understand",
        "_answer_locally",
        "_metadata",
        "reply",
        "send_message",
        "call_tool",
        "understand",
        "load_vocabulary",
    ],
)
def test_failure_at_any_stage_is_rolled_back_and_retried(nok, weekly, request_for_eggs, events, monkeypatch, stage):
    function, failures = getattr(runner, stage), []

    def fail_once(*args, **kwargs):
        result = function(*args, **kwargs)
        if not failures:
            failures.append(events(nok.home))
            raise RuntimeError("the disk is full")
        return result

    monkeypatch.setattr(runner, stage, fail_once)
    assert queue.process_home(nok.home_id) == 1
    assert len(failures) == 1
    assert events(nok.home) == ["list_item_added", "chat_message"]
    assert [str(entry) for entry in weekly.entries.all()] == ["Eggs (1 piece)"]
    run = Run.objects.get()
    assert (run.status, run.attempts, run.steps.count()) == (RunStatus.COMPLETED, 2, 1)


def test_third_failure_fails_the_run_with_an_apology(nok, weekly, agent_chat, request_for_eggs, monkeypatch):
    attempts = []

    def fail(by, proposal, *args, **kwargs):
        attempts.append(proposal)
        ListEntry.objects.create(home=nok.home, list=weekly, item_id=None)

    monkeypatch.setattr(runner, "call_tool", fail)
    assert queue.process_home(nok.home_id) == 0
    run = Run.objects.get()
    assert len(attempts) == queue.MAX_ATTEMPTS == 3
    assert (run.status, run.stop_reason) == (RunStatus.FAILED, StopReason.ERROR)
    assert agent_messages() == ["Sorry, I couldn't finish that, and nothing was changed. Please try again."]
    assert Message.objects.get(author_agent__isnull=False).metadata["failed"] is True
    assert not ListEntry.objects.exists()


def test_failing_message_does_not_block_the_next(nok, agent_chat, weekly, request_for_eggs, monkeypatch):
    understand = runner._understand

    def fail_for_eggs(run, message, member):
        if "eggs" in message.body:
            raise RuntimeError("eggs")
        return understand(run, message, member)

    monkeypatch.setattr(runner, "_understand", fail_for_eggs)
    send_message(agent_chat, "We need milk", by=by(nok))
    assert queue.process_home(nok.home_id) == 1
    assert names(weekly.entries.all()) == ["Milk"]


def test_apology_is_posted_in_the_thread_of_the_message(nok, ben, pixie, monkeypatch):
    room = create_channel("presents", by=by(nok), is_private=True)
    root = send_message(room, "What about a cake?", by=by(nok))
    send_message(room, "Pixie, we need flour", by=by(nok), parent=root)
    monkeypatch.setattr(runner, "_understand", lambda run, message, member: 1 / 0)
    queue.process_home(nok.home_id)
    apology = Message.objects.get(author_agent=pixie)
    assert (apology.channel, apology.parent) == (room, root)
    assert not Message.objects.visible_to(ben).filter(pk=apology.pk).exists()


def test_run_whose_worker_dies_repeatedly_fails(nok, weekly, request_for_eggs, pixie):
    queue.enqueue_runs(pixie.home_id)
    for _attempt in range(queue.MAX_ATTEMPTS):
        assert queue.claim_run(pixie) is not None
        expire_leases()
    assert queue.claim_run(pixie) is None
    run = Run.objects.get()
    assert (run.status, run.stop_reason) == (RunStatus.FAILED, StopReason.ERROR)
    answer = Message.objects.get(author_agent=pixie)
    assert answer.metadata["failed"] and not ListEntry.objects.exists()
