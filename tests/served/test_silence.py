"""Who says nothing is asked whether they are there, and dropped."""

import base64
import os
import socket
import time
from contextlib import closing

import pytest

from pantry.serving import PING_SECONDS, SILENT_SECONDS
from tests.server import NOK, Visitor

LATE = 20  # seconds, on a busy machine
PING_FRAME = 0x89


@pytest.mark.slow
def test_a_client_that_never_answers_is_dropped(cluster):
    key, address = base64.b64encode(os.urandom(16)).decode(), ("localhost", cluster.web[0].port)
    with (
        closing(Visitor(cluster.web[0], NOK)) as nok,
        socket.create_connection(address, SILENT_SECONDS + LATE) as silent,
    ):
        silent.sendall(
            f"GET /ws/{nok.home} HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nCookie: {nok.cookie}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
        )
        began, heard = time.monotonic(), b""
        while came := silent.recv(65536):
            heard += came
        lasted = time.monotonic() - began
    assert b" 101 " in heard[:20]
    assert bytes([PING_FRAME, 4]) in heard
    assert PING_SECONDS < lasted < SILENT_SECONDS + LATE
