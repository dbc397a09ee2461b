"""What the web processes tell one another beside the log: that there is something to read, and who is here.

All of it may be lost. With Redis it goes through the channel layer: a group a home, a channel a process. A Redis that
is away holds up nobody, and when it is back whoever listens is told to look at what was missed. Without Redis there is
one process, and nobody to tell.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any
from uuid import UUID, uuid4

import orjson
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis import RedisError
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

log = logging.getLogger(__name__)

Message = dict[str, Any]
Reports = dict[str, dict[str, list[str]]]  # by process: who is there, and what they look at

PATIENCE = 1.0  # seconds for an answer of Redis
SILENCE = 3.0  # seconds without a word after which Redis is taken to be away
BACK_OFF = 0.5  # seconds between two attempts to reach it, and between two looks at whether it is there
MOST_UNSAID = 10_000  # messages that wait to be sent
LIFETIME = 45  # seconds after which a process that says nothing is dead
EVERYBODY = "everybody"


def group_of(home_id: UUID) -> str:
    return f"home.{home_id.hex}"


def _here_of(home_id: UUID) -> str:
    return f"pantry.here.{home_id.hex}"


def _process_of(name: str) -> str:
    return f"pantry.process.{name}"


class Alone:
    """One process serves everything."""

    is_up = True

    async def join(self, home_id: UUID) -> None: ...
    def leave(self, home_id: UUID) -> None: ...
    def send(self, message: Message) -> None: ...
    async def report(self, reports: dict[UUID, dict[str, list[str]]]) -> None: ...
    async def reports(self, home_ids: Collection[UUID]) -> dict[UUID, Reports]:
        return {}

    async def close(self, home_ids: Collection[UUID]) -> None: ...


class Bus:
    """Channels' layer, over Redis. Lives on one event loop. `hear` gets each message of others; `came_back` is called
    whenever it listens (again), so that what was said meanwhile is looked for."""

    def __init__(self, url: str, hear: Callable[[Message], None], came_back: Callable[[], None]) -> None:
        self.name = uuid4().hex
        self.hear, self.came_back = hear, came_back
        self.layer: Any = get_channel_layer()
        self.redis = AsyncRedis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self.channel: str | None = None
        self.is_up, self.is_joining = False, False
        self.heard_at = time.monotonic()
        self.homes: dict[UUID, asyncio.Future[None]] = {}  # done: it is listened to
        self.unsaid: asyncio.Queue[Message] = asyncio.Queue(MOST_UNSAID)
        self.tasks: set[asyncio.Task[None]] = set()
        for lasting in (self._listen(), self._speak(), self._watch()):
            self._begin(lasting)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    # Listening

    async def join(self, home_id: UUID) -> None:
        """Listen to what is said of a home. Waits until that is so, but not for a Redis that is away."""
        confirmed = self.homes[home_id] = asyncio.get_running_loop().create_future()
        if self.is_up and await self._join(group_of(home_id)):
            await self._say(group_of(home_id), {"type": "joined", "home": home_id})
            await asyncio.wait([confirmed], timeout=PATIENCE)

    def leave(self, home_id: UUID) -> None:
        self.homes.pop(home_id, None)
        if self.is_up:
            self._begin(self._forget(home_id))

    async def _join(self, group: str) -> bool:
        return await _unless_away(self._joined(group)) is not None

    async def _joined(self, group: str) -> bool:
        await self.layer.group_add(group, self.channel)
        return True

    async def _forget(self, home_id: UUID) -> None:
        if home_id not in self.homes:
            await _unless_away(self.layer.group_discard(group_of(home_id), self.channel))
        await _unless_away(self.redis.hdel(_here_of(home_id), self.name))

    async def _listen(self) -> None:
        while self.channel is None:
            self.channel = await _unless_away(self.layer.new_channel())
            if self.channel is None:
                await asyncio.sleep(BACK_OFF)
        while True:
            message = await self.layer.receive(self.channel)
            try:
                self._heard(orjson.loads(message["said"]))
            except Exception:
                log.exception("what another process said could not be taken in")

    def _heard(self, said: Message) -> None:
        self.heard_at = time.monotonic()
        if said["from"] != self.name:
            self.hear(said)
        elif said["type"] == "echo":
            if not self.is_up and not self.is_joining:
                self._begin(self._come_back())
        elif said["type"] == "joined" and (confirmed := self.homes.get(UUID(said["home"]))) and not confirmed.done():
            confirmed.set_result(None)

    async def _come_back(self) -> None:
        """Into all groups again, those too that are opened meanwhile."""
        self.is_joining, joined = True, set[str]()
        while missing := {EVERYBODY, *map(group_of, self.homes)} - joined:
            if not all([await self._join(group) for group in missing]):
                break
            joined |= missing
        else:
            log.info("Redis is here")
            self.is_up = True
            self.came_back()
        self.is_joining = False

    async def _watch(self) -> None:
        """Redis may be gone, or silent: what one says to oneself must come back."""
        while True:
            if self.channel is not None:
                said = await _unless_away(self._spoken(self.layer.send, self.channel, {"type": "echo"}))
                if said is None or time.monotonic() - self.heard_at > SILENCE:
                    if self.is_up:
                        log.warning("Redis is away, the log is looked at each second")
                    self.is_up = False
            await asyncio.sleep(BACK_OFF)

    # Speaking

    def send(self, message: Message) -> None:
        """To all other processes that listen to the home; without a home, to all. Never waits."""
        if self.is_up and not self.unsaid.full():
            self.unsaid.put_nowait(message)

    async def _speak(self) -> None:
        while True:
            message = await self.unsaid.get()
            await self._say(_address(message), message)

    async def _say(self, group: str, message: Message) -> None:
        await _unless_away(self._spoken(self.layer.group_send, group, message))

    async def _spoken(self, send: Any, to: str, message: Message) -> bool:
        await send(to, _sealed(message, self.name))
        return True

    # Who is here

    async def report(self, reports: dict[UUID, dict[str, list[str]]]) -> None:
        """Tell the others, and leave it for those that come later, whom this process serves in these homes."""
        if not self.is_up:
            return
        left = self.redis.pipeline(transaction=False)
        left.set(_process_of(self.name), 1, ex=LIFETIME)
        for home_id, people in reports.items():
            left.hset(_here_of(home_id), self.name, orjson.dumps(people))
            left.expire(_here_of(home_id), 2 * LIFETIME)
            self.send({"type": "here", "home": home_id, "process": self.name, "people": people})
        await _unless_away(left.execute())

    async def reports(self, home_ids: Collection[UUID]) -> dict[UUID, Reports]:
        """What others said of these homes, but those that are dead. Nothing while Redis is away."""
        if not self.is_up:
            return {}
        asked = self.redis.pipeline(transaction=False)
        for home_id in home_ids:
            asked.hgetall(_here_of(home_id))
        found = await _unless_away(asked.execute()) or []
        names = sorted({name.decode() for reports in found for name in reports} - {self.name})
        alive = await _unless_away(self.redis.mget([_process_of(name) for name in names])) if names else []
        if alive is None:
            return {}
        living = {name for name, mark in zip(names, alive, strict=True) if mark}
        return {
            home_id: {name.decode(): orjson.loads(said) for name, said in reports.items() if name.decode() in living}
            for home_id, reports in zip(home_ids, found, strict=False)
        }

    async def close(self, home_ids: Collection[UUID]) -> None:
        """This process serves nobody any more."""
        if self.is_up:
            gone = self.redis.pipeline(transaction=False)
            gone.delete(_process_of(self.name))
            for home_id in home_ids:
                farewell = {"type": "here", "home": home_id, "process": self.name, "people": {}}
                await self._say(group_of(home_id), farewell)
                gone.hdel(_here_of(home_id), self.name)
            await _unless_away(gone.execute())
        self.is_up = False
        while self.tasks:  # Redis' client, while it connects, loses a cancellation
            for task in self.tasks:
                task.cancel()
            await asyncio.wait(self.tasks, timeout=0.1)
        await _unless_away(self.redis.aclose())
        await _unless_away(self.layer.flush())  # which waits for what may have lost its cancellation, too


def _address(message: Message) -> str:
    return group_of(message["home"]) if "home" in message else EVERYBODY


def _sealed(message: Message, name: str) -> dict[str, Any]:
    return {"type": "said", "said": orjson.dumps({**message, "from": name})}


async def _unless_away(asking: Awaitable[Any]) -> Any:
    """What Redis answers; None when it does not, in good time."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await asking
    except (RedisError, OSError) as error:
        log.debug("Redis did not answer: %s", error)
        return None


# A process that has no hub: a worker, a command.

_silent_until = 0.0


def shout(message: Message) -> None:
    """Tell the hubs from a process that has none. After a failure it does not try for a moment."""
    global _silent_until
    if not settings.REDIS_URL or time.monotonic() < _silent_until:
        return
    try:
        async_to_sync(_shouted)(message)
    except (RedisError, OSError) as error:
        _silent_until = time.monotonic() + PATIENCE
        log.warning("Redis is away, the streams find it in the log: %s", error)


async def _shouted(message: Message) -> None:
    layer: Any = get_channel_layer()
    async with asyncio.timeout(PATIENCE):
        await layer.group_send(_address(message), _sealed(message, ""))
