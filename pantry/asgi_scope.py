"""Read headers, cookies, tokens and the origin from an ASGI scope."""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, parse_cookie
from django.http.request import validate_host
from django.middleware.csrf import CsrfViewMiddleware

BEARER = "bearer"  # the scheme of the Authorization header, and the WebSocket subprotocol
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
WEB_SCHEMES = {"ws": "http", "wss": "https"}  # of the page that opened the WebSocket


def as_request(scope: Any) -> ASGIRequest:
    """Return the scope of a connection as a request without a body. A WebSocket becomes a GET over HTTP."""
    scheme = scope.get("scheme", "http")
    http = {"method": "GET", "scheme": WEB_SCHEMES.get(scheme, scheme)}
    return ASGIRequest({**scope, **http}, BytesIO())


def header(scope: Any, name: bytes) -> str:
    return dict(scope["headers"]).get(name, b"").decode("latin-1")


def cookie(scope: Any, name: str) -> str | None:
    return parse_cookie(header(scope, b"cookie")).get(name)


def query_parameter(scope: Any, name: str) -> str | None:
    """Return the first value of a query parameter, or None."""
    values = parse_qs(scope["query_string"].decode("latin-1")).get(name)
    return values[0] if values else None


def bearer_token(scope: Any) -> str | None:
    """Return the token of `Authorization: Bearer <token>`."""
    kind, _space, token = header(scope, b"authorization").partition(" ")
    return token.strip() if kind.lower() == BEARER else None


def has_own_host(origin: str) -> bool:
    """Tell whether the origin's host is one of ALLOWED_HOSTS. Not enough where the browser sends a session."""
    host = urlsplit(origin).hostname
    return host is not None and validate_host(host, settings.ALLOWED_HOSTS or LOCAL_HOSTS)


def presented_token(scope: Any) -> str | None:
    """Return the token of `Sec-WebSocket-Protocol: bearer, <token>`, `Authorization: Bearer <token>` or `?token=`."""
    offered = scope.get("subprotocols") or []
    if len(offered) > 1 and offered[0] == BEARER:
        return str(offered[1])
    return bearer_token(scope) or query_parameter(scope, "token")


def is_cross_site(scope: Any) -> bool:
    """Tell whether the page of another site may have sent the request with the user's session. Tokens are safe."""
    if presented_token(scope) is not None:
        return False
    origin = header(scope, b"origin")
    if not origin:  # browsers send Origin for every WebSocket and for cross-site requests
        return bool(scope["type"] == "websocket")
    # Django's own check of scheme, host and port, with CSRF_TRUSTED_ORIGINS. It has no public name.
    return not CsrfViewMiddleware(lambda request: HttpResponse())._origin_verified(as_request(scope))  # type: ignore[attr-defined]


def parse_seq(text: str | None) -> int | None:
    """Return the log position in the text, or None if it is not one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
