"""Who asks, at the API."""

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

from homes.accounts.api.tokens import is_of
from homes.accounts.backends import token_user
from homes.accounts.models import ApiToken, User
from pantry.api.throttles import check_rate, seconds_to_wait

FAILED_SIGN_INS = "sign-in-failed"  # the rate that wrong tokens share with wrong passwords
NOT_A_MEMBER = "You are not a member of this home."
REMEMBERED = timedelta(minutes=1)  # between two notes that a token was used


class BearerAuthentication(authentication.BaseAuthentication):
    """`Authorization: Bearer …`: a JWT from signing in, or a personal token. One query either way."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        kind, _space, raw = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        return user_of_token(raw.strip())

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def authenticate_token(raw: str, scope: Any) -> tuple[User, Any]:
    """Return the user and the token of a plain ASGI request. Raises AuthenticationFailed, and Throttled after too many
    wrong tokens."""
    request = Request(ASGIRequest({**scope, "method": "GET"}, BytesIO()))
    check_rate(request, FAILED_SIGN_INS, count=False)
    try:
        return user_of_token(raw)
    except AuthenticationFailed:
        seconds_to_wait(request, FAILED_SIGN_INS)
        raise


def user_of_token(raw: str) -> tuple[User, Any]:
    """Return the user and the token. Raises AuthenticationFailed."""
    return by_api_token(raw) if raw.startswith(ApiToken.MARK) else by_jwt(read_jwt(raw))


def user_of_session(session_key: str | None) -> Any:
    """Return the user. Raises NotAuthenticated."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user: Any = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # it reads nothing else
    if not user.is_authenticated:
        raise NotAuthenticated("Sign in first.")
    return user


def read_jwt(raw: str) -> AccessToken:
    """Raises AuthenticationFailed for a token that is forged or expired."""
    try:
        return AccessToken(raw)  # type: ignore[arg-type]  # the text of a token, for all that the stubs say
    except TokenError as error:
        raise AuthenticationFailed("This token is not valid, or no longer. Sign in again.") from error


def by_jwt(token: AccessToken) -> tuple[User, AccessToken]:
    """Raises AuthenticationFailed for a token that was signed out or is older than the password."""
    user = token_user(token["sub"], token["jti"])
    if user is None or not is_of(user, token):
        raise AuthenticationFailed("This token is not valid, or no longer. Sign in again.")
    return user, token


def by_api_token(raw: str) -> tuple[User, ApiToken]:
    now = timezone.now()
    valid = ApiToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None, user__is_active=True)
    token = valid.select_related("user").filter(key_hash=ApiToken.hash_of(raw)).first()
    if token is None:
        raise AuthenticationFailed("This token is unknown, expired or was taken back.")
    if token.last_used_at is None or now - token.last_used_at > REMEMBERED:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token.user, token


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session, with CSRF. Who is not signed in gets 401, not 403."""

    def authenticate_header(self, request: Request) -> str:
        return "Session"
