"""The API of files. What it serves, and to whom, is in test_views.py."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from homes.accounts.actions import create_api_token
from homes.files.actions import add_file
from homes.files.models import StoredFile
from tests.api.client import ApiClient
from tests.factories import by
from tests.limits import limit
from tests.pictures import PDF, picture


@pytest.fixture
def api(nok):
    return ApiClient(nok)


def form(kind, target, content=None, name="photo.jpg", **fields):
    content = picture() if content is None else content
    return {"kind": kind, "target_id": str(target.pk), "file": SimpleUploadedFile(name, content), **fields}


def test_file_is_attached_listed_read_and_removed(api, nok, milk, pizza, events):
    made = api.post("files", form("entry", milk))
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["uploaded_by"]) == ("photo.jpg", str(nok.user_id))
    receipt = api.post("files", form("expense", pizza, PDF, "bill.pdf")).json()
    assert [each["id"] for each in api.get("files").json()["results"]] == [receipt["id"], made.json()["id"]]
    for query in ("kind=expense", f"target_id={pizza.pk}"):
        assert [each["id"] for each in api.get(f"files?{query}").json()["results"]] == [receipt["id"]]
    assert api.get(f"files/{receipt['id']}").json() == receipt
    assert api.get(f"files/{receipt['id']}/content").content == PDF
    assert api.delete(f"files/{receipt['id']}").status_code == 204
    assert api.get(f"files/{receipt['id']}").status_code == 404
    assert events(nok.home) == ["file_added", "file_added", "file_removed"]


def test_repeated_request_attaches_one_file(api, nok, pizza, events):
    key = str(uuid4())
    first, second = (api.post("files", form("expense", pizza), Idempotency_Key=key) for _attempt in range(2))
    assert first.json() == second.json()
    assert second["Idempotent-Replay"] == "true"
    assert api.post("files", form("expense", pizza, PDF), Idempotency_Key=key).status_code == 409
    assert events(nok.home) == ["file_added"]


@pytest.mark.parametrize("content", [b"", b"<svg></svg>", picture()[:200]])
def test_other_contents_are_refused_with_a_sentence(api, milk, content):
    response = api.post("files", form("entry", milk, content))
    assert (response.status_code, response.json()["error"]["code"]) == (400, "refused")
    assert not StoredFile.objects.exists()


def test_fields_are_checked(api, milk):
    for changes in ({"kind": ""}, {"target_id": "42"}, {"file": "text"}):
        response = api.post("files", {**form("entry", milk), **changes})
        assert (response.status_code, list(response.json()["error"]["fields"])) == (400, list(changes))
    assert api.post("files", form("cat", milk)).status_code == 404
    assert api.post("files", {**form("entry", milk), "target_id": str(uuid4())}).status_code == 404


def test_two_files_in_a_form_are_refused(api, milk):
    two = {**form("entry", milk), "other": SimpleUploadedFile("b.jpg", picture())}
    assert api.client.post(f"/api/homes/{milk.home_id}/files", two).status_code == 400


def test_json_is_refused(api, milk):
    response = api.client.post(f"/api/homes/{milk.home_id}/files", {}, content_type="application/json")
    assert response.status_code == 415


def test_form_above_the_limit_is_refused(api, milk, settings):
    assert limit("Form with a picture or a PDF") == settings.FILE_BODY_BYTES
    length = str(settings.FILE_BODY_BYTES + 1)
    response = api.client.post(f"/api/homes/{milk.home_id}/files", form("entry", milk), CONTENT_LENGTH=length)
    assert response.status_code == 413


def test_stranger_attaches_nothing(nok, mai, milk):
    stranger = ApiClient(mai)
    assert stranger.client.post(f"/api/homes/{nok.home_id}/files", form("entry", milk)).status_code == 403
    assert stranger.post("files", form("entry", milk)).status_code == 404
    assert not StoredFile.objects.exists()


def test_token_that_only_reads_attaches_and_removes_nothing(nok, milk):
    photo = add_file("entry", milk, "milk.jpg", picture(), by=by(nok))
    _token, key = create_api_token(nok.user, "Display", ["read"])
    reader = ApiClient(nok, token=key)
    assert reader.get(f"files/{photo.pk}/content").status_code == 200
    assert reader.post("files", form("entry", milk, picture(colour="red"))).status_code == 403
    assert reader.delete(f"files/{photo.pk}").status_code == 403
    assert StoredFile.objects.attached().get() == photo


def test_token_that_only_writes_learns_nothing_but_the_id(nok, milk):
    _token, key = create_api_token(nok.user, "Scanner", ["write"])
    assert list(ApiClient(nok, token=key).post("files", form("entry", milk)).json()) == ["id"]
