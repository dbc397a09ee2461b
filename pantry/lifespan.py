"""Start and stop what belongs to the web process."""

import asyncio
import signal
from contextlib import AsyncExitStack
from types import FrameType
from typing import Any

from homes.live import hub
from pantry import embedded
from pixie.mcp.asgi import mcp_door


class Lifespan:
    """Start the hub, MCP and, in embedded mode, worker and beat; stop them before the process ends."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        stack = AsyncExitStack()
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                hub.get_hub()
                if embedded.is_embedded():
                    await asyncio.to_thread(embedded.start)
                await stack.enter_async_context(mcp_door.open())
                end_streams_first()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await hub.shut_down()
                await stack.aclose()
                if embedded.is_embedded():
                    await asyncio.to_thread(embedded.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return


def end_streams_first() -> None:
    """Close the streams as soon as the signal to stop arrives. Otherwise the server would wait for them until its
    grace period is over; their clients reconnect to whichever process serves then."""
    loop = asyncio.get_running_loop()
    closing: set[asyncio.Task[None]] = set()  # the loop itself keeps no reference to its tasks

    def close_streams() -> None:
        closing.add(loop.create_task(hub.shut_down()))

    def ending(before: Any) -> Any:
        def end(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(close_streams)
            before(number, frame)

        return end

    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before) and before is not signal.default_int_handler:
            signal.signal(number, ending(before))
