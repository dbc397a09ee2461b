"""Authenticate connections to the live stream by session or token."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from homes.accounts.api.authentication import authenticate_token, require_member, user_of_session, user_of_token
from homes.accounts.credentials import credentials_of, expiry_of
from homes.accounts.models import ApiToken
from homes.models import Membership
from pantry.api.throttles import check_rate, client_address
from pantry.asgi_scope import as_request, cookie, presented_token


@dataclass(frozen=True, slots=True)
class Session:
    """An authenticated connection to a home, and what it was authenticated with."""

    home_id: UUID
    user_id: UUID
    raw_token: str | None
    session_key: str | None
    credentials: frozenset[str]
    expires_at: datetime | None
    address: str | None = None

    def current_member(self) -> tuple[Membership, Any]:
        """Authenticate again. Returns the member and their token, if any. Raises as `authenticate`."""
        user, token = user_of_token(self.raw_token) if self.raw_token else (user_of_session(self.session_key), None)
        return _member(user, token, self.home_id), token


def authenticate(scope: Any, home_id: UUID) -> Session:
    """Return the session of a connection that may read the home. Costs two queries, three with a JWT.

    Raises NotAuthenticated, AuthenticationFailed, PermissionDenied, and Throttled after too many attempts.
    """
    raw_token = presented_token(scope)
    session_key = cookie(scope, settings.SESSION_COOKIE_NAME) if raw_token is None else None
    user, token = (user_of_session(session_key), None) if raw_token is None else authenticate_token(raw_token, scope)
    request = Request(as_request(scope))
    request.user = user
    if not scope.get("is_counted"):  # the hub may authenticate a connection twice
        scope["is_counted"] = True
        check_rate(request, "other")
    _member(user, token, home_id)
    credentials, expiry = credentials_of(user, token, session_key), expiry_of(token)
    return Session(home_id, user.pk, raw_token, session_key, credentials, expiry, client_address(request._request))


def _member(user: Any, token: Any, home_id: UUID) -> Membership:
    if isinstance(token, ApiToken) and ("read" not in token.scopes or token.home_id not in (None, home_id)):
        raise PermissionDenied("This token has no access to this home.")
    return require_member(user, home_id)
