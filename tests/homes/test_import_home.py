"""A worker imports a home in short transactions, and nobody sees the home before it is complete."""

from datetime import timedelta
from functools import partial
from threading import BoundedSemaphore
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.actions import send_message
from chat.export import ChatImport
from chat.models import Message
from groceries.actions import create_list
from homes import imports
from homes.api.export import MAX_CONCURRENT_UPLOADS, ImportViewSet
from homes.closing import close_account
from homes.events.models import Event
from homes.export import RETRY_AFTER_SECONDS
from homes.models import Home, Import, Membership
from homes.tasks import IMPORT_THREADS, sweep_imports, tidy
from pantry.models import Operation
from pixie.actions import remember_passage
from pixie.actions.suggestions import make_all_suggestions
from pixie.memory import ingest
from pixie.models import Suggestion
from pixie.runs import queue
from tests.api.client import ApiClient
from tests.factories import by, run_concurrently
from tests.limits import limit

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
        imports.start_import(file, nok.user)
        with pytest.raises(ProcessDied):
            imports.perform_next()
    return before


def perform(file, member):
    """Import the file as a worker does. Returns the import afterwards."""
    job = imports.start_import(file, member.user)
    assert imports.perform_next()
    job.refresh_from_db()
    return job


def pass_time(pause=Import.MAX_PAUSE):
    Import.objects.update(heartbeat_at=timezone.now() - pause)


def table_sizes():
    tables = [name for name in connection.introspection.table_names() if not name.endswith(SHADOW_TABLES)]
    sizes = {}
    with connection.cursor() as cursor:
        for table in sorted({*tables} - {Import._meta.db_table}):
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
    job = perform(file, nok)
    assert mai.home.lists.filter(name="Meanwhile").exists()
    assert Message.objects.filter(home=job.home_id).count() == 35


def test_transactions_of_an_import_have_at_most_a_batch_of_rows(nok, file, small_batches, monkeypatch):
    sizes, record_all = [], imports.record_all

    def count(events, by):
        sizes.append(len(events))
        record_all(events, by=by)

    monkeypatch.setattr(imports, "record_all", count)
    perform(file, nok)
    assert sizes.count(BATCH_ROWS) == 3 and max(sizes) == BATCH_ROWS


def test_rows_of_a_batch_are_written_together(nok, file):
    def count_queries(messages):
        file["chat"]["messages"] = [{**file["chat"]["messages"][0], "id": str(uuid4())} for _number in range(messages)]
        with CaptureQueriesContext(connection) as queries:
            assert perform(file, nok).state == "done"
        return len(queries)

    assert count_queries(101) - count_queries(1) < 10


# Progress


@pytest.mark.django_db(transaction=True)
def test_progress_of_an_import_is_visible_meanwhile(nok, file, during):
    client, seen = ApiClient(nok), []
    response = client.post("/homes/import", file)
    job = f"/homes/import/{response.json()['id']}"
    assert (response.status_code, response.json()["state"]) == (202, "waiting")
    during(lambda: seen.append(in_another_process(lambda: client.get(job).json())))
    assert imports.perform_next()
    [halfway], done = seen, client.get(job).json()
    assert (halfway["state"], halfway["home"], halfway["finished_at"]) == ("working", None, None)
    assert 2 * BATCH_ROWS <= halfway["done_rows"] < halfway["total_rows"] == done["total_rows"]
    assert (done["state"], done["done_rows"]) == ("done", done["total_rows"])
    assert Home.objects.for_user(nok.user).filter(pk=done["home"]).exists()
    assert bytes(Import.objects.get().file) == b""


def test_only_the_person_who_imports_sees_and_cancels_an_import(nok, ben, mai, file):
    job = f"/homes/import/{ApiClient(nok).post('/homes/import', file).json()['id']}"
    for other in (ben, mai):
        assert [getattr(ApiClient(other), method)(job).status_code for method in ("get", "delete")] == [404, 404]
    assert imports.perform_next()
    assert ApiClient(nok).get(job).json()["state"] == "done"


def test_nothing_is_imported_twice(nok, file):
    perform(file, nok)
    assert not imports.perform_next()
    assert Home.objects.for_user(nok.user).count() == 2


