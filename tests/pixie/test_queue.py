"""The queue of runs: one run per message and agent, one at a time."""

import re
from collections import defaultdict
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actions import create_channel, delete_message, join_channel, open_assistant, open_dm, send_message
from chat.models import Message
from groceries.models import ListEntry
from homes.actions import remove_member
from homes.events.models import Event
from homes.models import Agent
from pixie import tasks
from pixie.models import Run, RunMessage, RunStatus, StopReason
from pixie.runs import queue, runner
from tests.factories import by, names, run_concurrently
from tests.pixie.runs import MODEL_REQUEST, agent_messages, expire_leases

pytestmark = pytest.mark.both_databases


# Mentions


def runs_for(text, channel, member, pixie):
    message = send_message(channel, text, by=by(member))
    queue.enqueue_runs(pixie.home_id)
    return Run.objects.filter(trigger_message=message).count()


@pytest.mark.parametrize("text", ["eggs", "Pixie, eggs", "hello Ben"])
def test_message_in_a_chat_with_pixie_creates_a_run(nok, pixie, agent_chat, text):
    assert runs_for(text, agent_chat, nok, pixie) == 1


@pytest.mark.parametrize(
    "text", ["Pixie, we need eggs", "@pixie eggs", "eggs please, PIXIE!", "(pixie?)", "พิกซี่ pixie ไข่"]
)
def test_message_in_a_room_with_a_mention_creates_a_run(nok, pixie, general, text):
    assert runs_for(text, general, nok, pixie) == 1


@pytest.mark.parametrize(
    "text", ["We need eggs", "the pixies came", "pixie@example.com", "example.com/pixie", "me@pixie.example", "a.pixie"]
)
def test_message_in_a_room_without_a_mention_creates_no_run(nok, pixie, general, text):
    assert runs_for(text, general, nok, pixie) == 0


def test_mention_in_a_private_room_creates_a_run(nok, pixie):
    room = create_channel("presents", by=by(nok), is_private=True)
    assert runs_for("Pixie, candles", room, nok, pixie) == 1
    assert runs_for("candles", room, nok, pixie) == 0


def test_mention_in_a_direct_message_creates_no_run(nok, ben, pixie):
    assert runs_for("Pixie must not hear this", open_dm(ben.user, by=by(nok)), nok, pixie) == 0


def test_message_of_an_agent_creates_no_run(nok, pixie, agent_chat, general):
    me = by(nok).as_agent(pixie)
    for channel in (agent_chat, general):
        send_message(channel, "Pixie says: we need eggs", by=me)
    assert queue.enqueue_runs(pixie.home_id) == 0


def test_deleted_message_is_not_answered(nok, pixie, request_for_eggs):
    delete_message(request_for_eggs, by=by(nok))
    assert queue.process_home(nok.home_id) == 0
    assert agent_messages() == []


def test_message_deleted_while_it_waits_for_a_model_is_not_answered(nok, agent_chat, provider):
    message = send_message(agent_chat, MODEL_REQUEST, by=by(nok))
    queue.process_home(nok.home_id)
    delete_message(message, by=by(nok))
    assert queue.perform_model_run(nok.home_id).status == RunStatus.CANCELLED
    assert (provider.requests, agent_messages()) == ([], [])


def test_processing_another_home_answers_nothing(nok, mai, request_for_eggs):
    assert queue.process_home(mai.home_id) == 0
    assert queue.process_home(nok.home_id) == 1


# Repetition


def test_message_is_enqueued_once(pixie, request_for_eggs):
    assert [queue.enqueue_runs(pixie.home_id), queue.enqueue_runs(pixie.pk)] == [1, 0]
    assert Run.objects.count() == 1


def test_reset_read_position_creates_no_second_run(nok, pixie, weekly, request_for_eggs):
    queue.process_home(nok.home_id)
    Agent.objects.update(enqueued_seq=0)
    queue.process_home(nok.home_id)
    assert Run.objects.count() == 1
    assert names(weekly.entries.all()) == ["Eggs"]


@pytest.mark.django_db(transaction=True)
def test_concurrent_workers_answer_once(nok, pixie, weekly, request_for_eggs):
    counts = run_concurrently(*[partial(queue.process_home, nok.home_id)] * 4)
    assert sum(counts) == 1
    assert Run.objects.get().status == RunStatus.COMPLETED
    assert [str(entry) for entry in weekly.entries.all()] == ["Eggs (1 piece)"]
    assert len(agent_messages()) == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_enqueueing_creates_one_run(pixie, request_for_eggs):
    assert sorted(run_concurrently(*[partial(queue.enqueue_runs, pixie.home_id)] * 4)) == [0, 0, 0, 1]
    assert Run.objects.count() == 1


def test_messages_are_answered_in_order(nok, agent_chat, weekly):
    for text in ("We need eggs", "take eggs off", "We need 3 lemons"):
        send_message(agent_chat, text, by=by(nok))
    assert queue.process_home(nok.home_id) == 3
    assert [" ".join(reply.split()[:2]).strip(":") for reply in agent_messages()] == [
        "Added Eggs",
        "Off the",
        "Added Lemons",
    ]
    assert names(weekly.entries.pending()) == ["Lemons"]


