"""The host check and the response headers of pages, for ASGI applications that Django's middleware doesn't see."""

from typing import Any

from csp.middleware import CSPMiddleware
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from rest_framework.exceptions import ParseError

from pantry.api.errors import send_error
from pantry.asgi_scope import as_request
from pantry.headers import default_headers

RESPONSE_STARTS = {"http.response.start", "websocket.http.response.start"}
Headers = list[tuple[bytes, bytes]]


def guard(application: Any) -> Any:
    """Refuse requests to a host that is not in ALLOWED_HOSTS, and add the headers of pages to the response."""

    async def guarded(scope: Any, receive: Any, send: Any) -> None:
        send = add_headers(scope, send)
        try:
            as_request(scope).get_host()
        except DisallowedHost:
            if scope["type"] == "websocket":
                return await send({"type": "websocket.close"})
            return await send_error(ParseError("This server doesn't serve that host."), send)
        await application(scope, receive, send)

    return guarded


def add_headers(scope: Any, send: Any) -> Any:
    """Return a `send` that adds the headers of pages to the response."""

    async def send_with_headers(message: Any) -> None:
        if message["type"] in RESPONSE_STARTS:
            headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            names = {name for name, _value in headers}
            defaults = [header for header in security_headers(as_request(scope)) if header[0] not in names]
            message = {**message, "headers": [*headers, *defaults]}
        await send(message)

    return send_with_headers


def security_headers(request: HttpRequest) -> Headers:
    """Return the headers that the middleware of pages adds to every response."""
    respond: Any = default_headers(lambda request: HttpResponse())
    for middleware in (CSPMiddleware, XFrameOptionsMiddleware, SecurityMiddleware):
        respond = middleware(respond)
    headers = respond(request).headers
    return [(name.lower().encode(), value.encode()) for name, value in headers.items() if name != "Content-Type"]
