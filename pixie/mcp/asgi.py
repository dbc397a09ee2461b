"""MCP over HTTP: `POST /mcp` with a bearer token, each request by itself.

Who asks, and whether they may, is decided before the protocol begins, so a refusal is a status of HTTP: 401 for no
token or a wrong one, 403 for a scope that is missing or a home that one is not in, 413 for too much, 429 for too often.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import anyio
import orjson
from anyio.abc import TaskGroup, TaskStatus
from django.core.handlers.asgi import ASGIRequest
from rest_framework.exceptions import APIException, MethodNotAllowed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request

from homes.accounts.api.authentication import authenticate_token
from pantry.api.errors import send_error
from pantry.api.throttles import check_rate
from pantry.api.viewsets import TooLarge
from pantry.db.threads import in_client_thread
from pantry.requests import add_log_fields, count_queries, log_asgi_request
from pantry.scope import bearer_token, header, is_own_origin, query_parameter
from pixie.mcp.auth import Caller, acting_in, lacking
from pixie.tools import TOOLS

MOST = 256 * 1024  # bytes of a request
HOME = b"x-pantry-home"


class McpDoor:
    """The ASGI application. `async with door.open():` spans the process's life, and belongs to its one loop.

    The protocol's package takes half a second and 20 MB, so it is loaded when somebody first speaks it.
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
        await log_asgi_request(self._answer, "mcp", scope, receive, send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            if scope["method"] != "POST":  # it never speaks first, so there is nothing to listen to
                raise MethodNotAllowed(scope["method"])
            if _comes_from_elsewhere(scope):
                raise PermissionDenied("This page is of another site.")
            body = await _body(scope, receive)
            caller = await in_client_thread(_counting)(scope, body)
        except APIException as error:
            return await send_error(error, send)
        manager = await self._managed()
        await manager.handle_request({**scope, "caller": caller}, _again(body, receive), send)

    async def _managed(self) -> Any:
        async with self.loading:
            if self.manager is None:
                assert self.tasks is not None, "the server runs no lifespan"
                self.manager = await self.tasks.start(_manage)
        return self.manager


async def _manage(*, task_status: TaskStatus[Any]) -> None:
    manager = await anyio.to_thread.run_sync(_manager)
    async with manager.run():
        task_status.started(manager)
        await anyio.sleep_forever()


def _manager() -> Any:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from pixie.mcp.server import server

    return StreamableHTTPSessionManager(
        server(lambda context: context.request.scope["caller"]),
        json_response=True,
        stateless=True,
        max_request_body_size=MOST,
    )


def _counting(scope: Any, body: bytes) -> Caller:
    with count_queries():
        return admit(scope, body)


def admit(scope: Any, body: bytes) -> Caller:
    """Raises AuthenticationFailed or NotAuthenticated, PermissionDenied, ParseError or Throttled."""
    raw = bearer_token(scope)
    if raw is None:
        raise NotAuthenticated("Show a token: `Authorization: Bearer …`.")
    user, token = authenticate_token(raw, scope)
    add_log_fields(user=user.pk)
    tool = TOOLS.get(_tool_called(body))
    request = Request(ASGIRequest({**scope, "method": "GET"}, BytesIO()))
    request.user = user
    check_rate(request, "chat" if tool and tool.scope == "chat" else "other")
    caller = Caller.of(acting_in(user, token, header(scope, HOME) or query_parameter(scope, "home")), token)
    add_log_fields(home=caller.member.home_id)
    if not caller.scopes & {each.scope for each in TOOLS.values()}:
        raise PermissionDenied(lacking("read"))
    if tool and tool.scope not in caller.scopes:
        raise PermissionDenied(lacking(tool.scope))
    return caller


def _tool_called(body: bytes) -> str:
    try:
        said = orjson.loads(body)
        return str(said["params"]["name"]) if said["method"] == "tools/call" else ""
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""  # the protocol has its own words for it


def _comes_from_elsewhere(scope: Any) -> bool:
    """A browser says from which site's page it asks."""
    origin = header(scope, b"origin")
    return bool(origin) and not is_own_origin(origin)


async def _body(scope: Any, receive: Any) -> bytes:
    length = header(scope, b"content-length")
    if length.isdecimal() and int(length) > MOST:
        raise TooLarge
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > MOST:
            raise TooLarge
    return body


def _again(body: bytes, receive: Any) -> Any:
    """Receives the body that was read, and then what comes."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Any:
        return waiting.pop() if waiting else await receive()

    return receive_again


mcp_door = McpDoor()
