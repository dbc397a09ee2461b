"""What begins and ends with the web process."""

import asyncio
from typing import Any

from homes import stream
from pantry import embedded


class Lifespan:
    """ASGI's lifespan: the hub, and in embedded mode the worker and the beat, stop before the process does."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                stream.hub()
                if embedded.wanted():
                    await asyncio.to_thread(embedded.start)
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await stream.shut_down()
                if embedded.wanted():
                    await asyncio.to_thread(embedded.stop)
                await send({"type": "lifespan.shutdown.complete"})
                return
