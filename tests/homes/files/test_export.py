"""Files in the export of a home, and in the home that is imported from it."""

import json
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest

from groceries.actions import archive_list, create_expense, end_shopping, remove_expense, start_shopping
from groceries.models import Expense, ListEntry, Trip
from homes.events.models import Event
from homes.files import export
from homes.files.actions import add_file, remove_file
from homes.files.models import StoredFile
from homes.imports import perform_next
from homes.models import Home, Import
from tests.api.client import ApiClient
from tests.factories import by
from tests.limits import limit
from tests.pictures import PDF, opened, picture

pytestmark = pytest.mark.both_databases


@pytest.fixture
def scene(nok, ben, milk, pizza):
    """A picture on an archived list, receipts of an expense and of a trip without a total, and what is not exported."""
    start_shopping(milk.list, by=by(nok))
    end_shopping(milk.list, by=by(nok))
    add_file("entry", milk, "milk.jpg", picture(), by=by(nok))
    add_file("expense", pizza, "bill.pdf", PDF, by=by(ben))
    add_file("trip", Trip.objects.get(), "receipt.png", picture("PNG"), by=by(nok))
    remove_file(add_file("expense", pizza, "removed.jpg", picture(colour="red"), by=by(nok)), by=by(nok))
    gone = create_expense("Tea", Decimal(1), by=by(nok))
    add_file("expense", gone, "orphan.jpg", picture(), by=by(nok))
    remove_expense(gone, by=by(nok))
    archive_list(milk.list, by=by(nok))


@pytest.fixture
def file(nok, scene):
    return ApiClient(nok).get("export").json()


def imported(nok, file):
    """Import the file. Returns the new home, or the error."""
    job = ApiClient(nok).post("/homes/import", {**file, "home": {**file["home"], "name": "Copy"}}).json()
    assert perform_next()
    row = Import.objects.get(pk=job["id"])
    return row.error or Home.objects.get(pk=row.home_id)


def test_files_are_exported_with_their_rows(nok, milk, pizza, file):
    rows = file["groceries"]["files"]
    assert [row["name"] for row in rows] == ["receipt.png", "bill.pdf", "milk.jpg"]
    assert {"kind", "target_id", "name", "uploaded_by_id", "created_at", "content"} == set(rows[0])
    assert [row["id"] for row in file["groceries"]["entries"] if "id" in row] == [str(milk.pk)]
    assert [row["id"] for row in file["groceries"]["expenses"]] == [str(pizza.pk)]


def test_imported_home_has_the_files(nok, file):
    home = imported(nok, file)
    files = {each.name: each for each in StoredFile.objects.filter(home=home)}
    assert set(files) == {"receipt.png", "bill.pdf", "milk.jpg"}
    assert files["milk.jpg"].target_id == ListEntry.objects.get(home=home).pk
    assert files["bill.pdf"].target_id == Expense.objects.get(home=home).pk
    assert files["receipt.png"].target_id == Trip.objects.get(home=home).pk
    assert files["bill.pdf"].read() == PDF
    assert opened(files["milk.jpg"].read()).size == (64, 48)
    assert (files["milk.jpg"].uploaded_by, files["bill.pdf"].uploaded_by) == (nok.user, None)
    assert Event.objects.filter(home=home, type="file_added").count() == 3
    for each in files.values():
        assert each.content.name.startswith(f"{home.pk}/")


def test_export_of_the_imported_home_is_the_same(nok, file):
    again = ApiClient(nok).get(f"/homes/{imported(nok, file).pk}/export").json()
    for before, after in zip(file["groceries"]["files"], again["groceries"]["files"], strict=True):
        assert (before["kind"], before["name"], before["created_at"]) == (
            after["kind"],
            after["name"],
            after["created_at"],
        )


def test_contents_that_do_not_fit_are_left_out_and_the_rest_is_imported(nok, scene, monkeypatch):
    newest = StoredFile.objects.get(name="receipt.png")
    monkeypatch.setattr(export, "MAX_EXPORTED_BYTES", newest.size + len(PDF))
    file = ApiClient(nok).get("export").json()
    assert [bool(row["content"]) for row in file["groceries"]["files"]] == [True, True, False]
    home = imported(nok, file)
    assert {each.name for each in StoredFile.objects.filter(home=home)} == {"receipt.png", "bill.pdf"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"content": "PHN2Zz48L3N2Zz4="}, "groceries.files.0. We can't read this file"),
        ({"content": "a"}, "groceries.files.0.content"),
        ({"kind": "cat"}, "isn't in the file"),
        ({"target_id": "0199a1b2-0000-7000-8000-000000000042"}, "isn't in the file"),
        ({"name": "x" * 256}, "groceries.files.0.name"),
    ],
)
def test_invalid_file_creates_no_home_and_leaves_nothing(
    nok, file, change, words, storage, django_capture_on_commit_callbacks
):
    before = len(storage.listdir("")[0])
    file["groceries"]["files"][0] |= change
    with django_capture_on_commit_callbacks(execute=True):
        assert words in imported(nok, file)
    assert len(storage.listdir("")[0]) == before


def test_more_files_than_a_row_can_have_are_refused(nok, file):
    files = file["groceries"]["files"]
    files.append({**files[2], "content": None, "name": "other.jpg"} | {"content": files[0]["content"]})
    assert "There can be 1 files here" in imported(nok, file)


def test_owner_downloads_all_files_as_an_archive(nok, ben, mai, scene, sign_in):
    url = f"/h/{nok.home_id}/files/archive"
    response = sign_in(nok).get(url)
    assert response["Content-Disposition"] == 'attachment; filename="files.zip"'
    with ZipFile(BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        index = json.loads(archive.read("files.json"))
        assert archive.read(next(name for name in names if name.endswith("bill.pdf"))) == PDF
    assert len(names) == 4 and {each["name"] for each in index} == {"milk.jpg", "bill.pdf", "receipt.png"}
    assert {each["path"] for each in index} == set(names) - {"files.json"}
    assert sign_in(ben).get(url).status_code == 403
    assert sign_in(mai).get(url).status_code == 404


def test_limit_of_an_export_is_documented():
    assert limit("Contents of files in the export of a home") == export.MAX_EXPORTED_BYTES
