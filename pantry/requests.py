"""One line a request, and the request's id in every line and task that it causes."""

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any
from uuid import uuid4

import orjson
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import LazyObject, empty

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
            log.info("request", extra={"request": _facts(request, response, began, queries.count)})
            return response
        finally:
            request_id.reset(token)


class Counter:
    """Counts the queries of one thread's connection."""

    count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


class RequestFilter(logging.Filter):
    """Gives every record the id of the request that caused it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class RequestFormatter(logging.Formatter):
    """The facts of a request as a line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        facts = getattr(record, "request", {})
        return orjson.dumps({"at": timezone.now(), "id": request_id.get(), **facts}, default=str).decode()


def _facts(request: HttpRequest, response: HttpResponse, began: float, queries: int) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "user": _known_user(request),
        "home": match.kwargs.get("home_id") if match else None,
        "method": request.method,
        "route": match.route if match else None,
        "status": response.status_code,
        "ms": round((time.perf_counter() - began) * 1000, 1),
        "queries": queries,
    }


def _known_user(request: HttpRequest) -> Any:
    """Who asked, if that was found out; finding it out here would cost a query."""
    user = getattr(request, "user", None)
    if isinstance(user, LazyObject) and user._wrapped is empty:
        return None
    return getattr(user, "pk", None)
