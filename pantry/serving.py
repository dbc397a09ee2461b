"""Run the web processes: uvicorn, with the options that thousands of open streams need."""

import os
import resource
import shutil
import socket
import sys

import uvicorn
from django.conf import settings
from uvicorn.supervisors import Multiprocess

from pantry import metrics

BACKLOG = 4096  # connections that wait to be accepted
PING_SECONDS, SILENT_SECONDS = 15, 45  # between two pings; until a client that answers none is dropped
GRACE_SECONDS = 5  # that requests have to end after SIGTERM


def serve(host: str, port: int, workers: int = 1) -> None:
    """Serve until a signal stops it. Exits with more than 0 when the port is taken."""
    config = uvicorn.Config(
        "pantry.asgi:application",
        host=host,
        port=port,
        workers=workers,
        backlog=BACKLOG,
        ws="websockets-sansio",
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=SILENT_SECONDS - PING_SECONDS,
        ws_max_size=65536,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        log_level="warning",
        proxy_headers=True,
        server_header=False,
    )
    listener = listen(config)
    if workers > 1:
        _share_metrics()
        Multiprocess(config, sockets=[listener]).run()
        return
    server = uvicorn.Server(config)
    config.load()
    server.run(sockets=[listener])
    if not server.started:
        sys.exit(1)


def _share_metrics() -> None:
    """Let the workers write their counts into one folder, so that each can answer /metrics for all. Empties it."""
    if metrics.SHARED not in os.environ:
        folder = settings.DATA_DIR / "metrics"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        os.environ[metrics.SHARED] = str(folder)


def listen(config: uvicorn.Config) -> socket.socket:
    """Return the socket that all workers share, and allow as many open files as the system does."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    listener = config.bind_socket()
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: a client that vanished, or reads nothing, is dropped as well
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENT_SECONDS * 1000)
    return listener
