"""Every entry of the server has every guard: host, origin, authentication, limits, headers. See docs/security.md."""

import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from asgiref.testing import ApplicationCommunicator
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, get_resolver
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from homes.accounts.actions import create_api_token, revoke_api_token
from homes.actions import remove_member
from homes.live import hub
from pantry.asgi import application
from pixie.mcp.asgi import mcp_application
from tests.factories import by, sign_in
from tests.homes.sockets import TIMEOUT_SECONDS, elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "security.md"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
FOREIGN_ORIGINS = [
    "http://testserver:9999",  # another port
    "https://testserver",  # another scheme
    "http://evil.example",
    "http://testserver.evil.example",
    "http://localhost:3000",  # another name of this machine
    "null",
]


@dataclass(frozen=True)
class Entry:
    path: str
    method: str = "GET"
    anonymous: int = 302
    """The status for somebody without credentials: of the response, or the code that closes a WebSocket."""
    stranger: int | None = None
    """The status for somebody who is not a member of the home; None outside of homes."""
    takes_session: bool = True
    takes_token: bool = False
    is_limited: bool = False
    is_socket: bool = False
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_guarded(self):
        return self.anonymous != 200


JSON = {"content-type": "application/json"}
CALL = b'{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}'
MCP = {"accept": "application/json, text/event-stream", **JSON}
ENTRIES = {
    "start": Entry("/me/", is_limited=True),
    "home page": Entry("/h/{home}/home/", stranger=404, is_limited=True),
    "home form": Entry("/h/{home}/home/update/", "POST", stranger=404),
    "guest link": Entry("/shared/x/", anonymous=404, takes_session=False),
    "calendar feed": Entry("/calendars/x.ics", anonymous=404, takes_session=False),
    "account": Entry("/accounts/email/"),
    "sign-in": Entry("/accounts/login/", anonymous=200, takes_session=False),
    "admin": Entry("/admin/"),
    "admin sign-in": Entry("/admin/login/"),
    "api": Entry("/api/homes", anonymous=401, takes_token=True, is_limited=True),
    "api form": Entry("/api/homes", "POST", 401, takes_token=True, is_limited=True, body=b"{}", headers=JSON),
    "api of a home": Entry("/api/homes/{home}/lists", "GET", 401, 403, takes_token=True, is_limited=True),
    "stream": Entry("/api/homes/{home}/events/stream", "GET", 401, 403, takes_token=True, is_limited=True),
    "socket": Entry("/ws/{home}", "GET", 4401, 4403, takes_token=True, is_limited=True, is_socket=True),
    "mcp": Entry("/mcp", "POST", 401, None, False, True, True, body=CALL, headers=MCP),
    "metrics": Entry("/metrics", anonymous=404, takes_session=False),
    "health": Entry("/healthz", anonymous=200, takes_session=False),
    "manifest": Entry("/manifest.webmanifest", anonymous=200, takes_session=False),
    "offline": Entry("/offline/", anonymous=200, takes_session=False),
    "worker": Entry("/service-worker.js", anonymous=200, takes_session=False),
}
CHANGING = [name for name, entry in ENTRIES.items() if entry.method == "POST" and entry.takes_session]


def names(**values):
    return [
        name for name, entry in ENTRIES.items() if all(getattr(entry, key) == value for key, value in values.items())
    ]


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(autouse=True)
async def no_connections(anyio_backend, settings):
    cache.clear()
    async with mcp_application.open():
        yield
        await hub.shut_down()
    cache.clear()


