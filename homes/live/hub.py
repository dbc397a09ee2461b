"""The open homes of this process. Hints may be lost or late: the log is polled, so clients get all events in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from itertools import count
from typing import Any
from uuid import UUID

from django.utils.timezone import now

from homes.accounts.credentials import revoked
from homes.events import queries
from homes.live.authentication import Session, authenticate
from homes.live.connection import RESTARTING, Connection, Frame
from homes.live.home_channel import CHUNK, HomeChannel
from pantry import broadcast
from pantry.db.threads import in_client_thread, in_log_thread
from pantry.limits import OpenStreams

log = logging.getLogger(__name__)

HEARTBEAT_SWEEPS = 15  # in which each home has one heartbeat: all at once would delay their events
SWEEP_SECONDS = 1.0  # between two looks at the positions of all homes, for hints that were lost


class Hub:
    """The open homes and authentication of this process. Bound to one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.homes: dict[UUID, HomeChannel] = {}
        self.streams = OpenStreams()
        self.tasks: set[asyncio.Task[None]] = set()
        self._start(self._repeat(self._poll))
        self._start(self._repeat(self._send_heartbeats))
        broadcast.use_loop(self.loop)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def close(self) -> None:
        """Close all connections. Their clients reconnect to another process."""
        broadcast.use_loop(None)
        for task in self.tasks:
            task.cancel()
        homes, self.homes = self.homes, {}
        for home in homes.values():
            for connection in home.connections:
                connection.close(RESTARTING)
            await home.leave_groups()

    async def authenticate(self, scope: Any, home_id: UUID) -> Session:
        """Authenticate a client; again if credentials were revoked meanwhile. Raises APIException.

        Call `join` immediately afterwards: from then on the home closes the connection when its session ends.
        """
        while True:
            home = self.homes.get(home_id)
            revocations = home and home.revocations
            session: Session = await in_client_thread(authenticate)(scope, home_id)
            opened = await self._open(home_id)
            if opened is home is self.homes.get(home_id) and opened.revocations == revocations:
                self.streams.check(session.user_id)
                return session

    def join(self, connection: Connection, since: int | None) -> HomeChannel:
        """Add an authenticated connection and send it its home's events after `since`."""
        home = self.homes[connection.session.home_id]
        online = sorted({*home.presence.announced, connection.user_id})
        welcome = {"type": "welcome", "seq": home.position, "members_online": online}
        connection.push(Frame(welcome, home.position if since is None else None))
        if expires_at := connection.session.expires_at:
            connection.expiry = self.loop.call_later((expires_at - now()).total_seconds(), connection.sign_out)
        home.add(connection, since)
        self.streams.add(connection.kind, connection.user_id)
        return home

    def leave(self, connection: Connection) -> None:
        connection.end()
        home = self.homes.get(connection.session.home_id)
        if home is not None and connection in home.connections:
            home.remove(connection)
            self.streams.remove(connection.kind, connection.user_id)
            if not home.connections:
                self._forget(home)

    async def _open(self, home_id: UUID) -> HomeChannel:
        home = self.homes[home_id] = self.homes.get(home_id) or HomeChannel(home_id)
        try:
            await asyncio.shield(home.loading)
        except Exception:
            self._forget(home)
            raise
        return home

    def _forget(self, home: HomeChannel) -> None:
        if self.homes.get(home.home_id) is home:
            del self.homes[home.home_id]
            self._start(home.leave_groups())

    async def _repeat(self, work: Callable[[int], Awaitable[None]]) -> None:
        for sweep in count(1):
            await asyncio.sleep(SWEEP_SECONDS)
            try:
                await work(sweep)
            except Exception:
                log.exception("a sweep over the open homes failed, the next one tries again")

    async def _poll(self, _sweep: int) -> None:
        """Catch up with events whose hint was lost."""
        positions = await in_log_thread(queries.positions)(list(self.homes)) if self.homes else {}
        for home_id, seq in positions.items():
            if home := self.homes.get(home_id):
                home.on_hint(seq)

    async def _send_heartbeats(self, sweep: int) -> None:
        """Look after the homes whose turn it is, and catch up with revocations whose message was lost."""
        homes = [home for home in self.homes.values() if (sweep + home.home_id.int) % HEARTBEAT_SWEEPS == 0]
        for home in homes:
            if home.loading.done() and not home.connections:
                self._forget(home)  # its only client has disconnected meanwhile
            elif self.homes.get(home.home_id) is home:
                for number, connection in enumerate(list(home.connections), start=1):
                    connection.heartbeat()
                    if number % CHUNK == 0:
                        await asyncio.sleep(0)
                await home.join_groups()
                home.refresh_presence()
        in_use = frozenset().union(*(each.session.credentials for home in homes for each in home.connections))
        for credential in await in_log_thread(revoked)(in_use):
            for home in homes:
                home.on_revoked(credential)


_hub: Hub | None = None


def get_hub() -> Hub:
    """Return the hub of this process, which is created at first use on the running loop."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
    return _hub


async def shut_down() -> None:
    global _hub
    if _hub is not None:
        closing, _hub = _hub, None
        await closing.close()
