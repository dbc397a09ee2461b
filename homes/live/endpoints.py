"""The WebSocket of a home, whose clients may send commands, and its event stream, for clients that only read."""

import json
import logging
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from rest_framework.exceptions import APIException, MethodNotAllowed, NotFound, PermissionDenied

from homes.accounts.models import ApiToken
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from homes.live import hooks as live_hooks
from homes.live.authentication import Session
from homes.live.connection import Connection, Frame, Message, error_frame, sse_message
from homes.live.home_channel import HomeChannel
from homes.live.hub import get_hub
from pantry.api.errors import EXPECTED_ERRORS, error_payload, retry_after, send_error
from pantry.api.throttles import TokenBucket
from pantry.db.threads import in_client_thread
from pantry.scope import BEARER, header, is_cross_site, parse_seq, query_parameter

log = logging.getLogger(__name__)

ERROR_CODES = {401: "not_signed_in", 403: "not_allowed", 404: "not_found", 429: "throttled"}  # by the API's status
MAX_FRAME_BYTES = 8192
BURST_FRAMES, FRAMES_PER_SECOND = 60.0, 20.0  # that a client may send at once, and in the long run
FLOODING = 4429  # close code
PONG = Frame({"type": "pong"})

STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),  # keeps nginx from buffering
]
HEARTBEAT = sse_message(":\n\n")


async def home_socket(scope: Any, receive: Any, send: Any) -> None:
    """`/ws/{home_id}?since=`. A client's frames are answered, and never relayed to others."""
    await receive()  # websocket.connect
    if is_cross_site(scope):
        return await send({"type": "websocket.close"})
    await send({"type": "websocket.accept", "subprotocol": BEARER if BEARER in scope["subprotocols"] else None})
    hub, home_id = get_hub(), scope["url_route"]["kwargs"].get("home_id")
    try:
        if home_id is None:
            raise NotFound("There is no home at this address.")
        session = await hub.authenticate(scope, home_id)
    except APIException as error:
        details = {"retry_after": seconds} if (seconds := retry_after(error)) else {}
        await send(error_frame(ERROR_CODES[error.status_code], str(error.detail), **details).for_socket)
        return await send({"type": "websocket.close", "code": 4000 + error.status_code})
    connection, rate_limit = Connection(send, session), TokenBucket(BURST_FRAMES, FRAMES_PER_SECOND)
    home = hub.join(connection, parse_seq(query_parameter(scope, "since")))
    try:
        while (message := await receive())["type"] == "websocket.receive":
            if (left := rate_limit.take()) < -BURST_FRAMES:
                connection.close(FLOODING)
            elif not connection.is_closed:
                payload = parse_frame(message.get("text"))
                if frame := await answer(home, connection, payload, is_allowed=left >= 0):
                    connection.push(frame)
    finally:
        hub.leave(connection)


async def answer(
    home: HomeChannel, connection: Connection, payload: dict[str, Any], *, is_allowed: bool
) -> Frame | None:
    if not is_allowed:
        return error_frame("too_many", "Too many at once. Wait a second.", payload.get("op_id"))
    if "problem" in payload:
        return error_frame("invalid", payload["problem"])
    if payload["type"] == "ping":
        return PONG
    if payload["type"] == "looking":
        return await set_focus(home, connection, payload)
    if payload["type"] in live_hooks.commands:
        return await in_client_thread(run_command)(connection.session, payload)
    return error_frame("unknown_type", "There is no command of this type.", payload.get("op_id"))


async def set_focus(home: HomeChannel, connection: Connection, payload: dict[str, Any]) -> Frame | None:
    """Set the list or channel that is on the screen, `at`; null for none."""
    try:
        focus = UUID(payload["at"]) if payload.get("at") else None
        is_visible = focus is None or await in_client_thread(can_focus)(connection.session, focus)
    except (ValueError, AttributeError, TypeError, APIException):
        is_visible = False
    if not is_visible:
        return error_frame("not_found", "There is no such list or channel here.", payload.get("op_id"))
    home.set_focus(connection, focus)
    return None