def test_finished_imports_are_deleted_after_a_week(nok, file):
    perform(file, nok)
    tidy()
    assert Import.objects.exists()
    Import.objects.update(finished_at=timezone.now() - Import.LIFETIME - timedelta(hours=1))
    tidy()
    assert not Import.objects.exists()


# Cancelling


@pytest.mark.django_db(transaction=True)
def test_cancelling_in_the_middle_leaves_nothing(nok, file, during):
    client, before = ApiClient(nok), table_sizes()
    job = f"/homes/import/{client.post('/homes/import', file).json()['id']}"
    during(lambda: in_another_process(lambda: client.delete(job)))
    assert imports.perform_next()
    assert table_sizes() == before
    assert (client.get(job).json()["state"], bytes(Import.objects.get().file)) == ("cancelled", b"")
    assert client.delete(job).status_code == 204
    assert client.import_home(file)


def test_cancelled_import_never_begins(nok, file):
    client = ApiClient(nok)
    job = f"/homes/import/{client.post('/homes/import', file).json()['id']}"
    assert client.delete(job).status_code == 204
    assert not imports.perform_next()


def test_complete_import_cannot_be_cancelled(nok, file):
    job = perform(file, nok)
    response = ApiClient(nok).delete(f"/homes/import/{job.pk}")
    assert (response.status_code, "already imported" in response.text) == (409, True)
    assert Home.objects.for_user(nok.user).filter(pk=job.home_id).exists()


@pytest.mark.django_db(transaction=True)
def test_import_of_a_closed_account_stops_and_leaves_nothing(mai, nok, file, during):
    during(lambda: in_another_process(lambda: close_account(mai.user)))
    imports.start_import(file, mai.user)
    assert imports.perform_next()
    assert Home.objects.get() == nok.home
    assert not Import.objects.exists()


# Errors


@pytest.mark.usefixtures("small_batches")
def test_error_that_only_the_database_finds_names_the_row(nok, file):
    entry = file["groceries"]["entries"][0]
    file["groceries"]["entries"] = [{**entry, "price_paid": None} for _number in range(3)]
    file["groceries"]["entries"][1]["state"] = "purchased"  # by nobody, at no time
    before = table_sizes()
    job = perform(file, nok)
    assert (job.state, "groceries.entries.1." in job.error) == ("failed", True)
    assert table_sizes() == before


def test_invalid_row_after_written_ones_leaves_nothing(nok, file, small_batches):
    past = "2020-01-01T00:00:00Z"
    rule = {"prompt": "Bins", "starts_at": past, "trigger_at": past, "rrule": "FREQ=NEVER"}
    file["schedules"]["waiting"] = [rule]
    client = ApiClient(nok)
    before = table_sizes()
    failed = client.import_file(file)
    assert (failed["state"], "schedules.waiting.0" in failed["error"]) == ("failed", True)
    assert table_sizes() == before


@pytest.mark.parametrize("number", [-1, 2**15, 2**31, 2**63 - 1, 2**63, 1e30])
@pytest.mark.parametrize(
    ("section", "field"), [(("groceries", "categories"), "position"), (("chat", "messages"), "version")]
)
def test_number_that_is_too_large_is_refused(nok, file, section, field, number):
    if field == "version" and 0 < number < 2**30:
        pytest.skip("fits")
    file[section[0]][section[1]][1][field] = number
    job = perform(file, nok)
    assert (job.state, f"{'.'.join(section)}.1.{field}. " in job.error) == ("failed", True)


@pytest.mark.parametrize(
    ("part", "section", "other"),
    [
        ("groceries", "categories", {"name": "Pets"}),
        ("groceries", "items", {"name": "Pear"}),
        ("groceries", "items", {}),
        ("groceries", "lists", {"name": "Party"}),
        ("chat", "channels", {"name": "party", "is_system": False}),
        ("chat", "messages", {"body": "Other words"}),
    ],
)
def test_two_rows_with_one_id_are_refused(nok, file, part, section, other):
    """Else it would be a matter of luck which of them others refer to."""
    rows = file[part][section]
    rows.append({**rows[0], **other})
    job = perform(file, nok)
    assert (job.state, f"{part}.{section}.{len(rows) - 1}. Another row has the id" in job.error) == ("failed", True)


