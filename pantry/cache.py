"""The cache in Redis, which may go away: what it held is then asked of the database, what it counted is not counted."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import RedisError

log = logging.getLogger(__name__)

REST = 1.0  # seconds for which a Redis that failed is left alone, so that not everybody waits for it


class OneClient(RedisCacheClient):
    """Django makes a client for every command; it is safe among threads, and making it costs more than asking."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[bool, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        if write not in self._clients:
            self._clients[write] = super().get_client(key, write=write)
        return self._clients[write]


_clients: dict[tuple[str, ...], OneClient] = {}


def one_client(servers: Sequence[str], **options: Any) -> OneClient:
    """One for the process. Django makes a cache, and its connections, for each context: that is each request."""
    if tuple(servers) not in _clients:
        _clients.setdefault(tuple(servers), OneClient(servers, **options))
    return _clients[tuple(servers)]


class PatientRedisCache(RedisCache):
    """Is like an empty cache while Redis is away."""

    _away_until = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class: Any = one_client

    def count(self, times: dict[str, int]) -> list[int]:
        """As `count` below, in one step and one way there and back."""
        counted: list[int] = self._ask(self._count, [1] * len(times), (times,), {})
        return counted

    def _count(self, times: dict[str, int]) -> list[int]:
        asked: Any = self._cache.get_client(write=True).pipeline()
        for key, seconds in times.items():
            name = self.make_and_validate_key(key)
            asked.set(name, 0, ex=seconds, nx=True)
            asked.incr(name)
        counted: list[int] = asked.execute()[1::2]
        return counted

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask(super().add, True, args, kwargs))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._ask(super().get, default, (key, default, version), {})

    def set(self, *args: Any, **kwargs: Any) -> None:
        self._ask(super().set, None, args, kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask(super().touch, False, args, kwargs))

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return bool(self._ask(super().delete, False, args, kwargs))

    def get_many(self, *args: Any, **kwargs: Any) -> dict[Any, Any]:
        found: dict[Any, Any] = self._ask(super().get_many, {}, args, kwargs)
        return found

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._ask(super().incr, delta, (key, delta, version), {}))

    def _ask(self, asked: Callable[..., Any], instead: Any, args: Any, kwargs: Any) -> Any:
        if time.monotonic() >= PatientRedisCache._away_until:
            try:
                return asked(*args, **kwargs)
            except RedisError as error:
                PatientRedisCache._away_until = time.monotonic() + REST
                log.warning("Redis is away, the cache does without: %s", error)
        return instead


def count(times: dict[str, int]) -> list[int]:
    """One more of each that is counted, forgotten so many seconds after the first. Returns how many there are."""
    cache = caches["default"]
    if isinstance(cache, PatientRedisCache):
        return cache.count(times)
    return [_one_more(cache, key, seconds) for key, seconds in times.items()]


def _one_more(cache: BaseCache, key: str, seconds: int) -> int:
    if cache.add(key, 1, seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # its time ended between the two
        return int(cache.add(key, 1, seconds))
