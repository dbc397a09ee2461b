"""What is said, decided and bought is remembered as it happens: once, and no longer than it is so."""

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from chat.actions import create_channel, delete_message, edit_message, open_dm, send_message
from groceries.actions import purchase_entry, put_back_entry, remove_item
from groceries.actions.entries import change_entry
from homes import hooks
from homes.events.models import Event
from pixie import tasks
from pixie.memory import ingest, search
from pixie.memory.embedding_jobs import embed_waiting
from pixie.models import MemoryPosition, Passage
from tests.cast import at_once, by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def known(nok):
    """`known()`: what is remembered of Nok's home by now, the eldest first."""

    def read():
        ingest.collect(nok.home_id)
        return [passage.content for passage in Passage.objects.filter(home=nok.home_id).order_by("said_at", "pk")]

    return read


def say(member, channel, text):
    return send_message(channel, text, by=by(member))


# What


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
def test_what_people_decide_like_and_state_is_remembered(nok, ben, general, known, text, source):
    message = say(ben, general, text)
    assert len(known()) == 1
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
def test_the_rest_of_the_talk_is_not(nok, ben, general, known, text):
    say(ben, general, text)
    assert known() == []


def test_a_purchase_is_remembered_with_who_and_for_how_much(nok, ben, milk, known):
    purchase_entry(milk, by=by(ben), price=Decimal("52.5"))
    assert known() == ["Ben bought Milk, 1 liter, for ฿52.50"]
    passage = Passage.objects.get()
    assert (passage.source, passage.user, passage.tags) == ("purchase", ben.user, ["dairy"])


def test_a_purchase_without_a_price_is_remembered_without(nok, milk, known):
    purchase_entry(milk, by=by(nok))
    assert known() == ["Nok bought Milk, 1 liter"]


def test_between_two_nobody_listens(nok, ben, known):
    say(nok, open_dm(ben.user, by=by(nok)), "My allergy is peanuts")
    assert known() == []


def test_what_pixie_says_is_not_remembered(nok, pixie, general, known):
    send_message(general, "Ben likes the dark roast", by=by(nok).as_agent(pixie))
    assert known() == []


def test_what_is_said_in_a_private_room_stays_there(nok, ben, known):
    room = create_channel("presents", by=by(nok), is_private=True)
    say(nok, room, "Ben likes red bicycles")
    assert known() == ["Ben likes red bicycles"]
    assert not Passage.objects.visible_to(ben)
    assert Passage.objects.visible_to(nok).count() == 1
    told = Event.objects.get(type="passage_remembered")
    assert told.channel_id == room.pk


def test_another_app_plugs_in(nok, monkeypatch, known):
    memory = hooks.Memory("The dentist, on Friday", "event", tags=("health",), user=nok.user_id)
    monkeypatch.setitem(hooks.memories, "home_updated", lambda event: memory)
    Event.objects.create(home=nok.home, seq=nok.home.last_seq + 50, type="home_updated", origin="api", data={})
    type(nok.home).objects.filter(pk=nok.home_id).update(last_seq=nok.home.last_seq + 50)
    assert known() == ["The dentist, on Friday"]


# How long


def test_what_was_put_back_was_not_bought(nok, milk, known):
    purchase_entry(milk, by=by(nok), price=Decimal(50))
    assert known()
    put_back_entry(milk, by=by(nok))
    assert known() == []


def test_another_price_is_another_memory(nok, milk, known):
    bought = purchase_entry(milk, by=by(nok), price=Decimal(50))
    assert known() == ["Nok bought Milk, 1 liter, for ฿50"]
    change_entry(bought, by=by(nok), price_paid=Decimal(60))
    assert known() == ["Nok bought Milk, 1 liter, for ฿60"]


def test_an_edited_message_changes_what_is_known(nok, general, known):
    message = say(nok, general, "My allergy is peanuts")
    assert known() == ["My allergy is peanuts"]
    edit_message(message, "My allergy is shrimp", by=by(nok))
    assert known() == ["My allergy is shrimp"]
    assert "peanuts" not in str(list(nok.home.events.filter(type__startswith="passage").values_list("data", "changes")))
    edit_message(message, "Never mind", by=by(nok))
    assert known() == []


