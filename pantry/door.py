"""Where several processes share a port: who knocks is let in by the one that has the fewest clients.

The system wakes all of them, and the first to come takes the client. Clients stay for as long as they like, so chance
would soon have five of eight wait for one another at one process of two.
"""

import asyncio
import fcntl
import logging
import mmap
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import NamedTemporaryFile
from typing import Any, cast

import uvloop
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

SHARED = "PANTRY_CLIENTS"  # the file in which the processes of one port count their clients
MOST_PROCESSES = 256
SIZE = MOST_PROCESSES * 2 * 4  # bytes: of each its pid and its clients
SLACK = 16  # who has this many clients may have one more than others, twice as many two, and so on
LOOK_EACH, MOST_LOOKS = 0.002, 25  # seconds, and how often: so long a client that is left to others may wait for them
REST = 1.0  # seconds, when the system has no room for another client

log = logging.getLogger(__name__)


@contextmanager
def counted_clients() -> Iterator[dict[str, Any]]:
    """Around the processes of one port. Gives what uvicorn's configuration needs for it."""
    with NamedTemporaryFile() as file:
        file.truncate(SIZE)
        os.environ[SHARED] = file.name
        yield {"loop": f"{__name__}:Loop", "http": Http, "ws": WebSocket}


class Clients:
    """How many this process has, which the others see, and how many they have."""

    def __init__(self, path: str) -> None:
        with open(path, "r+b") as file:
            self._all = memoryview(mmap.mmap(file.fileno(), SIZE)).cast("i")
            fcntl.lockf(file, fcntl.LOCK_EX)  # until it is closed
            free = (at for at in range(0, len(self._all), 2) if not _is_alive(self._all[at]))
            self._at = next(free, -1)
            if self._at < 0:
                raise RuntimeError(f"More than {MOST_PROCESSES} processes at one port.")
            self._all[self._at], self._all[self._at + 1] = os.getpid(), 0

    @property
    def mine(self) -> int:
        return self._all[self._at + 1]

    @mine.setter
    def mine(self, count: int) -> None:
        self._all[self._at + 1] = count

    @property
    def others(self) -> list[int]:
        """Of each other process that lives. Asks the system of each whether it does."""
        pids = self._all[::2].tolist()
        known = range(pids.index(0) if 0 in pids else len(pids))
        return [self._all[2 * at + 1] for at in known if 2 * at != self._at and _is_alive(pids[at])]


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return pid > 0


class Loop(uvloop.Loop):
    """Serves behind a `Door`."""

    def __init__(self) -> None:
        super().__init__()
        self.clients = Clients(os.environ[SHARED])

    async def create_server(self, protocol_factory: Any, *_where: Any, **options: Any) -> Any:
        sock: socket.socket = options["sock"]
        sock.listen(options["backlog"])
        sock.setblocking(False)
        return Door(self, sock, protocol_factory)


class Door:
    """The listening socket, as one of its processes sees it."""

    def __init__(self, loop: Loop, sock: socket.socket, protocol_factory: Callable[[], Any]) -> None:
        self._loop, self._sock, self._protocol_factory = loop, sock, protocol_factory
        self._others: list[int] = []
        self._looks = 0  # in a row, at which the client was left to these
        self._later: asyncio.TimerHandle | None = None
        self._entering: set[asyncio.Task[None]] = set()
        self._look()

    def _look(self) -> None:
        self._later = None
        self._loop.add_reader(self._sock, self._knocked)

    def _look_later(self, seconds: float) -> None:
        self._loop.remove_reader(self._sock)
        self._later = self._loop.call_later(seconds, self._look)

    def _knocked(self) -> None:
        if self._is_for_others():
            self._look_later(LOOK_EACH)
            return
        try:
            client, _address = self._sock.accept()
        except (BlockingIOError, ConnectionAbortedError):  # another was faster, or the client is gone
            return
        except OSError:
            log.exception("no room for another client")
            self._look_later(REST)
            return
        self._looks = 0
        self._loop.clients.mine += 1
        entering = self._loop.create_task(self._enter(client))
        self._entering.add(entering)
        entering.add_done_callback(self._entering.discard)

    def _is_for_others(self) -> bool:
        """Who has fewer may be busy, or not well: for a while they are waited for, no longer."""
        mine, others = self._loop.clients.mine, self._loop.clients.others
        if mine - mine // SLACK <= min(others, default=mine):
            return False
        self._looks = self._looks + 1 if others == self._others else 1
        self._others = others
        return self._looks <= MOST_LOOKS

    async def _enter(self, client: socket.socket) -> None:
        try:
            await self._loop.connect_accepted_socket(self._protocol_factory, client)
        except OSError:  # gone already
            client.close()
            self._loop.clients.mine -= 1

    def close(self) -> None:
        self._loop.remove_reader(self._sock)
        if self._later is not None:
            self._later.cancel()

    async def wait_closed(self) -> None:
        pass


class _Counted:
    """Each connection ends once, whichever protocol it then has: a socket's takes over from HTTP's."""

    loop: Any

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)  # type: ignore[misc]
        cast(Loop, self.loop).clients.mine -= 1


class Http(_Counted, HttpToolsProtocol):
    pass


class WebSocket(_Counted, WebSocketsSansIOProtocol):
    pass
