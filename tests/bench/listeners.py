"""Many clients of the live stream in one thread, and events at a fixed rate: measures delays and losses.

The load is open-loop: each event has a due time that does not depend on earlier ones, and its delay counts from then.
Each event adds a list item whose name has the event's number, by which frames are matched to events.
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

MARK, MARK_PATTERN, MARK_LENGTH = "@@%09d@@", re.compile(rb"@@(\d{9})@@"), 13
PING = b"\x89"
WRITERS = 8
CONNECT_TIMEOUT_SECONDS = 60
SLEEP_SECONDS = 0.0005  # after few arrivals: collect more of them before the next poll


@dataclass
class Client:
    """A listening client. It expects the events of `home`."""

    home: str
    sock: socket.socket
    request: bytes
    start: float
    state: str = "connecting"
    buffer: bytes = b""
    reads: bool = True


@dataclass
class SentEvent:
    at: float
    expected: int
    received: int = 0
    last: float = 0.0
    accepted: float = 0.0


@dataclass
class Measurement:
    """Delays in milliseconds. `last`: from the due time of a write until the last client received it; `after`: the same
    from its response, at least 0; `every`: of each client."""

    last: list[float]
    after: list[float]
    every: list[float]
    missing: int
    doubled: int
    refused: int


@dataclass
class LoadClients:
    url: str
    token: str
    is_sse: bool = False
    clients: dict[int, Client] = field(default_factory=dict)
    homes: dict[str, list[Client]] = field(default_factory=dict)
    events: list[SentEvent] = field(default_factory=list)
    every: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    lost: int = 0
    doubled: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        self.epoll = selectors.EpollSelector()
        self.writers: deque[socket.socket] = deque()
        self.waiting: deque[tuple[int, bytes]] = deque()
        self.in_flight: dict[socket.socket, int] = {}  # by writer, the event whose response it waits for
        self.had_few_events = False
        address = urlsplit(self.url)
        self.address = (address.hostname or "", address.port or 80)

    # Clients

    def connect(self, homes: Iterable[str], tokens: Sequence[str] = (), concurrency: int = 200) -> float:
        """Connect one client per home, using the tokens in turn. Return the seconds until all were connected."""
        queue, start = deque(zip(homes, cycle(tokens or [self.token]), strict=False)), time.monotonic()
        expected = len(self.clients) + len(queue)
        deadline = start + CONNECT_TIMEOUT_SECONDS
        while (queue or any(True for _client in self._connecting())) and time.monotonic() < deadline:
            connecting = sum(1 for _client in self._connecting())
            for _index in range(min(concurrency - connecting, len(queue), 256)):
                self._open(*queue.popleft())
            self._poll(0.02)
        self.failed += ["connection timed out"] * (expected - len(self.failed) - len(self.clients))
        return time.monotonic() - start

    def _connecting(self) -> Iterator[Client]:
        return (client for client in self.clients.values() if client.state != "open")

    def _open(self, home: str, token: str) -> None:
        path, headers = f"/ws/{home}", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        headers += f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
        if self.is_sse:
            path, headers = f"/api/homes/{home}/events/stream", "Accept: text/event-stream\r\n"
        head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{headers}\r\n"
        sock = socket.socket()
        sock.setblocking(False)
        sock.connect_ex(self.address)
        self.clients[sock.fileno()] = Client(home, sock, head.encode(), time.monotonic())
        self.epoll.register(sock, selectors.EVENT_WRITE, self._on_connected)

    def _on_connected(self, sock: socket.socket) -> None:
        client = self.clients[sock.fileno()]
        if error := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            return self._drop(client, os.strerror(error))
        sock.send(client.request)
        client.state = "asking"
        self.epoll.modify(sock, selectors.EVENT_READ, self._on_data)

    def _drop(self, client: Client, reason: str) -> None:
        self.epoll.unregister(client.sock)
        del self.clients[client.sock.fileno()]
        client.sock.close()
        if client.state == "open":
            self.lost += 1
            self.homes[client.home].remove(client)
        else:
            self.failed.append(reason)

    def _on_data(self, sock: socket.socket) -> None:
        client, now = self.clients[sock.fileno()], time.monotonic()
        try:
            data = sock.recv(65536)
        except BlockingIOError:
            return
        except OSError as error:
            data, client.buffer = b"", str(error).encode()
        if not data:
            return self._drop(client, f"closed while {client.state}")
        if client.state == "open" and PING in data and not self.is_sse:
            for ping in pings(data):
                sock.send(bytes([0x8A, 0x80 | len(ping)]) + b"\0\0\0\0" + ping)
        if client.state == "open" and b"@" not in data and not client.buffer:
            return
        data = client.buffer + data
        if client.state == "asking":
            if b'"welcome"' in data:
                client.state, data = "open", b""
                self.homes.setdefault(client.home, []).append(client)
            elif b" 101 " not in data[:20] and b" 200 " not in data[:20] and len(data) > 20:
                return self._drop(client, data[:60].decode("latin-1"))
            client.buffer = data
            return
        end = 0
        for match in MARK_PATTERN.finditer(data):
            self._record(int(match[1]), now)
            end = match.end()
        remainder = data[max(end, len(data) - MARK_LENGTH + 1) :]  # the next chunk may complete a mark
        client.buffer = remainder[remainder.find(b"@") :] if b"@" in remainder else b""

    def _record(self, number: int, now: float) -> None:
        event = self.events[number]
        event.received += 1
        event.last = now
        self.doubled += event.received > event.expected
        self.every.append(1000 * (now - event.at))

    def stall(self, count: int) -> list[Client]:
        """Stop reading from `count` clients. Their events are not waited for."""
        stalled = list(self.clients.values())[:count]
        for client in stalled:
            client.reads = False
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self.epoll.unregister(client.sock)
        return stalled

    # Events

    @contextmanager
    def _without_gc(self) -> Iterator[None]:
        gc.disable()
        try:
            yield
        finally:
            gc.enable()

    def run(self, lists: dict[str, str], pace: float, count: int, timeout: float = 10) -> Measurement:
        """Send `count` events, `pace` per second, to the homes in turn. `lists` has the list id of each home."""
        while len(self.writers) < WRITERS:
            self._add_writer()
        first, self.every, self.doubled, self.refused = len(self.events), [], 0, 0
        homes, start = list(lists.items()), time.monotonic()
        with self._without_gc():
            for index in range(count):
                due = start + index / pace
                while (remaining := due - time.monotonic()) > 0:
                    self._poll(min(remaining, 0.05))
                self._send_event(*homes[index % len(homes)], due)
                self._poll(0)
            events, deadline = self.events[first:], time.monotonic() + timeout
            while any(event.received < event.expected for event in events) and time.monotonic() < deadline:
                self._poll(0.02)
        complete = [event for event in events if event.received >= event.expected and event.last]
        last = [1000 * (event.last - event.at) for event in complete]
        after = [1000 * max(0.0, event.last - event.accepted) for event in complete if event.accepted]
        missing = sum(max(0, event.expected - event.received) for event in events)
        return Measurement(last, after, self.every, missing, self.doubled, self.refused)

    def _send_event(self, home: str, list_id: str, due: float) -> None:
        mark = MARK % len(self.events)
        expected = sum(client.reads for client in self.homes.get(home, ()))
        self.events.append(SentEvent(due, expected))
        body = f'{{"name":"bell {mark}","quantity":1}}'
        request = (
            f"POST /api/homes/{home}/lists/{list_id}/items HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: Bearer {self.token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        self.waiting.append((len(self.events) - 1, request))
        if self.writers:
            self._send_next(self.writers.popleft())

    def _send_next(self, sock: socket.socket) -> None:
        self.in_flight[sock], request = self.waiting.popleft()
        sock.send(request)

    def _add_writer(self) -> None:
        sock = socket.create_connection(self.address)
        sock.setblocking(False)
        self.epoll.register(sock, selectors.EVENT_READ, self._on_response)
        self.writers.append(sock)

    def _on_response(self, sock: socket.socket) -> None:
        response = sock.recv(65536)
        if not response:
            self.epoll.unregister(sock)
            if sock in self.writers:
                self.writers.remove(sock)
            return self._add_writer()
        if not response.startswith(b"HTTP/1.1"):
            return  # the rest of a response
        self.refused += response[9:10] != b"2"
        self.events[self.in_flight[sock]].accepted = time.monotonic()
        if self.waiting:
            self._send_next(sock)
        else:
            self.writers.append(sock)

    def _poll(self, seconds: float) -> None:
        if self.had_few_events and seconds > SLEEP_SECONDS:
            time.sleep(SLEEP_SECONDS)
            seconds -= SLEEP_SECONDS
        ready = self.epoll.select(seconds)
        self.had_few_events = 0 < len(ready) < 64
        for key, _events in ready:
            if key.fd in self.epoll.get_map():
                key.data(key.fileobj)

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (remaining := deadline - time.monotonic()) > 0:
            self._poll(min(remaining, 0.1))

    def close(self) -> None:
        """Close all connections abruptly, with a reset."""
        for client in list(self.clients.values()):
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sock.close()
        for writer in self.writers:
            writer.close()
        self.epoll.close()


def pings(data: bytes) -> Iterator[bytes]:
    """Yield the payloads of the ping frames in `data` (RFC 6455, 5.2); a pong repeats them."""
    at = 0
    while at + 2 <= len(data):
        kind, length = data[at], data[at + 1] & 127
        at += 2
        if length >= 126:
            size = 2 if length == 126 else 8
            at, length = at + size, int.from_bytes(data[at : at + size])
        if kind == PING[0]:
            yield data[at : at + length]
        at += length


def percentile(values: list[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else float("inf")
