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
    """Middleware that logs one line for each request.

    It logs the route, but no path, query or body: these may contain secrets.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        id_ = _valid_id(request.headers.get(HEADER, ""))
        token, started_at, fields = request_id.set(id_), time.perf_counter(), RequestFields()
        try:
            with connection.execute_wrapper(fields):
                response = self.get_response(request)
            response[HEADER] = id_
            _write_line(_fields_of(request, response, fields.queries), time.perf_counter() - started_at)
            return response
        finally:
            request_id.reset(token)


@dataclass
class RequestFields:
    """The log fields of a request. As an execute wrapper it counts queries."""

    user: Any = None
    home: Any = None
    status: int | None = None
    queries: int = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


current_fields: ContextVar[RequestFields | None] = ContextVar("request fields", default=None)


async def log_asgi_request(app: Any, route: str, scope: Any, receive: Any, send: Any) -> None:
    """Run an ASGI application and log the request as `RequestLog` does."""
    id_ = _valid_id(dict(scope["headers"]).get(HEADER.lower().encode(), b"").decode("latin-1"))
    fields, started_at = RequestFields(), time.perf_counter()
    request_id.set(id_)
    current_fields.set(fields)

    async def send_with_id(message: Any) -> None:
        if message["type"] == "http.response.start":
            fields.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (HEADER.lower().encode(), id_.encode())]
        await send(message)

    try:
        await app(scope, receive, send_with_id)
    finally:
        _write_line({**asdict(fields), "method": scope["method"], "route": route}, time.perf_counter() - started_at)


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
    """Adds the current request id to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class RequestFormatter(logging.Formatter):
    """Formats the `facts` of a request, or of a run that it caused, as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "facts", {})
        return orjson.dumps({"at": timezone.now(), "id": request_id.get(), **fields}, default=str).decode()


def _valid_id(header: str) -> str:
    """Return the client's request id if it is valid, else a new one."""
    return header if VALID_ID.fullmatch(header) else uuid4().hex


def _write_line(fields: dict[str, Any], seconds: float) -> None:
    count_request(fields["route"], fields["method"], fields["status"], seconds, fields["queries"])
    log.info("request", extra={"facts": {**fields, "ms": round(seconds * 1000, 1)}})


def _fields_of(request: HttpRequest, response: HttpResponse, queries: int) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "user": _loaded_user_id(request),
        "home": match.kwargs.get("home_id") if match else None,
        "method": request.method,
        "route": match.route if match else None,
        "status": response.status_code,
        "queries": queries,
    }


def _loaded_user_id(request: HttpRequest) -> Any:
    """Return the user's id if it was loaded already; loading it here would cost a query."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)
