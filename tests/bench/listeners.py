"""Many clients of the live stream in one thread, and events at a fixed pace: who has what, how late.

The pace is open: an event is due when it is due, however late the ones before are, and its time counts from then. Each
event is something put on a list, and bears its own number in its name, so a frame that holds it is that event's.
"""

import base64
import gc
import os
import re
import selectors
import socket
import struct
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from urllib.parse import urlsplit

MARK, MARKED, LONG = "@@%09d@@", re.compile(rb"@@(\d{9})@@"), 13
PING = b"\x89"
WRITERS = 8
PATIENCE = 60  # seconds until all are let in
NAP = 0.0005  # after few arrivals: so the server's sends need not wake us one by one


@dataclass
class Client:
    """One that listens. `home` says whose events it expects."""

    home: str
    sock: socket.socket
    request: bytes
    began: float
    state: str = "connecting"
    kept: bytes = b""
    reads: bool = True


@dataclass
class Fired:
    at: float
    expected: int
    got: int = 0
    last: float = 0.0
    accepted: float = 0.0


@dataclass
class Measured:
    """Milliseconds. `last`: until the last client of an event had it, from when the write was due; `after`: from when
    it was answered, 0 where all had it before. `every`: of each client."""

    last: list[float]
    after: list[float]
    every: list[float]
    missing: int
    doubled: int
    refused: int


