"""Tests of the nightly cleanup of memory."""

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
from pixie.memory.embedding import embed_waiting
from pixie.models import MemoryPosition, Passage
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases


@pytest.fixture
def night(freeze_time):
    """Set the home's clock to half past three at night."""
    freeze_time("2026-03-10 03:30")


@pytest.fixture
def remember(nok):
    """Add passages of the whole home, one per day up to yesterday: `remember("…", "…")`."""

    def add(*sentences, **fields):
        for place, content in enumerate(sentences):
            said_at = timezone.now() - timedelta(days=len(sentences) - place)
            remember_passage(content, by=by(nok), said_at=said_at, **fields)
        embed_waiting(nok.home_id)

    return add


def contents():
    return sorted(Passage.objects.values_list("content", flat=True))


def test_duplicates_are_merged_into_the_newer_wording(nok, night, remember):
    remember("Our plumber is Mr Somchai.", "Our plumber is Mr. Somchai, ok")
    assert cleanup.tidy(nok.home_id) == 1
    assert contents() == ["Our plumber is Mr. Somchai, ok"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The rent is due on the 5th", "The rent is due on the 6th"),
        ("The cats eat fish", "The cats do not eat fish"),
        ("My friend Ben likes tea", "My friend Ploy likes tea"),
    ],
)
def test_sentences_that_differ_in_number_negation_or_name_are_kept(nok, night, remember, one, other):
    remember(one, other)
    assert cleanup.tidy(nok.home_id) == 0
    assert Passage.objects.count() == 2


def test_similar_purchases_are_kept(nok, night, remember):
    remember("Ben bought Milk, 1 liter", "Ben bought Milk, 1 liter", source="purchase")
    assert cleanup.tidy(nok.home_id) == 0


def test_duplicates_with_different_audiences_are_kept(nok, night, remember):
    remember("The bins go out on Tuesday")
    remember("The bins go out on Tuesday", channel=create_channel("presents", by=by(nok), is_private=True))
    assert cleanup.tidy(nok.home_id) == 0


def test_passage_of_a_deleted_message_is_deleted(nok, general, night):
    message = send_message(general, "My allergy is peanuts", by=by(nok))
    ingest.collect(nok.home_id)
    Message.objects.filter(pk=message.pk).update(deleted_at=timezone.now())
    assert cleanup.tidy(nok.home_id) == 1
    assert contents() == []


def test_passage_of_a_redacted_event_is_deleted(nok, general, night):
    message = send_message(general, "My allergy is peanuts", by=by(nok))
    ingest.collect(nok.home_id)
    Event.objects.filter(subject_id=message.pk).update(data={}, changes={}, redacted_at=timezone.now())
    assert cleanup.tidy(nok.home_id) == 1
    assert contents() == []


def test_cleanup_is_due_once_per_night(nok, remember, freeze_time):
    remember("The bins go out on Tuesday")
    freeze_time("2026-03-10 14:00")
    assert cleanup.due_homes() == []
    freeze_time("2026-03-11 03:10")
    assert cleanup.due_homes() == [nok.home_id]
    tasks.tidy_memory()
    assert cleanup.due_homes() == []
    freeze_time("2026-03-12 03:10")
    assert cleanup.due_homes() == [nok.home_id]


def test_cleanup_continues_where_the_last_night_stopped(nok, remember, freeze_time, monkeypatch):
    monkeypatch.setattr(cleanup, "MAX_PASSAGES", 2)
    remember("One fact", "Two facts", "Three facts")
    freeze_time("2026-03-11 03:10")
    cleanup.tidy(nok.home_id)
    second = Passage.objects.order_by("pk")[1]
    assert MemoryPosition.objects.get().tidied_to == second.pk
    freeze_time("2026-03-12 03:10")
    cleanup.tidy(nok.home_id)
    assert MemoryPosition.objects.get().tidied_to is None


class WorkerDied(BaseException):
    """The death of a worker: no `except Exception` sees it."""


@pytest.mark.django_db(transaction=True)
def test_night_interrupted_by_a_crash_is_repeated(nok, general, night, monkeypatch):
    message = send_message(general, "My allergy is peanuts", by=by(nok))
    ingest.collect(nok.home_id)
    Message.objects.filter(pk=message.pk).update(deleted_at=timezone.now())

    def die(*args, **kwargs):
        raise WorkerDied

    with monkeypatch.context() as patch:
        patch.setattr(cleanup, "_older_duplicate", die)
        patch.setattr(cleanup, "_invalid", die)
        with pytest.raises(WorkerDied):
            cleanup.tidy(nok.home_id)
    assert cleanup.tidy(nok.home_id) == 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_cleanups_run_once(nok, night, remember):
    remember("Our plumber is Mr Somchai.", "Our plumber is Mr. Somchai, ok")
    assert sorted(run_concurrently(*[partial(cleanup.tidy, nok.home_id)] * 2)) == [0, 1]
