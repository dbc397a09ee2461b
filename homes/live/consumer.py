"""The WebSocket consumer of a home: authenticates a client, joins it to the hub, and runs its commands."""

import logging
from contextlib import suppress
from typing import Any
from uuid import UUID

from channels.consumer import get_handler_name
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db.models import Max
from rest_framework.exceptions import APIException, NotFound

from homes.accounts.credentials import scopes_of
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from homes.live import hooks as live_hooks
from homes.live.authentication import Session
from homes.live.connection import Connection, Frame, error_frame
from homes.live.hub import get_hub
from pantry.api.errors import EXPECTED_ERRORS, error_payload, temporary_errors_as_unavailable
from pantry.api.fields import Id
from pantry.api.json import parse_json
from pantry.asgi_scope import BEARER, is_cross_site, parse_seq, query_parameter
from pantry.db.threads import in_client_thread
from pantry.protocols import TokenBucket

log = logging.getLogger(__name__)

ERROR_CODES = {401: "not_signed_in", 403: "not_allowed", 404: "not_found", 429: "throttled", 503: "unavailable"}
MAX_FRAME_BYTES = 8192
BURST_FRAMES, FRAMES_PER_SECOND = 60.0, 20.0  # that a client may send at once, and in the long run
FLOODING = 4429  # close code
PONG = Frame({"type": "pong"})
OP_ID = Id(allow_null=True)


class HomeConsumer(AsyncWebsocketConsumer):
    """The WebSocket of one client, at `/ws/{home_id}?since=`. Its frames are answered, and never relayed to others."""

    channel_layer_alias = "none"  # the hub is the member of the home's group, once for all of its clients
    connection: Connection | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.connection is not None:
                self.hub.leave(self.connection)

    async def dispatch(self, message: Any) -> None:
        # Channels would close old database connections in a thread for every frame.
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        if is_cross_site(self.scope):
            raise DenyConnection
        await self.accept(BEARER if BEARER in self.scope["subprotocols"] else None)
        self.hub, home_id = get_hub(), self.scope["url_route"]["kwargs"].get("home_id")
        try:
            if home_id is None:
                raise NotFound("There is no home at this address.")
            with temporary_errors_as_unavailable():
                session = await self.hub.authenticate(self.scope, home_id)
        except APIException as error:
            await self.send(error_frame(**error_payload(error) | {"code": ERROR_CODES[error.status_code]}).text)
            return await self.close(4000 + error.status_code)
        self.rate_limit = TokenBucket(BURST_FRAMES, FRAMES_PER_SECOND)
        self.connection = Connection(self.base_send, session)
        self.home = self.hub.join(self.connection, parse_seq(query_parameter(self.scope, "since")))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.connection is None or self.connection.is_closed:
            return
        if (left := self.rate_limit.take()) < -BURST_FRAMES:
            self.connection.close(FLOODING)
        elif frame := await self.answer(self.connection, parse_frame(text_data), is_allowed=left >= 0):
            self.connection.push(frame)

    async def answer(self, connection: Connection, payload: dict[str, Any], *, is_allowed: bool) -> Frame | None:
        op_id = payload.get("op_id")
        if not is_allowed:
            return error_frame("too_many", "Too many at once. Wait a second.", op_id)
        if payload["type"] is None:
            return error_frame("invalid", payload["problem"])
        if payload["type"] == "ping":
            return PONG
        if payload["type"] == "looking":
            return await self.set_focus(connection, payload.get("at"), op_id)
        if payload["type"] in live_hooks.commands:
            return await in_client_thread(run_command)(connection.session, payload)
        return error_frame("unknown_type", "There is no command of this type.", op_id)

    async def set_focus(self, connection: Connection, raw_id: Any, op_id: Any) -> Frame | None:
        """Set the list or channel that is on the screen. Returns an error, if the member can't see it."""
        try:
            with suppress(ValueError, AttributeError, TypeError), temporary_errors_as_unavailable():  # no id
                focus = UUID(raw_id) if raw_id else None
                if focus is None or await in_client_thread(can_focus)(connection.session, focus):
                    self.home.set_focus(connection, focus)
                    return None
        except APIException as error:
            return error_frame(**error_payload(error), op_id=op_id)
        return error_frame("not_found", "There is no such list or channel here.", op_id)


def parse_frame(text: str | None) -> dict[str, Any]:
    """Parse a client's frame. If it is invalid, the type is None, and there is a `problem`."""
    if not text or len(text.encode()) > MAX_FRAME_BYTES:
        return {"type": None, "problem": f"A frame is text of at most {MAX_FRAME_BYTES} bytes."}
    payload: Any = None
    with suppress(ValueError):
        payload = parse_json(text)
    match payload:
        case {"type": str()} if not isinstance(payload.get("op_id"), dict | list):
            return payload
    return {"type": None, "problem": "A frame is a JSON object with a `type`, and a UUID as its `op_id`."}


def can_focus(session: Session, focus: UUID) -> bool:
    """Tell whether the id is a list or channel that the member can see. Authenticates again; raises APIException."""
    member, _token = session.current_member()
    return any(app.can_view(member, focus) for app in live_hooks.registered)


def run_command(session: Session, payload: dict[str, Any]) -> Frame | None:
    """Run a command and return the response; None if the response is its event, which the stream delivers."""
    try:
        with temporary_errors_as_unavailable():
            return _run(session, payload)
    except EXPECTED_ERRORS as error:
        details = error_payload(error)
    except Exception:
        log.exception("a client's %s failed", payload["type"])
        details = {"code": "error", "message": "Something went wrong on our side. The error has been logged."}
    return error_frame(**details, op_id=payload.get("op_id"))


def _run(session: Session, payload: dict[str, Any]) -> Frame | None:
    op_id, command = OP_ID.run_validation(payload.get("op_id")), live_hooks.commands[payload["type"]]
    member, token = session.current_member()
    by = Actor.of(member, Origin.SOCKET, op_id, session.address, scopes=scopes_of(token))
    by.require(command.scope)
    serializer = command.serializer(data=payload)
    serializer.is_valid(raise_exception=True)
    command.run(by, **serializer.validated_data)
    if not command.is_recorded or op_id is None:
        return None
    seq = Event.objects.filter(home=by.home, op_id=op_id, actor_user=by.user).aggregate(last=Max("seq"))["last"]
    is_new = seq is not None and seq > by.home.last_seq
    return None if is_new else Frame({"type": "done", "op_id": op_id, "event_seq": seq})
