"""Rate limits, counted in the cache, which is Redis when there is one. Counting is one atomic step, which the sliding
logs of allauth and DRF are not, and costs the same for 10 and for 1,200 requests a minute."""

import hashlib
import math
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
RATE = re.compile(r"(\d+)/(\d*)([smhd])/(user|ip|key)")


@lru_cache(maxsize=32)
def limits(text: str) -> tuple[tuple[str, int, int], ...]:
    """“10/m/ip,5/5m/key” → what is counted, how many, in how many seconds."""
    return tuple(
        (what, int(times), int(several or 1) * SECONDS[unit]) for times, several, unit, what in RATE.findall(text)
    )


class Throttle(BaseThrottle):
    """Limit the view's `group`, per person and per address; reading counts as everything else does."""

    over: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        group = "other" if request.method in SAFE_METHODS else getattr(view, "group", "other")
        self.over = seconds_to_wait(request, group)
        return self.over is None

    def wait(self) -> int | None:
        return self.over


class TokenBucket:
    """How many more messages a connection may send: `burst` at once, and `per_second` in the long run."""

    def __init__(self, burst: float, per_second: float) -> None:
        self.burst, self.per_second = burst, per_second
        self.left, self.filled_at = burst, time.monotonic()

    def take(self) -> float:
        """Count one. Returns what is left, below zero if it was too much."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.filled_at) * self.per_second) - 1
        self.filled_at = now
        return self.left


def check_rate(request: Request, group: str, key: str = "", *, count: bool = True) -> None:
    """Count the request; with `count=False` only look. Raises Throttled."""
    over = seconds_to_wait(request, group, key, count=count)
    if over is not None:
        raise Throttled(wait=over)


def uncount(request: Request, group: str, key: str = "") -> None:
    """Take back one count, as of a sign-in that turned out to be right."""
    _uncount(_windows(request, group, key))


def seconds_to_wait(request: Request, group: str, key: str = "", *, count: bool = True) -> int | None:
    """Count the request unless it has to wait. Returns how many seconds, None for none."""
    windows = _windows(request, group, key)
    if not windows:
        return None
    if count:
        counts = [increment(window.name, 2 * window.seconds) for window in windows]
    else:
        counts = [int(cache.get(window.name, 0)) + 1 for window in windows]
    waits = (window.wait(number) for window, number in zip(windows, counts, strict=True))
    over = next((wait for wait in waits if wait), None)
    if count and over is not None:
        _uncount(windows)
    return over


def _uncount(windows: "list[Window]") -> None:
    for window in windows:
        with suppress(ValueError):  # its time has ended
            cache.decr(window.name)


@dataclass(frozen=True)
class Window:
    """A period of `seconds`, of which `passed` are over. The requests of the period before it count by the share of it
    that is less than `seconds` ago, so that no more than `most` come in any period."""

    name: str
    name_before: str
    most: int
    seconds: int
    passed: float

    def wait(self, count: int) -> int:
        """Return the seconds to wait, 0 for none, after the request that was counted as number `count`."""
        if count <= self.most * self.passed / self.seconds:
            return 0  # however many were before
        before = min(cache.get(self.name_before, 0), self.most)
        if round(before * (1 - self.passed / self.seconds)) + count <= self.most:
            return 0
        if count <= self.most:
            return math.floor(self.seconds * (1 - (self.most - count + 0.5) / before) - self.passed) + 1
        return math.floor(self.seconds - self.passed + self.seconds / 2 / self.most) + 1


def _windows(request: Request, group: str, key: str) -> list[Window]:
    now, windows = time.time(), []
    for what, most, seconds in limits(settings.API_RATES.get(group) or ""):
        who = _who(request, what, key)
        if who is not None:
            number, passed = divmod(now, seconds)
            now_and_before = [_name(f"{group}:{what}:{seconds}:{who}:{int(number) - ago}") for ago in (0, 1)]
            windows.append(Window(now_and_before[0], now_and_before[1], most, seconds, passed))
    return windows


def _name(text: str) -> str:
    return "rate:" + hashlib.sha256(text.encode()).hexdigest()


def increment(name: str, seconds: int) -> int:
    """Count one more under that name, which expires so many seconds after the first. Returns 1 without a cache."""
    for _attempt in range(2):
        try:
            return cache.incr(name) or 1  # None while Redis is away
        except ValueError:  # there is none yet, or no more
            if cache.add(name, 1, seconds):
                return 1
    return 1


def _who(request: Request, what: str, key: str) -> str | None:
    if what == "user":
        return str(request.user.pk) if request.user and request.user.is_authenticated else None
    if what == "key":
        return key.casefold() or None
    return str(get_adapter().get_client_ip(request._request))
