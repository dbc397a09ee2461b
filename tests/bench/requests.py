"""CPU a request, and memory: of the whole process, what it spends while idle taken off.

Of CPU the least of several rounds is told, as the documentation of `timeit` advises: whatever else the machine does
can only add to it.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.server import NOK, Server, Visitor

WARM_UP, ASKED, ROUNDS = 30, 100, 5
ENTRIES = 50
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far, and of those that it began (proc(5): fields 14 and 15 of stat)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / TICKS + sum(cpu_seconds(int(child)) for child in children)


def memory_mb(pid: int) -> float:
    """Resident memory now (proc(5): VmRSS of status, in kB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


def idle_share(pid: int, seconds: float = 4.0) -> float:
    """CPU seconds a second while nobody asks for anything."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - before) / seconds


def cpu_ms(pid: int, idle: float, ask: Callable[[int], Any], first: int) -> float:
    began, before = time.monotonic(), cpu_seconds(pid)
    for index in range(first, first + ASKED):
        ask(index)
    spent = cpu_seconds(pid) - before - idle * (time.monotonic() - began)
    return 1000 * spent / ASKED


def measure(server: Server) -> list[tuple[str, str, str, bool, str]]:
    assert server.process is not None
    pid, nok = server.process.pid, Visitor(server, NOK)
    api = f"/api/homes/{nok.home}"
    fifty = _list_of(nok, api, ENTRIES)
    other = nok.post(f"{api}/lists", json={"name": "Adding"}).raise_for_status().json()["id"]
    page_url, api_url = f"/h/{nok.home}/lists/{fifty}/", f"{api}/lists/{fifty}"
    idle = idle_share(pid)

    def add(index: int) -> None:
        nok.post(f"{api}/lists/{other}/items", json={"name": f"Thing {index}", "quantity": 1}).raise_for_status()

    asks: list[Callable[[int], Any]] = [
        lambda _n: nok.get(page_url).raise_for_status(),
        lambda _n: nok.get(api_url).raise_for_status(),
        add,
    ]
    for ask in asks:
        for index in range(WARM_UP):
            ask(-1 - index)
    rounds = [[cpu_ms(pid, idle, ask, ASKED * number) for ask in asks] for number in range(ROUNDS)]
    page, got, added = (min(each) for each in zip(*rounds, strict=True))
    memory = memory_mb(pid)
    rivals = "KitchenOwl 18, Mealie 22, Tandoor 38"
    return [
        ("list page, 50 entries, CPU ms a request", f"{page:.1f}", "≤ 8", page <= 8, rivals),
        ("list GET, 50 entries, CPU ms a request", f"{got:.1f}", "≤ 8", got <= 8, rivals),
        ("add an entry, CPU ms a request", f"{added:.1f}", "≤ 10", added <= 10, "KitchenOwl 16, Mealie 60, Tandoor 19"),
        ("CPU while idle, percent of a core", f"{100 * idle:.1f}", "", True, ""),
        ("memory of the process after these requests, MB", f"{memory:.0f}", "≤ 250", memory <= 250, ""),
    ]


def measure_start(server: Server) -> list[tuple[str, str, str, bool, str]]:
    """How long until it answers again. Stops the server, so that its memory must be read before."""
    server.stop()
    began = time.monotonic()
    server.start()
    seconds = time.monotonic() - began
    return [("second start → it answers, seconds", f"{seconds:.1f}", "≤ 5", seconds <= 5, "")]


def _list_of(visitor: Visitor, api: str, count: int) -> str:
    made = visitor.post(f"{api}/lists", json={"name": "Fifty"}).raise_for_status().json()["id"]
    for index in range(count):
        entry = {"name": f"Measured thing {index}", "quantity": index + 1, "unit": "pack"}
        visitor.post(f"{api}/lists/{made}/items", json=entry).raise_for_status()
    return str(made)
