"""Limits for heads and bodies of requests, checked before anything reads them. docs/limits.md lists all limits."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException, Throttled

from pantry.api.errors import send_error
from pantry.asgi_guard import add_headers
from pantry.asgi_scope import LOCAL_HOSTS
from pantry.metrics import STREAMS
from pantry.protocols import MAX_HEAD_BYTES
from pantry.request_log import log_asgi_request

MAX_URL_BYTES = 8 * 1024
MAX_COOKIE_BYTES = 8 * 1024
MAX_CONTENT_TYPE_BYTES = 1024  # Python takes quadratic time to parse its parameters
MAX_COOKIE_BACKSLASHES = 100  # each makes Python before 3.11.10 read the whole cookie (CVE-2024-7592)
SMALL_BODY_BYTES = 64 * 1024
MAX_BUFFERED_BYTES = 64 * 1024 * 1024  # of larger bodies that are being received
STREAM_RETRY_SECONDS = 30  # for somebody who has too many streams open
BODY_SECONDS, BODY_BYTES_PER_SECOND = 15, 100_000  # in which a body must arrive: so long, and longer if it is large


class HeadTooLarge(APIException):
    status_code = 431
    default_code = "head_too_large"
    default_detail = _("The headers of a request may have 64 kB together.")


class CookiesTooLarge(HeadTooLarge):
    default_detail = _("The cookies of this site may have 8 kB together. Delete them in your browser and try again.")


class TooManyBackslashes(HeadTooLarge):
    default_detail = _("The cookies of this site may have 100 backslashes. Delete them in your browser and try again.")


class ContentTypeTooLarge(HeadTooLarge):
    default_detail = _("The header `Content-Type` may have 1,024 bytes.")


class UrlTooLong(APIException):
    status_code = 414
    default_code = "url_too_long"
    default_detail = _("A URL may have 8 kB.")


class UnknownHost(APIException):
    status_code = 400
    default_code = "unknown_host"
    default_detail = _("This server does not go by that name. Who runs it can add the name to ALLOWED_HOSTS.")


class BodyTimeout(APIException):
    status_code = 408
    default_code = "timeout"
    default_detail = _("The request did not arrive in time. Check your connection and try again.")


class LengthRequired(APIException):
    status_code = 411
    default_code = "length_required"
    default_detail = _("The `Content-Length` header is required.")


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(_("That is too large: at most %(max)s bytes are allowed here.") % {"max": f"{max_bytes:,}"})


class TooBusy(APIException):
    status_code = 503
    default_code = "busy"
    default_detail = _("Too many large requests are arriving. Try again in a moment.")
    wait = 5


class OpenStreams:
    """The WebSockets and event streams of this process, which are limited for each user."""

    def __init__(self) -> None:
        self.by_user: Counter[UUID] = Counter()

    def check(self, user_id: UUID) -> None:
        """Raise Throttled if the user may not open another one."""
        if self.by_user[user_id] >= settings.MAX_STREAMS_PER_USER:
            sentence = _("At most %(max)d connections may be open at once. Close some tabs or apps.")
            error = Throttled(detail=sentence % {"max": settings.MAX_STREAMS_PER_USER})
            error.wait = STREAM_RETRY_SECONDS  # type: ignore[attr-defined]  # as an argument, it would end the sentence
            raise error

    def add(self, kind: str, user_id: UUID) -> None:
        self.by_user[user_id] += 1
        STREAMS.labels(kind).inc()

    def remove(self, kind: str, user_id: UUID) -> None:
        self.by_user[user_id] -= 1
        if not self.by_user[user_id]:
            del self.by_user[user_id]
        STREAMS.labels(kind).dec()


class RequestLimits:
    """ASGI middleware that refuses requests by their head."""

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            try:
                check_head(scope)
            except APIException as error:
                return await refuse(error, scope, receive, send)
            # A copy, because the server adds trailers to the list when it has read the body.
            scope = {**scope, "headers": [*scope["headers"]]}
        await self.application(scope, receive, send)


def check_head(scope: Any) -> None:
    """Raise APIException for a head that is too large, or for the name of another server."""
    url_bytes = len(scope.get("raw_path") or scope["path"]) + len(scope["query_string"])
    head_bytes, cookies, host, content_type_bytes = url_bytes, b"", b"", 0
    for name, value in scope["headers"]:
        head_bytes += len(name) + len(value) + 4
        if name == b"cookie":
            cookies += value
        elif name == b"host":
            host = value
        elif name == b"content-type":
            content_type_bytes += len(value)
    if head_bytes > MAX_HEAD_BYTES:
        raise HeadTooLarge
    if url_bytes > MAX_URL_BYTES:
        raise UrlTooLong
    if len(cookies) > MAX_COOKIE_BYTES:
        raise CookiesTooLarge
    if cookies.count(b"\\") > MAX_COOKIE_BACKSLASHES:
        raise TooManyBackslashes
    if content_type_bytes > MAX_CONTENT_TYPE_BYTES:
        raise ContentTypeTooLarge
    if host and not _is_allowed(host, tuple(settings.ALLOWED_HOSTS or LOCAL_HOSTS)):
        raise UnknownHost


@lru_cache(maxsize=16)
def _is_allowed(host: bytes, allowed_hosts: tuple[str, ...]) -> bool:
    domain, _port = split_domain_port(host.decode("latin-1"))
    return bool(domain) and validate_host(domain, allowed_hosts)


async def refuse(error: APIException, scope: Any, receive: Any, send: Any) -> None:
    """Answer with the error: as JSON to the API and to MCP, else as a sentence. A WebSocket is denied."""
    send = add_headers({**scope, "headers": []}, send)  # without what is refused: Django would parse it
    if scope["type"] == "http":
        await log_asgi_request(partial(_send_refusal, error), None, scope, receive, send)
    elif "websocket.http.response" in scope.get("extensions", {}):
        await send_error(error, lambda message: send({**message, "type": f"websocket.{message['type']}"}))
    else:
        await send({"type": "websocket.close"})


async def _send_refusal(error: APIException, scope: Any, receive: Any, send: Any) -> None:
    await send_error(error, send, as_text=not scope["path"].startswith(("/api/", "/mcp")))


@asynccontextmanager
async def body_deadline(max_bytes: int) -> AsyncIterator[None]:
    """Raise BodyTimeout if a body of up to `max_bytes` has not been read in time."""
    try:
        async with asyncio.timeout(BODY_SECONDS + max_bytes / BODY_BYTES_PER_SECOND):
            yield
    except TimeoutError as error:
        raise BodyTimeout from error
