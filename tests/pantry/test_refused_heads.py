import asyncio
from typing import Any

import pytest

from pantry.asgi import application

HEADERS = {
    b"cache-control", b"content-security-policy", b"cross-origin-opener-policy", b"cross-origin-resource-policy",
    b"permissions-policy", b"referrer-policy", b"x-content-type-options", b"x-frame-options",
}  # fmt: skip
LOCAL = (b"host", b"localhost")
REFUSED: dict[str, dict[str, Any]] = {
    "host": {"headers": [(b"host", b"evil.example")]},
    "cookies": {"headers": [LOCAL, (b"cookie", b"a" * 9_000)]},
    "content type": {"headers": [LOCAL, (b"content-type", b"a;" * 9_000)]},
    "head": {"headers": [LOCAL, (b"x", b"a" * 70_000)]},
    "url": {"headers": [LOCAL], "query_string": b"a" * 9_000},
    "body": {"headers": [LOCAL, (b"content-length", b"99999999")], "method": "POST"},
}


@pytest.mark.parametrize("path", ["/", "/api/homes", "/mcp", "/static/x", "/ws/0199a1b2-0000-7000-8000-000000000042"])
@pytest.mark.parametrize("what", REFUSED)
def test_refusals_have_the_security_headers(path: str, what: str) -> None:
    kind = "websocket" if path.startswith("/ws/") else "http"
    if what == "body" and kind == "websocket":
        pytest.skip("a handshake has no body")
    scope = {
        "type": kind, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        "extensions": {"websocket.http.response": {}}, **REFUSED[what],
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] >= 400
    names = [name for name, _value in sent[0]["headers"]]
    assert set(names) >= HEADERS
    assert len(names) == len(set(names))
