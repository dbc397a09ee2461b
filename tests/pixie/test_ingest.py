"""Tests of the ingestion of messages and purchases into memory."""

from decimal import Decimal
from functools import partial

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import create_channel, delete_message, edit_message, open_assistant, open_dm, send_message
from groceries.actions import create_list, purchase_entry, put_back_entry, remove_item
from groceries.actions.entries import change_entry
from homes import hooks
from homes.events.models import Event
from pixie import tasks
from pixie.actions import create_agent
from pixie.memory import ingest, search
from pixie.memory.embedding import embed_waiting
from pixie.models import MemoryPosition, Passage
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases


@pytest.fixture
def remembered(nok):
    """Ingest the log of Nok's home and return all passages, oldest first: `remembered()`."""

    def read():
        ingest.collect(nok.home_id)
        return [passage.content for passage in Passage.objects.filter(home=nok.home_id).order_by("said_at", "pk")]

    return read


def post(member, channel, text):
    return send_message(channel, text, by=by(member))


# Sources


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("Let's always buy the Arabica.", "decision"),
        ("ok, we decided to paint the kitchen yellow", "decision"),
        ("From now on the bins go out on Tuesday", "decision"),
        ("Ben likes the dark roast", "conversation"),
        ("Hello all! My allergy is peanuts.", "conversation"),
        ("I'm allergic to shrimp", "conversation"),
        ("The plumber is Mr. Somchai", "conversation"),
    ],
)
def test_decisions_preferences_and_facts_are_remembered(nok, ben, general, remembered, text, source):
    message = post(ben, general, text)
    assert len(remembered()) == 1
    passage = Passage.objects.get()
    assert (passage.source, passage.source_id, passage.user) == (source, message.pk, ben.user)
    assert (passage.channel, passage.said_at) == (general, message.created_at)


@pytest.mark.parametrize(
    "text",
    [
        "We need eggs",
        "What did we decide about the rent?",
        "Does Ben like the dark roast?",
        "I would like some coffee",
        "I love it",
        "Let's go",
        "The plumber is here",
        "Good morning",
        "Ben is late today",
    ],
)
def test_other_messages_are_not_remembered(nok, ben, general, remembered, text):
    post(ben, general, text)
    assert remembered() == []


def test_purchase_is_remembered_with_buyer_and_price(nok, ben, milk, remembered):
    purchase_entry(milk, by=by(ben), price=Decimal("52.5"))
    assert remembered() == ["Ben bought Milk, 1 liter, for ฿52.50"]
    passage = Passage.objects.get()
    assert (passage.source, passage.user, passage.tags) == ("purchase", ben.user, ["dairy"])


def test_purchase_without_price_is_remembered_without_price(nok, milk, remembered):
    purchase_entry(milk, by=by(nok))
    assert remembered() == ["Nok bought Milk, 1 liter"]


def test_fact_from_a_chat_with_an_agent_is_known_to_that_agent_only(nok, pixie, general, remembered):
    goblin = create_agent("Goblin", by=by(nok))
    post(nok, open_assistant(goblin, by=by(nok)), "My allergy is peanuts")
    post(nok, general, "The plumber is Mr. Somchai")
    assert len(remembered()) == 2
    visible = {agent: set(search.visible_passages(nok, agent=agent)) for agent in (pixie, goblin)}
    private, public = Passage.objects.get(agent=goblin), Passage.objects.get(agent=None)
    assert private.content == "My allergy is peanuts"
    assert visible == {pixie: {public}, goblin: {private, public}}


def test_agent_is_looked_up_only_for_a_chat_with_an_agent(nok, general, agent_chat):
    def is_looked_up(channel):
        message = post(nok, channel, f"My allergy is peanuts, {channel.kind}")
        with CaptureQueriesContext(connection) as queries:
            ingest.collect(nok.home_id)
        assert Passage.objects.filter(source_id=message.pk).exists()
        return any('FROM "homes_agent"' in query["sql"] for query in queries)

    assert [is_looked_up(general), is_looked_up(agent_chat)] == [False, True]


def test_direct_message_is_not_remembered(nok, ben, remembered):
    post(nok, open_dm(ben.user, by=by(nok)), "My allergy is peanuts")
    assert remembered() == []


