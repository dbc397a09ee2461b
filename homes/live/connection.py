"""A client of the live stream, with its queue of frames."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson

from homes.events.models import Event
from homes.events.queries import event_payload
from homes.live.authentication import Session

MAX_QUEUED_FRAMES = 500  # a client that leaves more untaken is too slow
DRAIN_SECONDS = 30.0  # in which a client that catches up must take what is queued
INTERNAL_ERROR, RESTARTING, SIGNED_OUT, REMOVED, TOO_SLOW = 1011, 1012, 4401, 4403, 4408  # close codes

Message = dict[str, Any]  # of ASGI


class Frame:
    """An encoded frame. A client that has received it has all events up to `seq`."""

    def __init__(self, payload: dict[str, Any] | str, seq: int | None = None) -> None:
        self.text = payload if isinstance(payload, str) else orjson.dumps(payload).decode()
        self.seq = seq

    @cached_property
    def for_socket(self) -> Message:
        return {"type": "websocket.send", "text": self.text}

    @cached_property
    def for_sse(self) -> Message:
        # The id comes back as `Last-Event-ID` when the client reconnects.
        event_id = "" if self.seq is None else f"id: {self.seq}\n"
        return sse_message(f"{event_id}data: {self.text}\n\n")


def sse_message(text: str) -> Message:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}


def event_frames(event: Event) -> dict[bool, Frame]:
    """Return the frame for readers of the event (True), and the one for everybody else, which has its number only."""
    return {True: Frame(event_payload(event), event.seq), False: Frame({"seq": event.seq}, event.seq)}


def error_frame(code: str, message: str, op_id: Any = None, **details: Any) -> Frame:
    """Return the frame of an error. `op_id` is that of the command that failed."""
    command = {} if op_id is None else {"op_id": op_id}
    return Frame({"type": "error", **command, "error": {"code": code, "message": message, **details}})


class Connection:
    """A client over a WebSocket. A task calls `send`, the server's ASGI send, while frames are queued."""

    kind = "socket"

    def __init__(self, send: Callable[[Any], Awaitable[None]], session: Session) -> None:
        self.send, self.session, self.user_id = send, session, session.user_id
        self.seq = 0  # of the newest event that it was sent
        self.focus: UUID | None = None  # the list or channel on its screen
        self.unread: dict[UUID, int] = {}  # by channel, the counts that it was sent
        self.is_closed = False
        self.queue: deque[Message] = deque()
        self.writer: asyncio.Task[None] | None = None
        self.catching_up: asyncio.Task[None] | None = None
        self.expiry: asyncio.TimerHandle | None = None

    def push(self, frame: Frame) -> None:
        """Queue a frame. Closes a client that is too slow."""
        if frame.seq is not None:
            self.seq = frame.seq
        if len(self.queue) >= MAX_QUEUED_FRAMES and not self.is_closed:
            self.queue.clear()
            self.close(TOO_SLOW)
        elif not self.is_closed:
            self.write(self.encode(frame))

    def write(self, message: Message) -> None:
        self.queue.append(message)
        if self.writer is None:
            self.writer = asyncio.create_task(self._write_queue())

    async def _write_queue(self) -> None:
        try:
            while self.queue:
                await self.send(self.queue.popleft())
        except Exception:  # noqa: BLE001 (the client is gone; `receive` reports the disconnect)
            self.is_closed = True
            self.queue.clear()
        finally:
            self.writer = None

    async def drain(self) -> None:
        """Wait until the queue is empty; close the client if that takes too long."""
        if self.writer is not None:
            _done, pending = await asyncio.wait([self.writer], timeout=DRAIN_SECONDS)
            if pending:
                self.close(TOO_SLOW)

    def close(self, code: int) -> None:
        """Close after the queued frames. Later frames are dropped."""
        if not self.is_closed:
            self.is_closed = True
            self.write(self.closing_message(code))

    def sign_out(self) -> None:
        self.push(error_frame("not_signed_in", "You are signed out. Sign in again."))
        self.close(SIGNED_OUT)

    def end(self) -> None:
        self.is_closed = True
        self.queue.clear()
        for each in (self.writer, self.catching_up, self.expiry):
            if each is not None:
                each.cancel()

    def encode(self, frame: Frame) -> Message:
        return frame.for_socket

    def closing_message(self, code: int) -> Message:
        return {"type": "websocket.close", "code": code}

    def heartbeat(self) -> None:
        """Do nothing: the server sends WebSocket pings by itself."""
