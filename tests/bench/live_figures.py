"""Benchmark of the live stream with thousands of clients: `make bench-live`. `--json` prints one object; arguments name
the parts to run.

The server runs as one process on SQLite, and with PostgreSQL and Redis.
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
from tests.bench.listeners import LoadClients, Measurement, percentile
from tests.cluster import cluster
from tests.server import BEN, NOK, PASSWORD, PLOY, Server

HOMES, CLIENTS_PER_HOME, EVENTS_PER_SECOND = 500, 4, 50
CLIENTS, EVENTS = 5000, 30
UNREAD_EVENTS, OTHER_CLIENTS, CALM_PER_SECOND = 10_000, 10, 30  # slow enough that only the stalled client falls behind


@contextmanager
def embedded() -> Iterator[tuple[str, list[int]]]:
    """Run one process. Yield its URL and the ids of the processes that hold connections."""
    with TemporaryDirectory(prefix="pantry-pixie-bench-") as folder, Server(Path(folder) / "data") as server:
        assert server.process is not None
        yield server.url, [server.process.pid]


@contextmanager
def served(workers: int = 1) -> Iterator[tuple[str, list[int]]]:
    setup = ("serve", "--workers", str(workers))
    with TemporaryDirectory(prefix="pantry-pixie-bench-") as folder, cluster(Path(folder), setup) as running:
        process = running.web[0].process
        assert process is not None
        yield running.web[0].url, [process.pid, *children(process.pid)]


def children(pid: int) -> list[int]:
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, pids) for each in (child, *children(child))]


def memory_kb(pids: list[int]) -> int:
    """Return the proportional memory of the processes together (proc(5): Pss of smaps_rollup)."""
    lines = (line for pid in pids for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


class Owner(httpx.Client):
    """API client of a signed-in member and their first home."""

    def __init__(self, url: str, email: str) -> None:
        super().__init__(base_url=url, timeout=30)
        session = self.post("/api/auth/login", json={"email": email, "password": PASSWORD}).raise_for_status().json()
        self.token: str = session["token"]
        self.headers["Authorization"] = f"Bearer {self.token}"
        self.home: str = self.get("/api/homes").json()["results"][0]["id"]

    def create_list(self, home: str) -> str:
        list_id: str = self.post(f"/api/homes/{home}/lists", json={"name": "Bells"}).raise_for_status().json()["id"]
        return list_id

    def create_homes(self, count: int) -> dict[str, str]:
        """Create homes with one list each. Return the list ids by home."""
        homes = [self.post("/api/homes", json={"name": f"Home {n}"}).raise_for_status().json() for n in range(count)]
        return {home["id"]: self.create_list(home["id"]) for home in homes}


def many_homes(url: str, _pids: list[int], max_p99: float, setup: str) -> list[Figure]:
    nok = Owner(url, NOK)
    lists = nok.create_homes(HOMES)
    load = LoadClients(url, nok.token)
    load.connect([home for _each in range(CLIENTS_PER_HOME) for home in lists])
    load.run(lists, EVENTS_PER_SECOND, EVENTS_PER_SECOND * 3)
    measured = load.run(lists, EVENTS_PER_SECOND, EVENTS_PER_SECOND * 20)
    load.close()
    title = f"{HOMES} homes × {CLIENTS_PER_HOME} clients, {EVENTS_PER_SECOND} events per second, {setup}"
    sent = f"{percentile(measured.last, 0.5):.0f} / {percentile(measured.last, 0.99):.0f}"
    return [
        delay_figure(f"{title}: accepted → last client, ms, p50 / p99", measured, max_p99, measured.after),
        Figure("… from when the write was sent", sent, "", is_reached=True),
    ]


def one_home(url: str, pids: list[int], max_p99: float, setup: str, *, is_sse: bool = False) -> list[Figure]:
    """Connect all clients at once, measure their memory, then send one event per second."""
    members = [Owner(url, email) for email in (NOK, BEN, PLOY)]
    nok, lists = members[0], {members[0].home: members[0].create_list(members[0].home)}
    load, before = LoadClients(url, nok.token, is_sse=is_sse), memory_kb(pids)
    seconds = load.connect([nok.home] * CLIENTS, [person.token for person in members], CLIENTS)
    load.wait(3)
    each = (memory_kb(pids) - before) / max(1, len(load.clients))
    load.run(lists, 1, 3)
    measured = load.run(lists, 1, EVENTS)
    refused, kind = len(load.failed), "SSE" if is_sse else "WebSocket"
    load.close()
    where = f"{CLIENTS} {kind} clients, {setup}"
    value = f"{seconds:.1f} s, {refused} refused"
    return [
        Figure(f"{where}: all connect at once", value, "≤ 10 s, 0 refused", seconds <= 10 and not refused),
        Figure(f"{where}: memory of an idle one, KiB", f"{each:.0f}", "≤ 30", each <= 30),
        delay_figure(f"{where}, one event a second: write → last client, ms, p50 / p99", measured, max_p99),
    ]


def one_that_never_reads(url: str, pids: list[int]) -> list[Figure]:
    """Measure before, during and after: the list is ten times as long afterwards."""
    nok = Owner(url, NOK)
    lists = {nok.home: nok.create_list(nok.home)}
    load = LoadClients(url, nok.token)
    load.connect([nok.home] * OTHER_CLIENTS)
    before_stall = load.run(lists, CALM_PER_SECOND, 1000)
    before = memory_kb(pids)
    (stalled,) = load.stall(1)
    during = load.run(lists, CALM_PER_SECOND, UNREAD_EVENTS, timeout=60)
    growth_mb = (memory_kb(pids) - before) / 1024
    closed = is_closed(stalled.sock)
    after_stall = load.run(lists, CALM_PER_SECOND, 1000)
    load.close()
    p95_before, p95_during, p95_after = (
        percentile(measured.every, 0.95) for measured in (before_stall, during, after_stall)
    )
    return [
        Figure(
            f"one client that never reads {UNREAD_EVENTS} events",
            "closed" if closed else "still open",
            "closed",
            closed,
        ),
        Figure("… memory of the server grows by, MB", f"{growth_mb:.0f}", "< 20", growth_mb < 20),
        Figure(
            "… the other clients, p95 before, during and after, ms",
            f"{p95_before:.1f} / {p95_during:.1f} / {p95_after:.1f}",
            "unchanged",
            p95_during <= 1.25 * max(p95_before, p95_after) + 2,
        ),
    ]


def is_closed(sock: Any) -> bool:
    """Read until the end of the stream, or until nothing has come for 5 seconds."""
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


def delay_figure(title: str, measured: Measurement, max_p99: float, times: list[float] | None = None) -> Figure:
    p50, p99 = (percentile(measured.last if times is None else times, share) for share in (0.5, 0.99))
    lost = measured.missing + measured.doubled + measured.refused
    value = f"{p50:.0f} / {p99:.0f}" + (f" ({lost} lost)" if lost else "")
    return Figure(title, value, f"p99 ≤ {max_p99:.0f}", p99 <= max_p99 and not lost)


PARTS: dict[str, Callable[[], list[Figure]]] = {}


def add_part(name: str, run: Any, measured: Callable[..., list[Figure]], *more: Any, **named: Any) -> None:
    def measure() -> list[Figure]:
        with run() as (url, pids):
            return measured(url, pids, *more, **named)

    PARTS[name] = measure


add_part("homes", embedded, many_homes, 20, "embedded")
add_part("homes-redis", served, many_homes, 30, "with Redis")
add_part("sockets", embedded, one_home, 200, "one process")
add_part("sse", embedded, one_home, 400, "one process", is_sse=True)
add_part("sse-two", lambda: served(2), one_home, 200, "two processes", is_sse=True)
add_part("stalled", embedded, one_that_never_reads)


def main() -> int:
    as_json, names = "--json" in sys.argv, [word for word in sys.argv[1:] if not word.startswith("-")]
    figures: list[Figure] = []
    for name in names or PARTS:
        start = time.monotonic()
        rows = PARTS[name]()
        figures += rows
        if not as_json:
            for figure in rows:
                mark = " " if figure.is_reached else "!"
                print(f"{figure.name:<92}{figure.value:>22}{mark} {figure.target}", flush=True)
            print(f"{name} took {time.monotonic() - start:.0f} s", file=sys.stderr)
    if as_json:
        print(json.dumps([asdict(figure) for figure in figures], ensure_ascii=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
