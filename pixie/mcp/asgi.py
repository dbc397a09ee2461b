"""MCP over HTTP: `POST /mcp` with a bearer token, each request by itself.

Authentication and limits are checked before the protocol starts, so that refusals are HTTP responses: 401 for a
missing or invalid token, 403 for a missing scope or a foreign home, 413 for a body that is too large, 429 for too many
requests.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from anyio.abc import TaskGroup, TaskStatus
from rest_framework.exceptions import APIException, MethodNotAllowed, PermissionDenied

from pantry.api.errors import send_error, temporary_errors_as_unavailable
from pantry.asgi_scope import has_own_host, header
from pantry.db.threads import in_client_thread
from pantry.limits import TooLarge, body_deadline
from pantry.request_log import log_asgi_request
from pixie.mcp.auth import authenticate

MAX_BODY_BYTES = 256 * 1024


class McpApplication:
    """The ASGI application. `async with application.open():` wraps the process's life, in its event loop.

    The MCP package takes half a second and 20 MB to import, so it is loaded at the first request.
    """

    def __init__(self) -> None:
        self.tasks: TaskGroup | None = None
        self.manager: Any = None
        self.loading = anyio.Lock()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        async with anyio.create_task_group() as self.tasks:
            yield
            self.tasks.cancel_scope.cancel()
        self.tasks = self.manager = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await log_asgi_request(self._handle, "mcp", scope, receive, send)

    async def _handle(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            if scope["method"] != "POST":  # the server sends nothing of its own, so there is nothing to stream
                raise MethodNotAllowed(scope["method"])
            if (origin := header(scope, b"origin")) and not has_own_host(origin):  # a browser, from another site
                raise PermissionDenied("Requests from other sites are not allowed.")
            async with body_deadline(MAX_BODY_BYTES):
                body = await _read_body(scope, receive)
            with temporary_errors_as_unavailable():
                caller = await in_client_thread(authenticate)(scope, body)
        except APIException as error:
            return await send_error(error, send)
        manager = await self._get_manager()
        await manager.handle_request({**scope, "caller": caller}, _replay(body, receive), send)

    async def _get_manager(self) -> Any:
        async with self.loading:
            if self.manager is None:
                assert self.tasks is not None, "the server runs no lifespan"
                self.manager = await self.tasks.start(_run_manager)
        return self.manager


async def _run_manager(*, task_status: TaskStatus[Any]) -> None:
    manager = await anyio.to_thread.run_sync(_create_manager)
    async with manager.run():
        task_status.started(manager)
        await anyio.sleep_forever()


def _create_manager() -> Any:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from pixie.mcp.server import create_server

    return StreamableHTTPSessionManager(
        create_server(lambda context: context.request.scope["caller"]),
        json_response=True,
        stateless=True,
        max_request_body_size=MAX_BODY_BYTES,
    )


async def _read_body(scope: Any, receive: Any) -> bytes:
    length = header(scope, b"content-length")
    if length.isdecimal() and int(length) > MAX_BODY_BYTES:
        raise TooLarge(MAX_BODY_BYTES)
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > MAX_BODY_BYTES:
            raise TooLarge(MAX_BODY_BYTES)
    return body


def _replay(body: bytes, receive: Any) -> Any:
    """Return a `receive` that yields the body again, then later messages."""
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_replayed() -> Any:
        return messages.pop() if messages else await receive()

    return receive_replayed


mcp_application = McpApplication()
