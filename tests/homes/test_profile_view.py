import pytest
from django.test import Client

URL = "/me/"


def test_saving_the_profile_changes_the_name(nok, sign_in, events):
    client = sign_in(nok)
    assert "nok@example.com" in client.get(URL).text
    assert client.post(URL, {"name": "Nok Suda"}).url == URL
    nok.user.refresh_from_db()
    assert nok.user.name == "Nok Suda"
    assert events(nok.home) == ["member_updated"]


def test_profile_links_to_the_account_pages(nok, sign_in):
    client = sign_in(nok)
    pages = client.get(URL).text + client.get("/me/security/").text
    assert "/me/security/" in client.get(URL).text
    for address in ("/accounts/email/", "/accounts/password/change/", "/accounts/2fa/", "/accounts/logout/"):
        assert address in pages


@pytest.mark.parametrize("invalid", [{"name": ""}, {"name": "\x00"}, {"name": "x" * 5000}])
def test_invalid_value_shows_an_error_at_its_field(nok, sign_in, invalid):
    page = sign_in(nok).post(URL, invalid)
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    nok.user.refresh_from_db()
    assert nok.user.name == "Nok"


def test_profile_works_without_a_home(nok, ben, sign_in):
    client = sign_in(ben)
    ben.delete()
    assert client.get(URL).status_code == 200


def test_profile_redirects_anonymous_users_to_sign_in(db):
    assert Client().get(URL).url == f"/accounts/login/?next={URL}"


@pytest.mark.parametrize("path", ["email/", "password/change/", "2fa/", "logout/"])
def test_account_pages_open(nok, sign_in, path):
    assert sign_in(nok).get(f"/accounts/{path}").status_code == 200
