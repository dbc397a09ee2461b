"""The cache in Redis, which may go away: what it held is then asked of the database, what it counted is not counted."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = logging.getLogger(__name__)

REST = 1.0  # seconds for which a Redis that failed is left alone, so that not everybody waits for it


class PatientRedisCache(RedisCache):
    """Is like an empty cache while Redis is away."""

    _away_until = 0.0

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
