"""The hash chain of the log: changes in SQL, past the triggers, are found."""
# ruff: noqa: S608 (the table is our own)

import io
from decimal import Decimal
from functools import partial
from uuid import uuid4

import orjson
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from groceries.actions import add_entry, create_list, purchase_entry, set_recurring
from homes.actions import update_home
from homes.api import events
from homes.events import chain
from homes.events.chain import check, head
from homes.events.models import Event
from homes.export import export_home
from homes.models import Home, Membership
from pantry import demo
from pixie.actions.passages import forget_passage, remember_passage
from tests.api.client import ApiClient
from tests.factories import by, run_concurrently
from tests.limits import limit

pytestmark = pytest.mark.both_databases
TABLE = "events_event"


@pytest.fixture
def log(nok, weekly):
    """A home with some twenty events."""
    for name in ("Milk", "Eggs", "Rice", "Tea"):
        purchase_entry(add_entry(weekly, name, by=by(nok), quantity=Decimal(2))[0], by=by(nok), price=Decimal("12.50"))
    set_recurring("Milk", "weekly", by=by(nok))
    return Home.objects.get(pk=nok.home_id)


@pytest.fixture
def sql(db):
    """`sql("UPDATE …", id)`: execute as somebody who can drop the triggers."""
    with connection.cursor() as cursor:
        for verb in ("insert", "update", "delete"):
            on = "" if connection.vendor == "sqlite" else f" ON {TABLE}"
            cursor.execute(f"DROP TRIGGER {TABLE}_no_{verb}{on}")
        yield partial(execute, cursor)


def execute(cursor, statement, *params):
    cursor.execute(statement, [value.hex if connection.vendor == "sqlite" else value for value in params])
    assert cursor.rowcount > 0


def findings(home, **bounds):
    return [(row.kind, row.first, row.last) for row in check(home.pk, **bounds)]


def test_log_as_recorded_has_no_findings(log):
    assert log.last_seq > 15
    assert findings(log) == []
    assert all(len(row.hash) == len(row.content_hash) == 64 for row in log.events.all())


