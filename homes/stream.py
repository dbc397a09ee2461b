"""Delivering the log: once per home and process it is read, once an event it is encoded.

The hints that `record` sends after its commit may be lost, doubled or late; what is delivered comes from the
table, after the stream's own position, so order and completeness are the table's. A look at every heartbeat
closes the window between a commit and its hint; while Redis is away, a look at each part of it stands in for the hints.
"""

import asyncio
import logging
from collections.abc import Collection
from itertools import cycle
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from homes import bus, grounds, home_stream, logbook, registry
from homes.bus import Alone, Bus, Message
from homes.connection import Connection
from homes.frames import Frame, Logged
from homes.home_stream import HomeStream
from homes.models import Event
from homes.presence import Place
from homes.threads import obeying, read_log
from pantry.metrics import DELIVERY, STREAMS

log = logging.getLogger(__name__)

HEARTBEAT = 15.0  # seconds
TURNS = 15  # parts of a heartbeat: in each some of the homes are looked after, so that all of them hold up nobody
LINGER = 2.0  # seconds for which one who left is still here: a page that is followed by the next
SETTLE = 0.1  # seconds in which who comes and goes is gathered before it is told
CHUNK = 128  # connections served before the loop may turn to something else
GONE = 4403  # the code with which a connection is closed whose member left


