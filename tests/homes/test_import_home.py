"""The import of a home writes in short transactions, and nobody sees it before it is finished."""

from threading import BoundedSemaphore
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import send_message
from chat.export import ChatImport
from chat.models import Message
from groceries.actions import create_list
from homes import imports
from homes.api.export import ImportViewSet
from homes.events.models import Event, Origin
from homes.models import Home, Membership
from pantry.api.errors import RETRY_AFTER_SECONDS
from pantry.models import Operation
from pixie.actions import remember_passage
from pixie.actions.suggestions import make_all_suggestions
from pixie.memory import ingest
from pixie.models import Suggestion
from pixie.runs import queue
from tests.api.client import ApiClient
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases
BATCH_ROWS = 10
SHADOW_TABLES = ("_config", "_content", "_data", "_docsize", "_idx")  # of FTS5, which keep their size


class ProcessDied(BaseException):
    """The death of a process: no `except Exception` sees it."""


@pytest.fixture
def file(nok, general, milk):
    """An export with 35 messages, the last of which are Nok's to Pixie, and a passage."""
    remember_passage("The plumber is Mr. Somchai", by=by(nok))
    send_message(general, "@pixie what did we decide?", by=by(nok))
    file = ApiClient(nok).get("export").json()
    [message] = file["chat"]["messages"]
    file["chat"]["messages"] = [{**message, "id": str(uuid4())} for _number in range(35)]
    return file


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(imports, "BATCH_ROWS", BATCH_ROWS)


@pytest.fixture
def during(monkeypatch, small_batches):
    """`during(act)`: call `act` once, when the first twenty messages of an import are written."""
    acts, build = [], ChatImport.build_message

    def build_message(self, row):
        if len(self.messages) == 2 * BATCH_ROWS and acts:
            acts.pop()()
        return build(self, row)

    monkeypatch.setattr(ChatImport, "build_message", build_message)
    return acts.append


@pytest.fixture
def killed_import(nok, file, during, monkeypatch):
    """Import a home, and let the process die meanwhile. Returns the numbers of rows before."""

    def die():
        raise ProcessDied

    before = table_sizes()
    with monkeypatch.context() as patch:
        patch.setattr(imports, "delete_unfinished", lambda home_id: None)
        during(die)
        with pytest.raises(ProcessDied):
            imports.import_home(file, nok.user, origin=Origin.API)
    return before


def table_sizes():
    tables = [name for name in connection.introspection.table_names() if not name.endswith(SHADOW_TABLES)]
    sizes = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608
            sizes[table] = cursor.fetchone()[0]
    return sizes


def in_another_process(act):
    """Run `act` in a thread, with a connection of its own."""
    [result] = run_concurrently(act)
    return result


# Short transactions


@pytest.mark.django_db(transaction=True)
def test_others_can_write_between_the_batches_of_an_import(nok, mai, file, during):
    during(lambda: in_another_process(lambda: create_list("Meanwhile", by=by(mai))))
    owner = imports.import_home(file, nok.user, origin=Origin.API)
    assert mai.home.lists.filter(name="Meanwhile").exists()
    assert Message.objects.filter(home=owner.home).count() == 35


def test_transactions_of_an_import_have_at_most_a_batch_of_rows(nok, file, small_batches, monkeypatch):
    sizes, record_all = [], imports.record_all

    def count(events, by):
        sizes.append(len(events))
        record_all(events, by=by)

    monkeypatch.setattr(imports, "record_all", count)
    imports.import_home(file, nok.user, origin=Origin.API)
    assert sizes.count(BATCH_ROWS) == 3 and max(sizes) == BATCH_ROWS


def test_rows_of_a_batch_are_written_together(nok, file):
    def count_queries(messages):
        file["chat"]["messages"] = [{**file["chat"]["messages"][0], "id": str(uuid4())} for _number in range(messages)]
        with CaptureQueriesContext(connection) as queries:
            imports.import_home(file, nok.user, origin=Origin.API)
        return len(queries)

    assert count_queries(101) - count_queries(1) < 10


@pytest.mark.usefixtures("small_batches")
def test_error_that_only_the_database_finds_names_the_row(nok, file):
    entry = file["groceries"]["entries"][0]
    file["groceries"]["entries"] = [{**entry, "price_paid": None} for _number in range(3)]
    file["groceries"]["entries"][1]["state"] = "purchased"  # by nobody, at no time
    with pytest.raises(imports.InvalidFile, match=r"groceries\.entries\.1\b"):
        imports.import_home(file, nok.user, origin=Origin.API)


# Unfinished imports


def test_failed_import_leaves_nothing(nok, file, during):
    def fail():
        raise ProcessDied

    before = table_sizes()
    during(fail)
    with pytest.raises(ProcessDied):
        imports.import_home(file, nok.user, origin=Origin.API)
    assert table_sizes() == before


def test_invalid_row_after_written_ones_leaves_nothing(nok, file, small_batches):
    past = "2020-01-01T00:00:00Z"
    rule = {"prompt": "Bins", "starts_at": past, "trigger_at": past, "rrule": "FREQ=NEVER"}
    file["schedules"]["waiting"] = [rule]
    client = ApiClient(nok)
    before = table_sizes()
    response = client.post("/homes/import", file)
    assert (response.status_code, "schedules.waiting.0" in response.text) == (400, True)
    assert table_sizes() == before


