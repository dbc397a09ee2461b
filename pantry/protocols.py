"""uvicorn's protocols, with limits for what a client sends before the application sees it.

A worker process of uvicorn imports this before Django is set up, so it imports nothing of ours.
"""

import asyncio
import time
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

MAX_HEAD_BYTES = 64 * 1024  # of the request line and all headers
HEAD_SECONDS = 20  # for the head of a request, from the connection's start or the first byte after a response
LINGER_SECONDS = 5  # in which a client that is answered before it has sent everything may read the answer
STALLED_SECONDS = 60  # in which a client must read part of what waits for it, about 50 kB
MAX_PIPELINED = 16  # requests that are sent before the first is answered
SOCKET_BYTES, SOCKET_BYTES_PER_SECOND = 1_000_000.0, 100_000.0  # that a WebSocket may send at once, in the long run
FLOODING, INVALID_DATA = 4429, 1007  # close codes


class TokenBucket:
    """A rate limit for messages or bytes of one connection: `burst` at once, `per_second` on average."""

    def __init__(self, burst: float, per_second: float) -> None:
        self.burst, self.per_second = burst, per_second
        self.left, self.filled_at = burst, time.monotonic()

    def take(self, count: int = 1) -> float:
        """Count messages. Returns what is left; negative if the limit is exceeded."""
        now = time.monotonic()
        self.left = min(self.burst, self.left + (now - self.filled_at) * self.per_second) - count
        self.filled_at = now
        return self.left


class HttpProtocol(HttpToolsProtocol):
    """httptools itself keeps endless headers, and waits for them forever."""

    deadline: asyncio.TimerHandle | None = None
    stalled: asyncio.TimerHandle | None = None
    running: Any = None  # the cycle of the request that is being answered; `cycle` is that of the newest
    is_refused = False
    head_bytes = 0  # of the current request: whatever is not its body, so trailers and sizes of chunks as well

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._close_after(HEAD_SECONDS)

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        if self.stalled is not None:
            self.stalled.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.is_refused:
            return
        if self.deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._close_after(HEAD_SECONDS)
        self.head_bytes += len(data)
        super().data_received(data)
        if self.head_bytes > MAX_HEAD_BYTES:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= MAX_PIPELINED:
            raise ValueError("too many pipelined requests")  # answered with 400
        self._cancel_deadline()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.head_bytes -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.head_bytes = 0
        super().on_message_complete()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Answer what can't be parsed, unless a response is under way. The application must not write after this."""
        has_begun = self._is_answering() and self.running.response_started
        self._disconnect()
        if has_begun:
            self.transport.close()
        else:
            super().send_400_response(msg)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body:
            self._close_after(LINGER_SECONDS)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.stalled = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.stalled is not None:
            self.stalled.cancel()

    def _close_after(self, seconds: float) -> None:
        self._cancel_deadline()
        self.deadline = self.loop.call_later(seconds, self._close)

    def _close(self) -> None:
        self._disconnect()
        self.transport.close()

    def _is_answering(self) -> bool:
        return self.running is not None and not self.running.response_complete

    def _disconnect(self) -> None:
        """Tell the application, which may be waiting for the body, that its response is of no use any more."""
        if self._is_answering():
            self.running.disconnected = True
            self.running.message_event.set()

    def _cancel_deadline(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None

    def _refuse(self, status: HTTPStatus) -> None:
        """Answer, unless a response is under way, and ignore the rest of the request."""
        self.is_refused = True
        if self.transport.is_closing():
            return
        if not self._is_answering() or not self.running.response_started:
            self._disconnect()
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.write_eof()
        self._close_after(LINGER_SECONDS)


class SocketProtocol(WebSocketsSansIOProtocol):
    """Limits the bytes of a WebSocket, which are also pings and empty fragments that no consumer sees."""

    has_failed = False

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.allowance = TokenBucket(SOCKET_BYTES, SOCKET_BYTES_PER_SECOND)

    def data_received(self, data: bytes) -> None:
        if self.has_failed:
            return
        if self.allowance.take(len(data)) < 0:
            return self._fail(FLOODING)
        super().data_received(data)
        if not self.handshake_initiated:  # `HttpProtocol` passes the whole head at once, so it was not understood
            self._refuse()

    def send_receive_event_to_app(self) -> None:
        try:
            if self.curr_msg_data_type == "text":
                b"".join(self.frames).decode()
        except UnicodeDecodeError:
            self._fail(INVALID_DATA)
        else:
            super().send_receive_event_to_app()

    def _refuse(self) -> None:
        """Answer a handshake with a body, or with more or longer headers than websockets accepts, and close."""
        self.has_failed = self.handshake_complete = self.close_sent = True
        self.transport.write(STATUS_LINE[HTTPStatus.BAD_REQUEST] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _fail(self, code: int) -> None:
        """Close the connection, and ignore what arrives before the client has read that."""
        self.has_failed = self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code})
        self.conn.fail(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.transport.write_eof()
        self.transport.resume_reading()
        self.close_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)
