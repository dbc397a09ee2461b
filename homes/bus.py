"""What the web processes tell one another beside the log: that there is something to read, and who is here.

All of it may be lost. With Redis it goes through its pub/sub; a Redis that is away holds up nobody, and when it is
back whoever listens is told to look at what was missed. Without Redis there is one process, and nobody to tell.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import orjson
from django.conf import settings
from redis import Redis, RedisError
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.retry import Retry as SyncRetry

log = logging.getLogger(__name__)

Message = dict[str, Any]
Reports = dict[str, dict[str, list[str]]]  # by process: who is there, and what they look at

PATIENCE = 1.0  # seconds for an answer of Redis
SILENCE = 5.0  # seconds without a word after which Redis is asked whether it is still there
BACK_OFF = 0.5  # seconds between two attempts to reach it
MOST_UNSAID = 10_000  # messages that wait to be sent
AT_ONCE = 200
LIFETIME = 45  # seconds after which a process that says nothing is dead
EVERYBODY = "pantry.everybody"


def channel_of(home_id: UUID) -> str:
    return f"pantry.home.{home_id.hex}"


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
    """Redis. Lives on one event loop. `hear` gets each message of others; `came_back` is called whenever it listens
    (again), so that what was said meanwhile is looked for."""

    def __init__(self, url: str, hear: Callable[[Message], None], came_back: Callable[[], None]) -> None:
        self.name = uuid4().hex
        self.hear, self.came_back = hear, came_back
        self.redis = AsyncRedis.from_url(
            url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, retry=Retry(NoBackoff(), 0)
        )
        self.is_up = False
        self.ears: PubSub | None = None
        self.homes: dict[UUID, asyncio.Future[None]] = {}  # done: it is listened to
        self.unsaid: asyncio.Queue[Message] = asyncio.Queue(MOST_UNSAID)
        self.tasks = [asyncio.ensure_future(self._listen()), asyncio.ensure_future(self._speak())]

    # Listening

    async def join(self, home_id: UUID) -> None:
        """Listen to what is said of a home. Waits until Redis confirmed it, but not for a Redis that is away."""
        confirmed = self.homes[home_id] = asyncio.get_running_loop().create_future()
        if self.ears is None:
            return
        try:
            await self.ears.subscribe(channel_of(home_id))
            await asyncio.wait([confirmed], timeout=PATIENCE)
        except (RedisError, OSError):
            log.debug("Redis went away while a home was opened")

    def leave(self, home_id: UUID) -> None:
        self.homes.pop(home_id, None)
        if self.ears is not None:
            asyncio.ensure_future(self._forget(self.ears, home_id))

    async def _forget(self, ears: PubSub, home_id: UUID) -> None:
        try:
            if home_id not in self.homes:
                await ears.unsubscribe(channel_of(home_id))
            await self.redis.hdel(_here_of(home_id), self.name)
        except (RedisError, OSError):
            log.debug("Redis went away while a home was closed")

    async def _listen(self) -> None:
        while True:
            try:
                async with self.redis.pubsub() as ears:
                    await ears.subscribe(*map(channel_of, self.homes), EVERYBODY)
                    self.ears = ears
                    await self._hear_all(ears)
            except (RedisError, OSError) as error:
                if self.is_up:
                    log.warning("Redis is away, the log is looked at each second: %s", error)
                self.is_up, self.ears = False, None
                await self.redis.connection_pool.disconnect()
                await asyncio.sleep(BACK_OFF)

    async def _hear_all(self, ears: PubSub) -> None:
        asked = False
        while True:
            message = await ears.get_message(timeout=SILENCE)
            if message is None:
                if asked:
                    raise TimeoutError("Redis says nothing")
                asked = True
                await ears.ping()
                continue
            asked = False
            if message["type"] == "message":
                said = orjson.loads(message["data"])
                if said["from"] != self.name:
                    self.hear(said)
            elif message["type"] == "subscribe":
                self._confirmed(message["channel"].decode())

    def _confirmed(self, channel: str) -> None:
        if channel == EVERYBODY:
            log.info("Redis is here")
            self.is_up = True
            self.came_back()
            return
        confirmed = self.homes.get(UUID(channel.rpartition(".")[2]))
        if confirmed is not None and not confirmed.done():
            confirmed.set_result(None)

    # Speaking

    def send(self, message: Message) -> None:
        """To all other processes that listen to the home; without a home, to all. Never waits."""
        if self.is_up and not self.unsaid.full():
            self.unsaid.put_nowait(message)

    async def _speak(self) -> None:
        while True:
            messages = [await self.unsaid.get()]
            while len(messages) < AT_ONCE and not self.unsaid.empty():
                messages.append(self.unsaid.get_nowait())
            said = self.redis.pipeline(transaction=False)
            for message in messages:
                said.publish(_address(message), orjson.dumps({**message, "from": self.name}))
            await _unless_away(said.execute())

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
        for task in self.tasks:
            task.cancel()
        if self.is_up:
            gone = self.redis.pipeline(transaction=False)
            gone.delete(_process_of(self.name))
            for home_id in home_ids:
                farewell = {"type": "here", "home": home_id, "process": self.name, "people": {}, "from": self.name}
                gone.publish(channel_of(home_id), orjson.dumps(farewell))
                gone.hdel(_here_of(home_id), self.name)
            await _unless_away(gone.execute())
        await self.redis.aclose()


def _address(message: Message) -> str:
    return channel_of(message["home"]) if "home" in message else EVERYBODY


async def _unless_away(asking: Awaitable[Any]) -> Any:
    try:
        return await asking
    except (RedisError, OSError) as error:
        log.debug("Redis did not answer: %s", error)
        return None


# A process that has no hub: a worker, a command.


@cache
def _messenger(url: str) -> "Redis":
    patience = {"socket_timeout": PATIENCE, "socket_connect_timeout": PATIENCE}
    return Redis.from_url(url, retry=SyncRetry(NoBackoff(), 1), **patience)


_silent_until = 0.0


def shout(message: Message) -> None:
    """Tell the hubs from a process that has none. After a failure it does not try for a moment."""
    global _silent_until
    if not settings.REDIS_URL or time.monotonic() < _silent_until:
        return
    try:
        _messenger(settings.REDIS_URL).publish(_address(message), orjson.dumps({**message, "from": ""}))
    except (RedisError, OSError) as error:
        _silent_until = time.monotonic() + PATIENCE
        log.warning("Redis is away, the streams find it in the log: %s", error)