CHANGES = [
    "data = '{\"a\": 1}'",
    "changes = '{\"a\": [1, 2]}'",
    "type = 'list_item_removed'",
    "created_at = '2020-01-01 00:00:00+00:00'",
    "meant_at = '2020-01-01 00:00:00+00:00'",
    "origin = 'admin'",
    "actor_user_id = NULL",
    "subject_id = NULL",
    "op_id = id",
    "channel_id = id",
    "salt = 'other'",
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("seq", [1, 7, -1])
def test_changed_event_is_found(log, sql, change, seq):
    seq = seq if seq > 0 else log.last_seq
    sql(f"UPDATE {TABLE} SET {change} WHERE home_id = %s AND seq = {seq}", log.pk)
    assert findings(log) == [("changed", seq, seq)]


def test_changed_id_is_found(log, sql):
    sql(f"UPDATE {TABLE} SET id = %s WHERE home_id = %s AND seq = 5", uuid4(), log.pk)
    assert findings(log) == [("changed", 5, 5)]


def test_changed_hash_of_the_contents_is_found(log, sql):
    for seq in (5, log.last_seq):
        sql(f"UPDATE {TABLE} SET content_hash = 'other' WHERE home_id = %s AND seq = {seq}", log.pk)
    # of the last event, nothing tells it from one that was inserted
    assert findings(log) == [("changed", 5, 5), ("inserted", log.last_seq, log.last_seq)]


def test_changed_hash_is_found(log, sql):
    sql(f"UPDATE {TABLE} SET hash = 'other' WHERE home_id = %s AND seq = 5", log.pk)
    assert findings(log) == [("disordered", 5, 6)]


def test_event_moved_to_another_home_is_missing_in_its_own(log, mai, sql):
    seq = mai.home.events.count() + 1
    sql(f"UPDATE {TABLE} SET home_id = %s, seq = {seq} WHERE home_id = %s AND seq = 5", mai.home_id, log.pk)
    assert findings(log) == [("missing", 5, 5)]
    assert findings(mai.home) == [("inserted", seq, seq)]


@pytest.mark.parametrize(
    ("condition", "first", "last"), [("seq = 1", 1, 1), ("seq IN (5, 6)", 5, 6), ("seq > 12", 13, None)]
)
def test_deleted_events_are_found(log, sql, condition, first, last):
    sql(f"DELETE FROM {TABLE} WHERE home_id = %s AND {condition}", log.pk)
    assert findings(log) == [("missing", first, last or log.last_seq)]


def test_all_events_deleted_are_found(log, sql):
    sql(f"DELETE FROM {TABLE} WHERE home_id = %s", log.pk)
    assert findings(log) == [("missing", 1, log.last_seq)]


def test_deleted_and_renumbered_events_are_found(log, sql):
    sql(f"DELETE FROM {TABLE} WHERE home_id = %s AND seq = 5", log.pk)
    for seq in range(6, log.last_seq + 1):
        sql(f"UPDATE {TABLE} SET seq = seq - 1 WHERE home_id = %s AND seq = {seq}", log.pk)
    sql("UPDATE homes_home SET last_seq = last_seq - 1 WHERE id = %s", log.pk)
    assert findings(log) == [("disordered", 5, log.last_seq - 1)]


def insert(log, seq):
    Event.objects.create(home=log, seq=seq, type="home_updated", origin="api", data={"home": {}}, hash="f" * 64)


def test_event_inserted_at_the_end_is_found(log, sql):
    insert(log, log.last_seq + 1)
    assert findings(log) == [("inserted", log.last_seq + 1, log.last_seq + 1)]
    sql("UPDATE homes_home SET last_seq = last_seq + 1 WHERE id = %s", log.pk)
    assert findings(log) == [("inserted", log.last_seq + 1, log.last_seq + 1)]


def test_event_inserted_before_the_first_is_found(log, sql):
    insert(log, 0)
    assert findings(log) == [("inserted", 0, 0)]


def test_event_put_in_the_place_of_another_is_found(log, sql):
    sql(f"DELETE FROM {TABLE} WHERE home_id = %s AND seq = 5", log.pk)
    insert(log, 5)
    assert findings(log) == [("disordered", 5, 6)]


@pytest.mark.parametrize(("one", "other", "expected"), [(5, 6, [(5, 7)]), (5, 9, [(5, 6), (9, 10)])])
def test_swapped_events_are_found(log, sql, one, other, expected):
    for old, new in ((one, 999), (other, one), (999, other)):
        sql(f"UPDATE {TABLE} SET seq = {new} WHERE home_id = %s AND seq = {old}", log.pk)
    assert findings(log) == [("disordered", *numbers) for numbers in expected]


def test_redaction_is_no_finding(log, nok):
    passage, _created = remember_passage("The safe code is 4711", by=by(nok))
    forget_passage(passage, by=by(nok))
    redacted = Event.objects.filter(home=log, redacted_at__isnull=False)
    assert [(event.data, event.changes, event.salt) for event in redacted] == [({}, {}, "")]
    assert findings(log) == []


def test_redaction_of_other_columns_keeps_the_chain(log):
    log.events.filter(seq=5).update(data={}, changes={}, salt="", redacted_at=timezone.now())
    assert findings(log) == []


def test_forged_redaction_is_found(log, sql):
    sql(f"UPDATE {TABLE} SET redacted_at = created_at, data = '{{\"a\": 1}}' WHERE home_id = %s AND seq = 5", log.pk)
    sql(f"UPDATE {TABLE} SET redacted_at = created_at WHERE home_id = %s AND seq = 8", log.pk)
    sql(f"UPDATE {TABLE} SET data = '{{}}' WHERE home_id = %s AND seq = 9", log.pk)
    sql(
        f"UPDATE {TABLE} SET redacted_at = created_at, data = '{{}}', changes = '{{}}' WHERE home_id = %s AND seq = 11",
        log.pk,
    )
    expected = [("not_emptied", 5, 5), ("not_emptied", 8, 8), ("changed", 9, 9), ("not_emptied", 11, 11)]
    assert findings(log) == expected  # a salt that was kept confirms guesses


def test_redacted_event_with_other_columns_is_found(log, sql):
    log.events.filter(seq=5).update(data={}, changes={}, salt="", redacted_at=timezone.now())
    sql(f"UPDATE {TABLE} SET type = 'home_updated' WHERE home_id = %s AND seq = 5", log.pk)
    assert findings(log) == [("changed", 5, 5)]


def test_imported_home_has_a_chain_of_its_own(log, nok):
    home_id = ApiClient(nok).import_home(orjson.loads(b"".join(export_home(nok))))
    imported = Membership.objects.get(home=home_id, user=nok.user)
    assert Home.objects.get(pk=imported.home_id).last_seq > 10
    assert findings(imported.home) == []
    assert not set(log.events.values_list("hash", flat=True)) & set(imported.home.events.values_list("hash", flat=True))
    add_entry(create_list("More", by=by(imported)), "Milk", by=by(imported))
    assert findings(imported.home) == []


def test_demo_has_a_chain(db):
    demo.seed()
    for home in Home.objects.all():
        assert home.last_seq > 5
        assert findings(home) == []


@pytest.mark.django_db(transaction=True)
def test_concurrent_writers_write_one_chain(nok, ben, weekly):
    calls = [partial(add_entry, weekly, f"Thing {number}", by=by((nok, ben)[number % 2])) for number in range(12)]
    run_concurrently(*calls, *(partial(create_list, f"List {number}", by=by(ben)) for number in range(4)))
    assert Home.objects.get(pk=nok.home_id).last_seq >= 18
    assert findings(nok.home) == []


@pytest.mark.parametrize(
    "value", ["ไข่ 🥚 “é”", 10**30, 0.1, 1e-7, [], {"b": 1, "a": {"z": None, "y": [True, 2.5]}}, "\\u0041"]
)
def test_contents_have_the_same_hash_after_a_round_trip(nok, value):
    event = Event(home=nok.home, seq=nok.home.events.count() + 1, type="x", origin="api", data={"v": value}, changes={})
    chain.seal(event, head(nok.home_id).partition(":")[2])
    event.save(force_insert=True)
    Home.objects.filter(pk=nok.home_id).update(last_seq=event.seq)
    assert findings(nok.home) == []


# The head


def test_head_shows_that_the_log_was_written_anew(log, sql):
    noted = head(log.pk)
    previous = ""
    for event in log.events.order_by("seq"):
        if event.seq == 5:
            event.data = {"forged": True}
        previous = chain.seal(event, previous)
        event.save()
    assert findings(log) == []
    with pytest.raises(CommandError, match="1 finding"):
        run_check(log.pk, "--head", noted)


def test_head_shows_that_the_end_was_cut(log, sql):
    noted = head(log.pk)
    sql(f"DELETE FROM {TABLE} WHERE home_id = %s AND seq > 12", log.pk)
    sql("UPDATE homes_home SET last_seq = 12 WHERE id = %s", log.pk)
    assert findings(log) == []
    with pytest.raises(CommandError, match="1 finding"):
        run_check(log.pk, "--head", noted)


def test_noted_head_stays_right_while_the_log_grows(log, nok):
    noted = head(log.pk)
    update_home(log, by=by(nok), name="Apartment 43")
    assert "Everything is as it was recorded" in run_check(log.pk, "--head", noted)


# The command


def run_check(*arguments):
    out = io.StringIO()
    try:
        call_command("check_log", *map(str, arguments), stdout=out)
    finally:
        run_check.output = out.getvalue()
    return run_check.output


def test_command_checks_all_homes_and_prints_their_heads(log, mai):
    output = run_check()
    assert str(log.pk) in output and str(mai.home_id) in output
    assert f"Head: {head(log.pk)}" in output
    assert "Everything is as it was recorded" in output


def test_command_names_what_is_wrong(log, mai, sql):
    sql(f"UPDATE {TABLE} SET type = 'x' WHERE home_id = %s AND seq = 5", log.pk)
    with pytest.raises(CommandError, match="1 finding") as error:
        run_check()
    assert error.value.returncode == 1
    assert "Event 5: changed after it was recorded" in run_check.output
    assert "Everything" in run_check(mai.home_id)


@pytest.mark.parametrize("arguments", [(uuid4(),), ("--head", "5:abc"), ("home", "--head", "abc")])
def test_command_refuses_wrong_arguments(log, arguments):
    with pytest.raises(CommandError):
        run_check(*(log.pk if value == "home" else value for value in arguments))


def test_check_reads_the_log_in_batches_and_locks_nothing(log, django_assert_num_queries):
    with django_assert_num_queries(4) as queries:
        assert findings(log) == []
    assert not any("FOR UPDATE" in query["sql"] for query in queries)


# The API


def test_owner_checks_the_log(nok, log, sql):
    api = ApiClient(nok)
    answer = api.get(f"/homes/{log.pk}/log-check").json()
    assert answer == {"results": [], "head": head(log.pk), "seq": log.last_seq, "next": None}
    sql(f"DELETE FROM {TABLE} WHERE home_id = %s AND seq = 5", log.pk)
    result = {"kind": "missing", "first": 5, "last": 5, "message": "missing"}
    assert api.get(f"/homes/{log.pk}/log-check").json()["results"] == [result]


def test_long_logs_are_checked_in_pages(nok, log, sql, monkeypatch):
    assert limit("Events that one request to `log-check` checks") == events.MAX_CHECKED
    monkeypatch.setattr(events, "MAX_CHECKED", 10)
    sql(f"UPDATE {TABLE} SET type = 'x' WHERE home_id = %s AND seq IN (3, 14)", log.pk)
    pages, url = [], f"/homes/{log.pk}/log-check"
    while url:
        page = ApiClient(nok).get(url.partition("/api")[2] or url).json()
        pages.append([row["first"] for row in page["results"]])
        url = page["next"]
    assert pages == [[3], [14], *[[]] * (len(pages) - 2)]
    assert len(pages) == -(-log.last_seq // 10)
    assert page["head"] == head(log.pk)


def test_members_and_strangers_cannot_check_the_log(nok, ben, mai):
    assert ApiClient(ben).get(f"/homes/{nok.home_id}/log-check").status_code == 403
    assert ApiClient(mai).get(f"/homes/{nok.home_id}/log-check").status_code == 403
    assert ApiClient().get(f"/homes/{nok.home_id}/log-check").status_code == 401
