import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn

from pantry.protocols import HttpProtocol, SocketProtocol

HOME = "0199a1b2-0000-7000-8000-000000000042"
HANDSHAKE = (
    f"GET /ws/{HOME} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    async def accept(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "websocket.close"})

    config = uvicorn.Config(accept, port=0, http=HttpProtocol, ws=SocketProtocol, lifespan="off", log_level="critical")
    server = uvicorn.Server(config)
    listener = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield listener.getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize(
    "headers",
    [
        "Cookie: " + "a" * 8_190 + "\r\n",
        "Authorization: Bearer " + "a" * 20_000 + "\r\n",
        "".join(f"X-{number}: a\r\n" for number in range(200)),
        "Content-Length: 10\r\n",
        "Transfer-Encoding: chunked\r\n",
    ],
    ids=["cookie", "token", "many", "length", "chunked"],
)
def test_handshake_that_is_not_understood_is_answered_and_closed(port: int, headers: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(f"{HANDSHAKE}{headers}\r\n".encode())
        answer = b""
        while part := connection.recv(65536):  # TimeoutError if it stays open
            answer += part
    assert answer.startswith(b"HTTP/1.1 400 ")