def test_message_of_an_agent_is_not_remembered(nok, pixie, general, remembered):
    send_message(general, "Ben likes the dark roast", by=by(nok).as_agent(pixie))
    assert remembered() == []


def test_memory_from_a_private_room_is_visible_only_to_its_members(nok, ben, remembered):
    room = create_channel("presents", by=by(nok), is_private=True)
    post(nok, room, "Ben likes red bicycles")
    assert remembered() == ["Ben likes red bicycles"]
    assert not Passage.objects.visible_to(ben)
    assert Passage.objects.visible_to(nok).count() == 1
    event = Event.objects.get(type="passage_remembered")
    assert event.channel_id == room.pk


def test_memory_hook_of_another_app_is_used(nok, monkeypatch, remembered):
    memory = hooks.Memory("The dentist, on Friday", "event", tags=("health",), user=nok.user_id)
    monkeypatch.setitem(hooks.memories, "home_updated", lambda event: memory)
    Event.objects.create(home=nok.home, seq=nok.home.last_seq + 50, type="home_updated", origin="api", data={})
    type(nok.home).objects.filter(pk=nok.home_id).update(last_seq=nok.home.last_seq + 50)
    assert remembered() == ["The dentist, on Friday"]


# Updates and deletions


def test_putting_an_item_back_deletes_its_memory(nok, milk, remembered):
    purchase_entry(milk, by=by(nok), price=Decimal(50))
    assert remembered()
    put_back_entry(milk, by=by(nok))
    assert remembered() == []


def test_changing_the_price_replaces_the_memory(nok, milk, remembered):
    bought = purchase_entry(milk, by=by(nok), price=Decimal(50))
    assert remembered() == ["Nok bought Milk, 1 liter, for ฿50"]
    change_entry(bought, by=by(nok), price_paid=Decimal(60))
    assert remembered() == ["Nok bought Milk, 1 liter, for ฿60"]


def test_editing_a_message_updates_or_deletes_its_memory(nok, general, remembered):
    message = post(nok, general, "My allergy is peanuts")
    assert remembered() == ["My allergy is peanuts"]
    edit_message(message, "My allergy is shrimp", by=by(nok))
    assert remembered() == ["My allergy is shrimp"]
    assert "peanuts" not in str(list(nok.home.events.filter(type__startswith="passage").values_list("data", "changes")))
    edit_message(message, "Never mind", by=by(nok))
    assert remembered() == []


def test_deleting_a_message_deletes_its_memory(nok, general, remembered):
    message = post(nok, general, "My allergy is peanuts")
    assert remembered()
    delete_message(message, by=by(nok))
    assert remembered() == []


def test_message_deleted_before_ingestion_is_not_remembered(nok, general, remembered):
    delete_message(post(nok, general, "My allergy is peanuts"), by=by(nok))
    assert remembered() == []


def test_redacted_event_is_not_remembered(nok, ben, general, remembered):
    message = post(nok, general, "My allergy is peanuts")
    assert remembered()
    event = Event.objects.filter(subject_id=message.pk)
    event.update(data={}, changes={}, redacted_at=timezone.now())
    assert not Passage.objects.visible_to(ben)
    MemoryPosition.objects.update(seq=0)
    assert remembered() == []


# Exactly once


def test_ingesting_an_event_again_adds_no_passage(nok, general, milk, remembered):
    post(nok, general, "My allergy is peanuts")
    purchase_entry(milk, by=by(nok))
    assert len(remembered()) == 2
    assert len(remembered()) == 2
    MemoryPosition.objects.update(seq=0)
    assert len(remembered()) == 2


