"""What begins and ends with the web process."""

import asyncio
import gc
import signal
import sys
from contextlib import AsyncExitStack
from types import FrameType
from typing import Any

from homes.live import hub
from pantry import embedded
from pixie.mcp_door import mcp_door

SWITCH = 0.001  # seconds for which a thread may keep the interpreter: the streams should not wait long for one


class Lifespan:
    """ASGI's lifespan: the hub, and in embedded mode the worker and the beat, stop before the process does."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        doors = AsyncExitStack()
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                hub.get_hub()
                if embedded.wanted():
                    await asyncio.to_thread(embedded.start)
                await doors.enter_async_context(mcp_door.open())
                settle()
                end_streams_first()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await hub.shut_down()
                await doors.aclose()
                if embedded.wanted():
                    await asyncio.to_thread(embedded.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return


def settle() -> None:
    """What is loaded by now stays for good: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    sys.setswitchinterval(SWITCH)


def end_streams_first() -> None:
    """A server that is told to stop waits for what is under way, and a stream would be under way for ever. So the
    streams end as soon as the signal comes; their clients come again, to whoever serves then."""
    loop = asyncio.get_running_loop()

    def ending(before: Any) -> Any:
        def end(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(lambda: asyncio.ensure_future(hub.shut_down()))
            before(number, frame)

        return end

    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)
        if callable(before) and before is not signal.default_int_handler:
            signal.signal(number, ending(before))
