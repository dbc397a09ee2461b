"""Clients that stop in the middle of a request, or read nothing, against a running server."""

import json
import socket
from contextlib import ExitStack, closing
from uuid import uuid4

import httpx
import pytest

from tests.server import NOK, Visitor

SECONDS = 20  # until an answer is missed, on a busy machine
SILENT_CLIENTS, SLOW_READERS = 200, 16


@pytest.fixture(scope="module")
def server(cluster):
    return cluster.web[0]


@pytest.fixture(scope="module")
def nok(server):
    with closing(Visitor(server, NOK)) as visitor:
        visitor.timeout = SECONDS
        yield visitor


@pytest.fixture
def weekly(nok):
    return nok.post(f"/api/homes/{nok.home}/lists", json={"name": uuid4().hex}).raise_for_status().json()["id"]


def connected(server):
    return socket.create_connection(("localhost", server.port), SECONDS)


def head(visitor, method, address, length=0, kind="application/json"):
    lines = [
        f"{method} {address} HTTP/1.1",
        "Host: localhost",
        f"Cookie: {visitor.cookie}",
        f"X-CSRFToken: {visitor.headers['X-CSRFToken']}",
        *([f"Content-Length: {length}", f"Content-Type: {kind}"] if length else []),
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def answers_everybody(visitor):
    for address in (f"/h/{visitor.home}/lists/", f"/api/homes/{visitor.home}/lists", "/healthz"):
        assert visitor.get(address).status_code == httpx.codes.OK
    assert visitor.post(f"/api/homes/{visitor.home}/lists", json={"name": uuid4().hex}).is_success


@pytest.mark.parametrize("address", ["/api/auth/login", "/accounts/login/"])
def test_clients_that_send_no_body_change_nothing_for_others(server, nok, address):
    with ExitStack() as silent:
        clients = [silent.enter_context(connected(server)) for _ in range(SILENT_CLIENTS)]
        for client in clients:
            client.sendall(head(nok, "POST", address, 100))
        answers_everybody(nok)
        for client in clients:
            client.setblocking(False)
            with pytest.raises(BlockingIOError):  # still open, and not answered
                client.recv(1)


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_a_body_that_is_cut_off_changes_nothing(server, nok, weekly, kind):
    if kind == "application/json":
        address, body = f"/api/homes/{nok.home}/lists/{weekly}/items", json.dumps({"name": "Cut off"}).encode()
    else:
        address, body = f"/h/{nok.home}/lists/{weekly}/add", b"text=Cut+off"
    with connected(server) as client:
        client.sendall(head(nok, "POST", address, 100, kind) + body.ljust(40))
        client.shutdown(socket.SHUT_WR)
        assert client.recv(1) == b""
    answers_everybody(nok)
    assert nok.get(f"/api/homes/{nok.home}/lists/{weekly}").raise_for_status().json()["items"] == []
    with connected(server) as client:  # whole, the very same body is taken
        client.sendall(head(nok, "POST", address, 40, kind) + body.ljust(40))
        client.recv(1)
    assert len(nok.get(f"/api/homes/{nok.home}/lists/{weekly}").json()["items"]) == 1


def test_clients_that_read_nothing_of_an_export_change_nothing_for_others(server, nok):
    with ExitStack() as slow:
        clients = [slow.enter_context(connected(server)) for _ in range(SLOW_READERS)]
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(head(nok, "GET", f"/api/homes/{nok.home}/export"))
        for client in clients:
            assert client.recv(8) == b"HTTP/1.1"
        answers_everybody(nok)


def test_requests_whose_head_never_ends_change_nothing_for_others(server, nok):
    with ExitStack() as silent:
        for _ in range(SILENT_CLIENTS):
            silent.enter_context(connected(server)).sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        answers_everybody(nok)