class Hub:
    """All homes that anybody in this process listens to. Lives on one event loop."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.homes: dict[UUID, HomeStream] = {}
        self.changed: set[UUID] = set()  # homes whose people other processes are to be told of
        self.departures = 0  # how often somebody lost the right to listen
        redis = settings.REDIS_URL
        self.bus: Alone | Bus = Bus(redis, self.hear, self.came_back) if redis else Alone()
        self.tasks = [asyncio.ensure_future(self._beat())]

    # Coming and going

    async def join(self, home_id: UUID, connection: Connection, since: int | None) -> HomeStream:
        """Let the connection hear the home: what happened after `since`, then everything, in order."""
        home = await self.home(home_id)
        home.joining += 1
        try:
            await self._catch_up(home, connection, since)
        finally:
            home.joining -= 1
        home.connections[connection] = None
        STREAMS.labels(connection.kind).inc()
        home.here.arrive(connection.user_id)
        home.came(connection.user_id)
        self._changed(home)
        if since is not None:
            home.uncounted.add(connection)
            self._recount(home, {connection.user_id})
        return home

    async def _catch_up(self, home: HomeStream, connection: Connection, since: int | None) -> None:
        connection.seq = newest = home.position if since is None else since
        if connection.seq > home.position:  # another process was quicker to read the log, or there is no such future
            newest = (await read_log(logbook.positions, [home.home_id])).get(home.home_id, 0)
            self.poke(home.home_id, newest)
        if home.position - connection.seq > home_stream.CATCH_UP or connection.seq > newest:
            connection.push(Frame({"type": "resync", "seq": home.position}, home.position))
            connection.seq = home.position
        while connection.seq < home.floor:
            events = await read_log(logbook.events, home.home_id, connection.seq, upto=home.floor)
            for event in events:
                connection.push(home.for_user(Logged.of(event), connection.user_id))
                connection.seq = event.seq
            if not events:
                break
        for kept in home.frames:
            if kept.seq > connection.seq:
                connection.push(home.for_user(kept, connection.user_id))
                connection.seq = kept.seq

    def leave(self, home_id: UUID, connection: Connection) -> None:
        connection.end()
        home = self.homes.get(home_id)
        if home is None or connection not in home.connections:
            return
        del home.connections[connection]
        STREAMS.labels(connection.kind).dec()
        home.uncounted.discard(connection)
        home.here.depart(connection.user_id, connection.at)
        self.loop.call_later(LINGER, home.gone, connection.user_id)
        self._stir(home, connection.at)
        self._changed(home)
        if not home.connections and not home.joining:
            del self.homes[home_id]
            self.bus.leave(home_id)

    def departures_from(self, home_id: UUID) -> int | None:
        """How often anybody lost a right so far; None where nobody listens, and so nothing is heard of it."""
        return self.departures if home_id in self.homes else None

    async def home(self, home_id: UUID) -> HomeStream:
        home = self.homes.get(home_id)
        if home is None:
            home = self.homes[home_id] = HomeStream(home_id, self.loop.create_future())
            try:
                await self.bus.join(home_id)
                home.position, home.audiences = await read_log(logbook.state, home_id)
                home.floor = home.position
                for process, report in (await self.bus.reports([home_id])).get(home_id, {}).items():
                    home.here.hear(process, report)
                    home.here.shown.update(map(UUID, report))
            except BaseException as error:
                self.homes.pop(home_id, None)
                self.bus.leave(home_id)
                home.ready.set_exception(error)
                home.ready.exception()  # nobody else may be waiting for it
                raise
            home.ready.set_result(None)
            self.poke(home_id, home.wanted)
        elif not home.ready.done():
            await asyncio.shield(home.ready)
        return home

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        for connection in self._connections(self.homes):
            connection.close(1012)
        await self.bus.close(list(self.homes))

    # Reading the log

    def poke(self, home_id: UUID, seq: int) -> None:
        """There is something up to `seq`. Reads unless it is being read already."""
        home = self.homes.get(home_id)
        if home is None or seq <= home.position:
            return
        home.wanted = max(home.wanted, seq)
        if home.reader is None and home.ready.done():
            home.reader = asyncio.ensure_future(self._read_on(home))

    async def _read_on(self, home: HomeStream) -> None:
        try:
            while home.wanted > home.position:
                events = await read_log(logbook.events, home.home_id, home.position)
                if not events:
                    home.wanted = home.position
                for event in events:
                    await self._deliver(home, event)
        except Exception:
            log.exception("home %s: reading its log failed; the next heartbeat tries again", home.home_id)
            home.wanted = home.position
        finally:
            home.reader = None

    async def _deliver(self, home: HomeStream, event: Event) -> None:
        logged = Logged.of(event)
        room, who = logbook.moved(event)
        if event.type == logbook.JOINED and who:
            home.audiences.setdefault(room, set()).add(who)
        home.keep(logged)
        DELIVERY.observe((timezone.now() - event.created_at).total_seconds())
        for count, connection in enumerate(list(home.connections), start=1):
            if logged.seq > connection.seq:
                connection.push(home.for_user(logged, connection.user_id))
                connection.seq = logged.seq
            if count % CHUNK == 0:
                await asyncio.sleep(0)
        if event.type == logbook.LEFT and who:
            home.audiences.get(room, set()).discard(who)
            self._lead_out(home, who, room)
        if event.type == "member_left":
            self._turn_out(home, UUID(event.data["member"]["user_id"]))
        if event.type in registry.unread_after:
            self._recount(home, set(home.here.mine))

    def _lead_out(self, home: HomeStream, user_id: UUID, place: Place) -> None:
        for connection in home.connections:
            if connection.user_id == user_id and connection.at == place:
                self.look(home, connection, None)

    def _turn_out(self, home: HomeStream, user_id: UUID) -> None:
        self.departures += 1
        for connection in list(home.connections):
            if connection.user_id == user_id:
                connection.close(GONE)

    def sign_out(self, ground: str) -> None:
        """Close what was opened on this ground."""
        self.departures += 1
        for connection in self._connections(self.homes):
            if ground in connection.grounds:
                connection.sign_out()

    # Who is here

    def look(self, home: HomeStream, connection: Connection, place: Place | None) -> None:
        """The client looks at something else now. Whether it may was asked before."""
        if connection in home.connections:
            home.here.move(connection.user_id, connection.at, place)
            self._stir(home, connection.at)
            connection.at = place
            self._stir(home, place)
            self._changed(home)

    def _stir(self, home: HomeStream, place: Place | None) -> None:
        if place is not None:
            if not home.stirred:
                self.loop.call_later(SETTLE, home.tell_who_looks)
            home.stirred.add(place)

    def _changed(self, home: HomeStream) -> None:
        if isinstance(self.bus, Bus):
            if not self.changed:
                self.loop.call_later(SETTLE, lambda: asyncio.ensure_future(self._report()))
            self.changed.add(home.home_id)

    async def _report(self) -> None:
        changed, self.changed = self.changed, set()
        await self.bus.report(
            {home_id: self.homes[home_id].here.report() if home_id in self.homes else {} for home_id in changed}
        )

    def _heard_of(self, home_id: UUID, process: str, report: dict[str, list[str]]) -> None:
        """Another process says whom it serves in the home."""
        home = self.homes.get(home_id)
        if home is not None:
            people, places = home.here.hear(process, report)
            for user_id in people:
                if home.here.has(user_id):
                    home.came(user_id)
                else:
                    self.loop.call_later(LINGER, home.gone, user_id)
            for place in places:
                self._stir(home, place)

    # What is unread

    def _recount(self, home: HomeStream, users: set[UUID]) -> None:
        home.recount |= users
        if home.counting is None and home.recount:
            home.counting = asyncio.ensure_future(self._count(home))

    async def _count(self, home: HomeStream) -> None:
        """One query for all of them, and none while one is under way: many messages at once cost as much as one."""
        try:
            while home.recount:
                await asyncio.sleep(SETTLE)
                users, home.recount = home.recount & set(home.here.mine), set()
                newcomers, home.uncounted = home.uncounted, set()
                for source in registry.unread:
                    home.tell_unread(await obeying(source, home.home_id, users), newcomers)
        except Exception:
            log.exception("home %s: what is unread could not be counted", home.home_id)
        finally:
            home.counting = None

    # What comes from elsewhere

    def hear(self, message: Message) -> None:
        """From an action in this process, or from another one."""
        kind = message["type"]
        if kind == "end":
            return self.sign_out(message["ground"])
        home_id = UUID(str(message["home"]))
        if kind == "hint":
            self.poke(home_id, message["seq"])
        elif kind == "here":
            self._heard_of(home_id, message["process"], message["people"])
        elif home := self.homes.get(home_id):
            if kind == "whisper":
                audience, but = (UUID(str(who)) if who else None for who in (message["audience"], message["but"]))
                home.tell(message["said"], audience=audience, but=but)
            elif kind == "recount":
                self._recount(home, {UUID(str(message["user"]))} & set(home.here.mine))

    def pass_on(self, message: Message) -> None:
        self.hear(message)
        self.bus.send(message)

    def came_back(self) -> None:
        """Hints are heard (again): whatever was said meanwhile is in the log, and who is here is told anew."""
        asyncio.ensure_future(self._look(self.homes))
        asyncio.ensure_future(self._compare(self.homes))

    async def _beat(self) -> None:
        for turn in cycle(range(TURNS)):
            await asyncio.sleep(HEARTBEAT / TURNS)
            homes = [home_id for home_id in self.homes if home_id.int % TURNS == turn]
            if homes or not self.bus.is_up:
                await self._look(homes if self.bus.is_up else self.homes)
            if homes:
                await self._sign_out_who_was_missed(homes)
                await self._compare(homes)
                await self._rest(homes)

    def _connections(self, homes: Collection[UUID]) -> list[Connection]:
        return [each for home_id in homes if home_id in self.homes for each in self.homes[home_id].connections]

    async def _look(self, homes: Collection[UUID]) -> None:
        try:
            for home_id, seq in (await read_log(logbook.positions, list(homes))).items():
                self.poke(home_id, seq)
        except Exception:
            log.exception("the homes' positions could not be read; the next heartbeat tries again")

    async def _sign_out_who_was_missed(self, homes: Collection[UUID]) -> None:
        try:
            stood_on = frozenset().union(*(connection.grounds for connection in self._connections(homes)))
            for ground in await read_log(grounds.fallen, stood_on):
                self.sign_out(ground)
        except Exception:
            log.exception("a heartbeat could not see who signed out; the next one tries again")

    async def _compare(self, homes: Collection[UUID]) -> None:
        """Say again who is here, and forget what was said by processes that are dead."""
        if isinstance(self.bus, Alone):
            return
        try:
            self.changed.update(homes)
            await self._report()
            for home_id, reports in (await self.bus.reports(list(homes))).items():
                if home := self.homes.get(home_id):
                    for process in reports.keys() | home.here.others.keys():
                        self._heard_of(home_id, process, reports.get(process, {}))
        except Exception:
            log.exception("who is here could not be told; the next heartbeat tries again")

    async def _rest(self, homes: Collection[UUID]) -> None:
        for count, connection in enumerate(self._connections(homes), start=1):
            connection.rest()
            if count % CHUNK == 0:
                await asyncio.sleep(0)


_hub: Hub | None = None


def hub() -> Hub:
    """The hub of this process. Made at its first use on the running loop."""
    global _hub
    if _hub is None or _hub.loop is not asyncio.get_running_loop():
        _hub = Hub()
    return _hub


async def shut_down() -> None:
    global _hub
    if _hub is not None:
        closing, _hub = _hub, None
        await closing.close()


def _tell_hubs(message: Message) -> None:
    """From any thread. The hub of this process passes it on to those of others."""
    here = _hub
    try:
        if here is not None and not here.loop.is_closed():
            here.loop.call_soon_threadsafe(here.pass_on, message)
            return
    except RuntimeError:
        pass  # it was closed just now
    bus.shout(message)


def hint(home_id: UUID, seq: int, event_type: str) -> None:
    """After a commit, from any thread: tell the streams and the listeners that there is something to read. Never
    raises: what was committed is answered, whoever can't be told of it now."""
    _tell_hubs({"type": "hint", "home": home_id, "seq": seq})
    for listener in registry.listeners.get(event_type, ()):
        try:
            listener(home_id, seq)
        except Exception as error:  # noqa: BLE001 (a broker that is away, in words of its own)
            log.warning("nobody could be told of a %s now, a sweep will find it: %s", event_type, error)


def end(ground: str) -> None:
    """After a commit, from any thread: what was opened on this ground is closed, in every process."""
    _tell_hubs({"type": "end", "ground": ground})


def whisper(home_id: UUID, said: dict[str, Any], *, audience: UUID | None = None, but: UUID | None = None) -> None:
    """Tell whoever is here what is not in the log, from any thread. `audience`: the private channel that it is about;
    `but`: who is not told."""
    _tell_hubs({"type": "whisper", "home": home_id, "said": said, "audience": audience, "but": but})


def recount(home_id: UUID, user_id: UUID) -> None:
    """After a commit, from any thread: the person read something, and their clients are told how much is left."""
    _tell_hubs({"type": "recount", "home": home_id, "user": user_id})
