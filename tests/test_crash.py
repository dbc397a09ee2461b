"""The product as it is run, with real processes: what was committed reaches everybody, once and in order, though the
process died before it told anybody, and whoever falls out of the line comes back."""

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
    """What the tests run on, and there a database of its own."""
    if request.config.option.database == "sqlite":
        yield {}
        return
    url, name = os.environ["DATABASE_URL"], f"crash_{uuid4().hex}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield {"DATABASE_URL": _named(url, name), "REDIS_URL": os.environ["REDIS_URL"]}
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _named(url: str, name: str) -> str:
    return str(httpx.URL(url).copy_with(path=f"/{name}"))


@pytest.fixture(scope="module")
def crashing_server(tmp_path_factory: pytest.TempPathFactory, database: dict[str, str]) -> Iterator[Server]:
    """Dies when its data folder holds a file `die`: after a commit, before it told anybody."""
    with Server(
        tmp_path_factory.mktemp("crashing_server") / "data", settings=database, command=("tests/crashing_server.py",)
    ) as server:
        yield server


@pytest.fixture(scope="module")
def other(
    tmp_path_factory: pytest.TempPathFactory, database: dict[str, str], crashing_server: Server
) -> Iterator[Server]:
    """A second process on the same database; SQLite has one process, so there it is the same."""
    if not database:
        yield crashing_server
        return
    with Server(tmp_path_factory.mktemp("other") / "data", settings=database) as server:
        yield server


@pytest.fixture
def people(crashing_server: Server, other: Server) -> Iterator[tuple[Member, list[Member]]]:
    """Nok at the process that dies, and the household at the other."""
    with ExitStack() as programs:
        nok = programs.enter_context(closing(Member(crashing_server.url, NOK)))
        yield nok, [programs.enter_context(closing(Member(other.url, email))) for email in (NOK, BEN, PLOY)]


def test_what_was_committed_before_the_process_died_reaches_everybody_once(crashing_server, other, people):
    nok, listening = people
    grocery_list, begun = nok.create_list(), nok.seq()
    ears = [Listener(member, begun) for member in listening]
    ops = [uuid4() for _each in range(12)]
    for index, op_id in enumerate(ops[:6]):
        nok.add_entry(grocery_list, f"thing {index}", op_id)

    (crashing_server.folder / "die").touch()
    with pytest.raises(httpx.TransportError):
        nok.add_entry(grocery_list, "thing 6", ops[6])
    crashing_server.process.wait(20)
    (crashing_server.folder / "die").unlink()
    if crashing_server is other:
        crashing_server.start()
    committed = listening[0].seq()
    assert committed >= begun + 7
    assert [ear.wait_for(committed) for ear in ears] == [True] * 3  # nobody told them: they looked

    if crashing_server is not other:
        crashing_server.start()
    for index, op_id in enumerate(ops[6:], start=6):  # its sender had no answer, and sends it again
        assert nok.add_entry(grocery_list, f"thing {index}", op_id)["outcome"] == "done"
    last = nok.seq()
    assert [ear.wait_for(last) for ear in ears] == [True] * 3
    for ear in ears:
        ear.close()
    heard = Count.of(ears, begun + 1, last)
    assert heard.is_complete, heard  # with what Pixie remembers meanwhile
    for ear in ears:
        assert Counter(frame["op_id"] for frame in ear.frames if frame.get("op_id")) == Counter(map(str, ops))


def test_many_who_write_at_once_are_all_heard_by_who_comes_and_goes(crashing_server, other):
    heard, entries, outcomes = write_together([crashing_server.url, other.url], writers=8, each=50)
    assert heard.is_complete, heard
    assert heard.events >= 400  # and what Pixie remembers meanwhile
    assert (entries, outcomes) == (400, {"done"})
