"""Revoking or expiring credentials closes their connections with 4401."""

import asyncio
import sys
import time
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from homes.accounts.actions import create_api_token, revoke_api_token
from homes.accounts.api.jwt import tokens_for
from homes.accounts.credentials import token_credential
from homes.accounts.models import User
from homes.live import hub
from homes.live.authentication import authenticate
from pantry import broadcast
from tests.factories import sign_in
from tests.homes.sockets import Socket, elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]
PASSWORD = "correct horse battery staple"


@pytest.fixture
async def listen(listen):
    """`await listen(nok, token=…)`: connect with the token; without one, with Nok's session."""

    async def listen_with(member, token=None):
        return await (listen.open(member.home_id, f"?token={token}") if token else listen(member))

    return listen_with


@pytest.fixture
def no_messages(monkeypatch):
    """Drop all messages to the hubs, and shorten their heartbeat."""
    monkeypatch.setattr(broadcast, "revoke", lambda _credential: None)
    monkeypatch.setattr(hub, "HEARTBEAT_SWEEPS", 1)
    monkeypatch.setattr(hub, "SWEEP_SECONDS", 0.05)


async def assert_signed_out(socket: Socket):
    assert (await socket.next())["error"]["code"] == "not_signed_in"
    assert await socket.closing() == 4401


def key_of(member, **more):
    return create_api_token(member.user, name="Display", scopes=["read"], **more)


def call(method, url, token, body):
    answer = getattr(Client(), method)(
        url, body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code < 300, answer.text


async def test_revoking_a_personal_token_closes_its_connections(listen, nok):
    token, raw = await elsewhere(key_of, nok)
    _other, other_raw = await elsewhere(key_of, nok)
    socket, other = await listen(nok, raw), await listen(nok, other_raw)
    jwt = (await elsewhere(tokens_for, nok.user, nok))["token"]
    await elsewhere(call, "delete", f"/api/auth/tokens/{token.pk}", jwt, None)
    await assert_signed_out(socket)
    assert await other.receive_nothing()


async def test_expired_personal_token_closes_its_connection(listen, nok, monkeypatch):
    end = timezone.now() + timedelta(days=1)
    _token, raw = await elsewhere(key_of, nok, expires_at=end)
    monkeypatch.setattr(hub, "now", lambda: end - timedelta(milliseconds=100))
    await assert_signed_out(await listen(nok, raw))


async def test_expired_jwt_closes_its_connection(listen, nok, monkeypatch):
    raw = (await elsewhere(tokens_for, nok.user, nok))["token"]
    monkeypatch.setattr(hub, "now", lambda: timezone.now() + timedelta(days=1))
    await assert_signed_out(await listen(nok, raw))


async def test_signing_out_a_jwt_closes_its_connections_only(listen, nok):
    pair = await elsewhere(tokens_for, nok.user, nok)
    other = await listen(nok, (await elsewhere(tokens_for, nok.user, nok))["token"])
    socket, browser = await listen(nok, pair["token"]), await listen(nok)
    await elsewhere(call, "post", "/api/auth/logout", pair["token"], {"refresh": pair["refresh"]})
    await assert_signed_out(socket)
    assert await other.receive_nothing()
    assert await browser.receive_nothing()


@pytest.mark.parametrize("url", ["/accounts/logout/", "/admin/logout/"])
async def test_signing_out_a_browser_closes_its_tabs_only(listen, nok, url):
    await elsewhere(User.objects.filter(pk=nok.user_id).update, is_staff=True)
    browser = await elsewhere(sign_in, nok)
    tabs = [Socket(nok.home_id, cookie=browser.cookies["sessionid"].value) for _tab in range(2)]
    for tab in tabs:
        await tab.connect()
        assert (await tab.next())["type"] == "welcome"
    elsewhere_open = await listen(nok)
    await elsewhere(browser.post, url)
    for tab in tabs:
        await assert_signed_out(tab)
    assert await elsewhere_open.receive_nothing()


async def test_changing_the_password_closes_all_connections(listen, nok):
    _token, raw = await elsewhere(key_of, nok)
    display = await listen(nok, raw)
    browser, program = await listen(nok), await listen(nok, (await elsewhere(tokens_for, nok.user, nok))["token"])
    other = await elsewhere(sign_in, nok)
    form = {"oldpassword": PASSWORD, "password1": "staple battery horse", "password2": "staple battery horse"}
    await elsewhere(other.post, "/accounts/password/change/", form)
    await assert_signed_out(browser)
    await assert_signed_out(program)
    await assert_signed_out(display)


async def test_reusing_a_refresh_token_closes_the_connections_of_its_sign_in(listen, nok):
    pair = await elsewhere(tokens_for, nok.user, nok)
    other = await listen(nok, (await elsewhere(tokens_for, nok.user, nok))["token"])
    socket = await listen(nok, pair["token"])
    await elsewhere(call, "post", "/api/auth/refresh", "", {"refresh": pair["refresh"]})
    with pytest.raises(AssertionError):
        await elsewhere(call, "post", "/api/auth/refresh", "", {"refresh": pair["refresh"]})
    await assert_signed_out(socket)
    assert await other.receive_nothing()


async def test_a_token_revoked_between_authentication_and_joining_is_refused(listen, nok, ben, monkeypatch):
    token, raw = await elsewhere(key_of, nok)
    await listen(ben)
    home = hub.get_hub().homes[nok.home_id]

    def revoke_meanwhile(scope, home_id):
        session = authenticate(scope, home_id)
        revoke_api_token(token)
        while not home.revocations:  # the hub has closed the connections that it had
            time.sleep(0.01)
        return session

    monkeypatch.setattr(hub, "authenticate", revoke_meanwhile)
    socket = await listen(nok, raw)
    assert socket.first["error"]["code"] == "not_signed_in"
    assert await socket.closing() == 4401


@pytest.mark.skipif(not settings.REDIS_URL, reason="without Redis there is one process")
async def test_revocation_in_another_process_closes_the_connection(listen, nok):
    token, raw = await elsewhere(key_of, nok)
    socket = await listen(nok, raw)
    credential = token_credential(token.pk)
    program = f"import django; django.setup(); from pantry import broadcast; broadcast.revoke('{credential}')"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    assert await process.wait() == 0
    await assert_signed_out(socket)


# Lost messages


def end_session(_member):
    Session.objects.all().delete()


def close_account(member):
    User.objects.filter(pk=member.user_id).update(is_active=False)


def set_password(member):
    member.user.set_password("staple battery horse")
    member.user.save()


@pytest.mark.parametrize("act", [end_session, close_account, set_password])
async def test_heartbeat_closes_connections_of_ended_sessions(listen, no_messages, nok, ben, act):
    socket = await listen(nok)
    await elsewhere(act, nok)
    await assert_signed_out(socket)


async def test_heartbeat_closes_connections_of_revoked_tokens(listen, no_messages, nok, ben):
    token, raw = await elsewhere(key_of, nok)
    pair = await elsewhere(tokens_for, nok.user, nok)
    bens = await listen(ben)
    personal, jwt = await listen(nok, raw), await listen(nok, pair["token"])
    await elsewhere(revoke_api_token, token)
    await elsewhere(call, "post", "/api/auth/logout", pair["token"], {})
    await assert_signed_out(personal)
    await assert_signed_out(jwt)
    assert (await bens.next())["type"] == "user_joined"
    assert await bens.receive_nothing()
