"""The printed password of the demo lets in whoever is at the server's own computer, and nobody else."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import Client
from pytest_django import Settings
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from homes.accounts import demo_accounts
from homes.accounts.backends import AuthenticationBackend
from homes.accounts.models import User
from pantry.asgi_scope import as_request
from tests.factories import person

pytestmark = pytest.mark.django_db

OWN_PASSWORD = "correct horse battery staple"
FAR = "203.0.113.5"


@pytest.fixture(params=[False, True], ids=["as seeded", "with another email"])
def account(request: pytest.FixtureRequest) -> User:
    """A demo account, created by hand: the whole household takes seconds."""
    email = demo_accounts.EMAILS[0]
    user = User.objects.create_user(email, demo_accounts.PASSWORD, id=demo_accounts.IDS[email], name="Nok")
    if request.param:
        User.objects.filter(pk=user.pk).update(email="renamed@home.example")
        user.refresh_from_db()
    return user


def on_the_page(email: str, password: str, place: dict[str, Any]) -> bool:
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": password}, **place)
    return "_auth_user_id" in client.session


def for_the_admin_site(email: str, password: str, place: dict[str, Any]) -> bool:
    User.objects.filter(email=email).update(is_staff=True, is_superuser=True)
    client = Client()
    page = client.get("/admin/login/?next=/admin/", **place).headers["Location"]
    client.post(page, {"login": email, "username": email, "password": password}, **place)
    client.post("/admin/login/?next=/admin/", {"username": email, "password": password}, **place)
    return "_auth_user_id" in client.session


def in_the_api(email: str, password: str, place: dict[str, Any]) -> bool:
    form = {"email": email, "password": password}
    response = Client().post("/api/auth/login", form, "application/json", **place)
    assert response.status_code in (200, 401)
    return response.status_code == 200


def once_more(email: str, password: str, place: dict[str, Any]) -> bool:
    """In a session that is open already, before something like the email is changed."""
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.post("/accounts/reauthenticate/", {"password": password}, **place).status_code == 302


def for_a_token(email: str, password: str, place: dict[str, Any]) -> bool:
    client = Client()
    client.force_login(User.objects.get(email=email))
    form = {"name": "Display", "scopes": ["read"], "password": password}
    response = client.post("/api/auth/tokens", form, "application/json", **place)
    assert response.status_code in (201, 400)
    return response.status_code == 201


WAYS = [on_the_page, for_the_admin_site, in_the_api, once_more, for_a_token]
LOCAL: dict[str, dict[str, Any]] = {
    "IPv4": {"REMOTE_ADDR": "127.0.0.1"},
    "IPv6": {"REMOTE_ADDR": "::1"},
    "IPv4 at an IPv6 socket": {"REMOTE_ADDR": "::ffff:127.0.0.1"},
    "a local proxy, for this computer": {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
}
REMOTE: dict[str, dict[str, Any]] = {
    "IPv4": {"REMOTE_ADDR": FAR},
    "the local network": {"REMOTE_ADDR": "192.168.1.7"},
    "IPv6": {"REMOTE_ADDR": "2001:db8::1"},
    "IPv4 at an IPv6 socket": {"REMOTE_ADDR": f"::ffff:{FAR}"},
    "a client that claims to be here": {"REMOTE_ADDR": FAR, "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
    "a proxy that isn't trusted": {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": FAR},
    "such a proxy, and a claim": {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": f"127.0.0.1, {FAR}"},
    "no address": {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "unknown"},
}
SignIn = Callable[[str, str, dict[str, Any]], bool]


@pytest.mark.parametrize("place", LOCAL.values(), ids=LOCAL)
@pytest.mark.parametrize("sign_in", WAYS)
def test_printed_password_works_on_this_computer(account: User, sign_in: SignIn, place: dict[str, Any]) -> None:
    assert sign_in(account.email, demo_accounts.PASSWORD, place)


@pytest.mark.parametrize("place", REMOTE.values(), ids=REMOTE)
@pytest.mark.parametrize("sign_in", WAYS)
def test_printed_password_is_refused_to_other_computers(account: User, sign_in: SignIn, place: dict[str, Any]) -> None:
    assert not sign_in(account.email, demo_accounts.PASSWORD, place)


@pytest.mark.parametrize("sign_in", WAYS)
def test_printed_password_is_refused_with_https(account: User, sign_in: SignIn, settings: Settings) -> None:
    settings.HTTPS = True
    assert not sign_in(account.email, demo_accounts.PASSWORD, LOCAL["IPv4"])


@pytest.mark.parametrize("sign_in", WAYS)
def test_demo_account_with_a_password_of_its_own_signs_in_from_anywhere(account: User, sign_in: SignIn) -> None:
    account.set_password(OWN_PASSWORD)
    account.save()
    assert sign_in(account.email, OWN_PASSWORD, REMOTE["IPv4"])


@pytest.mark.parametrize("sign_in", WAYS)
def test_other_accounts_sign_in_from_anywhere(sign_in: SignIn) -> None:
    assert sign_in(person("Som").email, OWN_PASSWORD, REMOTE["IPv4"])


def request_through_proxy(forwarded_for: str) -> HttpRequest:
    """Return what the server makes of a request that a trusted proxy on this computer passed on."""
    scopes: list[Any] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        scopes.append(scope)

    scope: Any = {"type": "http", "method": "POST", "path": "/", "scheme": "http", "client": ("127.0.0.1", 1)}
    scope |= {"query_string": b"", "headers": [(b"x-forwarded-for", forwarded_for.encode())]}
    middleware = ProxyHeadersMiddleware(application, ["127.0.0.1/32", "::1/128"])
    asyncio.run(middleware(scope, None, None))  # type: ignore[arg-type]
    return as_request(scopes[0])


@pytest.mark.parametrize(
    ("forwarded_for", "is_let_in"), [("127.0.0.1", True), (FAR, False), (f"127.0.0.1, {FAR}", False)]
)
def test_printed_password_from_a_trusted_proxy(account: User, forwarded_for: str, is_let_in: bool) -> None:
    request = request_through_proxy(forwarded_for)
    user = AuthenticationBackend().authenticate(request, email=account.email, password=demo_accounts.PASSWORD)
    assert (user == account) is is_let_in


def test_printed_password_without_a_request_is_refused(account: User) -> None:
    credentials = {"email": account.email, "password": demo_accounts.PASSWORD}
    assert AuthenticationBackend().authenticate(None, **credentials) is None
