"""The page “Sign-in and security”."""

import re
from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.utils import timezone

from homes.accounts.actions import create_api_token, revoke_api_token
from homes.accounts.api.jwt import tokens_for
from homes.accounts.models import ApiToken
from homes.tasks import tidy
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import found_home, sign_in

PASSWORD = "correct horse battery staple"
URL = "/me/security/"
FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile Safari/604.1"


def page_client(email="nok@example.com", user_agent=FIREFOX):
    client = Client(headers={"User-Agent": user_agent})
    client.post("/accounts/login/", {"login": email, "password": PASSWORD})
    return client


@pytest.fixture
def client(nok):
    return page_client()


def is_signed_in(client):
    return client.get("/me/").status_code == 200


# Sessions


def test_page_lists_the_sessions_and_marks_this_one(client):
    page_client(user_agent=SAFARI)
    page = client.get(URL).text
    assert page.index("Firefox, Android") < page.index("Safari, iPhone")
    assert page.count("(this device)") == 1
    assert page.count("from 127.0.0.1") == 2


def test_session_can_be_ended(client):
    other = page_client(user_agent=SAFARI)
    row = UserSession.objects.get(user_agent=SAFARI)
    assert client.post(f"{URL}sessions/{row.pk}/end/").url == URL
    assert not is_signed_in(other)
    assert is_signed_in(client)
    assert "Safari" not in client.get(URL).text


def test_ending_this_session_signs_out(client):
    row = UserSession.objects.get()
    assert client.post(f"{URL}sessions/{row.pk}/end/").url == "/accounts/login/"
    assert not is_signed_in(client)


def test_session_of_another_person_cannot_be_ended(client, ben):
    bens = page_client("ben@example.com", SAFARI)
    row = UserSession.objects.get(user_agent=SAFARI)
    assert client.post(f"{URL}sessions/{row.pk}/end/").status_code == 404
    assert is_signed_in(bens)
    assert "Safari" not in client.get(URL).text


def test_signing_out_everywhere_else_ends_everything_but_this_session(client, nok):
    other = page_client(user_agent=SAFARI)
    _token, key = create_api_token(nok.user, "Display", ["read"])
    pair = tokens_for(nok.user, nok)
    assert client.post(f"{URL}sign-out/").url == URL
    assert is_signed_in(client)
    assert not is_signed_in(other)
    for token in (key, pair["token"]):
        assert ApiClient(token=token).get("/auth/me").status_code == 401
    assert ApiClient().post("/auth/refresh", {"refresh": pair["refresh"]}).status_code == 401
    page = client.get(URL).text
    assert (page.count("(this device)"), "Safari" in page, "Display" in page) == (1, False, False)


def test_signed_out_and_expired_sessions_are_not_listed(client):
    page_client(user_agent=SAFARI).post("/accounts/logout/")
    page_client(user_agent=SAFARI)
    key = UserSession.objects.filter(user_agent=SAFARI).latest("created_at").session_key
    Session.objects.filter(pk=key).update(expire_date=timezone.now())
    assert "Safari" not in client.get(URL).text
    tidy()
    assert not UserSession.objects.filter(user_agent=SAFARI).exists()


def test_number_of_queries_does_not_grow(client, nok):
    few = queries_of(partial(client.get, URL))
    for number in range(4):
        page_client(user_agent=SAFARI)
        create_api_token(nok.user, f"Token {number}", ["read"], home=nok.home)
    assert queries_of(partial(client.get, URL)) == few


def test_page_of_the_library_leads_here(client):
    assert client.get("/accounts/sessions/").url == URL


# Tokens


def create(client, **fields):
    form = {"name": "Display", "scopes": ["read", "chat"], "home": "", "expires_at": "90", **fields}
    return client.post(f"{URL}tokens/new/", form)