# Turns


def test_agent_processes_one_run_at_a_time(nok, pixie, agent_chat, request_for_eggs):
    send_message(agent_chat, "and milk", by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    first = queue.claim_run(pixie)
    assert first.trigger_message == request_for_eggs
    assert queue.claim_run(pixie) is None
    runner.perform(first)
    assert queue.claim_run(pixie).trigger_message.body == "and milk"


def test_expired_run_is_claimed_before_a_waiting_one(nok, pixie, agent_chat, request_for_eggs):
    send_message(agent_chat, "and milk", by=by(nok))
    queue.enqueue_runs(pixie.home_id)
    first = queue.claim_run(pixie)
    Run.objects.exclude(pk=first.pk).update(created_at=first.created_at - timedelta(seconds=1))  # a clock was set back
    expire_leases()
    again = queue.claim_run(pixie)
    assert (again.pk, again.attempts) == (first.pk, 2)


def test_answering_on_sqlite_does_not_read_all_runs_or_events_of_the_home(tell, provider):
    """SQLite plans without statistics, and prefers an index that is sorted as requested to a more selective one."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL plans by its statistics")
    with CaptureQueriesContext(connection) as queries:
        tell("We need eggs")
        tell(MODEL_REQUEST)
    filters = defaultdict(set)  # by table: the conditions by which it is searched, "" for a scan
    with connection.cursor() as cursor:
        for query in queries:
            if query["sql"].startswith("SELECT"):
                tables = {alias: table for table, alias in re.findall(r'"(\w+)" (\w\d+)\b', query["sql"])}
                cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
                for row in cursor.fetchall():
                    if plan := re.match(r"(?:SCAN|SEARCH) (\w+)[^(]*(?:\((.*)\))?", row[3]):
                        name, condition = plan.groups("")
                        filters[tables.get(name, name)].add(condition)
    for table in ("pixie_run", "events_event"):
        assert filters[table], "no plan was read"
        assert not filters[table] & {"", "home_id=?", "agent_id=?"}


# Tasks


def test_message_is_answered_after_the_commit(nok, agent_chat, weekly, monkeypatch, django_capture_on_commit_callbacks):
    monkeypatch.setattr(tasks.perform_runs, "delay", tasks.perform_runs)  # run immediately
    with django_capture_on_commit_callbacks(execute=True):
        send_message(agent_chat, "We need eggs", by=by(nok))
        assert agent_messages() == []
    assert agent_messages() == ["Added Eggs to Weekly shop, under Dairy."]


@pytest.fixture
def quick_worker(monkeypatch):
    monkeypatch.setattr(tasks.perform_runs, "delay", tasks.perform_runs)


def test_sweep_answers_a_message_whose_task_was_lost(nok, mai, weekly, request_for_eggs, quick_worker):
    assert queue.homes_with_work() >= {nok.home_id}
    assert tasks.sweep() == 1
    assert queue.homes_with_work() == set()
    assert tasks.sweep() == 0
    assert names(weekly.entries.all()) == ["Eggs"]


def test_sweep_finishes_the_run_of_a_dead_worker(nok, pixie, weekly, request_for_eggs, quick_worker):
    queue.enqueue_runs(pixie.home_id)
    queue.claim_run(pixie)
    assert tasks.sweep() == 0
    expire_leases()
    assert queue.homes_with_work() == {nok.home_id}
    assert tasks.sweep() == 1
    assert names(weekly.entries.all()) == ["Eggs"]


def test_running_the_task_twice_answers_once(nok, weekly, request_for_eggs):
    assert [tasks.perform_runs(str(nok.home_id)) for _time in range(2)] == [1, 0]
    assert names(weekly.entries.all()) == ["Eggs"]


# Members


def test_message_of_a_removed_member_is_cancelled(nok, ben, pixie, general, weekly, events):
    send_message(general, "Pixie, we need eggs", by=by(ben))
    remove_member(ben, by=by(nok))
    before = events(nok.home)
    assert queue.process_home(nok.home_id) == 1
    run = Run.objects.get()
    assert (run.status, run.stop_reason) == (RunStatus.CANCELLED, StopReason.CANCELLED)
    assert events(nok.home) == before
    assert not (ListEntry.objects.exists() or RunMessage.objects.exists())


def test_answer_in_a_private_room_is_visible_to_its_members(nok, ben, ploy, pixie):
    room = create_channel("presents", by=by(nok), is_private=True)
    join_channel(room, ploy.user, by=by(nok))
    send_message(room, "Pixie, we need candles", by=by(ploy))
    queue.process_home(nok.home_id)
    answer = Message.objects.get(author_agent=pixie)
    event = Event.objects.get(subject_id=answer.pk)
    assert event.channel_id == room.pk
    readers = [who for who in (nok, ben, ploy) if Message.objects.visible_to(who).filter(pk=answer.pk).exists()]
    assert readers == [nok, ploy]


def test_new_chat_creates_no_run(nok, pixie):
    open_assistant(pixie, by=by(nok), title="Party")
    assert queue.process_home(nok.home_id) == 0
