"""Send messages over the channel layer to the live streams, from any thread and process.

Messages may be lost: the streams also poll the database every second.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
from channels.layers import get_channel_layer
from django.conf import settings

log = logging.getLogger(__name__)

ALL_HOMES = "homes"  # the group that all streams join
TIMEOUT_SECONDS = 1.0  # of a call of the channel layer
RETRY_SECONDS = 1.0  # after a failure nothing is sent for this long, so that an outage delays nobody

_hub_loop: asyncio.AbstractEventLoop | None = None
_own_loop: asyncio.AbstractEventLoop | None = None  # of a process without a hub, in a thread
_own_loop_lock = threading.Lock()
_sending: set[asyncio.Task[None]] = set()
_failed_at: float | None = None


def home_group(home_id: UUID) -> str:
    return f"home.{home_id.hex}"


def use_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Send from this event loop, on which the hub of this process runs."""
    global _hub_loop
    _hub_loop = loop


def hint(home_id: UUID, seq: int) -> None:
    """Notify the streams that the home's log has grown to `seq`. Call it after the commit."""
    publish(home_group(home_id), "hint", seq)


def revoke(credential: str) -> None:
    """Close every connection that was opened with the credential. Call it after the commit."""
    publish(ALL_HOMES, "revoked", credential)


def send_transient(
    home_id: UUID, payload: dict[str, Any], *, audience: UUID | None = None, exclude: UUID | None = None
) -> None:
    """Send a frame that is not in the log to the home or a private channel (`audience`), except to one user."""
    text = orjson.dumps(payload).decode()
    publish(home_group(home_id), "transient", text, audience and str(audience), exclude and str(exclude))


def recount_unread(home_id: UUID, user_id: UUID) -> None:
    """Send the user's clients their new unread counts. Call it after the commit."""
    publish(home_group(home_id), "recount", str(user_id))


def publish(group: str, kind: str, *args: Any) -> None:
    """Send from any thread. Never raises. Waits only in a process without a hub, for a second at most."""
    loop = _hub_loop
    try:
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_start_sending, group, kind, args)
            return
    except RuntimeError:
        pass  # the loop has just been closed
    if settings.REDIS_URL:
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(send(group, kind, *args), _get_own_loop()).result(TIMEOUT_SECONDS)


def _get_own_loop() -> asyncio.AbstractEventLoop:
    """Start the loop in a thread at first use. A new loop and connection for each message would cost 4 ms of CPU."""
    global _own_loop
    with _own_loop_lock:
        if _own_loop is None:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="broadcast", daemon=True).start()
            _own_loop = loop
    return _own_loop


def _forget_own_loop() -> None:
    """Let a forked process, in which the thread does not exist, start its own."""
    global _own_loop, _own_loop_lock
    _own_loop, _own_loop_lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_own_loop)


def _start_sending(group: str, kind: str, args: tuple[Any, ...]) -> None:
    task = asyncio.get_running_loop().create_task(send(group, kind, *args))
    _sending.add(task)
    task.add_done_callback(_sending.discard)


async def send(group: str, kind: str, *args: Any) -> None:
    """Call `on_<kind>` of each group member with the arguments, which must be JSON-serializable."""
    if _failed_at is None or time.monotonic() - _failed_at >= RETRY_SECONDS:
        layer: Any = get_channel_layer()
        await attempt(layer.group_send(group, {"type": kind, "args": list(args)}))


def _outages() -> tuple[type[Exception], ...]:
    """Return the errors of a channel layer that is away. redis, 20 MB, is loaded only where it serves."""
    if not settings.REDIS_URL:
        return (OSError,)
    from redis import RedisError

    return (RedisError, OSError)


async def attempt(call: Awaitable[Any]) -> Any:
    """Return the channel layer's result; None after an error or timeout. Logs the start and end of an outage once."""
    global _failed_at
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            result = await call
    except _outages() as error:
        if _failed_at is None:
            log.warning("Redis is unavailable; streams poll the database every second until it is back: %s", error)
        _failed_at = time.monotonic()
        return None
    if _failed_at is not None:
        log.warning("Redis is back")
        _failed_at = None
    return result
