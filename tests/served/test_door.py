"""Which of several processes lets a client in: real ones, behind one port."""

import asyncio
import errno
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection

import pytest
from websockets.sync.client import connect

from pantry import door
from pantry.door import MOST_PROCESSES, SIZE, Clients, Loop, counted_clients
from tests.server import ROOT
from tests.services import free_port

PATIENCE = 60  # seconds


@pytest.fixture(autouse=True)
def up_again():
    """No site: these need no database."""


class Client:
    """One that stays until it leaves."""

    def __init__(self, house):
        self.http = HTTPConnection("127.0.0.1", house.port, timeout=PATIENCE)
        self.pid, _counts = self.ask()

    def ask(self):
        """Where it is, and how many clients each process has, the fewest first."""
        self.http.request("GET", "/")
        return json.load(self.http.getresponse())

    def leave(self):
        self.http.close()


class Listener:
    def __init__(self, house):
        self.stay = ExitStack()
        live = self.stay.enter_context(connect(f"ws://127.0.0.1:{house.port}/", open_timeout=PATIENCE))
        self.pid, _counts = json.loads(live.recv(PATIENCE))

    def leave(self):
        self.stay.close()


class House:
    """Who has fewer clients is waited for up to `patience` seconds, so that a busy machine changes nothing."""

    def __init__(self, processes, patience):
        self.port, self.inside = free_port(), []
        command = [sys.executable, "-m", "tests.served.who", str(self.port), str(processes), str(patience)]
        self.process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603 (our own interpreter and words)
        self.watcher = self._first()
        self.until(lambda counts: len(counts) == processes)

    def _first(self):
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return Client(self)
            except OSError:
                assert time.monotonic() < until
                time.sleep(0.05)

    def come(self, count, how=Client):
        came = [how(self) for _number in range(count)]
        self.inside += came
        return came

    def leave(self, those):
        for client in those:
            client.leave()
            self.inside.remove(client)
        self.until(lambda counts: sum(counts) == len(self.inside) + 1)

    def counts(self):
        _pid, counts = self.watcher.ask()
        return counts

    def until(self, is_so):
        until = time.monotonic() + PATIENCE
        while not is_so(counts := self.counts()):
            assert time.monotonic() < until, counts
            time.sleep(0.01)


@contextmanager
def house(processes, patience=PATIENCE):
    it = House(processes, patience)
    try:
        yield it
    finally:
        for client in [it.watcher, *it.inside]:
            client.leave()
        it.process.terminate()
        assert it.process.wait(PATIENCE) in (0, -signal.SIGTERM)


@pytest.mark.parametrize("processes", [2, 3])
@pytest.mark.parametrize("how", [Client, Listener])
def test_clients_are_shared_evenly(processes, how):
    with house(processes) as it:
        it.come(4 * processes - 1, how)
        assert it.counts() == [4] * processes
        assert len({client.pid for client in it.inside}) == processes


@pytest.mark.parametrize("how", [Client, Listener])
def test_where_somebody_left_the_next_are_let_in(how):
    with house(2) as it:
        it.come(9, how)
        left = [client for client in it.inside if client.pid != it.watcher.pid]
        it.leave(left)
        assert it.counts() == [0, 5]
        assert {client.pid for client in it.come(5, how)} == {left[0].pid}
        assert it.counts() == [5, 5]


def test_who_died_is_not_waited_for_and_is_replaced():
    with house(2) as it:
        (other,) = {client.pid for client in it.come(3)} - {it.watcher.pid}
        os.kill(other, signal.SIGKILL)
        it.leave([client for client in it.inside if client.pid == other])
        it.until(lambda counts: len(counts) == 2 and counts[0] == 0)
        assert other not in {client.pid for client in it.come(2)}
        assert it.counts() == [2, 2]


def test_who_is_stuck_is_waited_for_but_not_for_long():
    with house(2, patience=1) as it:
        (other,) = {client.pid for client in it.come(1)} - {it.watcher.pid}
        os.kill(other, signal.SIGSTOP)
        try:
            assert {client.pid for client in it.come(3)} == {it.watcher.pid}
        finally:
            os.kill(other, signal.SIGCONT)
        assert it.counts() == [1, 4]


def test_among_many_one_more_is_as_good():
    with house(2) as it:
        it.come(199)
        fewest, most = it.counts()
        assert fewest + most == 200
        assert most - fewest <= 100 // 16 + 1


def test_the_place_of_who_died_is_taken(tmp_path):
    dead = subprocess.Popen([sys.executable, "-c", ""])  # noqa: S603 (our own interpreter and words)
    dead.wait()
    file = tmp_path / "clients"
    file.write_bytes(struct.pack("iiii", os.getppid(), 3, dead.pid, 7).ljust(SIZE, b"\0"))
    clients = Clients(str(file))
    clients.mine += 1
    assert (clients.mine, clients.others) == (1, [3])
    assert struct.unpack_from("iiii", file.read_bytes()) == (os.getppid(), 3, os.getpid(), 1)


def test_more_processes_than_can_be_counted_are_refused(tmp_path):
    file = tmp_path / "clients"
    file.write_bytes(struct.pack("ii", os.getppid(), 0) * MOST_PROCESSES)
    with pytest.raises(RuntimeError, match="More than 256 processes"):
        Clients(str(file))


def test_what_was_counted_leaves_nothing(monkeypatch):
    monkeypatch.setenv("PANTRY_CLIENTS", "")
    with counted_clients():
        assert os.path.getsize(path := os.environ["PANTRY_CLIENTS"]) == SIZE
    assert not os.path.exists(path)


class Full(socket.socket):
    """A listening socket that once finds no room."""

    was_full = False

    def accept(self):
        if not self.was_full:
            self.was_full = True
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


class Greets(asyncio.Protocol):
    def connection_made(self, transport):
        transport.write(b"Come in")
        transport.close()


def test_who_finds_no_room_is_let_in_when_there_is_some(monkeypatch, caplog):
    monkeypatch.setenv("PANTRY_CLIENTS", "")
    monkeypatch.setattr(door, "REST", 0.01)

    async def visit():
        sock = Full()
        sock.bind(("127.0.0.1", 0))
        server = await asyncio.get_running_loop().create_server(Greets, sock=sock, backlog=8)
        reader, writer = await asyncio.open_connection(*sock.getsockname())
        said = await reader.read()
        writer.close()
        server.close()
        await server.wait_closed()
        sock.close()
        return said

    with counted_clients(), asyncio.Runner(loop_factory=Loop) as runner:
        assert runner.run(asyncio.wait_for(visit(), PATIENCE)) == b"Come in"
    assert caplog.messages == ["no room for another client"]
