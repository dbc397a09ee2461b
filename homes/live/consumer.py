"""The WebSocket consumer of a home: authenticates the client, subscribes it, and runs its commands."""

import json
from typing import Any
from uuid import UUID

from channels.consumer import get_handler_name
from channels.exceptions import DenyConnection
from channels.generic.websocket import AsyncWebsocketConsumer
from rest_framework.exceptions import APIException, NotFound

from homes.live import hooks as live_hooks
from homes.live.client_commands import can_focus, run_command
from homes.live.connection import Connection, Frame, error_frame
from homes.live.home_channel import HomeChannel
from homes.live.hub import Hub, get_hub
from pantry.api.errors import retry_after
from pantry.api.throttles import TokenBucket
from pantry.db.threads import in_client_thread
from pantry.scope import BEARER, is_cross_site, parse_seq, query_parameter

ERROR_CODES = {401: "not_signed_in", 403: "not_allowed", 404: "not_found", 429: "throttled"}  # by the API's status
MAX_FRAME_BYTES = 8192
BURST_FRAMES, FRAMES_PER_SECOND = 60.0, 20.0  # that a client may send at once, and in the long run
FLOODING = 4429  # close code
PONG = Frame({"type": "pong"})


class HomeConsumer(AsyncWebsocketConsumer):
    """The WebSocket of one client, at `/ws/{home_id}?since=`."""

    channel_layer_alias = "none"  # the hub hears the home's group, once for all of its clients
    hub: Hub
    connection: Connection | None = None
    home: HomeChannel
    rate_limit: TokenBucket | None = None
    scope: Any  # Channels' own type of it would have to be narrowed at each use

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.hub = get_hub()
        try:
            await super().__call__(scope, receive, send)
        finally:
            if self.connection is not None:
                self.hub.leave(self.connection)

    async def dispatch(self, message: Any) -> None:
        # Channels would use a thread for every frame to close old database connections; commands do so themselves.
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        if is_cross_site(self.scope):
            raise DenyConnection
        await self.accept(BEARER if BEARER in self.scope["subprotocols"] else None)
        home_id = self.scope["url_route"]["kwargs"].get("home_id")
        try:
            if home_id is None:
                raise NotFound("There is no home at this address.")
            session = await self.hub.authenticate(self.scope, home_id)
        except APIException as error:
            return await self.refuse(error)
        self.connection = Connection(self.base_send, session)
        self.home = self.hub.join(self.connection, parse_seq(query_parameter(self.scope, "since")))

    async def refuse(self, error: APIException) -> None:
        details = {"retry_after": seconds} if (seconds := retry_after(error)) else {}
        await self.send(error_frame(ERROR_CODES[error.status_code], str(error.detail), **details).text)
        await self.close(4000 + error.status_code)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Respond to a frame of the client. Its frames are never relayed to others."""
        if self.connection is None or self.connection.is_closed:
            return
        self.rate_limit = self.rate_limit or TokenBucket(BURST_FRAMES, FRAMES_PER_SECOND)
        if (left := self.rate_limit.take()) < -BURST_FRAMES:
            self.connection.close(FLOODING)
        elif frame := await self.answer(self.connection, parse_frame(text_data), is_allowed=left >= 0):
            self.connection.push(frame)

    async def answer(self, connection: Connection, payload: dict[str, Any], *, is_allowed: bool) -> Frame | None:
        if not is_allowed:
            return error_frame("too_many", "Too many at once. Wait a second.", payload.get("op_id"))
        if "problem" in payload:
            return error_frame("invalid", payload["problem"])
        if payload["type"] == "ping":
            return PONG
        if payload["type"] == "looking":
            return await self.set_focus(connection, payload)
        if payload["type"] in live_hooks.commands:
            reply = await in_client_thread(run_command)(connection.session.current_member, payload)
            return reply and Frame(reply)
        return error_frame("unknown_type", "There is no command of this type.", payload.get("op_id"))

    async def set_focus(self, connection: Connection, payload: dict[str, Any]) -> Frame | None:
        """Set the list or channel that is on the screen, `at`; null for none."""
        try:
            focus = UUID(payload["at"]) if payload.get("at") else None
            is_visible = focus is None or await in_client_thread(can_focus)(connection.session.current_member, focus)
        except (ValueError, AttributeError, TypeError, APIException):
            is_visible = False
        if not is_visible:
            return error_frame("not_found", "There is no such list or channel here.", payload.get("op_id"))
        self.home.set_focus(connection, focus)
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
