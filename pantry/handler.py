"""Django's ASGI handler, which runs each request's synchronous code in one thread of a fixed pool."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from typing import IO, Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix
from rest_framework.exceptions import APIException

from pantry.limits import MAX_BUFFERED_BYTES, SMALL_BODY_BYTES, LengthRequired, TooBusy, TooLarge, body_deadline, refuse

PAGE_THREADS = 8


def max_body_bytes(path: str) -> int:
    limits = (limit for pattern, limit in settings.MAX_BODY_BYTES.items() if re.fullmatch(pattern, path))
    return next(limits, settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class PageHandler(ASGIHandler):
    """Read the body on the event loop, call the middleware and the view in a thread, send on the event loop.

    A thread is used only between receiving the whole request and sending the response, so slow clients occupy none.
    Threads are kept, and each keeps its database connection.
    """

    def __init__(self) -> None:
        super().__init__()
        self.threads = ThreadPoolExecutor(PAGE_THREADS, "page")
        self.buffered_bytes = 0  # announced by the larger bodies that are being received

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_announced_body(scope, receive)
        except RequestAborted:
            return
        except APIException as error:
            return await refuse(error, scope, receive, send)
        response = await self._in_thread(self.respond, scope, body)
        if not isinstance(response, StreamingHttpResponse):
            return await self.send_response(response, send)
        try:
            response.streaming_content = self._chunks(response.streaming_content)
            await self.send_response(response, send)
        finally:
            await self._in_thread(response.close)

    async def read_announced_body(self, scope: Any, receive: Any) -> IO[bytes]:
        """Return the whole body. Raises APIException for one without a length, too large or too slow."""
        headers = dict(scope["headers"])
        length = headers.get(b"content-length", b"0")
        limit = max_body_bytes(scope["path"])
        if b"transfer-encoding" in headers or not length.isdigit():
            raise LengthRequired
        if len(length) > 15 or int(length) > limit:
            raise TooLarge(limit)
        if not int(length):
            return BytesIO()
        buffered = int(length) if int(length) > SMALL_BODY_BYTES else 0
        if buffered and self.buffered_bytes + buffered > MAX_BUFFERED_BYTES:
            raise TooBusy
        self.buffered_bytes += buffered
        try:
            async with body_deadline(int(length)):
                return await self.read_body(receive)
        finally:
            self.buffered_bytes -= buffered

    async def read_body(self, receive: Any) -> IO[bytes]:
        """Read up to the end. Unlike Django's method, into memory: how much is buffered is limited."""
        body, more = BytesIO(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestAborted
            body.write(message.get("body", b""))
            more = message.get("more_body", False)
        body.seek(0)
        return body

    def respond(self, scope: Any, body: IO[bytes]) -> HttpResponseBase:
        """Return the response; it is closed in this thread, unless it is a stream, to release the connection."""
        with closing(body):
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=self.__class__, scope=scope)
            request, error = self.create_request(scope, body)
            response = error if request is None else self.get_response(request)
            assert response is not None
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()
        return response

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, function, *args)

    async def _chunks(self, content: Any) -> AsyncIterator[bytes]:
        """Yield the parts of a synchronous stream, reading each in a thread once the previous one was sent."""
        parts: Iterator[bytes] = iter(content)
        while (part := await self._in_thread(next, parts, None)) is not None:
            yield part
