"""The socket of a home: admits, then pushes."""

import asyncio
import json
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.consumer import get_handler_name
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.utils.timezone import now

from homes import grounds
from homes.connection import Connection
from homes.entrance import BEARER
from homes.models import ApiToken, Membership
from homes.stream import HomeStream, encode, hub

NOT_SIGNED_IN, NOT_ALLOWED, UNKNOWN, TOO_MANY = 4401, 4403, 4404, 4429
LONGEST = 8192


@database_sync_to_async
def membership(user: Any, home_id: UUID) -> Membership | None:
    member: Membership | None = Membership.objects.of(user).filter(home=home_id).first()
    return member


def may_listen(token: Any, home_id: UUID) -> bool:
    """Whether what was shown allows it: a personal token needs the scope to read, and may be for one home alone."""
    return not isinstance(token, ApiToken) or ("read" in token.scopes and token.home_id in (None, home_id))


class HomeConsumer(AsyncWebsocketConsumer):
    """`/ws/{home_id}?since=`. The hub speaks to the client directly; this class only listens."""

    # What Channels' stubs would have to be told at each use.
    scope: Any
    channel_layer: Any
    base_send: Any

    member: Membership
    home: HomeStream
    connection: Connection | None = None
    expiring: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Channels' own loop keeps a second task for its channel layer and hops to a thread at each message:
        # at thousands of connections these are what costs. The hub makes both unnecessary.
        self.scope, self.channel_layer, self.base_send = scope, None, send
        try:
            while True:
                message = await receive()
                await getattr(self, get_handler_name(message))(message)
        except StopConsumer:
            pass

    async def connect(self) -> None:
        await self.accept(BEARER if BEARER in self.scope.get("subprotocols", ()) else None)
        user, home_id = self.scope["user"], self.scope["url_route"]["kwargs"]["home_id"]
        if wait := self.scope.get("wait"):
            sentence = f"Too many tokens that are none. Try again in {wait} seconds."
            return await self.refuse(TOO_MANY, "throttled", sentence, retry_after=wait)
        if not user.is_authenticated:
            return await self.refuse(NOT_SIGNED_IN, "not_signed_in", "Sign in first.")
        if not may_listen(self.scope.get("token"), home_id):
            return await self.refuse(NOT_ALLOWED, "not_allowed", "This token may not listen to this home.")
        member = await membership(user, home_id)
        if member is None:
            return await self.refuse(NOT_ALLOWED, "not_allowed", "You are not a member of this home.")
        self.member = member
        self.connection = Connection(self.base_send, user.pk, grounds.of_scope(self.scope))
        home = await hub().home(member.home_id)
        self.connection.push(
            encode({"type": "welcome", "seq": home.position, "members_online": sorted({*home.online, user.pk})})
        )
        self.home = await hub().join(member.home_id, self.connection, self.since())
        # Somebody who was removed or signed out between the question and the joining would not hear of it.
        if await membership(user, member.home_id) is None:
            self.connection.close(NOT_ALLOWED)
        for ground in await grounds.fallen(self.connection.grounds):
            hub().sign_out(ground)
        self.expire_at(grounds.end_of(self.scope.get("token")))

    def expire_at(self, end: datetime | None) -> None:
        """A token that expires is not ended by anybody, so nobody tells."""
        if end is not None and self.connection is not None:
            seconds = (end - now()).total_seconds()
            self.expiring = asyncio.get_running_loop().call_later(seconds, self.connection.sign_out)

    def since(self) -> int | None:
        asked = parse_qs(self.scope["query_string"].decode("latin-1")).get("since", [""])[0]
        return int(asked) if asked.isdecimal() and len(asked) < 19 else None

    async def refuse(self, code: int, name: str, message: str, **more: Any) -> None:
        await self.base_send(encode({"type": "error", "error": {"code": name, "message": message, **more}}))
        await self.close(code)

    async def disconnect(self, code: int) -> None:
        if self.expiring is not None:
            self.expiring.cancel()
        if self.connection is not None:
            hub().leave(self.member.home_id, self.connection)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.connection is None:
            return
        frame = parsed(text_data)
        if frame is None:
            self.connection.push(encode({"type": "error", "error": {"code": "invalid", "message": "Not a frame."}}))
        elif frame["type"] == "ping":
            self.connection.push(encode({"type": "pong"}))


def parsed(text: str | None) -> dict[str, Any] | None:
    """A client's frame, or None when it is none: JSON, an object, with a type, and short."""
    if not text or len(text) > LONGEST:
        return None
    try:
        frame = json.loads(text)
    except ValueError:
        return None
    return frame if isinstance(frame, dict) and isinstance(frame.get("type"), str) else None
