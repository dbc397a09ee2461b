"""Once a night memory is tidied: what stands no more goes, what says the same twice becomes one."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from chat.actions import create_channel, send_message
from chat.models import Message
from homes.events.models import Event
from pixie import tasks
from pixie.actions import remember_passage
from pixie.memory import cleanup, ingest
from pixie.memory.embedding_jobs import embed_waiting
from pixie.models import MemoryPosition, Passage
from tests.cast import at_once, by

pytestmark = pytest.mark.both_databases


@pytest.fixture
def night(clock):
    """Half past three in the home."""
    clock("2026-03-10 03:30")


@pytest.fixture
def know(nok):
    """`know("…", "…")`: remembered for the home, one a day, the last yesterday."""

    def remember(*contents, **fields):
        for place, content in enumerate(contents):
            said_at = timezone.now() - timedelta(days=len(contents) - place)
            remember_passage(content, by=by(nok), said_at=said_at, **fields)
        embed_waiting(nok.home_id)

    return remember


def known():
    return sorted(Passage.objects.values_list("content", flat=True))


def test_what_says_the_same_becomes_one_in_the_newer_words(nok, night, know):
    know("Our plumber is Mr Somchai.", "Our plumber is Mr. Somchai, ok")
    assert cleanup.tidy(nok.home_id) == 1
    assert known() == ["Our plumber is Mr. Somchai, ok"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The rent is due on the 5th", "The rent is due on the 6th"),
        ("The cats eat fish", "The cats do not eat fish"),
        ("My friend Ben likes tea", "My friend Ploy likes tea"),
    ],
)
def test_what_differs_in_a_number_a_denial_or_a_name_stays(nok, night, know, one, other):
    know(one, other)
    assert cleanup.tidy(nok.home_id) == 0
    assert Passage.objects.count() == 2


def test_purchases_stay_however_alike(nok, night, know):
    know("Ben bought Milk, 1 liter", "Ben bought Milk, 1 liter", source="purchase")
    assert cleanup.tidy(nok.home_id) == 0


def test_what_others_may_know_is_not_merged_with_what_they_may_not(nok, night, know):
    know("The bins go out on Tuesday")
    know("The bins go out on Tuesday", channel=create_channel("presents", by=by(nok), is_private=True))
    assert cleanup.tidy(nok.home_id) == 0


def test_what_has_no_source_any_more_is_dropped(nok, general, night):
    message = send_message(general, "My allergy is peanuts", by=by(nok))
    ingest.collect(nok.home_id)
    Message.objects.filter(pk=message.pk).update(deleted_at=timezone.now())
    assert cleanup.tidy(nok.home_id) == 1
    assert known() == []


def test_what_was_redacted_is_dropped(nok, general, night):
    message = send_message(general, "My allergy is peanuts", by=by(nok))
    ingest.collect(nok.home_id)
    Event.objects.filter(subject_id=message.pk).update(data={}, changes={}, redacted_at=timezone.now())
    assert cleanup.tidy(nok.home_id) == 1
    assert known() == []


def test_it_is_done_once_a_night_and_only_at_night(nok, know, clock):
    know("The bins go out on Tuesday")
    clock("2026-03-10 14:00")
    assert cleanup.homes_at_night() == []
    clock("2026-03-11 03:10")
    assert cleanup.homes_at_night() == [nok.home_id]
    tasks.tidy_memory()
    assert cleanup.homes_at_night() == []
    clock("2026-03-12 03:10")
    assert cleanup.homes_at_night() == [nok.home_id]


def test_it_goes_on_where_it_ended(nok, know, clock, monkeypatch):
    monkeypatch.setattr(cleanup, "MOST", 2)
    know("One fact", "Two facts", "Three facts")
    clock("2026-03-11 03:10")
    cleanup.tidy(nok.home_id)
    second = Passage.objects.order_by("pk")[1]
    assert MemoryPosition.objects.get().tidied_to == second.pk
    clock("2026-03-12 03:10")
    cleanup.tidy(nok.home_id)
    assert MemoryPosition.objects.get().tidied_to is None


class Died(BaseException):
    """What a worker knows of its own death: nothing."""


@pytest.mark.django_db(transaction=True)
def test_a_night_in_which_a_worker_died_is_done_by_the_next(nok, general, night, monkeypatch):
    message = send_message(general, "My allergy is peanuts", by=by(nok))
    ingest.collect(nok.home_id)
    Message.objects.filter(pk=message.pk).update(deleted_at=timezone.now())

    def die(*args, **kwargs):
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(cleanup, "_same", die)
        patched.setattr(cleanup, "_groundless", die)
        with pytest.raises(Died):
            cleanup.tidy(nok.home_id)
    assert cleanup.tidy(nok.home_id) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_tidy_at_once_do_it_once(nok, night, know):
    know("Our plumber is Mr Somchai.", "Our plumber is Mr. Somchai, ok")
    assert sorted(at_once(*[partial(cleanup.tidy, nok.home_id)] * 2)) == [0, 1]
