"""How often one may ask: counted in the cache, which is Redis when there is one."""

import hashlib
import re
import time
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
    """The view's `group`, per person and per address; to look counts as everything else does. Windows are fixed:
    counting is one atomic step."""

    over: int | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        group = "other" if request.method in SAFE_METHODS else getattr(view, "group", "other")
        self.over = seconds_over(request, group)
        return self.over is None

    def wait(self) -> int | None:
        return self.over


def refuse_over(request: Request, group: str, key: str = "", *, count: bool = True) -> None:
    """Raises Throttled. `count=False` only looks."""
    over = seconds_over(request, group, key, count=count)
    if over is not None:
        raise Throttled(wait=over)


def seconds_over(request: Request, group: str, key: str = "", *, count: bool = True) -> int | None:
    """How long to wait; None when there is no need to."""
    now, counted = int(time.time()), {}
    for what, most, seconds in limits(settings.API_RATES.get(group) or ""):
        who = _who(request, what, key)
        if who is not None:
            window, passed = divmod(now, seconds)
            name = "rate:" + hashlib.sha256(f"{group}:{what}:{seconds}:{who}:{window}".encode()).hexdigest()
            counted[name] = most, seconds, seconds - passed
    if not counted:
        return None
    if count:
        times = [increment(name, seconds + 1) for name, (_most, seconds, _left) in counted.items()]
    else:
        times = [int(cache.get(name, 0)) + 1 for name in counted]
    over = (left for (most, _, left), so_many in zip(counted.values(), times, strict=True) if so_many > most)
    return next(over, None)


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
