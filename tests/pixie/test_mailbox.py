"""From what is said to runs: one for a message, one at a time, and nothing is lost or done twice."""

import sys
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone, translation

from chat.actions import create_channel, delete_message, join_channel, open_assistant, open_dm, send_message
from chat.models import Message
from groceries.models import ListEntry
from homes.actions import remove_member
from homes.events.models import Event
from homes.models import Agent
from pixie import tasks
from pixie.models import PendingAction, Run, RunMessage, RunStatus, RunStep, StopReason
from pixie.runs import lease, queue, runner
from tests.factories import by, names, run_concurrently

pytestmark = pytest.mark.both_databases


class Died(BaseException):
    """What a worker knows of its own death: nothing."""


def said_by_pixie():
    return [message.body for message in Message.objects.filter(author_agent__isnull=False).order_by("seq")]


def let_leases_run_out():
    Run.objects.filter(lease_until__isnull=False).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def eggs_needed(nok, weekly, talk):
    """A message that waits for Pixie."""
    return send_message(talk, "We need eggs", by=by(nok))


# Which messages


def runs_for(text, channel, member, pixie):
    message = send_message(channel, text, by=by(member))
    queue.enqueue_runs(pixie.home_id)
    return Run.objects.filter(trigger_message=message).count()


@pytest.mark.parametrize("text", ["eggs", "Pixie, eggs", "hello Ben"])
def test_in_a_talk_with_pixie_everything_is_for_pixie(nok, pixie, talk, text):
    assert runs_for(text, talk, nok, pixie) == 1


@pytest.mark.parametrize(
    "text", ["Pixie, we need eggs", "@pixie eggs", "eggs please, PIXIE!", "(pixie?)", "พิกซี่ pixie ไข่"]
)
def test_in_a_room_pixie_listens_to_its_name(nok, pixie, general, text):
    assert runs_for(text, general, nok, pixie) == 1


@pytest.mark.parametrize(
    "text", ["We need eggs", "the pixies came", "pixie@example.com", "example.com/pixie", "me@pixie.example", "a.pixie"]
)
def test_in_a_room_the_rest_is_not_for_pixie(nok, pixie, general, text):
    assert runs_for(text, general, nok, pixie) == 0


def test_in_a_private_room_pixie_listens_to_its_name(nok, pixie):
    room = create_channel("presents", by=by(nok), is_private=True)
    assert runs_for("Pixie, candles", room, nok, pixie) == 1
    assert runs_for("candles", room, nok, pixie) == 0


def test_between_two_pixie_keeps_out(nok, ben, pixie):
    assert runs_for("Pixie must not hear this", open_dm(ben.user, by=by(nok)), nok, pixie) == 0


def test_pixie_does_not_answer_itself(nok, pixie, talk, general):
    me = by(nok).as_agent(pixie)
    for channel in (talk, general):
        send_message(channel, "Pixie says: we need eggs", by=me)
    assert queue.enqueue_runs(pixie.home_id) == 0


def test_what_was_deleted_before_it_was_read_is_not_answered(nok, pixie, eggs_needed):
    delete_message(eggs_needed, by=by(nok))
    assert queue.process_home(nok.home_id) == 0
    assert said_by_pixie() == []


def test_pixie_reads_the_mail_of_its_own_home(nok, mai, eggs_needed):
    assert queue.process_home(mai.home_id) == 0
    assert queue.process_home(nok.home_id) == 1


# Once


def test_a_message_is_collected_once(pixie, eggs_needed):
    assert [queue.enqueue_runs(pixie.home_id), queue.enqueue_runs(pixie.pk)] == [1, 0]
    assert Run.objects.count() == 1


def test_a_mailbox_that_forgot_how_far_it_read_makes_no_second_run(nok, pixie, weekly, eggs_needed):
    queue.process_home(nok.home_id)
    Agent.objects.update(mail_seq=0)
    queue.process_home(nok.home_id)
    assert Run.objects.count() == 1
    assert names(weekly.entries.all()) == ["Eggs"]


