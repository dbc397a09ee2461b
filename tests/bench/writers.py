"""Many write at once, and listeners fall out of the line: is anything lost, doubled or out of order?

`python -m tests.bench.writers` measures it on the product as a household runs it, and on two processes that share a
PostgreSQL and a Redis.
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

from tests.server import BEN, NOK, PASSWORD, PLOY, Server
from tests.site import site

PATIENCE = 60.0  # seconds until what should come is missed
FAREWELL = 0.1  # seconds until one who leaves with frames unread is gone without
BROKEN = (OSError, ConnectionClosed, InvalidHandshake, EOFError, TimeoutError)


class Member(httpx.Client):
    """Somebody of the demo household, with a program of their own. Addresses are below the home's."""

    def __init__(self, url: str, email: str) -> None:
        super().__init__(timeout=PATIENCE)
        said = {"email": email, "password": PASSWORD}
        token = self.post(f"{url}/api/auth/login", json=said).raise_for_status().json()["token"]
        self.headers["Authorization"] = f"Bearer {token}"
        home = self.get(f"{url}/api/homes").raise_for_status().json()["results"][0]["id"]
        self.base_url = httpx.URL(f"{url}/api/homes/{home}")
        self.socket = f"{url.replace('http', 'ws')}/ws/{home}"

    def begins_list(self) -> str:
        made: str = self.post("/lists", json={"name": "Together"}).raise_for_status().json()["id"]
        return made

    def adds(self, grocery_list: str, text: str, op_id: UUID) -> dict[str, Any]:
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
    """Holds the socket, and comes back with `since` whenever it breaks; it breaks it itself after `leaves()` frames."""

    member: Member
    since: int
    leaves: Any = lambda: 10**9
    frames: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.closing = threading.Event()
        self.start()

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while not self.closing.is_set():
            with suppress(*BROKEN):
                self.hold()
            self.closing.wait(0.05)

    def hold(self) -> None:
        address, bearer = f"{self.member.socket}?since={self.since}", self.member.headers["Authorization"]
        with connect(
            address, additional_headers={"Authorization": bearer}, open_timeout=PATIENCE, close_timeout=FAREWELL
        ) as socket:
            for _count in range(self.leaves()):
                while not self.closing.is_set():
                    with suppress(TimeoutError):
                        frame = json.loads(socket.recv(0.5))
                        break
                else:
                    return
                if frame.get("type") == "resync":
                    self.reads_up_to(frame["seq"])
                elif "seq" in frame and frame.get("type") != "welcome":
                    self.heard(frame)

    def heard(self, frame: dict[str, Any]) -> None:
        self.frames.append(frame)
        self.since = max(self.since, frame["seq"])

    def reads_up_to(self, seq: int) -> None:
        """Too far behind to be told of all: what is missing is in the log."""
        while self.since < seq:
            page = self.member.get(f"/events?after={self.since}&limit=200").raise_for_status().json()
            for frame in page["results"]:
                if frame["seq"] <= seq:
                    self.heard(frame)

    def hears(self, seq: int) -> bool:
        """Whether it has come as far as `seq`, sooner or later."""
        end = time.monotonic() + PATIENCE
        while self.since < seq and time.monotonic() < end:
            time.sleep(0.02)
        return self.since >= seq

    def close(self) -> None:
        self.closing.set()
        self.join(PATIENCE)


@dataclass(frozen=True)
class Count:
    """What came to the listeners, all together, of the events from `first` to `last`."""

    events: int
    lost: int
    doubled: int
    disordered: int

    @classmethod
    def of(cls, listeners: list[Listener], first: int, last: int) -> "Count":
        lost = doubled = disordered = 0
        for listener in listeners:
            heard = [frame["seq"] for frame in listener.frames if first <= frame["seq"] <= last]
            lost += last - first + 1 - len(set(heard))
            doubled += len(heard) - len(set(heard))
            disordered += sum(1 for before, after in zip(heard, heard[1:], strict=False) if after < before)
        return cls(last - first + 1, lost, doubled, disordered)

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.doubled or self.disordered)

    def __str__(self) -> str:
        return f"{self.events} events: {self.lost} lost, {self.doubled} doubled, {self.disordered} out of order"


def write_together(
    urls: list[str], *, writers: int, each: int, listeners: int = 4, seed: int = 1
) -> tuple[Count, int, set[str]]:
    """`writers` at a time add `each` things to one list. Every fifth is sent twice, as when an answer was lost, and
    listeners leave after some frames. Returns what was heard, how many entries the list has, and the outcomes."""
    with ExitStack() as programs:
        people = [programs.enter_context(closing(Member(url, email))) for url in urls for email in (NOK, BEN, PLOY)]
        return _write_together(people, writers, each, listeners, seed)


def _write_together(
    people: list[Member], writers: int, each: int, listeners: int, seed: int
) -> tuple[Count, int, set[str]]:
    grocery_list = people[0].begins_list()
    begun = people[0].seq()
    chance = random.Random(seed)  # noqa: S311 (no secret)
    ears = [
        Listener(people[index % len(people)], begun, leaves=lambda: chance.randint(5, 60)) for index in range(listeners)
    ]

    def write(number: int) -> set[str]:
        own, outcomes = random.Random(seed + number), set()  # noqa: S311 (no secret)
        member = people[number % len(people)]
        for index in range(each):
            op_id = uuid4()
            for _send in range(2 if own.random() < 0.2 else 1):
                outcomes.add(member.adds(grocery_list, f"thing {number} of {index} sorts", op_id)["outcome"])
        return outcomes

    with ThreadPoolExecutor(writers) as pool:
        outcomes = set().union(*pool.map(write, range(writers)))
    last = people[0].seq()
    for ear in ears:
        ear.hears(last)
        ear.close()
    full = people[0].get(f"/lists/{grocery_list}").raise_for_status().json()
    return Count.of(ears, begun + 1, last), len(full["items"]), outcomes


def measure(urls: list[str], how: str) -> bool:
    began = time.monotonic()
    heard, entries, outcomes = write_together(urls, writers=16, each=400)
    value = f"{heard.events} / {heard.lost} / {heard.doubled} / {heard.disordered}"
    what = f"16 writers × 400, {how}: events / lost / doubled / out of order"
    print(f"{what:<82}{value:>20}  reach 6400 / 0 / 0 / 0 {time.monotonic() - began:>6.0f} s", flush=True)
    return entries == 6400 and outcomes == {"done"} and heard.is_good


def main() -> int:
    with TemporaryDirectory(prefix="pantry-pixie-writers-") as folder, Server(Path(folder) / "data") as server:
        is_good = measure([server.url], "SQLite")
    with (
        TemporaryDirectory(prefix="pantry-pixie-writers-") as folder,
        site(Path(folder), ("serve",), ("serve",)) as web,
    ):
        is_good &= measure([each.url for each in web.web], "PostgreSQL, Redis, two processes")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
