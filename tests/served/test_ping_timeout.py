"""Clients that do not answer pings are disconnected."""

import base64
import os
import socket
import time
from contextlib import closing

import pytest

from pantry.serving import PING_SECONDS, SILENT_SECONDS
from tests.server import NOK, Visitor

TOLERANCE_SECONDS = 20  # for a busy machine
PING_FRAME = 0x89


@pytest.mark.slow
def test_client_that_answers_no_pings_is_disconnected(cluster):
    key, address = base64.b64encode(os.urandom(16)).decode(), ("localhost", cluster.web[0].port)
    with (
        closing(Visitor(cluster.web[0], NOK)) as nok,
        socket.create_connection(address, SILENT_SECONDS + TOLERANCE_SECONDS) as silent,
    ):
        silent.sendall(
            f"GET /ws/{nok.home} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nCookie: {nok.cookie}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        start, received = time.monotonic(), b""
        while chunk := silent.recv(65536):
            received += chunk
        elapsed = time.monotonic() - start
    assert b" 101 " in received[:20]
    assert bytes([PING_FRAME, 4]) in received
    assert PING_SECONDS < elapsed < SILENT_SECONDS + TOLERANCE_SECONDS
