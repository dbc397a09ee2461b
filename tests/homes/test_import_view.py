"""The page that imports a home."""

import pytest
from django.test import Client

from homes import imports
from homes.models import Home, Import, ImportState
from tests.api.client import ApiClient
from tests.factories import person

URL = "/homes/import/"


@pytest.fixture
def job(nok, milk):
    """An import of Nok's home that waits for a worker."""
    return imports.start_import(ApiClient(nok).get("export").json(), nok.user)


def test_page_has_the_form(sign_in, nok):
    page = sign_in(nok).get(URL)
    assert (page.status_code, "<import-file" in page.text, "Cancel import" in page.text) == (200, True, False)


def test_page_without_a_home_has_the_form_as_well(db):
    client = Client()
    client.force_login(person("Som"))
    assert "<import-file" in client.get(URL).text
    assert URL in client.get("/homes/new/").text


def test_page_shows_the_progress_and_asks_again(sign_in, nok, job):
    client = sign_in(nok)
    assert "Waiting for its turn" in client.get(URL).text
    Import.objects.update(state=ImportState.WORKING, home_id=job.pk)
    assert "Checking the file" in client.get(URL).text
    Import.objects.update(total_rows=20000, done_rows=5000)
    page = client.get(URL)
    assert "5000 of 20000 rows" in page.text and 'width="25%"' in page.text
    assert 'hx-trigger="every 2s"' in page.text and "<import-file" not in page.text
    part = client.get(URL, headers={"HX-Request": "true"})
    assert "5000 of 20000 rows" in part.text and "<html" not in part.text


def test_page_links_the_imported_home(sign_in, nok, job):
    assert imports.perform_next()
    page = sign_in(nok).get(URL)
    home = Home.objects.exclude(pk=nok.home_id).get()
    assert f'href="/h/{home.pk}/"' in page.text and "every 2s" not in page.text


def test_page_shows_why_an_import_failed(sign_in, nok):
    file = ApiClient(nok).get("export").json()
    file["groceries"]["categories"][1]["name"] = "x" * 200
    imports.start_import(file, nok.user)
    assert imports.perform_next()
    page = sign_in(nok).get(URL)
    assert "groceries.categories.1.name" in page.text and "<import-file" in page.text


def test_import_can_be_cancelled(sign_in, nok, job):
    page = sign_in(nok).post(f"{URL}{job.pk}/cancel/", follow=True)
    assert "was cancelled" in page.text and "<import-file" in page.text
    assert not imports.perform_next()


def test_cancelling_a_complete_import_says_so(sign_in, nok, job):
    assert imports.perform_next()
    assert "already imported" in sign_in(nok).post(f"{URL}{job.pk}/cancel/", follow=True).text


def test_others_neither_see_nor_cancel_an_import(sign_in, ben, mai, job):
    for other in (ben, mai):
        assert "Waiting for its turn" not in sign_in(other).get(URL).text
        assert sign_in(other).post(f"{URL}{job.pk}/cancel/").status_code == 404
    job.refresh_from_db()
    assert job.state == "waiting"
