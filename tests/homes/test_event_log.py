# ruff: noqa: S608 (the table is our own)

from functools import partial
from uuid import uuid4

import pytest
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone
from pydantic import ValidationError

from groceries.actions import (
    add_entry,
    change_list_state,
    create_list,
    purchase_entry,
    remove_entry,
    rename_list,
    set_recurring,
    stop_recurring,
    update_item,
)
from groceries.models import ListEntry
from groceries.schemas import EntryEvent, EntrySnapshot
from homes.actions import remove_member, update_home
from homes.events import log as event_log
from homes.events.log import find_previous_result, home_lock, record
from homes.events.models import Event
from homes.events.schemas import SCHEMAS
from homes.models import Home
from pantry.errors import Forbidden
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases
USES_UUIDS = connection.features.has_native_uuid_field


@pytest.fixture
def first(nok):
    return Event.objects.get(home=nok.home, seq=1)


def rejected():
    """Expect the database to reject the block, and roll it back."""
    return pytest.raises(DatabaseError, match="append-only")


# Append-only


def test_updating_an_event_is_rejected(first):
    with rejected(), transaction.atomic():
        Event.objects.filter(pk=first.pk).update(type="home_burnt")
    with rejected(), transaction.atomic():
        first.data = {}
        first.save()


def test_deleting_an_event_is_rejected(first):
    with rejected(), transaction.atomic():
        first.delete()
    with rejected(), transaction.atomic():
        Event.objects.all().delete()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events_event SET type = 'home_burnt'",
        "UPDATE events_event SET data = '{}'",
        "UPDATE events_event SET seq = seq + 1000",
        "UPDATE events_event SET redacted_at = NULL",
        "DELETE FROM events_event",
    ],
)
def test_changing_events_in_sql_is_rejected(nok, statement):
    before = list(Event.objects.order_by("seq").values())
    with rejected(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Event.objects.order_by("seq").values()) == before


def redact(event, **more):
    return Event.objects.filter(pk=event.pk).update(data={}, changes={}, redacted_at=timezone.now(), **more)


def test_redacting_an_event_works_once(first):
    assert redact(first) == 1
    first.refresh_from_db()
    assert (first.type, first.data, first.changes) == ("home_created", {}, {})
    with rejected(), transaction.atomic():
        redact(first)


@pytest.mark.parametrize("forged", [{"data": {"body": "never written"}}, {"changes": {"name": ["a", "b"]}}])
def test_redacting_with_other_contents_is_rejected(first, forged):
    with rejected(), transaction.atomic():
        Event.objects.filter(pk=first.pk).update(**{"data": {}, "changes": {}, **forged}, redacted_at=timezone.now())


def test_replacing_an_event_is_rejected(nok, first):
    columns = "id, created_at, home_id, seq, type, origin, data, changes"
    for pk, seq in ((first.pk.hex, first.seq), (first.pk.hex, 99_999), (uuid4().hex, first.seq)):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
            values = [pk, first.created_at, first.home_id.hex, seq, "home_burnt", "api", "{}", "{}"]
            cursor.execute(f"{verb} INTO events_event ({columns}) VALUES ({', '.join(['%s'] * 8)})", values)
    first.refresh_from_db()
    assert first.type == "home_created"


COPY = (
    "id, created_at, home_id, seq, type, origin, data, changes, salt, content_hash, hash",
    "%(id)s, created_at, home_id, {seq}, type, origin, '{{}}', '{{}}', salt, content_hash, hash",
)
OF_FIRST = "home_id = %(home)s AND seq = 1"
REDACTED = "redacted_at = created_at, data = '{}', changes = '{}'"


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL has no rowid, and its columns have types")
@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT OR REPLACE INTO events_event (rowid, {COPY[0]}) "
        f"SELECT rowid, {COPY[1].format(seq=99_999)} FROM events_event WHERE {OF_FIRST}",
        f"UPDATE OR REPLACE events_event SET {REDACTED}, rowid = "
        f"(SELECT rowid FROM events_event WHERE {OF_FIRST}) WHERE home_id = %(home)s AND seq = 2",
        *(
            f"INSERT INTO events_event ({COPY[0]}) SELECT {COPY[1].format(seq=seq)} FROM events_event WHERE {OF_FIRST}"
            for seq in ("'last'", "99999.5")
        ),
    ],
    ids=["insert a rowid", "redact into a rowid", "text as number", "fraction as number"],
)
def test_statements_that_only_sqlite_takes_are_rejected(nok, statement):
    before = list(Event.objects.order_by("seq").values())
    with rejected(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, {"id": uuid4().hex, "home": nok.home_id.hex})
    assert list(Event.objects.order_by("seq").values()) == before


