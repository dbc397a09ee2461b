"""Who comes to the live stream: a browser with its session, from a page of ours, or a program with a token.

A token is a thing one has to show on purpose, which no other site's page can do for somebody: where one is shown, the
Origin says nothing and is not looked at. A session comes along by itself, so there the Origin must be ours.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.http.request import validate_host
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.tokens import AccessToken

from homes import grounds
from homes.api.authentication import by_api_token, by_jwt, read_jwt
from homes.api.throttles import refuse_over, seconds_over
from homes.models import ApiToken, Membership
from homes.people import member_of
from homes.threads import Gathered

BEARER = "bearer"
TRIES = "sign-in-failed"  # a wrong token is counted as a wrong password is
NOT_A_MEMBER = "You are not a member of this home."
LOCAL = ["localhost", "127.0.0.1", "[::1]"]


@dataclass(frozen=True, slots=True)
class Guest:
    """Somebody who was let in to a home, and the way in which: it is asked again for whatever they do."""

    home_id: UUID
    user_id: UUID
    raw_token: str | None
    session_key: str | None
    grounds: frozenset[str]
    until: datetime | None
    """When their token expires."""

    def admit(self) -> tuple[Membership, Any]:
        """Who they are now, and the token that they showed. Raises as `Knock.admit`."""
        user, token = who(self.raw_token, session_of(self.session_key), self.home_id)
        _refuse_scope(token, self.home_id)
        member = member_of(user, self.home_id)
        if member is None:
            raise PermissionDenied(NOT_A_MEMBER)
        return member, token


class Knock:
    """Somebody before the door of a home, and what they show."""

    __slots__ = ("home_id", "scope", "session", "shown")

    def __init__(self, scope: Any, home_id: UUID) -> None:
        self.scope, self.home_id = scope, home_id
        self.shown: str | AccessToken | None = shown_token(scope)
        self.session = None
        if self.shown is None:
            self.session = session_of(_cookies(scope).get(settings.SESSION_COOKIE_NAME))

    def admit(self) -> Guest:
        """One query, and one more where the session is not in the cache. Raises AuthenticationFailed or
        NotAuthenticated for somebody unknown, Throttled for one who has tried too many tokens that are none, and
        PermissionDenied for one who may not listen to this home."""
        raw = shown_token(self.scope)
        user, token = who(None, self.session) if self.shown is None else whose(self.shown, self.scope, self.home_id)
        _refuse_scope(token, self.home_id)
        if member_of(user, self.home_id) is None:
            raise PermissionDenied(NOT_A_MEMBER)
        key = self.session.session_key if self.session is not None else None
        return Guest(self.home_id, user.pk, raw, key, grounds.of(user, token, key), grounds.end_of(token))


def admit_all(knocks: Sequence[tuple[Any, UUID]]) -> list[Guest | Exception]:
    """For each, by scope and home, as `Knock.admit`."""
    return [_answered(Knock(scope, home_id)) for scope, home_id in knocks]


def _answered(knock: Knock) -> Guest | Exception:
    try:
        return knock.admit()
    except Exception as error:  # noqa: BLE001 (each has their own)
        return error


_door: Gathered[tuple[Any, UUID], Guest] | None = None


async def let_in(scope: Any, home_id: UUID) -> Guest:
    """Through the door, together with all who come at the same time. Raises as `Knock.admit`."""
    global _door
    if _door is None or _door.loop is not asyncio.get_running_loop():
        _door = Gathered(admit_all)
    return await _door.ask((scope, home_id))


def comes_from_elsewhere(scope: Any) -> bool:
    """Whether another site's page may have sent a browser here with its session."""
    if shown_token(scope) is not None:
        return False
    origin = header(scope, b"origin")
    if not origin:  # a browser names the Origin of every socket, and of what another site's page asks for
        return bool(scope["type"] == "websocket")
    return not is_ours(origin)


def is_ours(origin: str) -> bool:
    """A site from which one may ask."""
    host = urlsplit(origin).hostname
    return host is not None and validate_host(host, settings.ALLOWED_HOSTS or LOCAL)


def shown_token(scope: Any) -> str | None:
    """`Sec-WebSocket-Protocol: bearer, <token>`, `Authorization: Bearer <token>` or `?token=`."""
    offered = scope.get("subprotocols") or []
    if len(offered) > 1 and offered[0] == BEARER:
        return str(offered[1])
    return bearer(scope) or asked(scope, "token")


def bearer(scope: Any) -> str | None:
    """`Authorization: Bearer <token>`."""
    kind, _space, raw = header(scope, b"authorization").partition(" ")
    return raw.strip() if kind.lower() == BEARER else None


def asked(scope: Any, name: str) -> str | None:
    """What the address says of it behind its question mark."""
    found = parse_qs(scope["query_string"].decode("latin-1")).get(name)
    return found[0] if found else None


def position(text: str | None) -> int | None:
    """The number of an event, where the text is one."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def last_event_id(scope: Any) -> str:
    return header(scope, b"last-event-id")


def header(scope: Any, name: bytes) -> str:
    found: bytes = next((value for header, value in scope["headers"] if header == name), b"")
    return found.decode("latin-1")


def _cookies(scope: Any) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header(scope, b"cookie")).items()}
    except CookieError:
        return {}


def session_of(key: str | None) -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def who(shown: str | AccessToken | None, session: Any, home_id: UUID | None = None) -> tuple[Any, Any]:
    """The user, and the token that they showed, or None. Raises AuthenticationFailed or NotAuthenticated."""
    if isinstance(shown, str):
        return by_api_token(shown) if shown.startswith(ApiToken.MARK) else by_jwt(read_jwt(shown))
    if shown is not None:
        return by_jwt(shown)
    user: Any = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # all that it asks a request for
    if not user.is_authenticated:
        raise NotAuthenticated("Sign in first.")
    return user, None


def whose(shown: str | AccessToken, scope: Any, home_id: UUID | None = None) -> tuple[Any, Any]:
    """Who has tried too many wrong tokens is not looked at."""
    request = Request(ASGIRequest({**scope, "method": "GET"}, BytesIO()))
    refuse_over(request, TRIES, count=False)
    try:
        return who(shown, None, home_id)
    except AuthenticationFailed:
        seconds_over(request, TRIES)
        raise


def _refuse_scope(token: Any, home_id: UUID) -> None:
    if isinstance(token, ApiToken) and ("read" not in token.scopes or token.home_id not in (None, home_id)):
        raise PermissionDenied("This token may not listen to this home.")
