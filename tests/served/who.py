"""Several processes at one port, each of which tells who it is and how many clients all of them have:
`python -m tests.served.who PORT PROCESSES PATIENCE`."""

import asyncio
import json
import os
import sys
from typing import Any, cast

import uvicorn
from uvicorn.supervisors import Multiprocess

from pantry import door

PATIENCE = "SECONDS_FOR_OTHERS"
door.MOST_LOOKS = int(int(os.environ.get(PATIENCE, 0)) / door.LOOK_EACH)


async def application(scope: Any, receive: Any, send: Any) -> None:
    clients = cast(door.Loop, asyncio.get_running_loop()).clients
    said = json.dumps([os.getpid(), sorted([clients.mine, *clients.others])])
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": said})
        while (await receive())["type"] != "websocket.disconnect":
            pass
    else:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(said))]})
        await send({"type": "http.response.body", "body": said.encode()})


if __name__ == "__main__":
    port, processes, os.environ[PATIENCE] = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    with door.counted_clients() as counted:
        config = uvicorn.Config(
            "tests.served.who:application",
            port=port,
            workers=processes,
            lifespan="off",
            timeout_keep_alive=600,
            timeout_graceful_shutdown=5,
            log_level="warning",
            **counted,
        )
        Multiprocess(config, sockets=[config.bind_socket()]).run()