@pytest.mark.parametrize("in_time", [True, False])
def test_limit_of_homes_is_no_fault_of_the_file(nok, file, monkeypatch, in_time):
    limit = "You can create at most 0 homes."
    if in_time:
        monkeypatch.setattr(Home, "MAX_PER_FOUNDER", 0)
        response = ApiClient(nok).post("/homes/import", file)
        assert (response.status_code, response.json()["error"]["message"]) == (400, limit)
        assert not Import.objects.exists()
    else:
        job = imports.start_import(file, nok.user)
        monkeypatch.setattr(Home, "MAX_PER_FOUNDER", 0)
        assert imports.perform_next()
        job.refresh_from_db()
        assert (job.state, job.error) == ("failed", limit)


def test_unexpected_error_is_logged_and_leaves_nothing(nok, file, during, caplog):
    def fail():
        raise RuntimeError("a fault of ours")

    before = table_sizes()
    during(fail)
    job = perform(file, nok)
    assert (job.state, "on our side" in job.error) == ("failed", True)
    assert "a fault of ours" in caplog.text
    assert table_sizes() == before


def test_import_that_the_database_was_too_busy_for_is_resumed(nok, file, during):
    def fail():
        raise OperationalError("database is locked")

    before = table_sizes()
    during(fail)
    job = perform(file, nok)
    assert (job.state, table_sizes()) == ("working", before)
    pass_time()
    assert imports.perform_next()
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)


# Workers that die


def test_import_leaves_nothing_when_its_process_ends_by_an_exception(nok, file, during):
    def fail():
        raise ProcessDied

    before = table_sizes()
    during(fail)
    with pytest.raises(ProcessDied):
        perform(file, nok)
    assert table_sizes() == before


def test_home_of_a_killed_import_is_invisible_and_idle(nok, killed_import):
    home = Home.objects.get(is_complete=False)
    assert Message.objects.filter(home=home).count() == 2 * BATCH_ROWS
    assert not Membership.objects.filter(home=home).exists()
    assert home.pk not in {row["id"] for row in ApiClient(nok).get("/homes").json()["results"]}
    assert ApiClient(nok).get(f"/homes/{home.pk}/lists").status_code == 403
    assert home.pk not in queue.homes_with_work() | ingest.waiting_homes()
    make_all_suggestions(timezone.now())
    assert not Suggestion.objects.filter(home=home).exists()


def test_killed_import_begins_again_after_a_pause(nok, killed_import):
    sweep_imports()
    assert not imports.perform_next()
    pass_time()
    assert imports.perform_next()
    job = Import.objects.get()
    assert (job.state, job.attempts) == ("done", 2)
    assert Message.objects.filter(home=job.home_id).count() == 35
    sweep_imports()
    assert set(Home.objects.for_user(nok.user)) == set(Home.objects.all())


def test_killed_import_begins_again_when_the_only_process_starts(nok, killed_import):
    imports.release_all()
    assert imports.perform_next()
    assert Import.objects.get().state == "done"


@pytest.mark.django_db(transaction=True)
def test_sweep_deletes_what_a_killed_import_has_left(nok, mai, killed_import):
    events = Event.objects.filter(home__in=[nok.home_id, mai.home_id]).count()
    Import.objects.all().delete()
    sweep_imports()
    assert table_sizes() == killed_import
    assert Event.objects.count() == events


def test_import_that_kills_its_worker_each_time_fails(nok, file, killed_import):
    Import.objects.update(attempts=Import.MAX_ATTEMPTS)
    pass_time()
    assert imports.perform_next()
    sweep_imports()
    job = Import.objects.get()
    assert (job.state, "stopped each time" in job.error) == ("failed", True)
    assert table_sizes() == killed_import


def test_import_that_another_worker_took_over_stops(nok, file, during, monkeypatch):
    def take_over():
        pass_time()
        assert imports.perform_next()

    during(take_over)
    job = perform(file, nok)
    assert (job.state, job.attempts) == ("done", 2)
    assert set(Home.objects.values_list("pk", flat=True)) == {nok.home_id, job.home_id}
    assert Message.objects.filter(home=job.home_id).count() == 35


