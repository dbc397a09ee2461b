"""One client of the live stream, and what is done when it can't keep up."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

log = logging.getLogger(__name__)

MAX_PENDING = 64  # frames that may wait for one slow client
TOO_SLOW = 4408  # the code with which one is closed that did not keep up
SIGNED_OUT = 4401  # and one whose session or token is no more
SIGNED_OUT_FRAME = '{"type":"error","error":{"code":"not_signed_in","message":"You are signed out. Sign in again."}}'

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connection:
    """One client, as the hub sees it. `send` is the ASGI send of the server.

    The usual send completes without waiting, so it is run by hand, without a task. One that has to wait (a full
    transport) is finished by a task of its own, and what comes meanwhile is kept, up to a bound.
    """

    __slots__ = ("dead", "grounds", "pending", "send", "seq", "user_id", "waiting")

    def __init__(self, send: Send, user_id: UUID, grounds: frozenset[str] = frozenset(), seq: int = 0) -> None:
        self.send, self.user_id, self.grounds, self.seq = send, user_id, grounds, seq
        self.waiting: asyncio.Task[None] | None = None
        self.pending: deque[dict[str, Any]] = deque()
        self.dead = False

    def push(self, message: dict[str, Any]) -> None:
        if self.dead:
            return
        if self.waiting is not None:
            if len(self.pending) >= MAX_PENDING:
                self.close(TOO_SLOW)
            else:
                self.pending.append(message)
            return
        sending = self.send(message).__await__()
        try:
            future = next(sending)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 (the client is gone; the consumer's receive will say so)
            self.dead = True
            return
        self.waiting = asyncio.ensure_future(self._finish(sending, future))

    async def _finish(self, sending: Any, future: Any) -> None:
        try:
            await _Resumed(sending, future)
            while self.pending:
                await self.send(self.pending.popleft())
        except Exception:  # noqa: BLE001
            self.dead = True
        finally:
            self.waiting = None

    def close(self, code: int) -> None:
        if not self.dead:
            self.dead = True
            self.pending.clear()
            asyncio.ensure_future(self._close(code))

    def sign_out(self) -> None:
        self.push({"type": "websocket.send", "text": SIGNED_OUT_FRAME})
        self.close(SIGNED_OUT)

    async def _close(self, code: int) -> None:
        try:
            await asyncio.wait_for(self.send({"type": "websocket.close", "code": code}), 5)
        except Exception:  # noqa: BLE001
            log.debug("a client was gone before it could be closed")


class _Resumed:
    """Awaits what is left of a coroutine that was begun by hand and yielded `future`."""

    __slots__ = ("future", "sending")

    def __init__(self, sending: Any, future: Any) -> None:
        self.sending, self.future = sending, future

    def __await__(self) -> Any:
        future = self.future
        while True:
            try:
                result = yield future
            except BaseException as error:  # noqa: BLE001 (a cancellation belongs to the coroutine, too)
                step, value = self.sending.throw, error
            else:
                step, value = self.sending.send, result
            try:
                future = step(value)
            except StopIteration:
                return
