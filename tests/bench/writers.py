"""Concurrent writers and reconnecting listeners: counts lost, duplicate and out-of-order events.

`python -m tests.bench.writers` measures one process on SQLite, and two processes on PostgreSQL and Redis.
"""

import json
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import httpx
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import connect

from tests.cluster import cluster
from tests.server import BEN, NOK, PASSWORD, PLOY, Server

TIMEOUT_SECONDS = 60.0
CLOSE_SECONDS = 0.1  # a listener that leaves frames unread closes without waiting longer
CONNECTION_ERRORS = (OSError, ConnectionClosed, InvalidHandshake, EOFError, TimeoutError)


class Member(httpx.Client):
    """API client of a member of the demo home. URLs are relative to the home."""

    def __init__(self, url: str, email: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        credentials = {"email": email, "password": PASSWORD}
        token = self.post(f"{url}/api/auth/login", json=credentials).raise_for_status().json()["token"]
        self.headers["Authorization"] = f"Bearer {token}"
        home = self.get(f"{url}/api/homes").raise_for_status().json()["results"][0]["id"]
        self.base_url = httpx.URL(f"{url}/api/homes/{home}")
        self.socket = f"{url.replace('http', 'ws')}/ws/{home}"

    def create_list(self) -> str:
        list_id: str = self.post("/lists", json={"name": "Together"}).raise_for_status().json()["id"]
        return list_id

    def add_entry(self, grocery_list: str, text: str, op_id: UUID) -> dict[str, Any]:
        now = datetime.now(UTC).isoformat()
        data = {"list": grocery_list, "text": text}
        intent = {"op_id": str(op_id), "kind": "add_entry", "meant_at": now, "seen": None, "data": data}
        answer = self.post("/intents", json={"now": now, "intents": [intent]}).raise_for_status()
        result: dict[str, Any] = answer.json()["results"][0]
        return result

    def seq(self) -> int:
        last: int = self.get("/events?limit=1").raise_for_status().json()["seq"]
        return last


@dataclass
class Listener(threading.Thread):
    """Listens on a socket and reconnects with `since`; disconnects by itself after `frames_per_connection()` frames."""

    member: Member
    since: int
    frames_per_connection: Any = lambda: 10**9
    frames: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.closing = threading.Event()
        self.start()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.closing.is_set():
            with suppress(*CONNECTION_ERRORS):
                self.listen()
            self.closing.wait(0.05)

    def listen(self) -> None:
        url, bearer = f"{self.member.socket}?since={self.since}", self.member.headers["Authorization"]
        with connect(
            url, additional_headers={"Authorization": bearer}, open_timeout=TIMEOUT_SECONDS, close_timeout=CLOSE_SECONDS
        ) as socket:
            for _count in range(self.frames_per_connection()):
                while not self.closing.is_set():
                    with suppress(TimeoutError):
                        frame = json.loads(socket.recv(0.5))
                        break
                else:
                    return
                if frame.get("type") == "resync":
                    self.catch_up(frame["seq"])
                elif "seq" in frame and frame.get("type") != "welcome":
                    self.receive(frame)

    def receive(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        self.since = max(self.since, frame["seq"])

    def catch_up(self, seq: int) -> None:
        """Read the missing events from the log."""
        while self.since < seq:
            page = self.member.get(f"/events?after={self.since}&limit=200").raise_for_status().json()
            for frame in page["results"]:
                if frame["seq"] <= seq:
                    self.receive(frame)

    def wait_for(self, seq: int) -> bool:
        """Wait until the listener has received `seq`. Return False after the timeout."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while self.since < seq and time.monotonic() < end:
            time.sleep(0.02)
        return self.since >= seq

    def close(self) -> None:
        self.closing.set()
        self.join(TIMEOUT_SECONDS)


@dataclass(frozen=True)
class Count:
    """Totals over all listeners of the events from `first` to `last`."""

    events: int
    lost: int
    doubled: int
    disordered: int

    @classmethod
    def of(cls, listeners: list[Listener], first: int, last: int) -> "Count":
        lost = doubled = disordered = 0
        for listener in listeners:
            seqs = [frame["seq"] for frame in listener.frames if first <= frame["seq"] <= last]
            lost += last - first + 1 - len(set(seqs))
            doubled += len(seqs) - len(set(seqs))
            disordered += sum(1 for before, after in zip(seqs, seqs[1:], strict=False) if after < before)
        return cls(last - first + 1, lost, doubled, disordered)

    @property
    def is_complete(self) -> bool:
        return not (self.lost or self.doubled or self.disordered)

    def __str__(self) -> str:
        return f"{self.events} events: {self.lost} lost, {self.doubled} doubled, {self.disordered} out of order"


def write_together(
    urls: list[str], *, writers: int, each: int, listeners: int = 4, seed: int = 1
) -> tuple[Count, int, set[str]]:
    """Add `each` entries per writer to one list. Every fifth is sent twice, as after a lost response. Return the count
    of received events, the number of entries and the set of outcomes."""
    with ExitStack() as clients:
        members = [clients.enter_context(closing(Member(url, email))) for url in urls for email in (NOK, BEN, PLOY)]
        return _write_together(members, writers, each, listeners, seed)


def _write_together(
    members: list[Member], writers: int, each: int, listeners: int, seed: int
) -> tuple[Count, int, set[str]]:
    grocery_list = members[0].create_list()
    first_seq = members[0].seq()
    rng = random.Random(seed)  # noqa: S311 (not a secret)
    listener_threads = [
        Listener(members[index % len(members)], first_seq, frames_per_connection=lambda: rng.randint(5, 60))
        for index in range(listeners)
    ]

    def write(number: int) -> set[str]:
        writer_rng, outcomes = random.Random(seed + number), set()  # noqa: S311 (not a secret)
        member = members[number % len(members)]
        for index in range(each):
            op_id = uuid4()
            for _send in range(2 if writer_rng.random() < 0.2 else 1):
                outcomes.add(member.add_entry(grocery_list, f"thing {number} of {index} sorts", op_id)["outcome"])
        return outcomes

    with ThreadPoolExecutor(writers) as pool:
        outcomes = set().union(*pool.map(write, range(writers)))
    last = members[0].seq()
    for listener in listener_threads:
        listener.wait_for(last)
        listener.close()
    full = members[0].get(f"/lists/{grocery_list}").raise_for_status().json()
    return Count.of(listener_threads, first_seq + 1, last), len(full["items"]), outcomes


def measure(urls: list[str], setup: str) -> bool:
    start = time.monotonic()
    count, entries, outcomes = write_together(urls, writers=16, each=400)
    value = f"{count.events} / {count.lost} / {count.doubled} / {count.disordered}"
    title = f"16 writers × 400, {setup}: events / lost / doubled / out of order"
    print(f"{title:<82}{value:>20}  reach 6400 / 0 / 0 / 0 {time.monotonic() - start:>6.0f} s", flush=True)
    return entries == 6400 and outcomes == {"done"} and count.is_complete


def main() -> int:
    with TemporaryDirectory(prefix="pantry-pixie-writers-") as folder, Server(Path(folder) / "data") as server:
        is_complete = measure([server.url], "SQLite")
    with (
        TemporaryDirectory(prefix="pantry-pixie-writers-") as folder,
        cluster(Path(folder), ("serve",), ("serve",)) as web,
    ):
        is_complete &= measure([each.url for each in web.web], "PostgreSQL, Redis, two processes")
    return 0 if is_complete else 1


if __name__ == "__main__":
    sys.exit(main())
