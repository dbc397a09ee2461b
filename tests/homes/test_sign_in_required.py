"""A page whose session has ended meanwhile."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from tests.api.client import read_stream
from tests.factories import sign_in


@pytest.fixture
def page(nok):
    return f"/h/{nok.home_id}/home/"


def next_of(url):
    return parse_qs(urlsplit(url).query)["next"]


def test_signing_in_after_a_form_leads_back_to_its_page(nok, page, events):
    client = Client()
    response = client.post(f"{page}invite/", headers={"Referer": f"http://testserver{page}"}, follow=True)
    [(url, _status)] = response.redirect_chain
    assert "nothing was changed" in response.text
    assert events(nok.home) == []
    sign_in_url, fields = url, {"login": "nok@example.com", "password": "correct horse battery staple"}
    response = client.post(sign_in_url, fields, follow=True)
    assert (response.request["PATH_INFO"], response.status_code) == (page, 200)


def test_htmx_request_opens_the_sign_in_page(nok, weekly):
    page = f"/h/{nok.home_id}/lists/{weekly.pk}/"
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    response = Client().post(f"{page}state", {"state": "approved"}, headers=headers)
    assert (response.status_code, next_of(response["HX-Redirect"])) == (200, [f"http://testserver{page}"])


@pytest.mark.parametrize("referer", ["https://evil.example/", "javascript:alert(1)", "//evil.example", ""])
def test_foreign_referer_is_ignored(page, referer):
    response = Client().post(f"{page}leave/", headers={"Referer": referer})
    assert next_of(response.url) == [f"{page}leave/"]


def test_page_over_the_limit_says_when_to_try_again(nok, page, settings):
    settings.API_RATES, client = {"pages": "1/m/user"}, sign_in(nok)
    cache.clear()
    assert [client.get(page).status_code for _ in range(2)] == [200, 429]
    response = client.get("/me/", headers={"HX-Request": "true"})
    assert f"Try again in {response['Retry-After']} seconds." in response.text
    assert response["HX-Reswap"] == "none"
    cache.clear()


@pytest.mark.parametrize(
    "url",
    [
        "/me/",
        "/me/security/",
        "/me/security/tokens/new/",
        "/me/export/",
        "/me/close/",
        "/homes/new/",
        "/homes/import/",
    ],
)
def test_pages_outside_of_a_home_are_limited(nok, settings, url):
    settings.API_RATES, client = {"pages": "1/m/user"}, sign_in(nok)
    cache.clear()
    assert read_stream(client.get(url)).status_code in (200, 302)
    assert client.get(url).status_code == 429
    cache.clear()


def test_opening_the_url_of_a_form_shows_a_page(nok, page):
    response = sign_in(nok).get(f"{page}invite/")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert int(response["Content-Length"]) == len(response.content)
    assert "Go home" in response.text
    assert not sign_in(nok).put(f"{page}invite/").content
