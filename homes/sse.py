"""The live stream over plain HTTP, as server-sent events: for `EventSource`, curl and displays on the wall."""

from typing import Any

from rest_framework.exceptions import APIException, MethodNotAllowed, PermissionDenied

from homes.api.errors import as_error
from homes.api.renderers import JSONRenderer
from homes.connection import Connection
from homes.consumers import enter, wait_of
from homes.entrance import asked, comes_from_elsewhere, last_event_id, let_in, position
from homes.frames import Frame, stream_part
from homes.stream import hub

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),  # nginx would keep it to itself until there is more
]
BEGIN = stream_part(b"retry: 1000\n\n")
HEARTBEAT = stream_part(b":\n\n")


class StreamConnection(Connection):
    """A client that only listens. It is closed by ending the response; it comes back and says where it was."""

    kind = "sse"

    __slots__ = ()

    def push(self, frame: Frame) -> None:
        if not self.dead:
            self._push(frame.for_stream)

    def rest(self) -> None:
        if not self.dead:
            self._push(HEARTBEAT)

    def _last(self, code: int) -> dict[str, Any]:
        return {"type": "http.response.body", "body": b"", "more_body": False}


async def event_stream(scope: Any, receive: Any, send: Any) -> None:
    """`/api/homes/{home_id}/events/stream?since=`; `Last-Event-ID` comes first."""
    try:
        if scope["method"] != "GET":
            raise MethodNotAllowed(scope["method"])
        if comes_from_elsewhere(scope):
            raise PermissionDenied("This page is of another site.")
        here, home_id = hub(), scope["url_route"]["kwargs"]["home_id"]
        departures = here.departures_from(home_id)
        guest = await let_in(scope, home_id)
    except APIException as error:
        return await refuse(error, send)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send(BEGIN)
    connection = StreamConnection(send, guest.user_id, guest.grounds)
    since = position(last_event_id(scope) or asked(scope, "since"))
    try:
        await enter(here, guest, connection, since, departures)
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        here.leave(guest.home_id, connection)


async def refuse(error: APIException, send: Any) -> None:
    answer = as_error(error, {})
    assert answer is not None
    body = JSONRenderer().render(answer.data)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if wait := wait_of(error):
        headers.append((b"retry-after", str(wait).encode()))
    if error.status_code == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
