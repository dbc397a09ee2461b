"""Delivering the log: once per home and process it is read, once an event it is encoded.

The hints that `record` sends after its commit may be lost, doubled or late; what is delivered comes from the
table, after the stream's own position, so order and completeness are the table's. A look at every heartbeat
closes the window between a commit and its hint.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from asgiref.sync import async_to_sync
from channels.db import database_sync_to_async
from channels.layers import InMemoryChannelLayer, get_channel_layer

from homes import grounds, registry
from homes.connection import Connection
from homes.models import Event, Home

log = logging.getLogger(__name__)

HEARTBEAT = 15.0  # seconds
CATCH_UP = 1000  # events: one who is further behind loads the state again
BATCH = 500
CHUNK = 128  # connections served before the loop may turn to something else
GONE = 4403  # the code with which a connection is closed whose member left

ENTRANCE = "entrance"  # the group in which all processes hear what opens nothing any more

JOINED, LEFT = "channel_joined", "channel_left"  # the log's own word on who is in a private channel


@dataclass(slots=True, frozen=True)
class Frame:
    """An event, encoded once, and who may read it."""

    seq: int
    message: dict[str, Any]
    hidden: dict[str, Any]
    audience: UUID | None


@dataclass(slots=True)
class HomeStream:
    """One home, in this process: how far the log was read, who listens, who is in which private channel."""

    home_id: UUID
    position: int = 0
    floor: int = 0  # the frames kept begin after this number
    frames: deque[Frame] = field(default_factory=lambda: deque(maxlen=CATCH_UP))
    connections: dict[Connection, None] = field(default_factory=dict)
    audiences: dict[UUID, set[UUID]] = field(default_factory=dict)
    online: Counter[UUID] = field(default_factory=Counter)
    joining: int = 0  # who is catching up, and no connection yet
    wanted: int = 0
    reader: asyncio.Task[None] | None = None
    ready: asyncio.Future[None] | None = None

    def may_read(self, user_id: UUID, audience: UUID | None) -> bool:
        return audience is None or user_id in self.audiences.get(audience, ())

    def for_user(self, frame: Frame, user_id: UUID) -> dict[str, Any]:
        return frame.message if self.may_read(user_id, frame.audience) else frame.hidden

    def keep(self, frame: Frame) -> None:
        if len(self.frames) == CATCH_UP:
            self.floor = self.frames[0].seq
        self.frames.append(frame)
        self.position = frame.seq


def encode(frame: dict[str, Any]) -> dict[str, Any]:
    return {"type": "websocket.send", "text": orjson.dumps(frame).decode()}


def frame_of(event: Any) -> dict[str, Any]:
    """An event, or its columns, as clients get it over every transport."""
    return {
        "seq": event.seq,
        "type": event.type,
        "actor": {"user": event.actor_user_id, "agent": event.actor_agent_id},
        "at": event.created_at,
        "data": event.data,
        "changes": event.changes,
        "op_id": event.op_id,
    }


def _encoded(event: Event) -> Frame:
    hidden = {"type": "websocket.send", "text": f'{{"seq":{event.seq}}}'}
    return Frame(event.seq, encode(frame_of(event)), hidden, event.channel_id)


def _moved(event: Event) -> tuple[UUID, UUID | None]:
    """Which channel a JOINED or LEFT event is about, and which person; None for an agent and for a redacted event."""
    if event.type not in (JOINED, LEFT) or not event.data.get("user_id"):
        return event.pk, None
    return UUID(event.data["channel_id"]), UUID(event.data["user_id"])


@database_sync_to_async
def _state(home_id: UUID) -> tuple[int, dict[UUID, set[UUID]]]:
    seq = Home.objects.values_list("last_seq", flat=True).get(pk=home_id)
    audiences: dict[UUID, set[UUID]] = {}
    for source in registry.audiences:
        audiences.update(source(home_id))
    return seq, audiences


@database_sync_to_async
def _read(home_id: UUID, after: int, upto: int | None = None, limit: int = BATCH) -> list[Event]:
    events = Event.objects.filter(home=home_id).after(after)
    return list(events.filter(seq__lte=upto)[:limit] if upto is not None else events[:limit])


@database_sync_to_async
def _positions(home_ids: Iterable[UUID]) -> dict[UUID, int]:
    return dict(Home.objects.filter(pk__in=list(home_ids)).values_list("pk", "last_seq"))


class Hub:
    """All homes that anybody in this process listens to. Lives on one event loop; only `hint` calls from outside."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.homes: dict[UUID, HomeStream] = {}
        self.layer: Any = get_channel_layer()
        self.channel: str | None = None
        self.tasks = [asyncio.ensure_future(self._beat())]

    @property
    def is_alone(self) -> bool:
        """One process serves everything: hints come by a call, not through the channel layer."""
        return isinstance(self.layer, InMemoryChannelLayer)

    @property
    def connections(self) -> list[Connection]:
        return [connection for home in self.homes.values() for connection in home.connections]

    async def join(self, home_id: UUID, connection: Connection, since: int | None) -> HomeStream:
        """Let the connection hear the home: what happened after `since`, then everything, in order."""
        home = await self.home(home_id)
        home.joining += 1
        try:
            await self._catch_up(home, connection, since)
        finally:
            home.joining -= 1
        home.connections[connection] = None
        home.online[connection.user_id] += 1
        if home.online[connection.user_id] == 1:
            self.tell(home, {"type": "user_joined", "user_id": connection.user_id}, but=connection)
        return home

    async def _catch_up(self, home: HomeStream, connection: Connection, since: int | None) -> None:
        connection.seq = home.position if since is None else since
        if home.position - connection.seq > CATCH_UP or connection.seq > home.position:
            connection.push(encode({"type": "resync", "seq": home.position}))
            connection.seq = home.position
        while connection.seq < home.floor:
            events = await _read(home.home_id, connection.seq, upto=home.floor)
            for event in events:
                connection.push(home.for_user(_encoded(event), connection.user_id))
                connection.seq = event.seq
            if not events:
                break
        for frame in home.frames:
            if frame.seq > connection.seq:
                connection.push(home.for_user(frame, connection.user_id))
                connection.seq = frame.seq

    def leave(self, home_id: UUID, connection: Connection) -> None:
        home = self.homes.get(home_id)
        if home is None or connection not in home.connections:
            return
        connection.dead = True
        del home.connections[connection]
        home.online[connection.user_id] -= 1
        if not home.online[connection.user_id]:
            del home.online[connection.user_id]
            self.tell(home, {"type": "user_left", "user_id": connection.user_id})
        if not home.connections and not home.joining:
            del self.homes[home_id]
            if self.channel:
                asyncio.ensure_future(self.layer.group_discard(group_of(home_id), self.channel))

    def tell(
        self, home: HomeStream, frame: dict[str, Any], but: Connection | None = None, to: UUID | None = None
    ) -> None:
        """Send what is not in the log (presence, typing) to everybody, or to those who may read channel `to`."""
        message = encode(frame)
        for connection in list(home.connections):
            if connection is not but and home.may_read(connection.user_id, to):
                connection.push(message)

    def poke(self, home_id: UUID, seq: int) -> None:
        """There is something up to `seq`. Reads unless it is being read already."""
        home = self.homes.get(home_id)
        if home is None or seq <= home.position:
            return
        home.wanted = max(home.wanted, seq)
        if home.reader is None and home.ready is not None and home.ready.done():
            home.reader = asyncio.ensure_future(self._read_on(home))

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        for home in self.homes.values():
            for connection in home.connections:
                connection.close(1012)

    async def home(self, home_id: UUID) -> HomeStream:
        home = self.homes.get(home_id)
        if home is None:
            ready = self.loop.create_future()
            home = self.homes[home_id] = HomeStream(home_id, ready=ready)
            try:
                await self._subscribe(home_id)
                home.position, home.audiences = await _state(home_id)
                home.floor = home.position
            except Exception as error:
                self.homes.pop(home_id, None)
                ready.set_exception(error)
                ready.exception()  # nobody else may be waiting for it
                raise
            ready.set_result(None)
            self.poke(home_id, home.wanted)
        elif home.ready is not None and not home.ready.done():
            await asyncio.shield(home.ready)
        return home

    async def _read_on(self, home: HomeStream) -> None:
        try:
            while home.wanted > home.position:
                events = await _read(home.home_id, home.position)
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
        frame = _encoded(event)
        room, who = _moved(event)
        if event.type == JOINED and who:
            home.audiences.setdefault(room, set()).add(who)
        home.keep(frame)
        for count, connection in enumerate(list(home.connections), start=1):
            if frame.seq > connection.seq:
                connection.push(home.for_user(frame, connection.user_id))
                connection.seq = frame.seq
            if count % CHUNK == 0:
                await asyncio.sleep(0)
        if event.type == LEFT and who:
            home.audiences.get(room, set()).discard(who)
        if event.type == "member_left":
            self._turn_out(home, UUID(event.data["member"]["user_id"]))

    def _turn_out(self, home: HomeStream, user_id: UUID) -> None:
        for connection in list(home.connections):
            if connection.user_id == user_id:
                connection.close(GONE)

    def sign_out(self, ground: str) -> None:
        """Close what was opened on this ground."""
        for connection in self.connections:
            if ground in connection.grounds:
                connection.sign_out()

    def hear(self, message: dict[str, Any]) -> None:
        """What `hint` and `end` said, in this process or another."""
        if message["type"] == "end":
            self.sign_out(message["ground"])
        else:
            self.poke(UUID(message["home"]), message["seq"])

    async def _subscribe(self, home_id: UUID) -> None:
        if self.is_alone or self.layer is None:
            return
        if self.channel is None:
            self.channel = await self.layer.new_channel()
            self.tasks.append(asyncio.ensure_future(self._listen(self.channel)))
            await self.layer.group_add(ENTRANCE, self.channel)
        await self.layer.group_add(group_of(home_id), self.channel)

    async def _listen(self, channel: str) -> None:
        while True:
            try:
                self.hear(await self.layer.receive(channel))
            except asyncio.CancelledError:
                raise
            except Exception:
                log.exception("the channel layer failed; the heartbeat carries on without it")
                await asyncio.sleep(1)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT)
            try:
                for home_id, seq in (await _positions(self.homes)).items():
                    self.poke(home_id, seq)
                for ground in await grounds.fallen(frozenset().union(*(each.grounds for each in self.connections))):
                    self.sign_out(ground)
            except Exception:
                log.exception("a heartbeat could not look after what hints may have missed")


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
        await _hub.close()
        _hub = None


def group_of(home_id: UUID) -> str:
    return f"home.{home_id.hex}"


def hint(home_id: UUID, seq: int, event_type: str) -> None:
    """After a commit, from any thread: tell the streams and the listeners that there is something to read."""
    _tell_hubs(group_of(home_id), {"type": "hint", "home": str(home_id), "seq": seq})
    for listener in registry.listeners.get(event_type, ()):
        listener(home_id, seq)


def end(ground: str) -> None:
    """After a commit, from any thread: what was opened on this ground is closed, in every process."""
    _tell_hubs(ENTRANCE, {"type": "end", "ground": ground})


def _tell_hubs(group: str, message: dict[str, Any]) -> None:
    """The hub of this process by a call, those of others through the channel layer."""
    if _hub is not None and not _hub.loop.is_closed():
        _hub.loop.call_soon_threadsafe(_hub.hear, message)
    layer = get_channel_layer()
    if layer is not None and not isinstance(layer, InMemoryChannelLayer):
        async_to_sync(layer.group_send)(group, message)
