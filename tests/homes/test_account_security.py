"""What ends with a password, a second step or a session, and what asks for the password again."""

import re
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core import mail
from django.test import Client

from homes.accounts.actions import create_api_token
from homes.accounts.api.jwt import tokens_for
from homes.accounts.models import ApiToken, User
from tests.api.client import ApiClient

pytestmark = pytest.mark.both_databases
PASSWORD, NEW = "correct horse battery staple", "staple battery horse"


def page_sign_in(email="nok@example.com", password=PASSWORD):
    client = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/130.0"})
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def is_signed_in(client):
    return client.get("/me/").status_code == 200


def reauthenticate(client, password=PASSWORD):
    return client.post("/accounts/reauthenticate/", {"password": password})


@pytest.fixture
def nok(nok):
    EmailAddress.objects.create(user=nok.user, email=nok.user.email, primary=True)
    return nok


@pytest.fixture
def held(nok):
    """Everything that somebody else may hold of Nok's: a session, tokens of a sign-in and a personal token."""
    _token, personal = create_api_token(nok.user, "Display", ["read"])
    pair = tokens_for(nok.user, nok)
    return SimpleNamespace(session=page_sign_in(), personal=personal, **pair)


def what_works(held):
    def answer(token):
        return ApiClient(token=token).get("/auth/me").status_code == 200

    return {
        "session": is_signed_in(held.session),
        "access token": answer(held.token),
        "personal token": answer(held.personal),
        "refresh token": ApiClient().post("/auth/refresh", {"refresh": held.refresh}).status_code == 200,
    }


# What ends everything


def change_password(nok):
    client = page_sign_in()
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    return client


def reset_password(nok):
    client = Client()
    client.post("/accounts/password/reset/", {"email": nok.user.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    form = client.get(link).url
    assert client.post(form, {"password1": NEW, "password2": NEW}).status_code == 302
    return None


def change_password_by_command(nok):
    user = User.objects.get(pk=nok.user_id)
    user.set_password(NEW)  # as `manage.py changepassword` does
    user.save()
    return None


def totp_code(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def turn_on_second_step(nok):
    client = page_sign_in()
    reauthenticate(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": totp_code(secret)})
    assert Authenticator.objects.filter(user=nok.user, type=Authenticator.Type.TOTP).exists()
    return client


ENDINGS = [change_password, reset_password, change_password_by_command, turn_on_second_step]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ENDINGS)
def test_everything_that_others_hold_ends(nok, held, act):
    client = act(nok)
    assert what_works(held) == dict.fromkeys(what_works(held), False)
    assert client is None or is_signed_in(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", ENDINGS)
def test_what_other_people_hold_stays(nok, ben, act):
    _token, personal = create_api_token(ben.user, "Display", ["read"])
    held = SimpleNamespace(session=page_sign_in("ben@example.com"), personal=personal, **tokens_for(ben.user, ben))
    act(nok)
    assert all(what_works(held).values())


def test_signing_in_again_and_a_rehash_of_the_password_end_nothing(nok, held, settings):
    page_sign_in()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher", *settings.PASSWORD_HASHERS]
    before = User.objects.get(pk=nok.user_id).session_version
    assert User.objects.get(pk=nok.user_id).check_password(PASSWORD)  # stores the new hash
    assert User.objects.get(pk=nok.user_id).session_version == before
    assert ApiToken.objects.get().revoked_at is None


# What asks for the password again

SENSITIVE = {
    "email": ("/accounts/email/", {"email": "new@example.com", "action_add": ""}),
    "second step": ("/accounts/2fa/totp/activate/", {"code": "123456"}),
}


@pytest.mark.parametrize("name", SENSITIVE)
def test_sensitive_changes_ask_for_the_password(nok, name):
    url, form = SENSITIVE[name]
    client = page_sign_in()
    answer = client.post(url, form)
    assert urlsplit(answer.url).path == "/accounts/reauthenticate/"
    assert not EmailAddress.objects.filter(email="new@example.com").exists()
    assert not Authenticator.objects.exists()
    assert "not your password" in reauthenticate(client, "guess").text
    assert not EmailAddress.objects.filter(email="new@example.com").exists()


def test_request_goes_on_after_the_password(nok):
    client = page_sign_in()
    address = client.post("/accounts/email/", {"email": "new@example.com", "action_add": ""}).url
    client.post(address, {"password": PASSWORD, "next": "/accounts/email/"})
    assert EmailAddress.objects.filter(user=nok.user, email="new@example.com", verified=False).exists()
    nok.user.refresh_from_db()
    assert nok.user.email == "nok@example.com"


# Letters


def letters():
    return {letter.subject: letter.to for letter in mail.outbox}


def test_changed_password_is_announced(nok):
    change_password(nok)
    assert letters() == {"Your password was changed": ["nok@example.com"]}


@pytest.mark.django_db(transaction=True)
def test_second_step_is_announced(nok):
    turn_on_second_step(nok)
    assert ["nok@example.com"] in letters().values()


def test_changed_email_is_announced_to_the_old_address(nok):
    client = page_sign_in()
    reauthenticate(client)
    client.post("/accounts/email/", {"email": "new@example.com", "action_add": ""})
    notice, letter = mail.outbox
    assert (notice.to, letter.to) == (["nok@example.com"], ["new@example.com"])
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", letter.body)[1]
    Client().post(link)
    assert letters()["Your email address was changed"] == ["nok@example.com"]
    nok.user.refresh_from_db()
    assert nok.user.email == "new@example.com"


def test_mail_server_that_is_away_does_not_undo_the_change(nok, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert is_signed_in(change_password(nok))
    assert is_signed_in(page_sign_in(password=NEW))
