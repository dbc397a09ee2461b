"""Authentication of API requests and live connections."""

from datetime import timedelta
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Q
from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from homes.accounts.api.tokens import matches_password
from homes.accounts.backends import token_user
from homes.accounts.models import ApiToken, User
from pantry.api.throttles import check_rate, seconds_to_wait

FAILED_SIGN_INS = "sign-in-failed"  # throttle rate shared by wrong passwords and wrong tokens
INVALID_JWT = "This token is invalid or has expired. Sign in again."
NOT_A_MEMBER = "You're not a member of this home."
LAST_USED_INTERVAL = timedelta(minutes=1)  # between two updates of last_used_at


class BearerAuthentication(authentication.BaseAuthentication):
    """Authenticate `Authorization: Bearer …`, with a JWT or a personal token. One query."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        kind, _space, raw = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        return user_of_token(raw.strip())

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def authenticate_token(raw: str, scope: Any) -> tuple[User, Any]:
    """Return the user and the token of an ASGI connection.

    Raises AuthenticationFailed, and Throttled after too many wrong tokens.
    """
    request = Request(ASGIRequest({**scope, "method": "GET"}, BytesIO()))
    check_rate(request, FAILED_SIGN_INS, count=False)
    try:
        return user_of_token(raw)
    except AuthenticationFailed:
        seconds_to_wait(request, FAILED_SIGN_INS)
        raise


def user_of_token(raw: str) -> tuple[User, Any]:
    """Return the user and the token. Raises AuthenticationFailed."""
    return user_of_api_token(raw) if raw.startswith(ApiToken.PREFIX) else user_of_jwt(read_jwt(raw))


def user_of_session(session_key: str | None) -> Any:
    """Return the user of the session. Raises NotAuthenticated."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user: Any = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # get_user reads only the session
    if not user.is_authenticated:
        raise NotAuthenticated("Sign in first.")
    return user


def read_jwt(raw: str) -> AccessToken:
    """Verify signature and expiry. Raises AuthenticationFailed."""
    try:
        return AccessToken(raw)  # type: ignore[arg-type]  # the stubs are wrong: it takes a str
    except TokenError as error:
        raise AuthenticationFailed(INVALID_JWT) from error


def user_of_jwt(token: AccessToken) -> tuple[User, AccessToken]:
    """Return the user of a JWT. Raises AuthenticationFailed if it was revoked or the password changed since."""
    user = token_user(token["sub"], token["jti"])
    if user is None or not matches_password(user, token):
        raise AuthenticationFailed(INVALID_JWT)
    return user, token


def user_of_api_token(raw: str) -> tuple[User, ApiToken]:
    """Return the user of a personal token, and update `last_used_at`. Raises AuthenticationFailed."""
    now = timezone.now()
    valid = ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True)
    token = valid.select_related("user").filter(key_hash=ApiToken.hash_key(raw)).first()
    if token is None:
        raise AuthenticationFailed("This token is unknown, expired or revoked.")
    if token.last_used_at is None or now - token.last_used_at > LAST_USED_INTERVAL:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user, token


class SessionAuthentication(authentication.SessionAuthentication):
    """Authenticate by session, with CSRF. Responds with 401 instead of 403 to anonymous requests."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
