"""CPU per request and memory of the server process, without what it uses while idle.

The CPU figure is the minimum of several rounds, as the documentation of `timeit` advises.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server import NOK, Server, Visitor

WARM_UP, REQUESTS, ROUNDS = 30, 100, 5
ENTRIES = 50
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the user and system time of a process and its children (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(cpu_seconds(int(child)) for child in children)


def memory_mb(pid: int) -> float:
    """Return the resident memory (proc(5): VmRSS of status, in kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def idle_share(pid: int, seconds: float = 4.0) -> float:
    """Return CPU seconds per second without requests."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds


def cpu_ms(pid: int, idle: float, send: Callable[[int], Any], first: int) -> float:
    start, before = time.monotonic(), cpu_seconds(pid)
    for index in range(first, first + REQUESTS):
        send(index)
    spent = cpu_seconds(pid) - before - idle * (time.monotonic() - start)
    return 1000 * spent / REQUESTS


def measure(server: Server) -> list[tuple[str, str, str, bool, str]]:
    assert server.process is not None
    pid, nok = server.process.pid, Visitor(server, NOK)
    api = f"/api/homes/{nok.home}"
    list_id = _create_list(nok, api, ENTRIES)
    other_list = nok.post(f"{api}/lists", json={"name": "Adding"}).raise_for_status().json()["id"]
    page_url, api_url = f"/h/{nok.home}/lists/{list_id}/", f"{api}/lists/{list_id}"
    idle = idle_share(pid)

    def add(index: int) -> None:
        nok.post(f"{api}/lists/{other_list}/items", json={"name": f"Thing {index}", "quantity": 1}).raise_for_status()

    operations: list[Callable[[int], Any]] = [
        lambda _n: nok.get(page_url).raise_for_status(),
        lambda _n: nok.get(api_url).raise_for_status(),
        add,
    ]
    for send in operations:
        for index in range(WARM_UP):
            send(-1 - index)
    rounds = [[cpu_ms(pid, idle, send, REQUESTS * number) for send in operations] for number in range(ROUNDS)]
    page_ms, get_ms, add_ms = (min(each) for each in zip(*rounds, strict=True))
    memory = memory_mb(pid)
    rivals, add_rivals = "KitchenOwl 18, Mealie 22, Tandoor 38", "KitchenOwl 16, Mealie 60, Tandoor 19"
    return [
        ("list page, 50 entries, CPU ms per request", f"{page_ms:.1f}", "≤ 8", page_ms <= 8, rivals),
        ("list GET, 50 entries, CPU ms per request", f"{get_ms:.1f}", "≤ 8", get_ms <= 8, rivals),
        ("add an entry, CPU ms per request", f"{add_ms:.1f}", "≤ 10", add_ms <= 10, add_rivals),
        ("CPU while idle, percent of a core", f"{100 * idle:.1f}", "", True, ""),
        ("memory of the process after these requests, MB", f"{memory:.0f}", "≤ 250", memory <= 250, ""),
    ]


def measure_start(server: Server) -> list[tuple[str, str, str, bool, str]]:
    """Measure a restart. Stops the server, so measure its memory before."""
    server.stop()
    start = time.monotonic()
    server.start()
    seconds = time.monotonic() - start
    return [("second start → first response, seconds", f"{seconds:.1f}", "≤ 5", seconds <= 5, "")]


def _create_list(visitor: Visitor, api: str, count: int) -> str:
    list_id = visitor.post(f"{api}/lists", json={"name": "Fifty"}).raise_for_status().json()["id"]
    for index in range(count):
        entry = {"name": f"Measured thing {index}", "quantity": index + 1, "unit": "pack"}
        visitor.post(f"{api}/lists/{list_id}/items", json=entry).raise_for_status()
    return str(list_id)
