"""Start and stop the background parts of the web process."""

import asyncio
import signal
from types import FrameType
from typing import Any

from homes.live import hub
from pantry import embedded
from pixie.mcp.asgi import mcp_application


async def lifespan(scope: Any, receive: Any, send: Any) -> None:
    """Start the hub, MCP and, in embedded mode, worker and beat; stop them before the process ends."""
    assert (await receive())["type"] == "lifespan.startup"
    hub.get_hub()
    if embedded.is_embedded():
        await asyncio.to_thread(embedded.start)
    async with mcp_application.open():
        close_streams_on_signal()
        await send({"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        await hub.shut_down()
    if embedded.is_embedded():
        await asyncio.to_thread(embedded.stop)
    await send({"type": "lifespan.shutdown.complete"})


def close_streams_on_signal() -> None:
    """Close the streams as soon as SIGINT or SIGTERM arrives, so that uvicorn does not wait for them.

    Their clients reconnect to another process.
    """
    loop = asyncio.get_running_loop()
    closing: set[asyncio.Task[None]] = set()  # the loop keeps only weak references to tasks

    def close_streams() -> None:
        closing.add(loop.create_task(hub.shut_down()))

    def wrap(handler: Any) -> Any:
        def handle(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(close_streams)
            handler(number, frame)

        return handle

    for number in (signal.SIGINT, signal.SIGTERM):
        handler = signal.getsignal(number)
        if callable(handler) and handler is not signal.default_int_handler:
            signal.signal(number, wrap(handler))
