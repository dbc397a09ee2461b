"""Concurrent API clients, each with a connection of its own."""

import itertools
import json
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httptools

from tests.server import PASSWORD, Server

CONCURRENCY = 8
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Response:
    """A response. `request_id` identifies it in the server's log."""

    request_id: str
    status: int
    ms: float
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class ResponseParser:
    """Reader of an HTTP/1.1 response. Uses llhttp, because the standard client would take a tenth of the machine."""

    def __init__(self, connection: socket.socket) -> None:
        self.chunks: list[bytes] = []
        self.is_complete = False
        parser = httptools.HttpResponseParser(self)
        while not self.is_complete:
            data = connection.recv(65536)
            if not data:
                raise ConnectionError("The server closed the connection.")
            parser.feed_data(data)
        self.status = parser.get_status_code()

    def on_body(self, chunk: bytes) -> None:
        self.chunks.append(chunk)

    def on_message_complete(self) -> None:
        self.is_complete = True


class ApiClient:
    """A signed-in API client."""

    def __init__(self, server: Server, email: str = "", *, token: str = "") -> None:
        self.server = server
        self.connection: socket.socket | None = None
        self.token = token
        if not token:
            session = self.request("POST", "/api/auth/login", {"email": email, "password": PASSWORD}).json
            self.token = session["token"]

    def clone(self) -> "ApiClient":
        """Return a client of the same user with a connection of its own."""
        return ApiClient(self.server, token=self.token)

    def request(self, verb: str, url: str, body: Any = None) -> Response:
        request_id = uuid4().hex
        payload = b"" if body is None else json.dumps(body).encode()
        headers = [f"{verb} {url} HTTP/1.1", "Host: localhost", f"X-Request-ID: {request_id}"]
        headers += [f"Content-Length: {len(payload)}", "Content-Type: application/json", "Accept: application/json"]
        headers += [f"Authorization: Bearer {self.token}"] if self.token else []
        start = time.perf_counter()
        if self.connection is None:
            self.connection = socket.create_connection(("localhost", self.server.port), TIMEOUT_SECONDS)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sendall("\r\n".join([*headers, "", ""]).encode() + payload)
        response = ResponseParser(self.connection)
        return Response(request_id, response.status, 1000 * (time.perf_counter() - start), b"".join(response.chunks))

    def get(self, url: str) -> Any:
        """Return the JSON at `url`. Opens a new connection, because the server closes idle ones."""
        self.close()
        response = self.request("GET", url)
        if response.status != 200:
            raise RuntimeError(f"GET {url} returned {response.status}: {response.body[:500]!r}")
        return response.json

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def run_concurrently(
    client: ApiClient, requests: Iterable[Callable[[ApiClient], Response]], clients: int = CONCURRENCY
) -> list[Response]:
    """Send all requests from several clients; each takes the next one when it has its response."""
    queue = iter(list(requests))

    def work(own: ApiClient) -> list[Response]:
        return [send(own) for send in iter(lambda: next(queue, None), None)]

    with ThreadPoolExecutor(clients) as threads:
        return list(itertools.chain.from_iterable(threads.map(work, [client.clone() for _ in range(clients)])))
