"""How web processes are run: uvicorn, with what thousands of open streams need."""

import os
import resource
import shutil
import socket
import sys
from contextlib import nullcontext

import uvicorn
from django.conf import settings
from uvicorn.supervisors import Multiprocess

from pantry import metrics
from pantry.door import counted_clients

BACKLOG = 4096  # who knocks at once waits here
PING, SILENT = 15, 45  # seconds: between two pings, and without an answer until a client is gone


def serve(host: str, port: int, workers: int = 1) -> None:
    """Until a signal stops it. Exits with more than 0 when the port is taken."""
    with counted_clients() if workers > 1 else nullcontext({"ws": "websockets-sansio"}) as protocols:
        config = uvicorn.Config(
            "pantry.asgi:application",
            host=host,
            port=port,
            workers=workers,
            backlog=BACKLOG,
            ws_ping_interval=PING,
            ws_ping_timeout=SILENT - PING,
            ws_max_size=65536,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=5,
            log_level="warning",
            proxy_headers=True,
            server_header=False,
            **protocols,
        )
        door = listen(config)
        if workers > 1:
            _count_together()
            Multiprocess(config, sockets=[door]).run()
            return
        server = uvicorn.Server(config)
        config.load()
        server.run(sockets=[door])
        if not server.started:
            sys.exit(1)


def _count_together() -> None:
    """The workers leave what they count in a folder, so that whichever is asked for /metrics knows all of it. They are
    told before they begin, and what the last ones left is gone."""
    if metrics.SHARED not in os.environ:
        folder = settings.DATA_DIR / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.environ[metrics.SHARED] = str(folder)


def listen(config: uvicorn.Config) -> socket.socket:
    """The socket that all workers share, and room for as many clients as the system allows."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    door = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: who vanished, or takes nothing, is gone after a while, too
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT * 1000)
    return door
