"""The event stream of a home as server-sent events, for clients that only read."""

from typing import Any

from rest_framework.exceptions import APIException, MethodNotAllowed, PermissionDenied

from homes.live.connection import Connection, Frame, Message, sse_message
from homes.live.hub import get_hub
from pantry.api.errors import send_error, temporary_errors_as_unavailable
from pantry.asgi_scope import header, is_cross_site, parse_seq, query_parameter

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"private, no-store, no-transform"),
    (b"x-accel-buffering", b"no"),  # keeps nginx from buffering
]


class SseConnection(Connection):
    """A read-only client. Closing it ends the response; it reconnects with `Last-Event-ID`."""

    kind = "sse"

    def encode(self, frame: Frame) -> Message:
        return frame.for_sse

    def closing_message(self, code: int) -> Message:
        return {"type": "http.response.body", "body": b"", "more_body": False}

    def heartbeat(self) -> None:
        if not self.is_closed and self.writer is None:
            self.write(sse_message(":\n\n"))


async def event_stream(scope: Any, receive: Any, send: Any) -> None:
    """`/api/homes/{home_id}/events/stream?since=`; a `Last-Event-ID` takes precedence."""
    hub = get_hub()
    try:
        if scope["method"] != "GET":
            raise MethodNotAllowed(scope["method"])
        if is_cross_site(scope):
            raise PermissionDenied("Cross-site requests are not allowed.")
        with temporary_errors_as_unavailable():
            session = await hub.authenticate(scope, scope["url_route"]["kwargs"]["home_id"])
    except APIException as error:
        return await send_error(error, send)
    connection = SseConnection(send, session)
    connection.write({"type": "http.response.start", "status": 200, "headers": HEADERS})
    connection.write(sse_message("retry: 1000\n\n"))  # milliseconds until the client reconnects
    hub.join(connection, parse_seq(header(scope, b"last-event-id") or query_parameter(scope, "since")))
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        hub.leave(connection)
