"""Send messages over the channel layer, from any thread and any process, to those that stream the homes' events.

Any of them may be lost: what they point to is in the database, which the streams read by themselves every second.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import orjson
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis import RedisError

log = logging.getLogger(__name__)

ALL_HOMES = "homes"  # the group of the streams of every home
TIMEOUT_SECONDS = 1.0  # for one answer of the channel layer
RETRY_SECONDS = 1.0  # after a failure nothing is sent for so long, so that an outage delays nobody

_hub_loop: asyncio.AbstractEventLoop | None = None
_sending: set[asyncio.Task[None]] = set()
_failed_at: float | None = None


def home_group(home_id: UUID) -> str:
    return f"home.{home_id.hex}"


def use_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Send from this loop from now on: the one that the hub of this process runs on."""
    global _hub_loop
    _hub_loop = loop


def hint(home_id: UUID, seq: int) -> None:
    """Tell the streams that the home's log now goes up to `seq`. Call it after the commit."""
    publish(home_group(home_id), "hint", seq)


def revoke(credential: str) -> None:
    """Close every connection that was opened with the credential. Call it after the commit."""
    publish(ALL_HOMES, "revoked", credential)


def send_transient(
    home_id: UUID, payload: dict[str, Any], *, audience: UUID | None = None, exclude: UUID | None = None
) -> None:
    """Send the home's clients a frame that is not in the log. `audience`: the private channel whose members alone get
    it; `exclude`: the user who does not."""
    text = orjson.dumps(payload).decode()
    publish(home_group(home_id), "transient", text, audience and str(audience), exclude and str(exclude))


def recount_unread(home_id: UUID, user_id: UUID) -> None:
    """Send the user's clients their unread counts anew. Call it after the commit."""
    publish(home_group(home_id), "recount", str(user_id))


def publish(group: str, kind: str, *args: Any) -> None:
    """Send from any thread. Never raises; waits, at most a second, only in a process without a hub."""
    loop = _hub_loop
    try:
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(_start_sending, group, kind, args)
            return
    except RuntimeError:
        pass  # the loop was closed just now
    if settings.REDIS_URL:
        async_to_sync(send)(group, kind, *args)


def _start_sending(group: str, kind: str, args: tuple[Any, ...]) -> None:
    task = asyncio.get_running_loop().create_task(send(group, kind, *args))
    _sending.add(task)
    task.add_done_callback(_sending.discard)


async def send(group: str, kind: str, *args: Any) -> None:
    """Have each member of the group call its `on_<kind>` with the arguments, which are JSON."""
    if _failed_at is None or time.monotonic() - _failed_at >= RETRY_SECONDS:
        layer: Any = get_channel_layer()
        await attempt(layer.group_send(group, {"type": kind, "args": list(args)}))


async def attempt(request: Awaitable[Any]) -> Any:
    """Return what the channel layer answers; None if it does not in time. Logs once when that begins and ends."""
    global _failed_at
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            answer = await request
    except (RedisError, OSError) as error:
        if _failed_at is None:
            log.warning("Redis is away; the log is read every second until it is back: %s", error)
        _failed_at = time.monotonic()
        return None
    if _failed_at is not None:
        log.warning("Redis is back")
        _failed_at = None
    return answer