@dataclass
class Crowd:
    url: str
    token: str
    is_sse: bool = False
    clients: dict[int, Client] = field(default_factory=dict)
    homes: dict[str, list[Client]] = field(default_factory=dict)
    events: list[Fired] = field(default_factory=list)
    every: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.epoll = selectors.EpollSelector()
        self.writers: deque[socket.socket] = deque()
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.under_way: dict[socket.socket, int] = {}  # by writer, the event whose answer it waits for
        self.few = False
        address = urlsplit(self.url)
        self.address = (address.hostname or "", address.port or 80)

    # Clients

    def connect(self, homes: Iterable[str], tokens: Sequence[str] = (), at_once: int = 200) -> float:
        """One client for each of the homes, by turns with each of the tokens. Returns how long it took until all were
        let in, in seconds."""
        todo, began = deque(zip(homes, cycle(tokens or [self.token]), strict=False)), time.monotonic()
        wanted = len(self.clients) + len(todo)
        while (todo or any(True for _client in self._coming())) and time.monotonic() - began < PATIENCE:
            coming = sum(1 for _client in self._coming())
            for _each in range(min(at_once - coming, len(todo), 256)):
                self._open(*todo.popleft())
            self._turn(0.02)
        self.failed += ["was not let in in time"] * (wanted - len(self.failed) - len(self.clients))
        return time.monotonic() - began

    def _coming(self) -> Iterator[Client]:
        return (client for client in self.clients.values() if client.state != "open")

    def _open(self, home: str, token: str) -> None:
        path, more = f"/ws/{home}", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        more += f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
        if self.is_sse:
            path, more = f"/api/homes/{home}/events/stream", "Accept: text/event-stream\r\n"
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{more}\r\n"
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(self.address)
        self.clients[sock.fileno()] = Client(home, sock, head.encode(), time.monotonic())
        self.epoll.register(sock, selectors.EVENT_WRITE, self._begin)

    def _begin(self, sock: socket.socket) -> None:
        client = self.clients[sock.fileno()]
        if error := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return self._drop(client, os.strerror(error))
        sock.send(client.request)
        client.state = "asking"
        self.epoll.modify(sock, selectors.EVENT_READ, self._hear)

    def _drop(self, client: Client, why: str) -> None:
        self.epoll.unregister(client.sock)
        del self.clients[client.sock.fileno()]
        client.sock.close()
        if client.state == "open":
            self.lost += 1
            self.homes[client.home].remove(client)
        else:
            self.failed.append(why)

    def _hear(self, sock: socket.socket) -> None:
        client, now = self.clients[sock.fileno()], time.monotonic()
        try:
            came = sock.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            came, client.kept = b"", str(error).encode()
        if not came:
            return self._drop(client, f"closed while {client.state}")
        if client.state == "open" and PING in came and not self.is_sse:
            for ping in pings(came):
                sock.send(bytes([0x8A, 0x80 | len(ping)]) + b"\0\0\0\0" + ping)
        if client.state == "open" and b"@" not in came and not client.kept:
            return
        data = client.kept + came
        if client.state == "asking":
            if b'"welcome"' in data:
                client.state, data = "open", b""
                self.homes.setdefault(client.home, []).append(client)
            elif b" 101 " not in data[:20] and b" 200 " not in data[:20] and len(data) > 20:
                return self._drop(client, data[:60].decode("latin-1"))
            client.kept = data
            return
        end = 0
        for found in MARKED.finditer(data):
            self._got(int(found[1]), now)
            end = found.end()
        rest = data[max(end, len(data) - LONG + 1) :]  # where the next piece may complete a mark
        client.kept = rest[rest.find(b"@") :] if b"@" in rest else b""

    def _got(self, number: int, now: float) -> None:
        event = self.events[number]
        event.got += 1
        event.last = now
        self.doubled += event.got > event.expected
        self.every.append(1000 * (now - event.at))

    def stall(self, count: int) -> list[Client]:
        """So many clients read no more. Their share is not waited for."""
        stalled = list(self.clients.values())[:count]
        for client in stalled:
            client.reads = False
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self.epoll.unregister(client.sock)
        return stalled

    # Events

    @contextmanager
    def _quiet(self) -> Iterator[None]:
        gc.disable()
        try:
            yield
        finally:
            gc.enable()

    def run(self, lists: dict[str, str], pace: float, count: int, patience: float = 10) -> Measured:
        """`count` events, `pace` a second, in turn in each of the homes: by home, the list that it is put on."""
        while len(self.writers) < WRITERS:
            self._add_writer()
        first, self.every, self.doubled, self.refused = len(self.events), [], 0, 0
        homes, began = list(lists.items()), time.monotonic()
        with self._quiet():
            for index in range(count):
                due = began + index / pace
                while (left := due - time.monotonic()) > 0:
                    self._turn(min(left, 0.05))
                self._fire(*homes[index % len(homes)], due)
                self._turn(0)
            fired, until = self.events[first:], time.monotonic() + patience
            while any(event.got < event.expected for event in fired) and time.monotonic() < until:
                self._turn(0.02)
        whole = [event for event in fired if event.got >= event.expected and event.last]
        last = [1000 * (event.last - event.at) for event in whole]
        after = [1000 * max(0.0, event.last - event.accepted) for event in whole if event.accepted]
        missing = sum(max(0, event.expected - event.got) for event in fired)
        return Measured(last, after, self.every, missing, self.doubled, self.refused)

    def _fire(self, home: str, list_id: str, due: float) -> None:
        name = MARK % len(self.events)
        expected = sum(client.reads for client in self.homes.get(home, ()))
        self.events.append(Fired(due, expected))
        body = f'{{"name":"bell {name}","quantity":1}}'
        request = (
            f"POST /api/homes/{home}/lists/{list_id}/items HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        self.waiting.append((len(self.events) - 1, request))
        if self.writers:
            self._write(self.writers.popleft())

    def _write(self, sock: socket.socket) -> None:
        self.under_way[sock], request = self.waiting.popleft()
        sock.send(request)

    def _add_writer(self) -> None:
        sock = socket.create_connection(self.address)
        sock.setblocking(False)
        self.epoll.register(sock, selectors.EVENT_READ, self._answered)
        self.writers.append(sock)

    def _answered(self, sock: socket.socket) -> None:
        answer = sock.recv(65536)
        if not answer:
            self.epoll.unregister(sock)
            if sock in self.writers:
                self.writers.remove(sock)
            return self._add_writer()
        if not answer.startswith(b"HTTP/1.1"):
            return  # the rest of one
        self.refused += answer[9:10] != b"2"
        self.events[self.under_way[sock]].accepted = time.monotonic()
        if self.waiting:
            self._write(sock)
        else:
            self.writers.append(sock)

    def _turn(self, seconds: float) -> None:
        if self.few and seconds > NAP:
            time.sleep(NAP)
            seconds -= NAP
        ready = self.epoll.select(seconds)
        self.few = 0 < len(ready) < 64
        for key, _events in ready:
            if key.fd in self.epoll.get_map():
                key.data(key.fileobj)

    def rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._turn(min(left, 0.1))

    def leave(self) -> None:
        """All at once, as when the light goes out."""
        for client in list(self.clients.values()):
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sock.close()
        for writer in self.writers:
            writer.close()
        self.epoll.close()


def pings(came: bytes) -> Iterator[bytes]:
    """What those of its frames bring that are pings (RFC 6455, 5.2), wherever they stand: an answer brings the same."""
    at = 0
    while at + 2 <= len(came):
        kind, length = came[at], came[at + 1] & 127
        at += 2
        if length >= 126:
            wide = 2 if length == 126 else 8
            at, length = at + wide, int.from_bytes(came[at : at + wide])
        if kind == PING[0]:
            yield came[at : at + length]
        at += length


def percentile(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else float("inf")
