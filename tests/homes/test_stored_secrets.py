"""Whoever reads the database finds no credential in it that still works. See docs/security.md."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import call_command
from django.db import connection
from django.test import Client

from groceries.actions import create_guest_link, current_list
from homes.accounts import demo_accounts
from homes.accounts.models import User
from homes.actions import invite
from homes.models import Membership
from pixie.actions.language_model import choose_model
from planner.feeds import renew_feed
from tests.api.client import ApiClient
from tests.factories import by
from tests.homes.test_account_security import totp_code

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]
NOK = {"email": demo_accounts.EMAILS[0], "password": demo_accounts.PASSWORD}


def page_sign_in():
    client = Client()
    assert client.post("/accounts/login/", {"login": NOK["email"], "password": NOK["password"]}).status_code == 302
    client.post("/accounts/reauthenticate/", {"password": NOK["password"]})
    return client


@pytest.fixture
def secrets():
    """One secret of each kind in the demo's database, by name, as its holder has it."""
    call_command("seed_demo", verbosity=0)
    user = User.objects.get(email=NOK["email"])
    member = Membership.objects.get(user=user)
    created = {"password": demo_accounts.PASSWORD}
    created["invitation"] = invite(by=by(member))[1]
    groceries, week = current_list(by=by(member)), timedelta(days=7)
    created["guest link"] = create_guest_link(groceries, "Grandma", by=by(member), lifetime=week)[1]
    created["address of a calendar"] = renew_feed(member)
    created["key of a provider"] = "sk-ant-only-for-this-test-0123456789"
    choose_model(by=by(member), provider="anthropic", key=created["key of a provider"])

    login = ApiClient().post("/auth/login", NOK, headers={"Idempotency-Key": "sign in"}).json()
    created |= {"access token": login["token"], "spent refresh token": login["refresh"]}
    pair = ApiClient().post("/auth/refresh", {"refresh": login["refresh"]}).json()
    created["refresh token"] = pair["refresh"]
    request = {"name": "Display", "scopes": ["read"], "password": NOK["password"]}
    api = ApiClient(token=pair["token"])
    created["personal token"] = api.post("/auth/tokens", request, headers={"Idempotency-Key": "token"}).json()["key"]

    pending = page_sign_in()
    created["seed that is being set up"] = pending.get("/accounts/2fa/totp/activate/").context["form"].secret
    page = page_sign_in()
    created["seed of the app"] = page.get("/accounts/2fa/totp/activate/").context["form"].secret
    page.post("/accounts/2fa/totp/activate/", {"code": totp_code(created["seed of the app"])})
    codes = Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)
    created |= {f"recovery code {index}": code for index, code in enumerate(RecoveryCodes(codes).get_unused_codes())}
    created["session"] = page.cookies["sessionid"].value
    created["session that is being secured"] = pending.cookies["sessionid"].value
    return SimpleNamespace(created=created, page=page, user=user)


def pattern(name, secret):
    """Return the pattern of a secret. A recovery code is short, so it may be a part of an id."""
    return rf"(?<!\w){secret}(?!\w)" if name.startswith("recovery") else re.escape(secret)


def stored_values():
    """Yield each value of each column of each table as text, with its table and column."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        assert len(tables) > 40
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    yield f"{table}.{column}", text


def test_no_secret_is_stored_as_it_is(secrets):
    text = {}
    for place, value in stored_values():
        text.setdefault(place, []).append(value)
    assert NOK["email"] in text["accounts_user.email"]  # the walk finds what is there
    leaks = [
        (name, place)
        for name, secret in secrets.created.items()
        for place, values in text.items()
        if any(re.search(pattern(name, secret), value) for value in values)
    ]
    assert leaks == []


def test_stored_hash_of_a_session_is_no_session(secrets):
    hashes = {value for place, value in stored_values() if place.endswith(".session_key")}
    assert len(hashes) == 2
    for value in hashes:
        thief = Client()
        thief.cookies["sessionid"] = value
        assert thief.get("/me/").status_code == 302
        assert ApiClient().get("/auth/me", headers={"Cookie": f"sessionid={value}"}).status_code == 401
    assert secrets.page.get("/me/").status_code == 200


def test_data_of_a_session_cannot_be_read_with_djangos_encoding(secrets):
    for place, value in stored_values():
        if place == "django_session.session_data":
            assert re.fullmatch(r"gAAAA[\w=-]+", value)


def test_second_step_works_and_needs_the_servers_key(secrets, settings):
    authenticator = Authenticator.objects.get(user=secrets.user, type=Authenticator.Type.TOTP)
    codes = Authenticator.objects.get(user=secrets.user, type=Authenticator.Type.RECOVERY_CODES)
    code = secrets.created["recovery code 1"]
    key, settings.SECRET_KEY = settings.SECRET_KEY, "of another server"
    assert not TOTP(authenticator).validate_code(totp_code(secrets.created["seed of the app"]))
    assert not RecoveryCodes(codes).validate_code(code)
    settings.SECRET_KEY = key
    assert RecoveryCodes(codes).validate_code(code)