@pytest.fixture
async def visit(nok):
    """`await visit("api", cookie=…)`: the status and the headers of the entry in Nok's home."""
    opened = []

    async def send(name, session=None, token=None, home=None, address="127.0.0.1", server=application, **headers):
        entry = ENTRIES[name]
        headers = {"host": "testserver", **entry.headers, **headers}
        if session:
            headers["cookie"] = f"sessionid={session}"
        if token:
            headers["authorization"] = f"Bearer {token}"
        if entry.method == "POST":
            headers["content-length"] = str(len(entry.body))
        scope = {
            "type": "websocket" if entry.is_socket else "http", "path": entry.path.format(home=home or nok.home_id),
            "query_string": b"", "headers": [(key.encode(), value.encode()) for key, value in headers.items()],
            "client": (address, 50000), "method": entry.method, "http_version": "1.1", "scheme": "http",
            "subprotocols": [],
        }  # fmt: skip
        exchange = ApplicationCommunicator(server, scope)
        opened.append(exchange)
        if entry.is_socket:
            await exchange.send_input({"type": "websocket.connect"})
            return await socket_status(exchange), {}
        await exchange.send_input({"type": "http.request", "body": entry.body, "more_body": False})
        start = await exchange.receive_output(TIMEOUT_SECONDS)
        return start["status"], {key.decode().lower(): value.decode() for key, value in start["headers"]}

    async def socket_status(exchange):
        """403 for a refused handshake, the code of an immediate close, or 200."""
        if (await exchange.receive_output(TIMEOUT_SECONDS))["type"] == "websocket.close":
            return 403
        await exchange.receive_output(TIMEOUT_SECONDS)  # the welcome, or an error
        if await exchange.receive_nothing():
            return 200
        return (await exchange.receive_output(TIMEOUT_SECONDS))["code"]

    yield send
    for exchange in opened:
        kind = "websocket" if exchange.scope["type"] == "websocket" else "http"
        await exchange.send_input({"type": f"{kind}.disconnect", "code": 1000})
    await hub.shut_down()


def session_of(member):
    return sign_in(member).session.session_key


def token_of(member, *scopes):
    return create_api_token(member.user, "Display", list(scopes or ("read", "write", "chat", "admin")))


def origin_for(name):
    """Return the headers by which the entry's own page would be recognized."""
    return {"origin": "http://testserver"} if ENTRIES[name].is_socket else {}


# The list of entries