def test_a_deleted_message_takes_its_memory_along(nok, general, known):
    message = say(nok, general, "My allergy is peanuts")
    assert known()
    delete_message(message, by=by(nok))
    assert known() == []


def test_a_message_that_was_deleted_before_it_was_read_leaves_nothing(nok, general, known):
    delete_message(say(nok, general, "My allergy is peanuts"), by=by(nok))
    assert known() == []


def test_a_redacted_event_is_not_remembered(nok, ben, general, known):
    message = say(nok, general, "My allergy is peanuts")
    assert known()
    told = Event.objects.filter(subject_id=message.pk)
    told.update(data={}, changes={}, redacted_at=timezone.now())
    assert not Passage.objects.visible_to(ben)
    MemoryPosition.objects.update(seq=0)
    assert known() == []


# Once


def test_each_event_counts_once(nok, general, milk, known):
    say(nok, general, "My allergy is peanuts")
    purchase_entry(milk, by=by(nok))
    assert len(known()) == 2
    assert len(known()) == 2
    MemoryPosition.objects.update(seq=0)
    assert len(known()) == 2


class Died(BaseException):
    """What a worker knows of its own death: nothing."""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("line", ["remember_passage", "MemoryPosition"])
def test_a_worker_that_dies_leaves_nothing_half_done(nok, general, known, monkeypatch, line):
    say(nok, general, "My allergy is peanuts")
    say(nok, general, "From now on we eat at eight")

    def die(*args, **kwargs):
        raise Died

    with monkeypatch.context() as patched:
        if line == "MemoryPosition":
            patched.setattr(type(MemoryPosition.objects.all()), "update", die)
        else:
            patched.setattr(ingest, line, die)
        with pytest.raises(Died):
            ingest.collect(nok.home_id)
    assert not Passage.objects.exists()
    assert len(known()) == 2


@pytest.mark.django_db(transaction=True)
def test_workers_who_read_at_once_remember_once(nok, ben, general):
    for text in ("My allergy is peanuts", "From now on we eat at eight", "Ben likes dark roast"):
        say(nok, general, text)
    at_once(*[partial(ingest.collect, nok.home_id)] * 4)
    assert Passage.objects.count() == 3


def test_what_cannot_be_read_keeps_nobody_from_the_next(nok, general, monkeypatch, known, caplog):
    def fail(event):
        raise ValueError("broken")

    monkeypatch.setitem(hooks.memories, "list_created", fail)
    from groceries.actions import create_list

    create_list("Party", by=by(nok))
    say(nok, general, "My allergy is peanuts")
    assert known() == ["My allergy is peanuts"]
    assert "could not be remembered" in caplog.text


def test_a_sweep_finds_what_a_lost_nudge_left(nok, general):
    say(nok, general, "My allergy is peanuts")
    assert ingest.waiting_homes() == {nok.home_id}
    tasks.sweep_memory()
    assert Passage.objects.get().embedding is None  # not before somebody asks
    assert search.search(search.known_to(nok), nok.home, "my allergy")
    assert Passage.objects.get().embedding is not None
    tasks.sweep_memory()
    assert ingest.waiting_homes() == set()


def test_what_stood_on_a_removed_item_is_forgotten_with_it(nok, milk, known):
    from groceries.actions import remove_entry

    remove_entry(milk, by=by(nok))
    remove_item(milk.item, by=by(nok))
    assert known() == []


# Asked in a talk


def test_it_is_told_with_who_and_when(nok, ben, general, tell, known):
    say(ben, general, "I like the dark roast best")
    known()
    embed_waiting(nok.home_id)
    answer = tell("which coffee did Ben like?").body
    assert answer.startswith("Ben, on ")
    assert answer.endswith(": “I like the dark roast best”")


def test_pixie_remembers_and_forgets_in_its_own_words(nok, tell):
    assert tell("remember that the plumber is Mr. Somchai").body == (
        "I will remember it, for you alone: “The plumber is Mr Somchai”"
    )
    assert "Somchai" in tell("who is our plumber?").body
    assert tell("forget what I said about the plumber").body.startswith("Forget this for good? “The plumber is")
    assert tell("yes").body == "Forgotten."
    assert tell("who is our plumber?").body == "I know nothing about that. Tell me “remember that …”, and I will."