class WorkerDied(BaseException):
    """The death of a worker: no `except Exception` sees it."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", ["remember_passage", "MemoryPosition"])
def test_crash_of_a_worker_leaves_no_partial_ingestion(nok, general, remembered, monkeypatch, line):
    post(nok, general, "My allergy is peanuts")
    post(nok, general, "From now on we eat at eight")

    def die(*args, **kwargs):
        raise WorkerDied

    with monkeypatch.context() as patch:
        if line == "MemoryPosition":
            patch.setattr(type(MemoryPosition.objects.all()), "update", die)
        else:
            patch.setattr(ingest, line, die)
        with pytest.raises(WorkerDied):
            ingest.collect(nok.home_id)
    assert not Passage.objects.exists()
    assert len(remembered()) == 2


@pytest.mark.django_db(transaction=True)
def test_concurrent_ingestion_remembers_each_event_once(nok, ben, general):
    for text in ("My allergy is peanuts", "From now on we eat at eight", "Ben likes dark roast"):
        post(nok, general, text)
    run_concurrently(*[partial(ingest.collect, nok.home_id)] * 4)
    assert Passage.objects.count() == 3


def test_event_that_fails_does_not_stop_later_events(nok, general, monkeypatch, remembered, caplog):
    def fail(event):
        raise ValueError("broken")

    monkeypatch.setitem(hooks.memories, "list_created", fail)
    create_list("Party", by=by(nok))
    post(nok, general, "My allergy is peanuts")
    assert remembered() == ["My allergy is peanuts"]
    assert "could not be ingested" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_unavailable_database_leaves_the_events_to_be_ingested_later(nok, general, monkeypatch, remembered):
    post(nok, general, "My allergy is peanuts")

    def fail(event):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setitem(hooks.memories, "chat_message", fail)
        with pytest.raises(OperationalError):
            ingest.collect(nok.home_id)
    assert remembered() == ["My allergy is peanuts"]


@pytest.mark.django_db(transaction=True)
def test_others_can_write_while_messages_are_read(nok, mai, general, monkeypatch, remembered):
    post(nok, general, "My allergy is peanuts")
    read, create = hooks.memories["chat_message"], partial(create_list, "Meanwhile", by=by(mai))
    monkeypatch.setitem(hooks.memories, "chat_message", lambda event: [run_concurrently(create), read(event)][1])
    assert remembered() == ["My allergy is peanuts"]
    assert mai.home.lists.filter(name="Meanwhile").exists()


def test_events_are_ingested_in_one_transaction_per_batch(nok, ben, general, monkeypatch, remembered):
    for number in range(2 * ingest.BATCH_SIZE):
        post(nok, general, f"Ben likes the roast number {number}" if number % 2 else "Good morning")
    locks, home_lock = [], ingest.home_lock
    monkeypatch.setattr(ingest, "home_lock", lambda home_id: [locks.append(home_id), home_lock(home_id)][1])
    assert len(remembered()) == ingest.BATCH_SIZE
    assert len(locks) == 3  # the last one finds no events


def test_sweep_ingests_events_whose_nudge_was_lost(nok, general):
    post(nok, general, "My allergy is peanuts")
    assert ingest.waiting_homes() == {nok.home_id}
    tasks.sweep_memory()
    assert Passage.objects.get().embedding is None  # embedded by the first search
    assert search.search(search.visible_passages(nok), nok.home, "my allergy")
    assert Passage.objects.get().embedding is not None
    tasks.sweep_memory()
    assert ingest.waiting_homes() == set()


def test_removed_item_leaves_no_memory(nok, milk, remembered):
    from groceries.actions import remove_entry

    remove_entry(milk, by=by(nok))
    remove_item(milk.item, by=by(nok))
    assert remembered() == []


# In the chat


def test_answer_names_the_author_and_the_day(nok, ben, general, tell, remembered):
    post(ben, general, "I like the dark roast best")
    remembered()
    embed_waiting(nok.home_id)
    answer = tell("which coffee did Ben like?").body
    assert answer.startswith("Ben, on ")
    assert answer.endswith(": “I like the dark roast best”")


def test_remember_and_forget_commands_in_chat(nok, tell):
    assert tell("remember that the plumber is Mr. Somchai").body == (
        "I'll remember that, just for you: “The plumber is Mr Somchai”"
    )
    assert "Somchai" in tell("who is our plumber?").body
    assert tell("forget what I said about the plumber").body.startswith("Forget this for good? “The plumber is")
    assert tell("yes").body == "Forgotten."
    assert tell("who is our plumber?").body == "I don't know anything about that. Say “remember that …” and I will."