def test_redacting_with_another_salt_is_rejected(first):
    with rejected(), transaction.atomic():
        redact(first, salt="never written")
    assert redact(first, salt="") == 1


def test_a_home_cannot_give_its_id_away_to_delete_events(nok):
    with rejected(), transaction.atomic():
        Home.objects.filter(pk=nok.home_id).update(id=uuid4())


def test_a_home_cannot_come_back_while_it_has_events(nok):
    home, count = Home.objects.get(pk=nok.home_id), Event.objects.filter(home=nok.home).count()
    with rejected(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM homes_home WHERE id = %s", [home.pk if USES_UUIDS else home.pk.hex])
        cursor.execute("DELETE FROM events_event WHERE seq = 1")
        Home.objects.bulk_create([home])
    assert Event.objects.filter(home=nok.home).count() == count


def test_inserting_an_event_before_others_is_rejected(nok, mai, first):
    Home.objects.filter(pk=nok.home_id).update(last_seq=F("last_seq") + 5)
    with home_lock(nok.home_id):
        record("home_updated", nok.home, by=by(nok))
    seq = Event.objects.filter(home=nok.home).order_by("-seq")[0].seq
    for gap in range(1, 5):
        with rejected(), transaction.atomic():
            Event.objects.create(home=nok.home, seq=seq - gap, type="home_updated", origin="api", data={})
    Event.objects.bulk_create(
        Event(home=nok.home, seq=seq + number, type="home_updated", origin="api", data={}) for number in (1, 2, 3)
    )
    with rejected(), transaction.atomic():
        Event.objects.bulk_create(
            Event(home=nok.home, seq=seq + number, type="home_updated", origin="api", data={}) for number in (6, 5)
        )


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no TRUNCATE")
def test_truncating_the_log_is_rejected(first):
    with rejected(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # it refuses tables with unchecked keys by itself
        cursor.execute("TRUNCATE events_event CASCADE")


@pytest.mark.parametrize(
    "field", [{"type": "x"}, {"seq": 99}, {"origin": "api"}, {"actor_user": None}, {"op_id": uuid4()}]
)
def test_redacting_other_columns_is_rejected(first, field):
    with rejected(), transaction.atomic():
        redact(first, **field)


def test_deleting_events_works_only_after_deleting_their_home(nok, mai):
    events = nok.home.events.all()
    with rejected(), transaction.atomic():
        events.delete()
    Home.objects.filter(pk=nok.home_id)._raw_delete(DEFAULT_DB_ALIAS)
    events.delete()
    assert not events.exists()
    assert mai.home.events.exists()
    transaction.set_rollback(True)  # other rows still refer to the home


# Numbers


def test_numbers_are_gapless_in_each_home(nok, mai, weekly, milk):
    for home in (nok.home, mai.home):
        home.refresh_from_db()
        numbers = list(home.events.order_by("seq").values_list("seq", flat=True))
        assert numbers == list(range(1, home.last_seq + 1))


def test_rollback_leaves_no_gap(nok, weekly, events):
    with pytest.raises(RuntimeError), transaction.atomic():
        add_entry(weekly, "eggs", by=by(nok))
        raise RuntimeError("changed our mind")
    assert events(nok.home) == []
    add_entry(weekly, "milk", by=by(nok))
    (event,) = events.of(nok.home)
    assert event.seq == events.marks[nok.home_id] + 1


@pytest.mark.django_db(transaction=True)
def test_concurrent_actions_leave_no_gap(nok, ben, ploy, weekly, events):
    acts = [partial(add_entry, weekly, f"thing {number}", by=by((nok, ben, ploy)[number % 3])) for number in range(12)]
    acts += [partial(create_list, f"List {number}", by=by(ben)) for number in range(6)]
    run_concurrently(*acts)
    begin = events.marks[nok.home_id]
    assert [event.seq for event in events.of(nok.home)] == list(range(begin + 1, begin + 19))


# What is written


def test_event_records_actor_and_origin(nok, weekly, pixie):
    op_id = uuid4()
    entry, _ = add_entry(weekly, "eggs", by=by(nok, "mcp", op_id).as_agent(pixie))
    event = Event.objects.get(subject_id=entry.pk)
    assert (event.actor_user, event.actor_agent, event.origin, event.op_id) == (nok.user, pixie, "agent", op_id)


def test_every_event_matches_its_schema(nok, ben, weekly, milk, general):
    for event in Event.objects.all():
        assert SCHEMAS[event.type].model_validate(event.data).model_dump(mode="json") == event.data


def test_schema_rejects_extra_fields(milk):
    data = EntryEvent.of(milk).model_dump(mode="json")
    with pytest.raises(ValidationError, match="Extra inputs"):
        EntryEvent.model_validate({**data, "mood": "good"})
    with pytest.raises(ValidationError, match="Extra inputs"):
        EntrySnapshot.model_validate({**data["entry"], "colour": "white"})


def test_recording_a_type_without_a_schema_raises(nok, events):
    with pytest.raises(KeyError), home_lock(nok.home_id):
        record("home_burnt", nok.home, by=by(nok))
    assert events(nok.home) == []


def test_recording_outside_of_the_home_lock_raises(nok, events):
    with pytest.raises(transaction.TransactionManagementError):
        record("home_updated", nok.home, by=by(nok))
    assert events(nok.home) == []


def test_hint_is_sent_after_the_commit(nok, weekly, monkeypatch, django_capture_on_commit_callbacks):
    hinted = []
    monkeypatch.setattr(
        event_log, "announce", lambda home_id, seq, event_type: hinted.append((home_id, seq, event_type))
    )
    with django_capture_on_commit_callbacks(execute=True):
        add_entry(weekly, "eggs", by=by(nok))
        assert hinted == []
    nok.home.refresh_from_db()
    assert hinted == [(nok.home_id, nok.home.last_seq, "list_item_added")]


@pytest.mark.parametrize(
    "change",
    [
        lambda weekly, milk, who: add_entry(weekly, "eggs", by=who),
        lambda weekly, milk, who: purchase_entry(milk, by=who),
        lambda weekly, milk, who: remove_entry(milk, by=who),
        lambda weekly, milk, who: rename_list(weekly, "Mine", by=who),
        lambda weekly, milk, who: change_list_state(weekly, "completed", by=who),
        lambda weekly, milk, who: update_item(milk.item, by=who, description="Mine"),
        lambda weekly, milk, who: set_recurring(milk.item, "weekly", by=who),
        lambda weekly, milk, who: update_home(weekly.home, by=who, name="Mine"),
    ],
)
def test_actions_of_a_non_member_are_rejected(nok, mai, weekly, milk, events, change):
    before = list(ListEntry.objects.values())
    with pytest.raises(Forbidden):
        change(weekly, milk, by(mai))
    assert (events(nok.home), events(mai.home)) == ([], [])
    assert list(ListEntry.objects.values()) == before


def test_non_member_cannot_remove_members_or_stop_runs(nok, ben, mai, weekly):
    recurring = set_recurring("Rice", "weekly", by=by(nok))
    with pytest.raises(Forbidden):
        remove_member(ben, by=by(mai))
    with pytest.raises(Forbidden):
        stop_recurring(recurring, by=by(mai))
    ben.refresh_from_db()
    recurring.refresh_from_db()


def test_previous_result_is_found_in_the_same_home_only(nok, mai, weekly):
    op_id = uuid4()
    entry, _ = add_entry(weekly, "eggs", by=by(nok, op_id=op_id))
    assert find_previous_result(by(nok, op_id=op_id), "list_item_added") == entry.pk
    assert find_previous_result(by(nok, op_id=op_id), "list_item_removed") is None
    assert find_previous_result(by(mai, op_id=op_id), "list_item_added") is None
    assert find_previous_result(by(nok), "list_item_added") is None