@pytest.mark.django_db(transaction=True)
def test_workers_who_read_at_once_answer_once(nok, pixie, weekly, eggs_needed):
    finished = run_concurrently(*[partial(queue.process_home, nok.home_id)] * 4)
    assert sum(finished) == 1
    assert Run.objects.get().status == RunStatus.COMPLETED
    assert [str(entry) for entry in weekly.entries.all()] == ["Eggs (1 piece)"]
    assert len(said_by_pixie()) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_who_collect_at_once_make_one_run(pixie, eggs_needed):
    assert sorted(run_concurrently(*[partial(queue.enqueue_runs, pixie.home_id)] * 4)) == [0, 0, 0, 1]
    assert Run.objects.count() == 1


def test_messages_are_answered_in_the_order_in_which_they_were_said(nok, talk, weekly):
    for text in ("We need eggs", "take eggs off", "We need 3 lemons"):
        send_message(talk, text, by=by(nok))
    assert queue.process_home(nok.home_id) == 3
    assert [" ".join(reply.split()[:2]).strip(":") for reply in said_by_pixie()] == [
        "Added Eggs",
        "Off the",
        "Added Lemons",
    ]
    assert names(weekly.entries.pending()) == ["Lemons"]


# One at a time


def test_an_agent_has_one_run_in_hand(nok, pixie, talk, eggs_needed):
    send_message(talk, "and milk", by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    first = queue.claim_run(pixie)
    assert first.trigger_message == eggs_needed
    assert queue.claim_run(pixie) is None
    runner.perform(first)
    assert queue.claim_run(pixie).trigger_message.body == "and milk"


# Leases


def test_a_run_in_hand_is_leased(pixie, eggs_needed):
    queue.enqueue_runs(pixie.home_id)
    run = queue.claim_run(pixie)
    assert (run.status, run.attempts) == (RunStatus.RUNNING, 1)
    assert timedelta(0) < run.lease_until - timezone.now() <= lease.LEASE
    with lease.hold_lease(run):
        pass


def test_a_worker_that_was_taken_over_writes_nothing(nok, pixie, weekly, eggs_needed, events):
    queue.enqueue_runs(pixie.home_id)
    slow = queue.claim_run(pixie)
    let_leases_run_out()
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


def test_a_worker_that_was_taken_over_gives_nothing_back(pixie, eggs_needed):
    queue.enqueue_runs(pixie.home_id)
    slow = queue.claim_run(pixie)
    let_leases_run_out()
    fresh = queue.claim_run(pixie)
    queue.retry_or_fail(slow)
    held = Run.objects.get()
    assert (held.status, held.lease_token) == (RunStatus.RUNNING, fresh.lease_token)


def test_reading_goes_on_after_a_lost_lease(nok, pixie, weekly, eggs_needed, monkeypatch):
    perform = runner.perform

    def overtaken(run):
        Run.objects.filter(pk=run.pk).update(lease_token="00000000-0000-0000-0000-000000000001")
        perform(run)

    monkeypatch.setattr(queue, "perform", overtaken)
    assert queue.process_home(nok.home_id) == 0
    monkeypatch.undo()
    let_leases_run_out()
    assert queue.process_home(nok.home_id) == 1
    assert names(weekly.entries.all()) == ["Eggs"]


def test_a_finished_run_is_never_taken_again(nok, pixie, eggs_needed):
    queue.process_home(nok.home_id)
    run = Run.objects.get()
    assert (run.lease_until, run.lease_token) == (None, None)
    assert queue.claim_run(pixie) is None


# Death and failure


def die_at_line(number):
    """Let the process die when it reaches the `number`th line of pixie/runs/runner.py. Returns what it got to."""
    reached = []

    def lines(frame, event, _argument):
        if event == "line":
            reached.append(frame.f_lineno)
            if len(reached) == number:
                raise Died
        return lines

    def calls(frame, _event, _argument):
        return lines if frame.f_code.co_filename == runner.__file__ else None

    return calls, reached


def test_a_worker_may_die_at_any_line_and_all_is_done_once(nok, weekly, talk, events):
    send_message(talk, "We need eggs and 500 lemons", by=by(nok))
    before = events(nok.home)
    for number in range(1, 1000):
        tracer, _reached = die_at_line(number)
        traced = sys.gettrace()
        sys.settrace(tracer)
        try:
            with timezone.override("UTC"), translation.override("en"):  # a dead process leaves no clock behind
                queue.process_home(nok.home_id)
        except Died:
            pass
        finally:
            sys.settrace(traced)
        if events(nok.home) != before:
            break
        assert not (ListEntry.objects.exists() or RunStep.objects.exists() or PendingAction.objects.exists())
        assert queue.process_home(nok.home_id) == 0  # its lease still stands
        let_leases_run_out()
        Run.objects.update(attempts=0)  # else it is given up after three deaths
    assert queue.process_home(nok.home_id) == 0
    assert number > 40
    assert events(nok.home) == [*before, "list_item_added", "chat_message"]
    assert [str(entry) for entry in weekly.entries.all()] == ["Eggs (1 piece)"]
    assert (PendingAction.objects.count(), Run.objects.get().status) == (1, RunStatus.COMPLETED)


@pytest.mark.parametrize(
    "place",
    [
        "_understand",
        "_answer_locally",
        "_metadata",
        "reply",
        "send_message",
        "call_tool",
        "understand",
        "_home_vocabulary",
    ],
)
def test_a_failure_anywhere_leaves_nothing_behind_and_the_next_try_does_it(
    nok, weekly, eggs_needed, events, monkeypatch, place
):
    real, failures = getattr(runner, place), []

    def fails_once(*args, **kwargs):
        done = real(*args, **kwargs)
        if not failures:
            failures.append(events(nok.home))
            raise RuntimeError("the disk is full")
        return done

    monkeypatch.setattr(runner, place, fails_once)
    assert queue.process_home(nok.home_id) == 1
    assert len(failures) == 1
    assert events(nok.home) == ["list_item_added", "chat_message"]
    assert [str(entry) for entry in weekly.entries.all()] == ["Eggs (1 piece)"]
    run = Run.objects.get()
    assert (run.status, run.attempts, run.steps.count()) == (RunStatus.COMPLETED, 2, 1)


def test_after_three_failures_pixie_gives_up_and_says_so(nok, weekly, talk, eggs_needed, monkeypatch):
    tries = []

    def fail(by, proposal, *args, **kwargs):
        tries.append(proposal)
        ListEntry.objects.create(home=nok.home, list=weekly, item_id=None)

    monkeypatch.setattr(runner, "call_tool", fail)
    assert queue.process_home(nok.home_id) == 0
    run = Run.objects.get()
    assert len(tries) == queue.MAX_ATTEMPTS == 3
    assert (run.status, run.stop_reason) == (RunStatus.FAILED, StopReason.ERROR)
    assert said_by_pixie() == ["Sorry, I couldn't finish that, and nothing was changed. Please try again."]
    assert Message.objects.get(author_agent__isnull=False).metadata["failed"] is True
    assert not ListEntry.objects.exists()


def test_one_message_that_fails_does_not_hold_up_the_next(nok, talk, weekly, eggs_needed, monkeypatch):
    understand = runner._understand

    def fails_at_eggs(run, message):
        if "eggs" in message.body:
            raise RuntimeError("eggs")
        return understand(run, message)

    monkeypatch.setattr(runner, "_understand", fails_at_eggs)
    send_message(talk, "We need milk", by=by(nok))
    assert queue.process_home(nok.home_id) == 1
    assert names(weekly.entries.all()) == ["Milk"]


def test_an_apology_goes_where_the_question_was(nok, ben, pixie, monkeypatch):
    room = create_channel("presents", by=by(nok), is_private=True)
    root = send_message(room, "What about a cake?", by=by(nok))
    send_message(room, "Pixie, we need flour", by=by(nok), parent=root)
    monkeypatch.setattr(runner, "_understand", lambda run, message: 1 / 0)
    queue.process_home(nok.home_id)
    apology = Message.objects.get(author_agent=pixie)
    assert (apology.channel, apology.parent) == (room, root)
    assert not Message.objects.visible_to(ben).filter(pk=apology.pk).exists()


# What a nudge forgot


def test_a_message_is_answered_after_its_commit(nok, talk, weekly, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(tasks.read_mail, "delay", tasks.read_mail)  # a worker that is quick
    with django_capture_on_commit_callbacks(execute=True):
        send_message(talk, "We need eggs", by=by(nok))
        assert said_by_pixie() == []
    assert said_by_pixie() == ["Added Eggs to Weekly shop, under Dairy."]


@pytest.fixture
def quick_worker(monkeypatch):
    monkeypatch.setattr(tasks.read_mail, "delay", tasks.read_mail)


def test_the_sweep_finds_what_a_lost_nudge_left(nok, mai, weekly, eggs_needed, quick_worker):
    assert queue.homes_with_work() >= {nok.home_id}
    assert tasks.sweep() == 1
    assert queue.homes_with_work() == set()
    assert tasks.sweep() == 0
    assert names(weekly.entries.all()) == ["Eggs"]


def test_the_sweep_finds_the_run_of_a_worker_that_died(nok, pixie, weekly, eggs_needed, quick_worker):
    queue.enqueue_runs(pixie.home_id)
    queue.claim_run(pixie)
    assert tasks.sweep() == 0
    let_leases_run_out()
    assert queue.homes_with_work() == {nok.home_id}
    assert tasks.sweep() == 1
    assert names(weekly.entries.all()) == ["Eggs"]


def test_reading_mail_twice_is_harmless(nok, weekly, eggs_needed):
    assert [tasks.read_mail(str(nok.home_id)) for _twice in range(2)] == [1, 0]
    assert names(weekly.entries.all()) == ["Eggs"]


# Who asked


def test_who_was_removed_meanwhile_is_not_obeyed(nok, ben, pixie, general, weekly, events):
    send_message(general, "Pixie, we need eggs", by=by(ben))
    remove_member(ben, by=by(nok))
    before = events(nok.home)
    assert queue.process_home(nok.home_id) == 1
    run = Run.objects.get()
    assert (run.status, run.stop_reason) == (RunStatus.CANCELLED, StopReason.CANCELLED)
    assert events(nok.home) == before
    assert not (ListEntry.objects.exists() or RunMessage.objects.exists())


def test_a_cancelled_run_too_needs_its_lease(nok, ben, pixie, general):
    send_message(general, "Pixie, we need eggs", by=by(ben))
    remove_member(ben, by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    slow = queue.claim_run(pixie)
    let_leases_run_out()
    queue.claim_run(pixie)
    with pytest.raises(lease.LeaseLost):
        runner.perform(slow)
    assert Run.objects.get().status == RunStatus.RUNNING


def test_what_pixie_does_in_a_private_room_its_members_alone_read(nok, ben, ploy, pixie):
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ploy.user, by=by(nok))
    send_message(room, "Pixie, we need candles", by=by(ploy))
    queue.process_home(nok.home_id)
    answer = Message.objects.get(author_agent=pixie)
    told = Event.objects.get(subject_id=answer.pk)
    assert told.channel_id == room.pk
    readers = [who for who in (nok, ben, ploy) if Message.objects.visible_to(who).filter(pk=answer.pk).exists()]
    assert readers == [nok, ploy]


def test_a_new_talk_begins_unanswered(nok, pixie):
    open_assistant(pixie, by=by(nok), title="Party")
    assert queue.process_home(nok.home_id) == 0


def test_a_run_in_which_the_process_dies_each_time_is_given_up(nok, weekly, eggs_needed, pixie):
    queue.enqueue_runs(pixie.home_id)
    for _death in range(queue.MAX_ATTEMPTS):
        assert queue.claim_run(pixie) is not None
        let_leases_run_out()
    assert queue.claim_run(pixie) is None
    run = Run.objects.get()
    assert (run.status, run.stop_reason) == (RunStatus.FAILED, StopReason.ERROR)
    answer = Message.objects.get(author_agent=pixie)
    assert answer.metadata["failed"] and not ListEntry.objects.exists()
