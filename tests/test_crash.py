"""Delivery of events by real processes: committed events reach all clients once and in order, even if the process
crashes before announcing them or a client reconnects."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.bench.writers import Count, Listener, Member, write_together
from tests.server import BEN, NOK, PLOY, Server

pytestmark = [pytest.mark.both_databases, pytest.mark.slow]


@pytest.fixture(scope="module")
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings of a separate database on the server of the test run; none for SQLite."""
    if request.config.option.database == "sqlite":
        yield {}
        return
    url, name = os.environ["DATABASE_URL"], f"crash_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {"DATABASE_URL": _with_database(url, name), "REDIS_URL": os.environ["REDIS_URL"]}
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _with_database(url: str, name: str) -> str:
    return str(httpx.URL(url).copy_with(path=f"/{name}"))


@pytest.fixture(scope="module")
def crashing_server(tmp_path_factory: pytest.TempPathFactory, database: dict[str, str]) -> Iterator[Server]:
    """Run a server that crashes if its data folder contains `die`, after a commit and before announcing it."""
    with Server(
        tmp_path_factory.mktemp("crashing_server") / "data", settings=database, command=("tests/crashing_server.py",)
    ) as server:
        yield server


@pytest.fixture(scope="module")
def other_server(
    tmp_path_factory: pytest.TempPathFactory, database: dict[str, str], crashing_server: Server
) -> Iterator[Server]:
    """A second process on the same database. On SQLite, which has one process, the same one."""
    if not database:
        yield crashing_server
        return
    with Server(tmp_path_factory.mktemp("other") / "data", settings=database) as server:
        yield server


@pytest.fixture
def members(crashing_server: Server, other_server: Server) -> Iterator[tuple[Member, list[Member]]]:
    """Nok at the server that crashes, and the household at the other one."""
    with ExitStack() as stack:
        nok = stack.enter_context(closing(Member(crashing_server.url, NOK)))
        yield nok, [stack.enter_context(closing(Member(other_server.url, email))) for email in (NOK, BEN, PLOY)]


def test_events_committed_before_a_crash_are_delivered_once(crashing_server, other_server, members):
    nok, listening_members = members
    grocery_list, first_seq = nok.create_list(), nok.seq()
    listeners = [Listener(member, first_seq) for member in listening_members]
    op_ids = [uuid4() for _each in range(12)]
    for index, op_id in enumerate(op_ids[:6]):
        nok.add_entry(grocery_list, f"thing {index}", op_id)

    (crashing_server.folder / "die").touch()
    with pytest.raises(httpx.TransportError):
        nok.add_entry(grocery_list, "thing 6", op_ids[6])
    crashing_server.process.wait(20)
    (crashing_server.folder / "die").unlink()
    if crashing_server is other_server:
        crashing_server.start()
    committed = listening_members[0].seq()
    assert committed >= first_seq + 7
    assert [listener.wait_for(committed) for listener in listeners] == [True] * 3  # by the sweep

    if crashing_server is not other_server:
        crashing_server.start()
    for index, op_id in enumerate(op_ids[6:], start=6):  # the sender got no response, and repeats the request
        assert nok.add_entry(grocery_list, f"thing {index}", op_id)["outcome"] == "done"
    last = nok.seq()
    assert [listener.wait_for(last) for listener in listeners] == [True] * 3
    for listener in listeners:
        listener.close()
    count = Count.of(listeners, first_seq + 1, last)
    assert count.is_complete, count  # including memory events of Pixie
    for listener in listeners:
        assert Counter(frame["op_id"] for frame in listener.frames if frame.get("op_id")) == Counter(map(str, op_ids))


def test_concurrent_writes_reach_reconnecting_listeners_once(crashing_server, other_server):
    count, entries, outcomes = write_together([crashing_server.url, other_server.url], writers=8, each=50)
    assert count.is_complete, count
    assert count.events >= 400  # including memory events of Pixie
    assert (entries, outcomes) == (400, {"done"})
