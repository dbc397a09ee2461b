"""One client of the live stream, and what is done when it can't keep up."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from homes.frames import Frame, error

log = logging.getLogger(__name__)

MAX_PENDING = 64  # frames that may wait for one slow client
TOO_SLOW = 4408  # the code with which one is closed that did not keep up
SIGNED_OUT = 4401  # and one whose session or token is no more
LAST_WORDS = 5.0  # seconds that one has to take its last frames

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Connection:
    """One client, as the hub sees it. `send` is the ASGI send of the server; `at` is what the client looks at.

    The usual send completes without waiting, so it is run by hand, without a task. One that has to wait (a full
    transport) is finished by a task of its own, and what comes meanwhile is kept, up to a bound.
    """

    kind = "socket"

    __slots__ = ("at", "dead", "expiring", "grounds", "pending", "send", "seq", "user_id", "waiting")

    def __init__(self, send: Send, user_id: UUID, grounds: frozenset[str] = frozenset(), seq: int = 0) -> None:
        self.send, self.user_id, self.grounds, self.seq = send, user_id, grounds, seq
        self.at: UUID | None = None
        self.waiting: asyncio.Task[None] | None = None
        self.pending: deque[dict[str, Any]] | None = None
        self.expiring: asyncio.TimerHandle | None = None
        self.dead = False

    def push(self, frame: Frame) -> None:
        if not self.dead:
            self._push(frame.for_socket)

    def rest(self) -> None:
        """Nothing happened for a while. A socket's server pings by itself."""

    def close(self, code: int) -> None:
        if not self.dead:
            self.dead = True
            asyncio.ensure_future(self._close(self._last(code)))

    def end(self) -> None:
        """The client is gone."""
        self.dead = True
        if self.expiring is not None:
            self.expiring.cancel()

    def sign_out(self) -> None:
        self.push(error("not_signed_in", "You are signed out. Sign in again."))
        self.close(SIGNED_OUT)

    def _last(self, code: int) -> dict[str, Any]:
        return {"type": "websocket.close", "code": code}

    def _push(self, message: dict[str, Any]) -> None:
        if self.waiting is not None:
            if self.pending is None:
                self.pending = deque()
            if len(self.pending) >= MAX_PENDING:
                self.pending = None
                self.close(TOO_SLOW)
            else:
                self.pending.append(message)
            return
        sending = self.send(message).__await__()
        try:
            future = next(sending)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 (the client is gone; whoever receives from it will be told)
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
            self.waiting = self.pending = None

    async def _close(self, message: dict[str, Any]) -> None:
        """What is on its way comes first. One that does not even take that is cut off."""
        try:
            async with asyncio.timeout(LAST_WORDS):
                if self.waiting is not None:
                    await asyncio.wait([self.waiting])
                await self.send(message)
        except TimeoutError:
            _cut(self.send)
        except Exception:  # noqa: BLE001
            log.debug("a client was gone before it could be closed")


def _cut(send: Any) -> None:
    """ASGI has no word for hanging up on a client that takes nothing. Uvicorn's `send` belongs to the connection."""
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None:
        transport.abort()


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