def entry_names():
    section = DOCS.read_text().split("## Entries")[1].split("## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {path for cell in cells for path in re.findall(r"`([^`]+)`", cell)}


def test_documentation_lists_every_entry():
    listed, missing = entry_names(), []
    for pattern in get_resolver().url_patterns:
        route = "/" + str(pattern.pattern)
        if not isinstance(pattern, URLPattern) and route in ("/", "/h/<uuid:home_id>/"):
            continue  # the row “/”
        route = re.sub(r"<\w+:\w+>(/|\.ics)$", "…", route)
        if route not in listed and not route.startswith("/accounts/"):
            missing.append(route)
    http, socket = (application.application.application_mapping[kind].routes for kind in ("http", "websocket"))
    routes = ["/" + str(route.pattern).replace("<uuid:home_id>", "…") for route in http if str(route.pattern)]
    routes += ["/" + str(route.pattern).split("<")[0] for route in socket if str(route.pattern)]
    missing += [route for route in routes if route not in listed]
    assert missing == []
    assert "/" in listed


def test_documentation_names_existing_tests():
    root, named = DOCS.parents[1], set(re.findall(r"`(tests/[^`]+)`", DOCS.read_text()))
    assert len(named) > 8
    assert [path for path in sorted(named) if not (root / path).is_file()] == []


def test_this_file_covers_every_entry():
    paths = [entry.path.replace("{home}", "…") for entry in ENTRIES.values()]
    for listed in entry_names() - {"/static/"} - {"/readyz"}:
        prefix = listed.split("…")[0]
        assert any(path.startswith(prefix) for path in paths), listed


# Guards


@pytest.mark.parametrize("name", ENTRIES)
async def test_foreign_host_is_refused(visit, nok, name):
    session = await elsewhere(session_of, nok)
    for host in ("evil.example", "testserver.evil.example", "127.0.0.1@evil.example", "a" * 300):
        status, headers = await visit(name, session=session, host=host)
        assert status == (403 if ENTRIES[name].is_socket else 400), host
        if not ENTRIES[name].is_socket:
            assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", names(is_socket=False))
async def test_responses_have_the_security_headers(visit, nok, name):
    for session in (await elsewhere(session_of, nok), None):
        _status, headers = await visit(name, session=session, **origin_for(name))
        assert {key: headers.get(key) for key in HEADERS} == HEADERS
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "geolocation=()" in headers["permissions-policy"]
        assert {"private", "no-store"} <= set(re.split(r",\s*", headers["cache-control"]))


def test_responses_that_no_view_makes_have_the_security_headers(client):
    """A redirect to the address with a slash, a file, an unknown page, and a form without its CSRF token."""
    stranger = Client(enforce_csrf_checks=True)
    responses = [
        client.get(path) for path in ("/api", "/join/x", "/static/favicon.svg", "/static/no", "/no/such/page/")
    ]
    responses.append(stranger.post("/accounts/login/"))
    assert [response.status_code for response in responses] == [301, 301, 200, 404, 404, 403]
    for response in responses:
        response.close()
        path = response.request["PATH_INFO"]
        assert {key: response.headers.get(key) for key in HEADERS} == HEADERS, path
        assert "default-src 'self'" in response.headers["content-security-policy"], path


@pytest.mark.parametrize("name", names(is_guarded=True))
async def test_anonymous_client_is_refused(visit, name):
    status, headers = await visit(name, **origin_for(name))
    assert status in (ENTRIES[name].anonymous, 403)  # 403: a form without the CSRF token
    if status == 302:
        assert headers["location"].startswith(("/accounts/login/?next=", "/admin/login/?next="))


@pytest.mark.parametrize("name", names(takes_token=True))
async def test_wrong_and_revoked_tokens_are_refused(visit, nok, name):
    token, raw = await elsewhere(token_of, nok)
    assert (await visit(name, token=raw))[0] in (200, 400)  # 400: the form is empty
    await elsewhere(revoke_api_token, token)
    for wrong in (raw, "pp_guess", "x.y.z"):
        assert (await visit(name, token=wrong))[0] in (401, 4401), wrong


@pytest.mark.parametrize("name", names(takes_token=True, stranger=403) + ["socket"])
async def test_token_without_the_scope_is_refused(visit, nok, name):
    _token, raw = await elsewhere(token_of, nok, "chat")
    assert (await visit(name, token=raw))[0] in (403, 4403)


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.stranger])
async def test_stranger_and_removed_member_are_refused(visit, nok, ben, mai, name):
    await elsewhere(remove_member, ben, by=by(nok))
    for member in (mai, ben):
        session = await elsewhere(session_of, member)
        csrf = "a" * 32
        headers = {"cookie": f"sessionid={session}; csrftoken={csrf}", "x-csrftoken": csrf, **origin_for(name)}
        assert (await visit(name, **headers))[0] == ENTRIES[name].stranger


@pytest.mark.parametrize("name", [*CHANGING, "stream", "socket"])
async def test_session_is_refused_from_another_origin(visit, nok, name):
    session, csrf = await elsewhere(session_of, nok), "a" * 32
    headers = {"cookie": f"sessionid={session}; csrftoken={csrf}", "x-csrftoken": csrf}
    statuses = {origin: (await visit(name, origin=origin, **headers))[0] for origin in FOREIGN_ORIGINS}
    assert statuses == dict.fromkeys(FOREIGN_ORIGINS, 403)
    assert (await visit(name, origin="http://testserver", **headers))[0] in (200, 302, 400, 422)


