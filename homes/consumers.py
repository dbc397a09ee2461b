"""The socket of a home: admits, then pushes, and hands on what the client says."""

import asyncio
import json
import re
import time
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import now
from rest_framework.exceptions import APIException, NotFound

from homes import frames, registry
from homes.commands import may_look_at, obey
from homes.connection import Connection
from homes.entrance import BEARER, Guest, admit, asked, comes_from_elsewhere, position
from homes.frames import Frame
from homes.home_stream import HomeStream
from homes.stream import Hub, hub
from homes.threads import at_door, obeying

PATH = re.compile(r"/ws/([0-9a-fA-F-]{36})")
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


class Visit:
    """One client at its socket, from its admission to its end."""

    __slots__ = ("bucket", "connection", "guest", "home")

    def __init__(self, guest: Guest, connection: Connection, home: HomeStream) -> None:
        self.guest, self.connection, self.home = guest, connection, home
        self.bucket: Bucket | None = None

    async def hear(self, text: str | None) -> None:
        """Answers go to the client alone; what it says is never relayed as it is."""
        self.bucket = self.bucket or Bucket()
        said, left = parsed(text), self.bucket.take()
        if left < -AT_ONCE:
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

    def answer(self, frame: Frame | None) -> None:
        if frame is not None:
            self.connection.push(frame)

    async def look(self, said: dict[str, Any]) -> None:
        """`at`: the list or channel that is on the screen, or null."""
        try:
            place = UUID(said["at"]) if said.get("at") else None
            sees = place is None or await obeying(may_look_at, self.guest, place)
        except (ValueError, AttributeError, TypeError, APIException):
            sees = False
        if sees:
            hub().look(self.home, self.connection, place)
        else:
            self.answer(frames.error("not_found", "There is no such list or channel here.", said.get("op_id")))


async def home_socket(scope: Any, receive: Any, send: Any) -> None:
    """`/ws/{home_id}?since=`"""
    await receive()
    if comes_from_elsewhere(scope):
        return await send({"type": "websocket.close", "code": 4403})
    offered = BEARER if BEARER in scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": offered, "headers": []})
    try:
        guest = await at_door(admit, scope, home_of(PATH, scope["path"]))
    except APIException as error:
        more = {"retry_after": wait} if (wait := wait_of(error)) else {}
        await send(frames.error(NAMES[error.status_code], str(error.detail), **more).for_socket)
        return await send({"type": "websocket.close", "code": 4000 + error.status_code})
    connection = Connection(send, guest.user_id, guest.grounds)
    try:
        home = await enter(hub(), guest, connection, position(asked(scope, "since")))
        visit = Visit(guest, connection, home)
        while (message := await receive())["type"] != "websocket.disconnect":
            await visit.hear(message.get("text"))
    finally:
        hub().leave(guest.home_id, connection)


def home_of(pattern: re.Pattern[str], path: str) -> UUID:
    """Whose stream the path asks for. Raises NotFound."""
    found = pattern.fullmatch(path)
    try:
        return UUID(found[1] if found else "")
    except ValueError as error:
        raise NotFound("There is no home at this address.") from error


async def enter(hub: Hub, guest: Guest, connection: Connection, since: int | None) -> HomeStream:
    """Welcome a client, and let it hear the home."""
    is_open, departures = guest.home_id in hub.homes, hub.departures
    home = await hub.home(guest.home_id)
    here = sorted({*home.here.shown, guest.user_id})
    welcome = {"type": "welcome", "seq": home.position, "members_online": here}
    connection.push(Frame(welcome, home.position if since is None else None))
    home = await hub.join(guest.home_id, connection, since)
    # Somebody who lost the right between the question and the joining would not hear of it.
    if not is_open or hub.departures != departures:
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
