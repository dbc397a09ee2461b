"""The addresses of files: who gets what, and with which headers."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from groceries.actions import archive_list, create_guest_link
from groceries.models import GuestLink
from homes.accounts.actions import create_api_token
from homes.actions import remove_member
from homes.files.actions import add_file, remove_file
from homes.files.models import StoredFile
from tests.counting import queries_of
from tests.factories import by
from tests.pictures import PDF, opened, picture


@pytest.fixture
def url(nok, photo):
    return f"/h/{nok.home_id}/files/{photo.pk}/"


@pytest.fixture
def receipt(nok, pizza):
    return add_file("expense", pizza, "ใบเสร็จ.exe", PDF, by=by(nok))


def paths(file):
    """Return the addresses of a file for pages and for clients of the API."""
    ends = ("content", "thumbnail") if file.is_picture else ("content",)
    return [f"{root}/{file.pk}/{end}" for root in roots(file) for end in ends]


def roots(file):
    return f"/h/{file.home_id}/files", f"/api/homes/{file.home_id}/files"


def upload(client, home, kind, target, content, **fields):
    form = {"file": SimpleUploadedFile("photo.png", content), "op_id": uuid4(), **fields}
    return client.post(f"/h/{home.pk}/files/{kind}/{target.pk}/add", form, follow=True)


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_picture_and_thumbnail_are_served_with_safe_headers(nok, photo, sign_in):
    for path in paths(photo):
        response = sign_in(nok).get(path, headers={"Accept": "image/*", "Accept-Encoding": "gzip"})
        content = body(response)
        assert response.status_code == 200
        assert response["Content-Type"] == f"image/{opened(content).format.lower()}"
        assert int(response["Content-Length"]) == len(content)
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert response["Cache-Control"] == "private, no-cache"
        assert response["Content-Disposition"].startswith("inline")
        assert "Content-Encoding" not in response


def test_pdf_is_downloaded_under_the_name_of_what_it_is(nok, receipt, sign_in):
    for path in paths(receipt):
        response = sign_in(nok).get(path)
        assert body(response) == PDF
        assert response["Content-Type"] == "application/pdf"
        disposition = "attachment; filename*=utf-8''%E0%B9%83%E0%B8%9A%E0%B9%80%E0%B8%AA%E0%B8%A3%E0%B9%87%E0%B8%88.pdf"
        assert response["Content-Disposition"] == disposition
    assert {sign_in(nok).get(f"{root}/{receipt.pk}/thumbnail").status_code for root in roots(receipt)} == {404}


def test_file_that_the_client_has_is_not_sent_again(nok, photo, sign_in):
    client = sign_in(nok)
    for path in paths(photo):
        etag = client.get(path)["ETag"]
        response = client.get(path, headers={"If-None-Match": etag})
        assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
        assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-3", slice(0, 4)),
        ("bytes=5-", slice(5, None)),
        ("bytes=-7", slice(-7, None)),
        ("bytes=2-9999999", slice(2, None)),
    ],
)
def test_single_range_is_sent(nok, receipt, sign_in, header, part):
    response = sign_in(nok).get(paths(receipt)[0], headers={"Range": header, "If-Range": f'"{receipt.sha256}"'})
    content = body(response)
    start = PDF.index(content)
    assert (response.status_code, content) == (206, PDF[part])
    assert response["Content-Range"] == f"bytes {start}-{start + len(content) - 1}/{len(PDF)}"
    assert int(response["Content-Length"]) == len(content)


@pytest.mark.parametrize("header", ["bytes=0-1,3-4", "bytes=-", "bytes=a-b", "lines=1-2", "bytes=9"])
def test_other_ranges_are_ignored(nok, receipt, sign_in, header):
    response = sign_in(nok).get(paths(receipt)[0], headers={"Range": header})
    assert (response.status_code, body(response)) == (200, PDF)


def test_range_of_another_version_is_ignored(nok, receipt, sign_in):
    response = sign_in(nok).get(paths(receipt)[0], headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (response.status_code, body(response)) == (200, PDF)


@pytest.mark.parametrize("header", ["bytes=9999-", "bytes=5-2", "bytes=-0"])
def test_range_outside_of_the_file_is_refused(nok, receipt, sign_in, header):
    response = sign_in(nok).get(paths(receipt)[0], headers={"Range": header})
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{len(PDF)}")


def test_head_has_no_body(nok, receipt, sign_in):
    response = sign_in(nok).head(paths(receipt)[0], headers={"Range": "bytes=0-3"})
    assert (response.status_code, body(response)) == (200, b"")
    assert int(response["Content-Length"]) == len(PDF)


def test_missing_contents_are_404(nok, photo, sign_in):
    photo.delete_contents()
    assert {sign_in(nok).get(path).status_code for path in paths(photo)} == {404}


# Who


def test_strangers_and_removed_members_get_nothing(nok, ben, mai, photo, receipt, sign_in):
    clients = [sign_in(mai), sign_in(ben)]
    remove_member(ben, by=by(nok))
    for client in clients:
        for file in (photo, receipt):
            pages = [path for path in paths(file) if path.startswith("/h/")] + [f"/h/{nok.home_id}/files/{file.pk}/"]
            assert {client.get(path).status_code for path in pages} == {404}
            assert {client.get(path).status_code for path in paths(file) if path not in pages} == {403}
            assert client.post(f"/h/{nok.home_id}/files/{file.pk}/remove").status_code == 404
    assert StoredFile.objects.attached().count() == 2


def test_file_is_not_found_under_another_home(nok, mai, photo, sign_in):
    for root in (f"/h/{mai.home_id}/files", f"/api/homes/{mai.home_id}/files"):
        assert sign_in(mai).get(f"{root}/{photo.pk}/content").status_code == 404


def test_anonymous_visitors_and_guests_sign_in_first(nok, milk, photo):
    _link, token = create_guest_link(milk.list, "Al", by=by(nok), lifetime=GuestLink.LIFETIMES[0])
    client = Client()
    page = client.get(f"/shared/{token}/")
    assert "Milk" in page.text and str(photo.pk) not in page.text
    assert [client.get(path).status_code for path in paths(photo)] == [302, 302, 401, 401]


@pytest.mark.parametrize("scopes", [["write"], ["chat"], ["admin"]])
def test_token_without_the_scope_reads_no_file(nok, photo, scopes):
    _token, key = create_api_token(nok.user, "Display", scopes)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    api = [path for path in paths(photo) if path.startswith("/api/")]
    assert {client.get(path).status_code for path in api} == {403}


def test_file_of_an_archived_list_is_out_of_sight(nok, milk, photo, sign_in):
    archive_list(milk.list, by=by(nok))
    assert {sign_in(nok).get(path).status_code for path in paths(photo)} == {404}


def test_removed_file_is_not_found(nok, photo, sign_in):
    remove_file(photo, by=by(nok))
    assert {sign_in(nok).get(path).status_code for path in paths(photo)} == {404}


# Pages


def test_page_shows_the_picture_and_removes_it_with_undo(nok, milk, url, photo, sign_in):
    client = sign_in(nok)
    page = client.get(url).text
    assert f'src="{url}content"' in page and "milk.jpg" in page
    after = client.post(f"{url}remove", {"op_id": uuid4()}, follow=True)
    assert after.redirect_chain[-1][0] == f"/h/{nok.home_id}/lists/{milk.list_id}/{milk.pk}/edit"
    assert "milk.jpg is removed." in after.text
    assert not StoredFile.objects.attached().exists()
    undo = after.text.split('action="/h/')[1].split('"')[0]
    edit = f"/h/{nok.home_id}/lists/{milk.list_id}/{milk.pk}/edit"
    assert client.post(f"/h/{undo}", follow=True).redirect_chain[-1][0] == edit
    assert StoredFile.objects.attached().get() == photo


def test_page_of_a_pdf_offers_it_for_download(nok, receipt, sign_in):
    page = sign_in(nok).get(f"/h/{nok.home_id}/files/{receipt.pk}/").text
    assert 'download="ใบเสร็จ.pdf"' in page and "<img" not in page.split('id="main"')[1]


def test_form_uploads_once_however_often_it_is_sent(nok, milk, sign_in, events):
    client, form = sign_in(nok), {"op_id": uuid4()}
    page = upload(client, nok.home, "entry", milk, picture(), **form)
    assert "photo.png is added." in page.text and "/undo" in page.text
    upload(client, nok.home, "entry", milk, picture(), **form)
    assert events(nok.home) == ["file_added"]
    upload(client, nok.home, "entry", milk, picture("PNG", colour="blue"), **form)  # after Back
    assert events(nok.home) == ["file_added", "file_removed", "file_added"]


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose a file first."),
        ({"file": SimpleUploadedFile("a.svg", b"<svg></svg>")}, "We can&#x27;t read this file."),
        ({"file": SimpleUploadedFile("a.png", b"")}, "We can&#x27;t read this file."),
    ],
)
def test_form_says_why_a_file_is_refused(nok, milk, sign_in, form, sentence):
    page = sign_in(nok).post(f"/h/{nok.home_id}/files/entry/{milk.pk}/add", form, follow=True)
    assert sentence in page.text
    assert not StoredFile.objects.exists()


def test_form_for_an_unknown_kind_or_row_is_not_found(nok, milk, sign_in):
    for path in (f"cat/{milk.pk}", f"entry/{uuid4()}"):
        assert sign_in(nok).post(f"/h/{nok.home_id}/files/{path}/add").status_code == 404


def test_page_of_a_file_needs_a_bounded_number_of_queries(nok, url, sign_in):
    client = sign_in(nok)
    client.get(url)
    assert queries_of(lambda: client.get(url)) < 25