def parse_frame(text: str | None) -> dict[str, Any]:
    """Parse a client's frame. Returns a `problem` if it is invalid."""
    if not text:
        return {"problem": "Not a frame: a frame is text."}
    if len(text.encode()) > MAX_FRAME_BYTES:
        return {"problem": f"Too long: a frame has {MAX_FRAME_BYTES} bytes at most."}
    try:
        payload = json.loads(text)
    except (ValueError, RecursionError):
        return {"problem": "Not a frame: this is no JSON."}
    if not isinstance(payload, dict) or not isinstance(payload.get("type"), str):
        return {"problem": "Not a frame: an object with a `type` is."}
    return payload


def can_focus(session: Session, focus: UUID) -> bool:
    """Tell whether the id is a list or channel that the member can see. Authenticates again; raises APIException."""
    member, _token = session.current_member()
    return any(app.can_view(member, focus) for app in live_hooks.registered)


def run_command(session: Session, payload: dict[str, Any]) -> Frame | None:
    """Run a command and return the response; None if the response is its event, which the stream delivers."""
    try:
        return _run(session, payload)
    except EXPECTED_ERRORS as error:
        return error_frame(**error_payload(error), op_id=payload.get("op_id"))
    except Exception:
        log.exception("a client's %s failed", payload["type"])
        message = "Something went wrong on our side. The error has been logged."
        return error_frame("error", message, payload.get("op_id"))


def _run(session: Session, payload: dict[str, Any]) -> Frame | None:
    op_id, command = _op_id(payload), live_hooks.commands[payload["type"]]
    member, token = session.current_member()
    if isinstance(token, ApiToken) and command.scope not in token.scopes:
        raise PermissionDenied(f"This token lacks the scope “{command.scope}”.")
    serializer = command.serializer(data=payload)
    serializer.is_valid(raise_exception=True)
    by = Actor.of(member, Origin.SOCKET, op_id)
    command.run(by, **serializer.validated_data)
    if not command.is_recorded or op_id is None:
        return None
    events = Event.objects.filter(home=by.home, op_id=op_id, actor_user=by.user).order_by("-seq")
    seq = events.values_list("seq", flat=True).first()
    is_new = seq is not None and seq > by.home.last_seq
    return None if is_new else Frame({"type": "done", "op_id": op_id, "event_seq": seq})


def _op_id(payload: dict[str, Any]) -> UUID | None:
    try:
        return None if payload.get("op_id") is None else UUID(payload["op_id"])
    except (ValueError, AttributeError, TypeError) as error:
        raise ValidationError({"op_id": ["This must be a UUID."]}) from error


class SseConnection(Connection):
    """A read-only client. Closing it ends the response; it reconnects with `Last-Event-ID`."""

    kind = "sse"

    def encode(self, frame: Frame) -> Message:
        return frame.for_sse

    def closing_message(self, code: int) -> Message:
        return {"type": "http.response.body", "body": b"", "more_body": False}

    def heartbeat(self) -> None:
        if not self.is_closed and self.writer is None:
            self.write(HEARTBEAT)


async def event_stream(scope: Any, receive: Any, send: Any) -> None:
    """`/api/homes/{home_id}/events/stream?since=`; a `Last-Event-ID` takes precedence."""
    hub = get_hub()
    try:
        if scope["method"] != "GET":
            raise MethodNotAllowed(scope["method"])
        if is_cross_site(scope):
            raise PermissionDenied("Cross-site requests are not allowed.")
        session = await hub.authenticate(scope, scope["url_route"]["kwargs"]["home_id"])
    except APIException as error:
        return await send_error(error, send)
    connection = SseConnection(send, session)
    connection.write({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
    connection.write(sse_message("retry: 1000\n\n"))  # milliseconds until the client reconnects
    hub.join(connection, parse_seq(header(scope, b"last-event-id") or query_parameter(scope, "since")))
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    finally:
        hub.leave(connection)