@pytest.mark.parametrize("name", ["stream", "socket"])
@pytest.mark.parametrize("proxies", ["10.0.0.1", "10.0.0.0/8"])
@pytest.mark.parametrize("scheme", [None, "https", "wss"])
async def test_origins_behind_a_tls_proxy(visit, nok, name, scheme, proxies):
    session = await elsewhere(session_of, nok)
    for address, is_trusted in (("10.0.0.1", True), ("192.168.0.1", False)):
        own, other = ("https", "http") if scheme and is_trusted else ("http", "https")
        send = partial(visit, name, session, address=address, server=ProxyHeadersMiddleware(application, proxies))
        headers = {"x-forwarded-proto": scheme} if scheme else {}
        assert (await send(origin=f"{own}://testserver", **headers))[0] == 200
        assert (await send(origin=f"{other}://testserver", **headers))[0] == 403


@pytest.mark.parametrize("name", ["stream", "socket"])
async def test_trusted_origins_are_accepted(visit, nok, settings, name):
    settings.CSRF_TRUSTED_ORIGINS = ["https://pixie.example", "https://*.home.example"]
    session = await elsewhere(session_of, nok)
    for origin in ("https://pixie.example", "https://a.home.example"):
        assert (await visit(name, session=session, origin=origin))[0] == 200
    assert (await visit(name, session=session, origin="http://pixie.example"))[0] == 403


@pytest.mark.parametrize("name", names(is_limited=True))
async def test_requests_are_limited(visit, nok, settings, name):
    settings.API_RATES = {"other": "2/h/user", "pages": "2/h/user"}
    _token, raw = await elsewhere(token_of, nok)
    session = await elsewhere(session_of, nok)
    credentials = {"token": raw} if ENTRIES[name].takes_token else {"session": session}
    statuses = [(await visit(name, **credentials))[0] for _request in range(3)]
    assert 429 not in statuses[:2]
    assert statuses[2] in (429, 4429)


@pytest.mark.parametrize("name", ["stream", "socket", "mcp"])
async def test_wrong_tokens_are_limited(visit, nok, settings, name):
    settings.API_RATES = {"sign-in-failed": "2/h/ip"}
    statuses = [(await visit(name, token="pp_guess"))[0] for _request in range(3)]
    assert statuses[:2] in ([401, 401], [4401, 4401])
    assert statuses[2] in (429, 4429)


@pytest.mark.parametrize("name", names(is_limited=True, takes_token=True))
async def test_wrong_tokens_keep_no_valid_token_out(visit, nok, settings, name):
    settings.API_RATES = {"sign-in-failed": "2/h/ip", "other": "2/h/ip"}
    _token, raw = await elsewhere(token_of, nok)
    statuses = [(await visit(name, token="pp_guess"))[0] for _request in range(4)]
    assert statuses[-1] in (429, 4429)
    assert (await visit(name, token=raw))[0] in (200, 400, 422)


@pytest.mark.parametrize("name", ["api", "stream", "socket", "mcp"])
@pytest.mark.parametrize(
    ("address", "same", "other"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"),
        ("10.0.0.1", "::ffff:10.0.0.1", "10.0.0.2"),
        ("::ffff:10.0.0.1", "::ffff:a00:1", "::ffff:10.0.0.2"),
        ("fe80::1%eth0", "fe80::2%eth1", "fe81::1"),
    ],
)
async def test_addresses_of_one_network_count_together(visit, settings, nok, name, address, same, other):
    settings.API_RATES = {"sign-in-failed": "1/h/ip", "other": "1/h/ip"}
    assert (await visit(name, token="pp_guess", address=address))[0] in (401, 4401)
    assert (await visit(name, token="pp_guess", address=same))[0] in (429, 4429)
    assert (await visit(name, token="pp_guess", address=other))[0] in (401, 4401)


@pytest.mark.parametrize("name", ["home page", "api of a home", "stream", "socket"])
async def test_unknown_home_is_refused_as_a_foreign_one(visit, nok, name):
    session = await elsewhere(session_of, nok)
    assert (await visit(name, session=session, home=uuid4(), **origin_for(name)))[0] == ENTRIES[name].stranger
