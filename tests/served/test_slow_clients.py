"""Clients that send incomplete requests or read no response, at a running server."""

import json
import socket
import time
from contextlib import ExitStack, closing, suppress
from uuid import uuid4

import httpx
import pytest

from tests.server import NOK, Visitor

TIMEOUT_SECONDS = 20  # until a response, on a busy machine
SILENT_CLIENTS, IDLE_CLIENTS, SLOW_READERS = 200, 300, 16
HEALTH_SECONDS = 5  # on a busy machine


@pytest.fixture(scope="module")
def server(cluster):
    return cluster.web[0]


@pytest.fixture(scope="module")
def nok(server):
    with closing(Visitor(server, NOK)) as visitor:
        visitor.timeout = TIMEOUT_SECONDS
        yield visitor


@pytest.fixture
def weekly(nok):
    return nok.post(f"/api/homes/{nok.home}/lists", json={"name": uuid4().hex}).raise_for_status().json()["id"]


def connect(server):
    return socket.create_connection(("localhost", server.port), TIMEOUT_SECONDS)


def request_headers(visitor, method, url, length=0, content_type="application/json"):
    lines = [
        f"{method} {url} HTTP/1.1",
        "Host: localhost",
        f"Cookie: {visitor.cookie}",
        f"X-CSRFToken: {visitor.headers['X-CSRFToken']}",
        *([f"Content-Length: {length}", f"Content-Type: {content_type}"] if length else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def check_other_requests(visitor):
    for url in (f"/h/{visitor.home}/lists/", f"/api/homes/{visitor.home}/lists", "/healthz"):
        assert visitor.get(url).status_code == httpx.codes.OK
    assert visitor.post(f"/api/homes/{visitor.home}/lists", json={"name": uuid4().hex}).is_success


@pytest.mark.parametrize("url", ["/api/auth/login", "/accounts/login/"])
def test_clients_that_send_no_body_do_not_block_others(server, nok, url):
    with ExitStack() as silent:
        clients = [silent.enter_context(connect(server)) for _ in range(SILENT_CLIENTS)]
        for client in clients:
            client.sendall(request_headers(nok, "POST", url, 100))
        check_other_requests(nok)
        for client in clients:
            client.setblocking(False)
            with pytest.raises(BlockingIOError):  # still open, without a response
                client.recv(1)


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_truncated_body_is_not_processed(server, nok, weekly, content_type):
    if content_type == "application/json":
        url, body = f"/api/homes/{nok.home}/lists/{weekly}/items", json.dumps({"name": "Cut off"}).encode()
    else:
        url, body = f"/h/{nok.home}/lists/{weekly}/add", b"text=Cut+off"
    with connect(server) as client:
        client.sendall(request_headers(nok, "POST", url, 100, content_type) + body.ljust(40))
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    check_other_requests(nok)
    assert nok.get(f"/api/homes/{nok.home}/lists/{weekly}").raise_for_status().json()["items"] == []
    with connect(server) as client:  # the same body is processed if it is complete
        client.sendall(request_headers(nok, "POST", url, 40, content_type) + body.ljust(40))
        client.recv(1)
    assert len(nok.get(f"/api/homes/{nok.home}/lists/{weekly}").json()["items"]) == 1


def test_clients_that_read_no_response_do_not_block_others(server, nok):
    with ExitStack() as slow:
        clients = [slow.enter_context(connect(server)) for _ in range(SLOW_READERS)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(request_headers(nok, "GET", f"/api/homes/{nok.home}/export"))
        for client in clients:
            assert client.recv(8) == b"HTTP/1.1"
        check_other_requests(nok)


def test_clients_that_send_incomplete_headers_do_not_block_others(server, nok):
    with ExitStack() as silent:
        for _ in range(SILENT_CLIENTS):
            silent.enter_context(connect(server)).sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        check_other_requests(nok)


def test_health_check_answers_while_everything_is_tried_at_once(server, nok):
    with ExitStack() as hostile:
        bodies, idle, readers = (
            [hostile.enter_context(connect(server)) for _ in range(count)]
            for count in (SILENT_CLIENTS, IDLE_CLIENTS, SLOW_READERS)
        )
        assert len(idle) == IDLE_CLIENTS
        for client in bodies:
            client.sendall(request_headers(nok, "POST", "/api/auth/login", 1000) + b"{")
        for client in readers:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(request_headers(nok, "GET", f"/api/homes/{nok.home}/export"))
        endless = hostile.enter_context(connect(server))
        endless.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        for _megabyte in range(50):
            start = time.monotonic()
            assert nok.get("/healthz").status_code == httpx.codes.OK
            assert time.monotonic() - start < HEALTH_SECONDS
            with suppress(OSError):  # it was refused, and closed after a while
                endless.sendall(b"a" * 1_000_000)
        with suppress(ConnectionResetError):
            assert endless.recv(12) == b"HTTP/1.1 431"
        check_other_requests(nok)
