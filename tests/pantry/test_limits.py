"""The limits of requests, at uvicorn with our protocols and the pages of the product."""

import json
import logging
import re
import socket
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
import uvicorn
import uvloop
from django.core.checks import run_checks
from django.core.files.uploadedfile import SimpleUploadedFile
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect as connect_socket

from pantry import apps, limits, protocols
from pantry.asgi import mcp, stream
from pantry.handler import PageHandler, max_body_bytes
from pantry.limits import RequestLimits
from pantry.request_log import RequestFilter
from tests.limits import limit, rows

TIMEOUT_SECONDS = 20
QUICK_SECONDS = 0.3  # instead of the timeouts of the product
JSON = "Content-Type: application/json"


async def application(scope, receive, send):
    """Like pantry.asgi, but with a WebSocket that sends back what it gets."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": f"{len(message.get('text') or '')}"})
    elif scope["path"] == "/large":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _part in range(1000):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
        await send({"type": "http.response.body"})
    elif scope["path"] == "/mcp":
        await mcp(scope, receive, send)
    elif scope["path"].endswith("/events/stream"):
        await stream({**scope, "url_route": {"kwargs": {"home_id": None}}}, receive, send)
    else:
        await pages(scope, receive, send)


@pytest.fixture(scope="module")
def port():
    """Port of a server in a thread of its own."""
    global pages
    pages = PageHandler()
    config = uvicorn.Config(
        RequestLimits(application), port=0, lifespan="off", log_config=None, proxy_headers=False,
        http=protocols.HttpProtocol, ws=protocols.SocketProtocol, ws_max_size=65536,
    )  # fmt: skip
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[listener])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()
    pages.threads.shutdown()


def request(method, url, *headers, host="localhost"):
    return "\r\n".join([f"{method} {url} HTTP/1.1", f"Host: {host}", *headers, "", ""]).encode()


def read(client):
    """Return the status and the content of a response, whether or not the connection is closed after it."""
    response = b""
    while b"\r\n\r\n" not in response and (data := client.recv(65536)):
        response += data
    head, _, body = response.partition(b"\r\n\r\n")
    length = re.search(rb"content-length: (\d+)", head.lower())
    while length and len(body) < int(length[1]) and (data := client.recv(65536)):
        body += data
    return (int(head.split()[1]) if head else None), body.decode()


def errors_of(caplog):
    """Return the logged exceptions. A request of the test before may still run, without its database."""
    errors = [record.exc_info[1] for record in caplog.records if record.exc_info]
    return [error for error in errors if "Database access not allowed" not in str(error)]


def seconds_until_closed(client):
    start = time.monotonic()
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        pass
    return time.monotonic() - start


@contextmanager
def connection(port):
    with socket.create_connection(("localhost", port), TIMEOUT_SECONDS) as client:
        yield client


def ask(port, *parts):
    with connection(port) as client:
        for part in parts:
            client.sendall(part)
        return read(client)


def test_every_row_of_the_table_has_a_test():
    source = "".join(path.read_text() for path in Path(__file__).parent.parent.rglob("test_*.py"))
    tested = {json.loads(text) for text in re.findall(r'\blimit\(("(?:[^"\\]|\\.)*")\)', source)}
    assert tested == set(rows())


# Heads


def test_head_above_the_limit_is_refused(port):
    most = limit("Head of a request: its line and all headers")
    many = [f"X-{number}: {'a' * 1000}" for number in range(most // 1000 + 1)]
    assert ask(port, request("GET", "/healthz", *many))[0] == 431
    assert ask(port, request("GET", "/healthz", f"X-Long: {'a' * most}"))[0] == 431
    assert ask(port, request("GET", "/healthz", *many[: most // 1000 - 5])) == (200, "ok")


@pytest.mark.parametrize(
    "endless",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 1_000_000,
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: a\r\n" * 200_000,
        b"GET /" + b"a" * 1_000_000,
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 1_000_000,
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 1_000_000,
        b"\r\n" * 500_000,
    ],
    ids=["header", "headers", "url", "chunk extension", "trailer", "blank lines"],
)
def test_endless_head_is_refused_without_reading_it(port, endless, monkeypatch):
    monkeypatch.setattr(protocols, "LINGER_SECONDS", QUICK_SECONDS)
    with connection(port) as client, pytest.raises(OSError):
        client.settimeout(0.5)
        for _part in range(50):
            client.sendall(endless)
            endless = endless[-1000:] * 1000
        read(client)
        raise ConnectionResetError
    assert ask(port, request("GET", "/healthz"))[0] == 200


def test_endless_header_is_answered(port):
    with connection(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 200_000)
        assert read(client)[0] == 431


@pytest.mark.parametrize(
    "body",
    [b"1\r\n \r\n" * 100_000, b"1;" + b"a" * 100_000 + b"\r\n{\r\n", b"2\r\n{}\r\n0\r\nX: " + b"a" * 100_000],
    ids=["tiny chunks", "chunk extension", "trailer"],
)
def test_too_much_around_a_body_is_answered_at_once(port, body):
    start = time.monotonic()
    with connection(port) as client:
        client.sendall(request("POST", "/mcp", "Transfer-Encoding: chunked", JSON) + body)
        assert read(client)[0] == 431
    assert time.monotonic() - start < protocols.LINGER_SECONDS / 2


def test_long_url_is_refused(port):
    most = limit("URL")
    assert ask(port, request("GET", f"/healthz?{'a' * most}"))[0] == 414
    assert ask(port, request("GET", f"/healthz?{'a' * (most - 20)}"))[0] == 200


@pytest.mark.parametrize("url", ["/accounts/login/", "/mcp", "/api/homes/x/events/stream", "/api/auth/me"])
def test_large_cookies_are_refused_before_they_are_parsed(port, url):
    most = limit("Cookies of a request, together")
    start = time.monotonic()
    assert ask(port, request("GET", url, f'Cookie: sessionid="{"a" * most}"'))[0] == 431
    assert ask(port, request("GET", url, *[f"Cookie: a={'b' * (most // 2)}"] * 2))[0] == 431
    hostile = 'Cookie: sessionid="' + '\\"' * limit("Backslashes in the cookies") + '\\""'
    status, body = ask(port, request("GET", url, hostile))
    assert status == 431
    assert "100 backslashes" in body
    assert time.monotonic() - start < 5


def test_ordinary_cookies_are_accepted(port):
    cookies = "; ".join(f"other{number}={'b' * 100}" for number in range(60))
    assert ask(port, request("GET", "/healthz", f"Cookie: {cookies}")) == (200, "ok")


@pytest.mark.parametrize("beginning", [b"", b"\r\n", b"GET /", request("GET", "/healthz")[:-2]])
@pytest.mark.parametrize("is_first", [True, False])
def test_unfinished_head_is_closed(port, monkeypatch, beginning, is_first):
    assert limit("Time for the head of a request") == protocols.HEAD_SECONDS
    monkeypatch.setattr(protocols, "HEAD_SECONDS", QUICK_SECONDS)
    with connection(port) as client:
        if not is_first:
            client.sendall(request("GET", "/healthz"))
            assert read(client) == (200, "ok")
        client.sendall(beginning)
        assert seconds_until_closed(client) < 6  # uvicorn keeps an idle connection for five seconds


def test_slowly_growing_head_is_closed(port, monkeypatch):
    monkeypatch.setattr(protocols, "HEAD_SECONDS", 1)
    with connection(port) as client, pytest.raises(OSError):
        client.sendall(b"GET / HTTP/1.1\r\n")
        for _second in range(100):
            client.sendall(b"X: a\r\n")
            time.sleep(0.1)


@pytest.mark.parametrize(
    "more",
    [
        b"\x00\r\n\r\n",
        b"GET\r\n\r\n",
        request("GET", "/healthz", "Content-Length: -1"),
        request("GET", "/healthz") * 30,
    ],
    ids=["no request", "no url", "length", "too many"],
)
@pytest.mark.parametrize("url", ["/accounts/login/", "/healthz", "/large"])
def test_what_follows_a_request_and_is_refused_leaves_no_traceback(port, caplog, url, more):
    with connection(port) as client:
        client.sendall(request("GET", url) + more)
        with suppress(ConnectionResetError):
            while client.recv(65536):
                pass
    time.sleep(QUICK_SECONDS)  # in which the page may be ready
    assert not errors_of(caplog)
    assert ask(port, request("GET", "/healthz")) == (200, "ok")


def test_pipelined_requests_are_limited(port):
    most = limit("Requests sent before the first is answered")
    with connection(port) as client:
        client.sendall(request("GET", "/healthz") * (most + 10))
        received = b""
        while data := client.recv(65536):
            received += data
    assert b"HTTP/1.1 400" in received
    with connection(port) as client:
        client.sendall(request("GET", "/healthz") * most)
        received = b""
        while received.count(b"HTTP/1.1 200") < most:
            received += client.recv(65536)


# Hosts


@pytest.mark.parametrize("url", ["/healthz", "/accounts/login/", "/mcp", "/api/homes/x/events/stream", "/api/auth/me"])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "localhost@evil.example", "a b", "[::1"])
def test_unknown_host_is_refused_without_a_traceback(port, url, host, caplog):
    assert limit("`Host` that is not in `ALLOWED_HOSTS`") == 0
    status, content = ask(port, request("POST" if url == "/mcp" else "GET", url, host=host))
    assert status == 400
    assert "ALLOWED_HOSTS" in content
    assert not errors_of(caplog)


def test_unknown_host_is_refused_at_a_websocket(port):
    with connection(port) as client:
        upgrade = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
        client.sendall(request("GET", "/ws/x", *upgrade, f"Sec-WebSocket-Key: {'A' * 22}==", host="evil.example"))
        assert read(client)[0] == 400


def test_known_host_with_a_port_is_accepted(port):
    assert ask(port, request("GET", "/healthz", host=f"localhost:{port}"))[0] == 200


# Bodies


def test_large_body_is_refused(port, settings):
    most = limit("Body of a request")
    assert most == settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    for url, content_type in (("/accounts/login/", "multipart/form-data; boundary=x"), ("/api/auth/login", "a/json")):
        head = request("POST", url, f"Content-Length: {most + 1}", f"Content-Type: {content_type}")
        status, content = ask(port, head, b"a" * most)
        assert status == 413
        assert f"{most:,}" in content


def test_large_import_is_refused(port, settings):
    most = limit("Body of an import")
    assert most == settings.IMPORT_MAX_BYTES
    assert ask(port, request("POST", "/api/homes/import", f"Content-Length: {most + 1}"))[0] == 413


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_large_body_is_refused_by_mcp(port, framing):
    most = limit("Body of an MCP request")
    if framing == "length":
        parts = [request("POST", "/mcp", f"Content-Length: {most + 1}")]
    else:
        head = request("POST", "/mcp", "Transfer-Encoding: chunked")
        parts = [head, *[b"10000\r\n" + b"a" * 65536 + b"\r\n"] * (most // 65536 + 1)]
    assert ask(port, *parts)[0] == 413


@pytest.mark.parametrize("url", ["/api/auth/login", "/accounts/login/"])
def test_body_without_a_length_is_refused(port, url):
    assert limit("Body without a `Content-Length`") == 0
    assert ask(port, request("POST", url, "Transfer-Encoding: chunked", JSON), b"1\r\na\r\n0\r\n\r\n")[0] == 411


@pytest.mark.parametrize("url", ["/api/auth/login", "/accounts/login/", "/api/homes/import", "/mcp"])
def test_slow_body_times_out(port, url, monkeypatch):
    assert limit("Time for a body") == limits.BODY_SECONDS
    monkeypatch.setattr(limits, "BODY_SECONDS", QUICK_SECONDS)
    monkeypatch.setattr(limits, "BODY_BYTES_PER_SECOND", 1e9)
    monkeypatch.setattr(protocols, "LINGER_SECONDS", QUICK_SECONDS)
    with connection(port) as client:
        client.sendall(request("POST", url, "Content-Length: 100", JSON) + b"{")
        assert read(client)[0] == 408
        assert seconds_until_closed(client) < 5


def test_connection_answered_early_is_closed_unless_the_body_ends(port, monkeypatch):
    assert limit("Time to finish a request that is answered early") == protocols.LINGER_SECONDS
    monkeypatch.setattr(protocols, "LINGER_SECONDS", 1)
    with connection(port) as client, pytest.raises(OSError):
        client.sendall(request("POST", "/accounts/login/", "Content-Length: 9000000"))
        assert read(client)[0] == 413
        for _part in range(100):
            client.sendall(b"a" * 1000)
            time.sleep(0.1)
    with connection(port) as client:
        client.sendall(request("POST", "/accounts/login/", "Content-Length: 3000000"))
        client.sendall(b"a" * 3_000_000)
        assert read(client)[0] == 413
        client.sendall(request("GET", "/healthz"))
        assert read(client) == (200, "ok")


def test_large_bodies_at_the_same_time_are_limited(port):
    most = limit("Bodies above 65,536 bytes that arrive at the same time, in each process")
    assert most == limits.MAX_BUFFERED_BYTES
    head = request("POST", "/api/homes/import", "Content-Length: 19000000")
    with ExitStack() as clients:
        for _client in range(most // 19_000_000):
            clients.enter_context(connection(port)).sendall(head + b"a")
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while pages.buffered_bytes < most - 19_000_000 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert ask(port, head)[0] == 503
        small = b'{"email": 1}'
        assert ask(port, request("POST", "/api/auth/login", f"Content-Length: {len(small)}", JSON), small)[0] != 503
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while pages.buffered_bytes and time.monotonic() < deadline:
        time.sleep(0.01)
    assert pages.buffered_bytes == 0


def test_client_that_reads_nothing_is_disconnected(port, monkeypatch):
    assert limit("Time in which a client reads none of a response") == protocols.STALLED_SECONDS
    monkeypatch.setattr(protocols, "STALLED_SECONDS", QUICK_SECONDS)
    with closing(socket.socket()) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("localhost", port))
        client.sendall(request("GET", "/large"))
        time.sleep(3)
        client.settimeout(TIMEOUT_SECONDS)
        received = 0
        try:
            while data := client.recv(1_000_000):
                received += len(data)
        except ConnectionResetError:
            pass
    assert received < 1000 * 65536


# Forms


@pytest.mark.django_db
def test_files_are_refused(client, settings):
    assert limit("Files in a form") == settings.DATA_UPLOAD_MAX_NUMBER_FILES
    response = client.post("/accounts/login/", {"login": "x", "file": SimpleUploadedFile("a.txt", b"a" * 1000)})
    assert response.status_code == 400


def test_body_with_a_file_may_be_larger():
    path = "/h/0199a1b2-0000-7000-8000-000000000042/lists/0199a1b2-0000-7000-8000-000000000043/import"
    assert max_body_bytes(path) == limit("Form with a file for a list")
    for other in (f"{path}/", f"/x{path}", path.replace("import", "paste"), path.replace("lists/", "lists/a/")):
        assert max_body_bytes(other) == limit("Body of a request")


@pytest.mark.django_db
def test_many_fields_are_refused(client):
    most = limit("Fields in a form or query")
    assert client.post("/accounts/login/", {f"a{number}": "b" for number in range(most + 1)}).status_code == 400
    assert client.get("/accounts/login/", {f"a{number}": "b" for number in range(most + 1)}).status_code == 400


@pytest.mark.django_db
def test_deep_json_is_refused(client):
    most = limit("Nesting of JSON")
    for depth, message in ((most, "Some fields"), (most + 1, "not valid JSON"), (1000, "not valid JSON")):
        deep = '{"email":' + "[" * (depth - 1) + "]" * (depth - 1) + "}"
        response = client.post("/api/auth/login", deep, content_type="application/json")
        assert (response.status_code, message in response.json()["error"]["message"]) == (400, True)


def test_refused_request_is_logged_without_a_traceback():
    record = logging.LogRecord("django.security.X", logging.ERROR, "", 0, "Bad", None, (ValueError, ValueError(), None))
    record.status_code = 400
    assert RequestFilter().filter(record)
    assert record.exc_info is None


# WebSockets


def test_flood_of_pings_is_closed(port):
    most = limit("Bytes of a WebSocket at once, also of pings")
    with connect_socket(f"ws://localhost:{port}/ws/x") as client:
        client.send("hello")
        assert client.recv() == "5"
        with pytest.raises(ConnectionClosed) as closed:
            for _ping in range(4 * most // 125):
                client.ping(f"{_ping:0125}")
            client.recv(timeout=TIMEOUT_SECONDS)
    assert closed.value.rcvd.code == protocols.FLOODING


def test_invalid_text_is_closed_without_a_traceback(port, caplog):
    with connect_socket(f"ws://localhost:{port}/ws/x") as client:
        client.send(b"\xff\xfe", text=True)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=TIMEOUT_SECONDS)
    assert closed.value.rcvd.code == protocols.INVALID_DATA
    assert not errors_of(caplog)


def test_socket_closes_as_usual(port):
    with connect_socket(f"ws://localhost:{port}/ws/x") as client:
        for _message in range(100):
            client.send("a" * 1000)
            assert client.recv() == "1000"
    assert client.close_code == 1000


# Python


@pytest.mark.parametrize(
    ("version", "count"),
    [
        ((3, 11, 7), 1),
        ((3, 11, 9), 1),
        ((3, 11, 10), 0),
        ((3, 12, 0), 1),
        ((3, 12, 5), 1),
        ((3, 12, 6), 0),
        ((3, 13), 0),
    ],
)
def test_check_warns_of_a_python_that_parses_cookies_slowly(monkeypatch, version, count):
    monkeypatch.setattr(apps.sys, "version_info", version)
    warnings = [message for message in run_checks() if message.id == "pantry.W001"]
    assert len(warnings) == count
