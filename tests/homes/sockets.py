"""A home's socket, as a browser holds it."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from typing import Any
from uuid import UUID

from channels.testing import WebsocketCommunicator
from channels.testing import application as communicator
from django.db import close_old_connections, connections

from homes.models import Membership
from pantry.asgi import application
from tests.cast import sign_in

# Channels' communicator keeps connections open, for tests inside of one transaction. Here threads must give them back.
communicator.no_op = close_old_connections

PATIENCE = 30.0  # seconds until a frame that should come is missed


async def elsewhere(act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Act in a thread of its own, on a connection of its own, as another request or a worker would."""

    def alone() -> Any:
        try:
            return act(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(alone)


class Socket(WebsocketCommunicator):
    def __init__(self, home_id: UUID, query: str = "", origin: str = "http://testserver", cookie: str = "") -> None:
        given = {"origin": origin, "cookie": f"sessionid={cookie}" if cookie else ""}
        headers = [(name.encode(), value.encode()) for name, value in given.items() if value]
        super().__init__(application, f"/ws/{home_id}{query}", headers=headers)
        self.scope["client"] = ("127.0.0.1", 50000)

    first: dict[str, Any]  # the welcome, or why there is none

    async def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = await self.receive_json_from(PATIENCE)
        return frame

    async def events(self, count: int) -> list[dict[str, Any]]:
        """The next so many frames of the log, without what is not in it (who came and went)."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            frame = await self.next()
            if "seq" in frame and frame.get("type") != "resync":
                found.append(frame)
        return found

    async def closing(self) -> int:
        """The code that it is closed with, whatever is said before."""
        while True:
            message = await self.receive_output(PATIENCE)
            if message["type"] == "websocket.close":
                code: int = message["code"]
                return code

    async def hang_up(self) -> None:
        with suppress(asyncio.CancelledError):  # a frame that did not come has ended it already
            await self.disconnect()


class Listening:
    """Opens sockets, and closes those still open at the end of the test."""

    def __init__(self, opened: AsyncExitStack) -> None:
        self.opened = opened

    async def __call__(self, member: Membership, query: str = "", home_id: UUID | None = None) -> Socket:
        """A socket of a browser in which the member is signed in. All that happens from now on comes through it."""
        browser = await elsewhere(sign_in, member)
        return await self.open(home_id or member.home_id, query, cookie=browser.cookies["sessionid"].value)

    async def open(self, home_id: UUID, query: str = "", **how: str) -> Socket:
        socket = Socket(home_id, query, **how)
        accepted, _code = await socket.connect(PATIENCE)
        assert accepted
        self.opened.push_async_callback(socket.hang_up)
        socket.first = await socket.next()
        return socket