@pytest.fixture
def trusted(client):
    """A client that has just given the password again."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_token_is_created_after_the_password_and_shown_once(client, nok):
    address = create(client, home=str(nok.home_id)).url
    assert not ApiToken.objects.exists()
    assert address.startswith("/accounts/reauthenticate/")
    assert not re.search(r"pp_[\w-]{43}", client.post(address, {"password": "guess"}).text)
    assert not ApiToken.objects.exists()
    page = client.post(address, {"password": PASSWORD, "next": f"{URL}tokens/new/"}).text
    key = re.search(r"pp_[\w-]{43}", page)[0]
    token = ApiToken.objects.get()
    assert (token.name, token.scopes, token.home) == ("Display", ["read", "chat"], nok.home)
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)
    assert ApiClient(nok, token=key).get("lists").status_code == 200
    assert key not in client.get(URL).text
    assert mail.outbox[-1].to == ["nok@example.com"]


def test_page_shows_what_a_token_may_and_when_it_ends(client, nok):
    hut = found_home(nok.user, "The hut")
    token, key = create_api_token(nok.user, "Display", ["read"], home=hut.home)
    create_api_token(nok.user, "Script", ["write"], expires_at=timezone.now() - timedelta(days=1))
    page = client.get(URL).text
    for text in ("Display", token.prefix, "Read lists", "The hut", "No end", "Not used yet", "All your homes", "Ended"):
        assert text in page, text
    ApiClient(hut, token=key).get("lists")
    assert "Last used on" in client.get(URL).text


def test_token_can_be_revoked(client, nok):
    token, key = create_api_token(nok.user, "Display", ["read"])
    assert client.post(f"{URL}tokens/{token.pk}/revoke/").url == URL
    assert ApiClient(nok, token=key).get("lists").status_code == 401
    assert "Display" not in client.get(URL).text
    assert client.post(f"{URL}tokens/{token.pk}/revoke/").status_code == 302


def test_token_of_another_person_is_neither_shown_nor_revoked(client, ben):
    token, _key = create_api_token(ben.user, "Bens display", ["read"])
    assert "Bens display" not in client.get(URL).text
    assert client.post(f"{URL}tokens/{token.pk}/revoke/").status_code == 404
    token.refresh_from_db()
    assert token.revoked_at is None


@pytest.mark.parametrize(
    "invalid",
    [{"name": ""}, {"name": "\x07"}, {"name": "x" * 81}, {"scopes": []}, {"scopes": ["all"]}]
    + [
        {"expires_at": ""},
        {"expires_at": "0"},
        {"expires_at": "-1"},
        {"home": "0199a1b2-0000-7000-8000-000000000042"},
        {"home": "x"},
    ],
)
def test_token_with_invalid_values_is_not_created(trusted, invalid):
    assert create(trusted, **invalid).status_code == 422
    assert not ApiToken.objects.exists()


def test_token_for_a_foreign_home_is_not_created(trusted, mai):
    assert create(trusted, home=str(mai.home_id)).status_code == 422


def test_token_without_an_end_can_be_chosen(trusted):
    create(trusted, expires_at="never")
    assert ApiToken.objects.get().expires_at is None


# The second step


def test_page_shows_the_second_step(client, nok):
    assert re.search(r"Two-step verification\s*<span class=\"tag tag--accent\">Off", client.get(URL).text)
    TOTP.activate(nok.user, generate_totp_secret())
    RecoveryCodes.activate(nok.user)
    assert "10 recovery codes left" in client.get(URL).text


# Access


@pytest.mark.parametrize("path", ["", "tokens/new/"])
def test_pages_need_a_sign_in(db, path):
    assert Client().get(URL + path).url == f"/accounts/login/?next={URL}{path}"


def test_page_works_without_a_home(nok, ben):
    EmailAddress.objects.create(user=ben.user, email=ben.user.email, primary=True)
    client = sign_in(ben)
    ben.delete()
    for path in ("", "tokens/new/"):
        assert client.get(URL + path).status_code == 200
    assert client.get("/me/close/").status_code == 200


@pytest.mark.parametrize("path", ["sign-out/", "sessions/1/end/"])
def test_changes_need_a_post(client, path):
    assert client.get(URL + path).status_code == 405


def test_revoking_twice_is_harmless(nok):
    token, _key = create_api_token(nok.user, "Display", ["read"])
    revoke_api_token(token)
    revoke_api_token(token)
