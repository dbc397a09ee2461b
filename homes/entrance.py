"""Who comes to a socket: a browser with its session, from a page of ours, or a program with a token.

A token is a thing one has to show on purpose, which no other site's page can do for somebody: where one is shown, the
Origin says nothing and is not looked at. A session comes along by itself, so there the Origin must be ours.
"""

from typing import Any
from urllib.parse import parse_qs

from channels.auth import AuthMiddlewareStack
from channels.db import database_sync_to_async
from channels.security.websocket import AllowedHostsOriginValidator
from django.contrib.auth.models import AnonymousUser
from rest_framework.exceptions import AuthenticationFailed

from homes.api.authentication import by_api_token, by_jwt
from homes.models import ApiToken

BEARER = "bearer"


class Entrance:
    """`Sec-WebSocket-Protocol: bearer, <token>`, `Authorization: Bearer <token>` or `?token=`, or else the session."""

    def __init__(self, inside: Any) -> None:
        self.inside = inside
        self.by_session: Any = AllowedHostsOriginValidator(AuthMiddlewareStack(inside))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raw = shown_token(scope)
        if raw is None:
            return await self.by_session(scope, receive, send)
        user, token = await owner_of(raw)
        await self.inside({**scope, "user": user, "token": token}, receive, send)


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
def owner_of(raw: str) -> tuple[Any, Any]:
    """The user, and what they showed; nobody for a token that is worth nothing."""
    try:
        return by_api_token(raw) if raw.startswith(ApiToken.MARK) else by_jwt(raw)
    except AuthenticationFailed:
        return AnonymousUser(), None
