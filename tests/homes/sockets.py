"""WebSocket clients for tests."""

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
from tests.factories import sign_in

# Channels' communicator keeps database connections open. These tests run threads, which must close them.
communicator.no_op = close_old_connections

TIMEOUT_SECONDS = 30.0  # for an expected frame


async def elsewhere(act: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call the function in another thread and database connection, as another request would."""

    def call() -> Any:
        try:
            return act(*args, **kwargs)
        finally:
            connections.close_all()

    return await asyncio.to_thread(call)


class Socket(WebsocketCommunicator):
    def __init__(self, home_id: UUID, query: str = "", origin: str = "http://testserver", cookie: str = "") -> None:
        values = {"host": "testserver", "origin": origin, "cookie": f"sessionid={cookie}" if cookie else ""}
        headers = [(name.encode(), value.encode()) for name, value in values.items() if value]
        super().__init__(application, f"/ws/{home_id}{query}", headers=headers)
        self.scope["client"] = ("127.0.0.1", 50000)

    first: dict[str, Any]  # the welcome, or an error

    async def next(self) -> dict[str, Any]:
        frame: dict[str, Any] = await self.receive_json_from(TIMEOUT_SECONDS)
        return frame

    async def events(self, count: int) -> list[dict[str, Any]]:
        """Return the next `count` events, without frames that are not in the log."""
        events: list[dict[str, Any]] = []
        while len(events) < count:
            frame = await self.next()
            if "seq" in frame and frame.get("type") != "resync":
                events.append(frame)
        return events

    async def closing(self) -> int:
        """Skip all frames and return the close code."""
        while True:
            message = await self.receive_output(TIMEOUT_SECONDS)
            if message["type"] == "websocket.close":
                code: int = message["code"]
                return code

    async def hang_up(self) -> None:
        with suppress(asyncio.CancelledError):  # a timeout has ended it already
            await self.disconnect()


class Listening:
    """Opens connections, and closes them at the end of the test."""

    def __init__(self, opened: AsyncExitStack) -> None:
        self.opened = opened

    async def __call__(self, member: Membership, query: str = "", home_id: UUID | None = None) -> Socket:
        """Open a connection with the member's session. It receives all later events."""
        browser = await elsewhere(sign_in, member)
        return await self.open(home_id or member.home_id, query, cookie=browser.cookies["sessionid"].value)

    async def open(self, home_id: UUID, query: str = "", **options: str) -> Socket:
        socket = Socket(home_id, query, **options)
        accepted, _code = await socket.connect(TIMEOUT_SECONDS)
        assert accepted
        self.opened.push_async_callback(socket.hang_up)
        socket.first = await socket.next()
        return socket
