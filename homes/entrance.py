"""Who comes to a socket: a browser with its session, from a page of ours, or a program with a token.

A token is a thing one has to show on purpose, which no other site's page can do for somebody: where one is shown, the
Origin says nothing and is not looked at. A session comes along by itself, so there the Origin must be ours.
"""

from io import BytesIO
from typing import Any
from urllib.parse import parse_qs

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.auth.models import AnonymousUser
from django.core.handlers.asgi import ASGIRequest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from homes.api.authentication import by_api_token, by_jwt
from homes.api.throttles import seconds_over
from homes.models import ApiToken

BEARER = "bearer"
TRIES = "sign-in-failed"  # a wrong token is counted as a wrong password is


class Entrance:
    """`Sec-WebSocket-Protocol: bearer, <token>`, `Authorization: Bearer <token>` or `?token=`, or else the session."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside
        self.by_session: Any = AllowedHostsOriginValidator(AuthMiddlewareStack(inside))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = shown_token(scope)
        if raw is None:
            return await self.by_session(scope, receive, send)
        await self.inside({**scope, **await found(raw, scope)}, receive, send)


def shown_token(scope: Any) -> str | None:
    offered = scope.get("subprotocols") or []
    if len(offered) > 1 and offered[0] == BEARER:
        return str(offered[1])
    headers = dict(scope["headers"])
    kind, _space, raw = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if kind.lower() == BEARER:
        return raw.strip()
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("token")
    return asked[0] if asked else None


@database_sync_to_async
def found(raw: str, scope: Any) -> dict[str, Any]:
    """The user, and what they showed; nobody for a token that is worth nothing. Who has tried too many of those is
    not looked at: then `wait` says for how many seconds."""
    request = Request(ASGIRequest({**scope, "method": "GET"}, BytesIO()))
    nobody = {"user": AnonymousUser(), "token": None}
    if wait := seconds_over(request, TRIES, count=False):
        return {**nobody, "wait": wait}
    try:
        user, token = by_api_token(raw) if raw.startswith(ApiToken.MARK) else by_jwt(raw)
        return {"user": user, "token": token}
    except AuthenticationFailed:
        seconds_over(request, TRIES)
        return nobody