def test_home_of_a_killed_import_is_invisible_and_idle(nok, killed_import):
    home = Home.objects.exclude(import_heartbeat_at=None).get()
    assert Message.objects.filter(home=home).count() == 2 * BATCH_ROWS
    assert not Membership.objects.filter(home=home).exists()
    assert home.pk not in {row["id"] for row in ApiClient(nok).get("/homes").json()["results"]}
    assert ApiClient(nok).get(f"/homes/{home.pk}/lists").status_code == 403
    assert home.pk not in queue.homes_with_work() | ingest.waiting_homes()
    make_all_suggestions(timezone.now())
    assert not Suggestion.objects.filter(home=home).exists()


def test_home_of_a_killed_import_is_deleted_after_a_pause(nok, killed_import):
    imports.delete_abandoned()
    assert Home.objects.exclude(import_heartbeat_at=None).count() == 1
    Home.objects.exclude(import_heartbeat_at=None).update(import_heartbeat_at=timezone.now() - imports.MAX_PAUSE)
    imports.delete_abandoned()
    assert table_sizes() == killed_import


def test_home_of_a_killed_import_is_deleted_when_the_only_process_starts(nok, killed_import):
    imports.abandon_all()
    imports.delete_abandoned()
    assert table_sizes() == killed_import


def test_import_that_was_abandoned_stops(nok, file, during):
    past = timezone.now() - imports.MAX_PAUSE
    during(lambda: Home.objects.exclude(import_heartbeat_at=None).update(import_heartbeat_at=past))
    before = table_sizes()
    with pytest.raises(TimeoutError):
        imports.import_home(file, nok.user, origin=Origin.API)
    assert table_sizes() == before


def test_events_of_complete_homes_stay_when_an_import_is_deleted(nok, mai, killed_import):
    events = Event.objects.filter(home__in=[nok.home_id, mai.home_id]).count()
    imports.abandon_all()
    imports.delete_abandoned()
    assert Event.objects.count() == events


@pytest.mark.django_db(transaction=True)
def test_busy_database_during_an_import_is_answered_with_503(nok, file, during):
    def fail():
        raise OperationalError("database is locked")

    during(fail)
    client = Client(raise_request_exception=False)
    client.force_login(nok.user)
    before = table_sizes()
    response = client.post("/api/homes/import", file, content_type="application/json")
    assert (response.status_code, response.headers["Retry-After"]) == (503, str(RETRY_AFTER_SECONDS))
    assert table_sizes() == before


# Limits


@pytest.mark.django_db(transaction=True)
def test_second_import_of_a_person_is_refused_meanwhile(nok, mai, file, during):
    responses = []

    def import_twice():
        for member in (nok, mai):
            responses.append(in_another_process(lambda member=member: ApiClient(member).post("/homes/import", file)))

    during(import_twice)
    assert ApiClient(nok).post("/homes/import", file).status_code == 201
    own, other = responses
    assert (own.status_code, own.headers["Retry-After"]) == (429, str(imports.RETRY_AFTER_SECONDS))
    assert "already importing a home" in own.json()["error"]["message"]
    assert other.status_code == 201
    assert ApiClient(nok).post("/homes/import", file).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_imports_of_several_people_are_limited(nok, mai, file, during, monkeypatch):
    monkeypatch.setattr(ImportViewSet, "slots", BoundedSemaphore(1))
    responses = []
    during(lambda: responses.append(in_another_process(lambda: ApiClient(mai).post("/homes/import", file))))
    assert ApiClient(nok).post("/homes/import", file).status_code == 201
    assert [(each.status_code, each.headers["Retry-After"]) for each in responses] == [
        (429, str(imports.RETRY_AFTER_SECONDS))
    ]
    assert ApiClient(mai).post("/homes/import", {**file, "format": 7}).status_code == 400
    assert ApiClient(mai).post("/homes/import", file).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_repeated_request_imports_one_home(nok, file, during):
    key, client, meanwhile = str(uuid4()), ApiClient(nok), []

    def send():
        return client.post("/homes/import", file, Idempotency_Key=key)

    during(lambda: meanwhile.append(in_another_process(send).status_code))
    first, again = send(), send()
    Operation.objects.all().delete()  # as if the process had died before the response was stored
    assert (meanwhile, [each.status_code for each in (first, again, send())]) == ([429], [201] * 3)
    assert first.json()["id"] == again.json()["id"] == send().json()["id"]
    assert Home.objects.for_user(nok.user).count() == 2


def test_file_with_too_many_rows_is_refused_with_the_limit(nok, file, monkeypatch):
    monkeypatch.setattr(imports, "MAX_ROWS", 34)
    response = ApiClient(nok).post("/homes/import", file)
    assert response.status_code == 400
    assert "chat.messages" in response.text and "more than 34 rows" in response.text


def test_file_that_is_too_large_is_refused_with_the_limit(nok, file, monkeypatch):
    monkeypatch.setattr(ImportViewSet, "max_body_bytes", 2_000)
    response = ApiClient(nok).post("/homes/import", file)
    assert (response.status_code, "at most 2,000 bytes" in response.text) == (413, True)
