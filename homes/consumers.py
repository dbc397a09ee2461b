"""The socket of a home: admits, then pushes, and hands on what the client says."""

import asyncio
import json
import time
from datetime import datetime
from typing import Any, NoReturn
from uuid import UUID

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.utils.timezone import now
from rest_framework.exceptions import APIException, NotFound

from homes import frames, registry
from homes.commands import may_look_at, obey
from homes.connection import Connection
from homes.entrance import BEARER, Guest, asked, comes_from_elsewhere, let_in, position
from homes.frames import Frame
from homes.home_stream import HomeStream
from homes.stream import Hub, hub
from homes.threads import at_door, obeying

# Refusals, by the status that the API has for them.
NAMES = {401: "not_signed_in", 403: "not_allowed", 404: "not_found", 429: "throttled"}
LONGEST = 8192  # bytes of a frame
AT_ONCE, A_SECOND = 60.0, 20.0  # frames that one may send at once, and then each second
FLOOD = 4429
PONG = Frame({"type": "pong"})


class Bucket:
    """How many frames a client may still send. One that goes on past the bottom as far again is not answered more."""

    __slots__ = ("filled_at", "left")

    def __init__(self) -> None:
        self.left, self.filled_at = AT_ONCE, time.monotonic()

    def take(self) -> float:
        """What is left, under zero when it was too much."""
        now = time.monotonic()
        self.left = min(AT_ONCE, self.left + (now - self.filled_at) * A_SECOND) - 1
        self.filled_at = now
        return self.left


class HomeConsumer(AsyncConsumer):
    """`/ws/{home_id}?since=`: one client at its socket, from its admission to its end."""

    # What Channels' stubs would have to be told at each use.
    scope: Any
    base_send: Any

    guest: Guest
    hub: Hub
    home: HomeStream
    connection: Connection | None = None
    bucket: Bucket | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Channels' own loop keeps a second task for its channel layer and hops to a thread at each message:
        # at thousands of connections these are what costs. The hub makes both unnecessary.
        self.scope, self.base_send = scope, send
        try:
            while True:
                message = await receive()
                await getattr(self, get_handler_name(message))(message)
        except StopConsumer:
            pass
        finally:
            if self.connection is not None:
                self.hub.leave(self.guest.home_id, self.connection)

    async def websocket_connect(self, message: Any) -> None:
        if comes_from_elsewhere(self.scope):
            await self.close(4403)
        offered = BEARER if BEARER in self.scope["subprotocols"] else None
        await self.base_send({"type": "websocket.accept", "subprotocol": offered, "headers": []})
        try:
            home_id = self.scope["url_route"]["kwargs"].get("home_id")
            if home_id is None:
                raise NotFound("There is no home at this address.")
            self.hub = hub()
            departures = self.hub.departures_from(home_id)
            self.guest = await let_in(self.scope, home_id)
        except APIException as error:
            more = {"retry_after": wait} if (wait := wait_of(error)) else {}
            refusal = frames.error(NAMES[error.status_code], str(error.detail), **more)
            await self.base_send(refusal.for_socket)
            await self.close(4000 + error.status_code)
        self.connection = Connection(self.base_send, self.guest.user_id, self.guest.grounds)
        since = position(asked(self.scope, "since"))
        self.home = await enter(self.hub, self.guest, self.connection, since, departures)

    async def websocket_receive(self, message: Any) -> None:
        """Answers go to the client alone; what it says is never relayed as it is."""
        self.bucket = self.bucket or Bucket()
        said, left = parsed(message.get("text")), self.bucket.take()
        if left < -AT_ONCE:
            assert self.connection is not None
            self.connection.close(FLOOD)
        elif left < 0:
            self.answer(frames.error("too_many", "Too many at once. Wait a second.", said.get("op_id")))
        elif "problem" in said:
            self.answer(frames.error("invalid", said["problem"]))
        elif said["type"] == "ping":
            self.answer(PONG)
        elif said["type"] == "looking":
            await self.look(said)
        elif said["type"] in registry.commands:
            self.answer(await obeying(obey, self.guest, said))
        else:
            self.answer(frames.error("unknown_type", "There is no command of this type.", said.get("op_id")))

    async def websocket_disconnect(self, message: Any) -> None:
        raise StopConsumer

    async def close(self, code: int) -> NoReturn:
        await self.base_send({"type": "websocket.close", "code": code})
        raise StopConsumer

    def answer(self, frame: Frame | None) -> None:
        if frame is not None and self.connection is not None:
            self.connection.push(frame)

    async def look(self, said: dict[str, Any]) -> None:
        """`at`: the list or channel that is on the screen, or null."""
        try:
            place = UUID(said["at"]) if said.get("at") else None
            sees = place is None or await obeying(may_look_at, self.guest, place)
        except (ValueError, AttributeError, TypeError, APIException):
            sees = False
        if sees and self.connection is not None:
            self.hub.look(self.home, self.connection, place)
        else:
            self.answer(frames.error("not_found", "There is no such list or channel here.", said.get("op_id")))


async def enter(
    hub: Hub, guest: Guest, connection: Connection, since: int | None, departures: int | None
) -> HomeStream:
    """Welcome a client, and let it hear the home. `departures`: how many there had been when it was let in."""
    home = await hub.home(guest.home_id)
    here = sorted({*home.here.shown, guest.user_id})
    welcome = {"type": "welcome", "seq": home.position, "members_online": here}
    connection.push(Frame(welcome, home.position if since is None else None))
    home = await hub.join(guest.home_id, connection, since)
    # Somebody who lost the right between the question and the joining would not hear of it.
    if departures is None or hub.departures != departures:
        try:
            await at_door(guest.admit)
        except APIException as error:
            if error.status_code == 401:
                connection.sign_out()
            else:
                connection.close(4000 + error.status_code)
    expire(connection, guest.until)
    return home


def expire(connection: Connection, until: datetime | None) -> None:
    """A token that expires is not ended by anybody, so nobody tells."""
    if until is not None and not connection.dead:
        seconds = (until - now()).total_seconds()
        connection.expiring = asyncio.get_running_loop().call_later(seconds, connection.sign_out)


def wait_of(error: APIException) -> int:
    """For how many seconds one who tried too often is not looked at."""
    return int(getattr(error, "wait", None) or 0)


def parsed(text: str | None) -> dict[str, Any]:
    """A client's frame: JSON, an object, with a type, and short. Else what is the `problem` with it."""
    if not text:
        return {"problem": "Not a frame: a frame is text."}
    if len(text) > LONGEST or (not text.isascii() and len(text.encode()) > LONGEST):
        return {"problem": f"Too long: a frame has {LONGEST} bytes at most."}
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return {"problem": "Not a frame: this is no JSON."}
    if not isinstance(said, dict) or not isinstance(said.get("type"), str):
        return {"problem": "Not a frame: an object with a `type` is."}
    return said
