"""`make bench-live`: the live stream with thousands of clients. `--json` prints one object, a word names one part.

The clients and the events come from `listeners.py`, here; the server is the product, run as it is run: in one
process on SQLite, and as a server with PostgreSQL and Redis.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.bench.__main__ import Figure
from tests.bench.listeners import Crowd, Measured, percentile
from tests.server import BEN, NOK, PASSWORD, PLOY, Server
from tests.site import site

HOMES, IN_EACH, PACE = 500, 4, 50
MANY, BELLS = 5000, 30
UNREAD, OTHERS, CALM = 10_000, 10, 30  # events, who reads them, and how many a second: so that nothing else is full
Said = Callable[[str], None]


@contextmanager
def embedded() -> Iterator[tuple[str, list[int]]]:
    """Its address, and the processes that hold the connections."""
    with TemporaryDirectory(prefix="pantry-pixie-bench-") as folder, Server(Path(folder) / "data") as server:
        assert server.process is not None
        yield server.url, [server.process.pid]


@contextmanager
def served(workers: int = 1) -> Iterator[tuple[str, list[int]]]:
    how = ("serve", "--workers", str(workers))
    with TemporaryDirectory(prefix="pantry-pixie-bench-") as folder, site(Path(folder), how) as running:
        process = running.web[0].process
        assert process is not None
        yield running.web[0].url, [process.pid, *children(process.pid)]


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, found) for each in (child, *children(child))]


def memory_kb(pids: list[int]) -> int:
    """Proportional memory of the processes together (proc(5): Pss of smaps_rollup)."""
    lines = (line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Resident(httpx.Client):
    """Somebody with a token, and a home with a list in it."""

    def __init__(self, url: str, email: str) -> None:
        super().__init__(base_url=url, timeout=30)
        answer = self.post("/api/auth/login", json={"email": email, "password": PASSWORD}).raise_for_status().json()
        self.token: str = answer["token"]
        self.headers["Authorization"] = f"Bearer {self.token}"
        self.home: str = self.get("/api/homes").json()["results"][0]["id"]

    def list_in(self, home: str) -> str:
        made: str = self.post(f"/api/homes/{home}/lists", json={"name": "Bells"}).raise_for_status().json()["id"]
        return made

    def founds(self, count: int) -> dict[str, str]:
        """So many homes, with a list in each."""
        homes = [self.post("/api/homes", json={"name": f"Home {n}"}).raise_for_status().json() for n in range(count)]
        return {home["id"]: self.list_in(home["id"]) for home in homes}


def many_homes(url: str, _pids: list[int], reach: float, how: str) -> list[Figure]:
    nok = Resident(url, NOK)
    lists = nok.founds(HOMES)
    crowd = Crowd(url, nok.token)
    crowd.connect([home for _each in range(IN_EACH) for home in lists])
    crowd.run(lists, PACE, PACE * 3)
    measured = crowd.run(lists, PACE, PACE * 20)
    crowd.leave()
    what = f"{HOMES} homes × {IN_EACH} clients, {PACE} events a second, {how}"
    sent = f"{percentile(measured.last, 0.5):.0f} / {percentile(measured.last, 0.99):.0f}"
    return [
        timed(f"{what}: accepted → last client, ms, p50 / p99", measured, reach, measured.after),
        Figure("… from when the write was sent", sent, "", is_reached=True),
    ]


def one_home(url: str, pids: list[int], reach: float, how: str, *, is_sse: bool = False) -> list[Figure]:
    """The clients come at once, are counted and weighed, and then hear a bell each second."""
    people = [Resident(url, email) for email in (NOK, BEN, PLOY)]
    nok, bells = people[0], {people[0].home: people[0].list_in(people[0].home)}
    crowd, before = Crowd(url, nok.token, is_sse=is_sse), memory_kb(pids)
    taken = crowd.connect([nok.home] * MANY, [person.token for person in people], MANY)
    crowd.rest(3)
    each = (memory_kb(pids) - before) / max(1, len(crowd.clients))
    crowd.run(bells, 1, 3)
    measured = crowd.run(bells, 1, BELLS)
    refused, kind = len(crowd.failed), "SSE" if is_sse else "WebSocket"
    crowd.leave()
    where = f"{MANY} {kind} clients, {how}"
    came = f"{taken:.1f} s, {refused} refused"
    return [
        Figure(f"{where}: all connect at once", came, "≤ 10 s, 0 refused", taken <= 10 and not refused),
        Figure(f"{where}: memory of an idle one, KiB", f"{each:.0f}", "≤ 30", each <= 30),
        timed(f"{where}, one event a second: write → last client, ms, p50 / p99", measured, reach),
    ]


def one_that_never_reads(url: str, pids: list[int]) -> list[Figure]:
    """Without it is measured before and after: the list is ten times as long by then."""
    nok = Resident(url, NOK)
    bells = {nok.home: nok.list_in(nok.home)}
    crowd = Crowd(url, nok.token)
    crowd.connect([nok.home] * OTHERS)
    usual = crowd.run(bells, CALM, 1000)
    before = memory_kb(pids)
    (stalled,) = crowd.stall(1)
    meanwhile = crowd.run(bells, CALM, UNREAD, patience=60)
    grown = (memory_kb(pids) - before) / 1024
    gone = is_closed(stalled.sock)
    afterwards = crowd.run(bells, CALM, 1000)
    crowd.leave()
    before_it, with_it, after_it = (percentile(each.every, 0.95) for each in (usual, meanwhile, afterwards))
    return [
        Figure(f"one that never reads {UNREAD} events", "closed" if gone else "still open", "closed", gone),
        Figure("… memory of the server grows by, MB", f"{grown:.0f}", "< 20", grown < 20),
        Figure(
            "… the others, p95 before, with and after it, ms",
            f"{before_it:.1f} / {with_it:.1f} / {after_it:.1f}",
            "unchanged",
            with_it <= 1.25 * max(before_it, after_it) + 2,
        ),
    ]


def is_closed(sock: Any) -> bool:
    """Reads what is left, to the end or to where nothing more comes."""
    sock.setblocking(True)
    sock.settimeout(5)
    try:
        while sock.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def timed(what: str, measured: Measured, reach: float, times: list[float] | None = None) -> Figure:
    p50, p99 = (percentile(measured.last if times is None else times, share) for share in (0.5, 0.99))
    lost = measured.missing + measured.doubled + measured.refused
    value = f"{p50:.0f} / {p99:.0f}" + (f" ({lost} lost)" if lost else "")
    return Figure(what, value, f"p99 ≤ {reach:.0f}", p99 <= reach and not lost)


PARTS: dict[str, Callable[[], list[Figure]]] = {}


def part(name: str, run: Any, measured: Callable[..., list[Figure]], *more: Any, **named: Any) -> None:
    def measure() -> list[Figure]:
        with run() as (url, pids):
            return measured(url, pids, *more, **named)

    PARTS[name] = measure


part("homes", embedded, many_homes, 20, "embedded")
part("homes-redis", served, many_homes, 30, "with Redis")
part("sockets", embedded, one_home, 200, "one process")
part("sse", embedded, one_home, 400, "one process", is_sse=True)
part("sse-two", lambda: served(2), one_home, 200, "two processes", is_sse=True)
part("stalled", embedded, one_that_never_reads)


def main() -> int:
    as_json, asked = "--json" in sys.argv, [word for word in sys.argv[1:] if not word.startswith("-")]
    figures: list[Figure] = []
    for name in asked or PARTS:
        began = time.monotonic()
        found = PARTS[name]()
        figures += found
        if not as_json:
            for figure in found:
                mark = " " if figure.is_reached else "!"
                print(f"{figure.what:<92}{figure.value:>22}{mark} {figure.reach}", flush=True)
            print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr)
    if as_json:
        print(json.dumps([asdict(figure) for figure in figures], ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
