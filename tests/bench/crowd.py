"""Several programs that ask at the same time, each over a connection of its own."""

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

AT_ONCE = 8
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Asked:
    """`name` is the request's id, by which the server's own log knows it."""

    name: str
    status: int
    ms: float
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Answer:
    """Of HTTP/1.1, read by llhttp: the machine is the server's, and Python's own client would take a tenth of it."""

    def __init__(self, connection: socket.socket) -> None:
        self.pieces: list[bytes] = []
        self.is_whole = False
        parser = httptools.HttpResponseParser(self)
        while not self.is_whole:
            read = connection.recv(65536)
            if not read:
                raise ConnectionError("The server hung up.")
            parser.feed_data(read)
        self.status = parser.get_status_code()

    def on_body(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        self.is_whole = True


class Program:
    """Somebody who signed in at the API."""

    def __init__(self, server: Server, email: str = "", *, token: str = "") -> None:
        self.server = server
        self.connection: socket.socket | None = None
        self.token = token
        if not token:
            said = self.ask("POST", "/api/auth/login", {"email": email, "password": PASSWORD}).json
            self.token = said["token"]

    def another(self) -> "Program":
        """The same person at another device."""
        return Program(self.server, token=self.token)

    def ask(self, verb: str, url: str, body: Any = None) -> Asked:
        name = uuid4().hex
        sent = b"" if body is None else json.dumps(body).encode()
        head = [f"{verb} {url} HTTP/1.1", "Host: localhost", f"X-Request-ID: {name}", f"Content-Length: {len(sent)}"]
        head += ["Content-Type: application/json", "Accept: application/json"]
        head += [f"Authorization: Bearer {self.token}"] if self.token else []
        began = time.perf_counter()
        if self.connection is None:
            self.connection = socket.create_connection(("localhost", self.server.port), PATIENCE)
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connection.sendall("\r\n".join([*head, "", ""]).encode() + sent)
        answer = Answer(self.connection)
        return Asked(name, answer.status, 1000 * (time.perf_counter() - began), b"".join(answer.pieces))

    def get(self, url: str) -> Any:
        """Not timed, and over a new connection: one that waited was closed meanwhile."""
        self.close()
        answer = self.ask("GET", url)
        if answer.status != 200:
            raise RuntimeError(f"GET {url} answered {answer.status}: {answer.body[:500]!r}")
        return answer.json

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def at_once(program: Program, asks: Iterable[Callable[[Program], Asked]], programs: int = AT_ONCE) -> list[Asked]:
    """All of it, by so many programs at the same time: whoever has an answer takes the next."""
    waiting = iter(list(asks))

    def work(each: Program) -> list[Asked]:
        return [ask(each) for ask in iter(lambda: next(waiting, None), None)]

    with ThreadPoolExecutor(programs) as threads:
        return list(itertools.chain.from_iterable(threads.map(work, [program.another() for _ in range(programs)])))
