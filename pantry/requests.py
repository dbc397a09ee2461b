"""One line a request, its count, and the request's id in every line and task that it causes."""

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
GIVEN = re.compile(r"[\w.-]{8,64}", re.ASCII)


class RequestLog:
    """Names no body, no query and no path: these may hold secrets. The route is the address with its blanks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        name = given if GIVEN.fullmatch(given) else uuid4().hex
        token, began, queries = request_id.set(name), time.perf_counter(), Counter()
        try:
            with connection.execute_wrapper(queries):
                response = self.get_response(request)
            response[HEADER] = name
            _tell(_facts(request, response, queries.count), time.perf_counter() - began)
            return response
        finally:
            request_id.reset(token)


class Counter:
    """Counts the queries of one thread's connection."""

    count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@dataclass
class Facts:
    """What is found out of a request that does not go through Django's middleware. Counts its queries, too, in
    whichever thread runs `counted`."""

    user: Any = None
    home: Any = None
    status: int | None = None
    queries: int = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.queries += 1
        return execute(sql, params, many, context)


facts: ContextVar[Facts | None] = ContextVar("facts", default=None)


async def log_asgi_request(app: Any, route: str, scope: Any, receive: Any, send: Any) -> None:
    """As RequestLog, for an ASGI application: its line, and its id in the answer."""
    given = dict(scope["headers"]).get(HEADER.lower().encode(), b"").decode("latin-1")
    name = given if GIVEN.fullmatch(given) else uuid4().hex
    known, began = Facts(), time.perf_counter()
    request_id.set(name)
    facts.set(known)

    async def answer(message: Any) -> None:
        if message["type"] == "http.response.start":
            known.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (HEADER.lower().encode(), name.encode())]
        await send(message)

    try:
        await app(scope, receive, answer)
    finally:
        _tell({**asdict(known), "method": scope["method"], "route": route}, time.perf_counter() - began)


def add_log_fields(**known: Any) -> None:
    """Keep it for the line of the request that is being answered."""
    if (found := facts.get()) is not None:
        for name, value in known.items():
            setattr(found, name, value)


def count_queries() -> AbstractContextManager[Any]:
    """Counts the queries of this thread for the request, where there is one."""
    found = facts.get()
    return connection.execute_wrapper(found) if found else nullcontext()


class RequestFilter(logging.Filter):
    """Gives every record the id of the request that caused it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class RequestFormatter(logging.Formatter):
    """The facts of a request, or of a run that it caused, as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        known = getattr(record, "facts", {})
        return orjson.dumps({"at": timezone.now(), "id": request_id.get(), **known}, default=str).decode()


def _tell(known: dict[str, Any], seconds: float) -> None:
    count_request(known["route"], known["method"], known["status"], seconds, known["queries"])
    log.info("request", extra={"facts": {**known, "ms": round(seconds * 1000, 1)}})


def _facts(request: HttpRequest, response: HttpResponse, queries: int) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "user": _known_user(request),
        "home": match.kwargs.get("home_id") if match else None,
        "method": request.method,
        "route": match.route if match else None,
        "status": response.status_code,
        "queries": queries,
    }


def _known_user(request: HttpRequest) -> Any:
    """Who asked, if that was found out; finding it out here would cost a query."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)
