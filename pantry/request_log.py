"""Log and count each request, and attach its id to all log records and tasks that it causes."""

import logging
import re
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any
from uuid import uuid4

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import LazyObject, empty

from pantry.metrics import count_request

log = logging.getLogger(__name__)
request_id: ContextVar[str] = ContextVar("request_id", default="-")

HEADER = "X-Request-ID"
VALID_ID = re.compile(r"[\w.-]{8,64}", re.ASCII)


class RequestLog:
    """Middleware that logs each request by its route. Path, query and body may contain secrets."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        id_ = _valid_id(request.headers.get(HEADER, ""))
        token, fields = request_id.set(id_), RequestFields(method=request.method)
        try:
            with connection.execute_wrapper(fields):
                response = self.get_response(request)
            response[HEADER] = id_
            if match := request.resolver_match:
                fields.route, fields.home = match.route, match.kwargs.get("home_id")
            fields.user, fields.status = _loaded_user_id(request), response.status_code
            fields.write()
            return response
        finally:
            request_id.reset(token)


@dataclass
class RequestFields:
    """The log fields of a request. As an execute wrapper it counts queries."""

    user: Any = None
    home: Any = None
    method: str | None = None
    route: str | None = None
    status: int | None = None
    queries: int = 0

    def __post_init__(self) -> None:
        self.started_at = time.perf_counter()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)

    def write(self) -> None:
        seconds = time.perf_counter() - self.started_at
        count_request(self.route, self.method, self.status, seconds, self.queries)
        log.info("request", extra={"facts": {**asdict(self), "ms": round(seconds * 1000, 1)}})


current_fields: ContextVar[RequestFields | None] = ContextVar("request fields", default=None)


async def log_asgi_request(app: Any, route: str | None, scope: Any, receive: Any, send: Any) -> None:
    """Run an ASGI application and log the request as `RequestLog` does."""
    id_ = _valid_id(dict(scope["headers"]).get(HEADER.lower().encode(), b"").decode("latin-1"))
    fields = RequestFields(method=scope["method"], route=route)
    request_id.set(id_)
    current_fields.set(fields)

    async def send_with_id(message: Any) -> None:
        if message["type"] == "http.response.start":
            fields.status = message["status"]
            own = [(HEADER.lower().encode(), id_.encode()), (b"x-content-type-options", b"nosniff")]
            message["headers"] = [*message.get("headers", ()), *own]
        await send(message)

    try:
        await app(scope, receive, send_with_id)
    finally:
        fields.write()


def add_log_fields(**values: Any) -> None:
    """Set fields of the current ASGI request's log line. Does nothing outside of one."""
    if (fields := current_fields.get()) is not None:
        for name, value in values.items():
            setattr(fields, name, value)


def count_queries() -> AbstractContextManager[Any]:
    """Count this thread's queries for the current ASGI request, if there is one."""
    fields = current_fields.get()
    return connection.execute_wrapper(fields) if fields else nullcontext()


class RequestFilter(logging.Filter):
    """Adds the request's id, drops the traceback of a request that was refused, since anybody can send one, and names
    its route instead of its path: a path can be a link that lets people in."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        if path := getattr(getattr(record, "request", None), "path", ""):
            match = record.request.resolver_match  # type: ignore[attr-defined]
            route = f"/{match.route}" if match else "(an unknown address)"
            record.msg, record.args = record.getMessage().replace(path, route), ()
        return True


class RequestFormatter(logging.Formatter):
    """Formats the `facts` of a request, or of a run that it caused, as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "facts", {})
        return orjson.dumps({"at": timezone.now(), "id": request_id.get(), **fields}, default=str).decode()


def _valid_id(header: str) -> str:
    return header if VALID_ID.fullmatch(header) else uuid4().hex


def _loaded_user_id(request: HttpRequest) -> Any:
    """Return the user's id if it was loaded already; loading it here would cost a query."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)
