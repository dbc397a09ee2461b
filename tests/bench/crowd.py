"""Several programs that ask at the same time, each over a connection of its own."""

import http.client
import itertools
import json
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

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


class Program:
    """Somebody who signed in at the API."""

    def __init__(self, server: Server, email: str = "", *, token: str = "") -> None:
        self.server = server
        self.connection = http.client.HTTPConnection("localhost", server.port, timeout=PATIENCE)
        self.token = token
        if not token:
            said = self.ask("POST", "/api/auth/login", {"email": email, "password": PASSWORD}).json
            self.token = said["token"]

    def another(self) -> "Program":
        """The same person at another device."""
        return Program(self.server, token=self.token)

    def ask(self, verb: str, url: str, body: Any = None) -> Asked:
        headers = {"X-Request-ID": uuid4().hex, "Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        sent = None if body is None else json.dumps(body)
        began = time.perf_counter()
        self.connection.request(verb, url, sent, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        return Asked(headers["X-Request-ID"], answer.status, 1000 * (time.perf_counter() - began), text)

    def get(self, url: str) -> Any:
        """Not timed, and over a new connection: one that waited was closed meanwhile."""
        self.connection.close()
        answer = self.ask("GET", url)
        if answer.status != 200:
            raise RuntimeError(f"GET {url} answered {answer.status}: {answer.body[:500]!r}")
        return answer.json


def at_once(program: Program, asks: Iterable[Callable[[Program], Asked]], programs: int = AT_ONCE) -> list[Asked]:
    """All of it, by so many programs at the same time: whoever has an answer takes the next."""
    waiting = iter(list(asks))

    def work(each: Program) -> list[Asked]:
        return [ask(each) for ask in iter(lambda: next(waiting, None), None)]

    with ThreadPoolExecutor(programs) as threads:
        return list(itertools.chain.from_iterable(threads.map(work, [program.another() for _ in range(programs)])))
