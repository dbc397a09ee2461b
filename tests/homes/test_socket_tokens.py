"""Token authentication of WebSocket connections."""

from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from homes.accounts.actions import create_api_token, revoke_api_token
from homes.accounts.api.jwt import tokens_for
from homes.actions import remove_member
from homes.live import hub
from tests.factories import by
from tests.homes.sockets import Socket, elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]
NOWHERE = "https://evil.example"


@pytest.fixture(autouse=True)
async def quiet(anyio_backend):
    yield
    await hub.shut_down()


@pytest.fixture
def jwt(nok):
    return tokens_for(nok.user, nok)["token"]


@pytest.fixture
def key(nok):
    """`key("read")`: a personal token of Nok's."""
    return lambda *scopes, **more: create_api_token(nok.user, name="Display", scopes=list(scopes), **more)


async def opened(home_id, token, method="protocol", origin=""):
    socket = Socket(home_id, f"?token={token}" if method == "query" else "", origin=origin)
    if method == "protocol":
        socket.scope["subprotocols"] = ["bearer", token]
    elif method == "header":
        socket.scope["headers"] = [*socket.scope["headers"], (b"authorization", f"Bearer {token}".encode())]
    accepted, protocol = await socket.connect()
    assert accepted
    assert protocol == ("bearer" if method == "protocol" else None)
    socket.first = await socket.next()
    return socket


@pytest.mark.parametrize("method", ["protocol", "header", "query"])
@pytest.mark.parametrize("origin", ["", NOWHERE])
async def test_token_is_accepted_from_any_origin(nok, jwt, method, origin):
    socket = await opened(nok.home_id, jwt, method, origin)
    assert socket.first["type"] == "welcome"
    await socket.hang_up()


async def test_personal_token_with_read_scope_is_accepted(nok, key):
    _token, raw = await elsewhere(key, "read")
    socket = await opened(nok.home_id, raw)
    assert socket.first["type"] == "welcome"
    await socket.hang_up()


async def test_personal_token_without_read_scope_is_rejected(nok, key):
    _token, raw = await elsewhere(key, "write")
    socket = await opened(nok.home_id, raw)
    assert socket.first["error"]["code"] == "not_allowed"
    assert await socket.closing() == 4403


async def test_personal_token_of_another_home_is_rejected(nok, mai, key):
    _token, raw = await elsewhere(key, "read", home=mai.home)
    socket = await opened(nok.home_id, raw)
    assert await socket.closing() == 4403


async def test_token_of_a_non_member_is_rejected(nok, mai):
    token = (await elsewhere(tokens_for, mai.user, mai))["token"]
    socket = await opened(nok.home_id, token)
    assert socket.first["error"]["code"] == "not_allowed"
    assert await socket.closing() == 4403


async def test_token_of_a_removed_member_is_rejected(nok, ben):
    token = (await elsewhere(tokens_for, ben.user, ben))["token"]
    await elsewhere(remove_member, ben, by=by(nok))
    assert await (await opened(nok.home_id, token)).closing() == 4403


@pytest.mark.parametrize("method", ["protocol", "query"])
@pytest.mark.parametrize("raw", ["x", "pp_unknown", "a.b.c"])
async def test_invalid_token_is_rejected(nok, raw, method):
    socket = await opened(nok.home_id, raw, method)
    assert socket.first["error"]["code"] == "not_signed_in"
    assert await socket.closing() == 4401


async def test_too_many_invalid_tokens_are_refused_and_valid_ones_accepted(nok, jwt, settings, clock):
    settings.API_RATES = {"sign-in-failed": "2/m/ip"}
    for _try in range(2):
        assert await (await opened(nok.home_id, "pp_guess")).closing() == 4401
    socket = await opened(nok.home_id, "pp_guess")
    assert (socket.first["error"]["code"], socket.first["error"]["retry_after"]) == ("throttled", 66)
    assert await socket.closing() == 4429
    assert (await opened(nok.home_id, jwt)).first["type"] == "welcome"
    clock(100)
    assert await (await opened(nok.home_id, "pp_guess")).closing() == 4401


async def test_valid_tokens_are_not_rate_limited(nok, jwt, settings, clock):
    settings.API_RATES = {"sign-in-failed": "1/m/ip"}
    for _time in range(3):
        socket = await opened(nok.home_id, jwt)
        assert socket.first["type"] == "welcome"
        await socket.hang_up()


async def test_invalid_tokens_and_passwords_share_a_rate_limit(nok, settings, clock):
    settings.API_RATES = {"sign-in-failed": "2/m/ip"}
    wrong = {"email": nok.user.email, "password": "guess"}
    sign_in = partial(Client().post, "/api/auth/login", wrong, "application/json")
    assert await (await opened(nok.home_id, "pp_guess")).closing() == 4401
    assert [(await elsewhere(sign_in)).status_code for _try in range(2)] == [401, 429]
    assert await (await opened(nok.home_id, "pp_guess")).closing() == 4429


async def test_revoked_or_expired_token_is_rejected(nok, key):
    token, revoked = await elsewhere(key, "read")
    await elsewhere(revoke_api_token, token)
    _token, expired = await elsewhere(key, "read", expires_at=timezone.now() - timedelta(seconds=1))
    for raw in (revoked, expired):
        assert await (await opened(nok.home_id, raw)).closing() == 4401
