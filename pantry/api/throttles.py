"""Rate limits with sliding-window counters in the cache, which is Redis if configured.

Counting is one atomic increment; the sliding logs of allauth and DRF are not atomic, and cost more for higher limits.
"""

import hashlib
import ipaddress
import math
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from pantry.errors import RateLimited

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
RATE = re.compile(r"(?<!\d)(\d++)/(\d*)([smhd])/(user|ip|key)")

Identify = Callable[[str], str | None]  # returns the client's id as a “user”, “ip” or “key”


@lru_cache(maxsize=32)
def limits(text: str) -> tuple[tuple[str, int, int], ...]:
    """Parse “10/m/ip,5/5m/key” into (what is counted, maximum, seconds)."""
    return tuple(
        (what, int(maximum), int(periods or 1) * SECONDS[unit]) for maximum, periods, unit, what in RATE.findall(text)
    )


class Throttle(BaseThrottle):
    """Limit requests of the view's `group` per user and IP address. Reads count in the group `other`."""

    wait_seconds: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        group = "other" if request.method in SAFE_METHODS else getattr(view, "group", "other")
        self.wait_seconds = seconds_to_wait(request, group)
        return self.wait_seconds is None

    def wait(self) -> int | None:
        return self.wait_seconds


def check_rate(request: Request, group: str, key: str = "", *, count: bool = True) -> None:
    """Count the request, unless `count=False`. Raises Throttled."""
    seconds = seconds_to_wait(request, group, key, count=count)
    if seconds is not None:
        raise Throttled(wait=seconds)


def uncount(request: Request, group: str, key: str = "") -> None:
    """Uncount a request, such as a sign-in that succeeded."""
    _uncount(_windows(group, _client(request, key)))


def seconds_to_wait(request: Request, group: str, key: str = "", *, count: bool = True) -> int | None:
    """Count the request unless it is over a limit. Returns the seconds to wait, or None."""
    return count_or_wait(group, _client(request, key), count=count)


def count_or_refuse(group: str, identify: Identify) -> None:
    """Count something of a client. Raises RateLimited."""
    seconds = count_or_wait(group, identify)
    if seconds is not None:
        raise RateLimited(seconds)


def count_or_wait(group: str, identify: Identify, *, count: bool = True) -> int | None:
    """Count something of a client, as `seconds_to_wait` counts a request."""
    windows = _windows(group, identify)
    if count:
        counts = [increment(window.name(), 2 * window.seconds) for window in windows]
    else:
        counts = [int(cache.get(window.name(), 0)) + 1 for window in windows]
    waits = (window.wait(number) for window, number in zip(windows, counts, strict=True))
    seconds = next((wait for wait in waits if wait), None)
    if count and seconds is not None:
        _uncount(windows)
    return seconds


def _uncount(windows: "list[Window]") -> None:
    for window in windows:
        with suppress(ValueError):  # it has expired
            cache.decr(window.name())


@dataclass(frozen=True)
class Window:
    """The window of `seconds` that contains the time `now`, with at most `maximum` requests.

    Requests of the previous window count in proportion to its part that is less than `seconds` ago.
    """

    counter: str
    maximum: int
    seconds: int
    now: float

    def name(self, ago: int = 0) -> str:
        """Return the cache key of this window, or of a previous one."""
        text = f"{self.counter}:{int(self.now // self.seconds) - ago}"
        return "rate:" + hashlib.sha256(text.encode()).hexdigest()

    def wait(self, count: int) -> int:
        """Return the seconds that the request counted as number `count` must wait; 0 for none."""
        elapsed = self.now % self.seconds
        if count <= self.maximum * elapsed / self.seconds:
            return 0  # whatever the previous count
        previous = min(cache.get(self.name(ago=1), 0), self.maximum)
        if round(previous * (1 - elapsed / self.seconds)) + count <= self.maximum:
            return 0
        if count <= self.maximum:
            return math.floor(self.seconds * (1 - (self.maximum - count + 0.5) / previous) - elapsed) + 1
        return math.floor(self.seconds - elapsed + self.seconds / 2 / self.maximum) + 1


def _windows(group: str, identify: Identify) -> list[Window]:
    now, windows = time.time(), []
    for what, maximum, seconds in limits(settings.API_RATES.get(group) or ""):
        client = identify(what)
        if client is not None:
            windows.append(Window(f"{group}:{what}:{seconds}:{client}", maximum, seconds, now))
    return windows


def increment(name: str, seconds: int) -> int:
    """Increment the counter and return it. It expires `seconds` after the first call. Returns 1 without a cache."""
    for _attempt in range(2):
        try:
            return cache.incr(name) or 1  # None while Redis is unavailable
        except ValueError:  # it does not exist, or has expired
            if cache.add(name, 1, seconds):
                return 1
    return 1


def _client(request: Request, key: str) -> Identify:
    return identify(client_address(request._request), request.user, key)


def identify(address: str | None, user: Any, key: str = "") -> Identify:
    """Identify a client by user, address and key.

    A key counts by address, so that nobody can use up the attempts of somebody elsewhere. At one address, people who
    are signed in count together and others count together, so that wrong tokens don't use up the requests of good ones.
    """
    is_signed_in = bool(user and user.is_authenticated)
    return {
        "user": str(user.pk) if is_signed_in else None,
        "ip": f"{address} signed in" if address and is_signed_in else address,
        "key": f"{address} {key.casefold()}" if key else None,
    }.get


def client_address(request: HttpRequest) -> str:
    """Return the client's address. Of an IPv6 address only the network, whose other 64 bits a client can choose."""
    address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Address(int(address) >> 64 << 64))
    return str(address)
