import asyncio
from typing import Any
from unittest.mock import patch

import pytest

from pantry.asgi import application
from tests.limits import limit

HOME = "0199a1b2-0000-7000-8000-000000000042"
PATHS = ["/", "/api/homes", f"/api/homes/{HOME}/events/stream", "/mcp", "/metrics", "/healthz", "/static/x", "/admin/"]
MOST = limit("Header `Content-Type`")
QUOTES = b'text/plain; a="' + b';\\"' * 20_000


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("values", [[QUOTES], [QUOTES[:MOST], QUOTES[:1]]], ids=["long", "repeated"])
def test_long_content_type_is_refused_before_it_is_parsed(path: str, values: list[bytes]) -> None:
    headers = [(b"host", b"localhost"), *((b"content-type", value) for value in values)]
    scope = {
        "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers,
        "client": ("127.0.0.1", 1), "server": ("localhost", 80),
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    with patch("django.http.request.parse_header_parameters", return_value=("", {})) as parse:
        asyncio.run(application(scope, receive, send))
    assert sent[0]["status"] == 431
    assert not any(call.args[0] for call in parse.call_args_list)