def test_process_that_ends_leaves_its_import_to_another(nok, file, during):
    during(imports.process_ends.set)
    try:
        before = table_sizes()
        job = perform(file, nok)
    finally:
        imports.process_ends.clear()
    assert (job.state, job.attempts, table_sizes()) == ("waiting", 0, before)
    assert imports.perform_next()
    job.refresh_from_db()
    assert job.state == "done"


# Limits


def test_limits_are_as_documented():
    assert limit("Rows of each kind in an import") == imports.MAX_ROWS
    assert limit("Imports at the same time, in each process") == IMPORT_THREADS
    assert limit("Imports that arrive at the same time, in each process") == MAX_CONCURRENT_UPLOADS
    assert limit("Attempts of an import whose worker dies") == Import.MAX_ATTEMPTS
    assert timedelta(days=limit("Age of a finished import")) == Import.LIFETIME
    assert limit("Unfinished imports of a user") == 1


@pytest.mark.django_db(transaction=True)
def test_second_import_of_a_person_is_refused_meanwhile(nok, mai, file):
    first, second, other = (ApiClient(member).post("/homes/import", file) for member in (nok, nok, mai))
    assert [each.status_code for each in (first, second, other)] == [202, 409, 202]
    assert "already importing a home" in second.json()["error"]["message"]
    while imports.perform_next():
        pass
    assert ApiClient(nok).post("/homes/import", file).status_code == 202


@pytest.mark.django_db(transaction=True)
def test_of_concurrent_imports_of_a_person_one_is_accepted(nok, file, monkeypatch):
    monkeypatch.setattr(ImportViewSet, "slots", BoundedSemaphore(4))
    statuses = [response.status_code for response in run_concurrently(*[partial(post_import, nok, file)] * 4)]
    assert sorted(statuses) == [202, 409, 409, 409]


def post_import(member, file):
    return ApiClient(member).post("/homes/import", file)


def test_database_refuses_a_second_unfinished_import_of_a_person(nok):
    Import.objects.create(user=nok.user, name="Hut")
    with pytest.raises(IntegrityError), transaction.atomic():
        Import.objects.create(user=nok.user, name="Hut")


def test_files_that_arrive_at_the_same_time_are_limited(nok, file, monkeypatch):
    monkeypatch.setattr(ImportViewSet, "slots", BoundedSemaphore(1))
    ImportViewSet.slots.acquire()
    response = ApiClient(nok).post("/homes/import", file)
    assert (response.status_code, response.headers["Retry-After"]) == (429, str(RETRY_AFTER_SECONDS))
    ImportViewSet.slots.release()
    assert ApiClient(nok).post("/homes/import", {**file, "format": 7}).status_code == 400
    assert ApiClient(nok).post("/homes/import", file).status_code == 202


def test_repeated_request_imports_one_home(nok, file):
    key, client = str(uuid4()), ApiClient(nok)

    def send():
        return client.post("/homes/import", file, Idempotency_Key=key)

    first = send()
    Operation.objects.all().delete()  # as if the process had died before the response was stored
    again = send()
    assert imports.perform_next()
    repeated = send()
    assert [each.status_code for each in (first, again, repeated)] == [202] * 3
    assert first.json()["id"] == again.json()["id"] == repeated.json()["id"]
    assert not imports.perform_next()
    assert Home.objects.for_user(nok.user).count() == 2


def test_file_with_too_many_rows_is_refused_with_the_limit(nok, file, monkeypatch):
    monkeypatch.setattr(imports, "MAX_ROWS", 34)
    job = perform(file, nok)
    assert job.state == "failed"
    assert "chat.messages" in job.error and "more than 34 rows" in job.error


def test_file_that_is_too_large_is_refused_with_the_limit(nok, file, monkeypatch):
    monkeypatch.setattr(ImportViewSet, "max_body_bytes", 2_000)
    response = ApiClient(nok).post("/homes/import", file)
    assert (response.status_code, "at most 2,000 bytes" in response.text) == (413, True)
