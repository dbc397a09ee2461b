"""Authentication of API requests and live connections, and the scopes of personal tokens."""

from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.db.models import Q
from django.utils import timezone
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated, PermissionDenied, ValidationError
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken

from homes.accounts.api.jwt import matches_password
from homes.accounts.backends import member_of, token_user
from homes.accounts.credentials import family_of
from homes.accounts.demo_accounts import may_use_password
from homes.accounts.models import ApiToken, User
from pantry.api.throttles import check_rate, uncount
from pantry.asgi_scope import as_request
from pantry.errors import MissingScope

if TYPE_CHECKING:
    from homes.models import Membership

FAILED_SIGN_INS = "sign-in-failed"  # throttle rate shared by wrong passwords and wrong tokens
INVALID_JWT = "This token is invalid or has expired. Sign in again."
NOT_A_MEMBER = "You're not a member of this home."
LAST_USED_INTERVAL = timedelta(minutes=1)  # between two updates of last_used_at


class BearerAuthentication(authentication.BaseAuthentication):
    """Authenticate `Authorization: Bearer …`, with a JWT (two queries) or a personal token (one)."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        kind, _space, raw = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        return user_of_token(raw.strip())

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def authenticate_token(raw: str, scope: Any) -> tuple[User, Any]:
    """Return the user and the token of an ASGI connection.

    Raises AuthenticationFailed, or Throttled after too many wrong tokens. These never keep a valid token out.
    """
    try:
        return user_of_token(raw)
    except AuthenticationFailed:
        check_rate(Request(as_request(scope)), FAILED_SIGN_INS)
        raise


def user_of_token(raw: str) -> tuple[User, Any]:
    """Return the user and the token. Raises AuthenticationFailed."""
    return _user_of_api_token(raw) if raw.startswith(ApiToken.PREFIX) else _user_of_jwt(raw)


def require_password(request: Request, user: User, password: str) -> None:
    """Check the user's password once more. Raises ValidationError, and Throttled after too many wrong ones."""
    check_rate(request, FAILED_SIGN_INS, user.email)  # counted before the check, against simultaneous attempts
    if not (user.check_password(password) and may_use_password(user, password, request._request)):
        raise ValidationError({"password": ["That's not your password. Try again."]})
    uncount(request, FAILED_SIGN_INS, user.email)


def require_member(user: User, home_id: UUID) -> "Membership":
    """Return the user's membership in the home. Raises PermissionDenied."""
    member = member_of(user, home_id)
    if member is None:
        raise PermissionDenied(NOT_A_MEMBER)
    return member


def user_of_session(session_key: str | None) -> Any:
    """Return the user of the session. Raises NotAuthenticated."""
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    user: Any = get_user(SimpleNamespace(session=session))  # type: ignore[arg-type]  # get_user reads only the session
    if not user.is_authenticated:
        raise NotAuthenticated("Sign in first.")
    return user


def _user_of_jwt(raw: str) -> tuple[User, AccessToken]:
    """Verify signature and expiry, and that the token was not revoked and the password is the same."""
    try:
        token = AccessToken(raw)  # type: ignore[arg-type]  # the stubs are wrong: it takes a str
    except TokenError as error:
        raise AuthenticationFailed(INVALID_JWT) from error
    user = token_user(token["sub"], family_of(token))
    if user is None or not matches_password(user, token):
        raise AuthenticationFailed(INVALID_JWT)
    return user, token


def _user_of_api_token(raw: str) -> tuple[User, ApiToken]:
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


class ScopeAllows(BasePermission):
    """Require the scopes that the view names in `scopes = (read, write)`, with spaces between; None allows no token.

    A token limited to one home can't administer anything outside of it.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        token = request.auth
        if not isinstance(token, ApiToken):
            return True
        read, write = getattr(view, "scopes", ("read", "write"))
        scopes = read if request.method in SAFE_METHODS else write
        if scopes is None:
            self.message = "You can't do this with a personal token. Sign in with your password."
            return False
        if missing := [scope for scope in scopes.split() if scope not in token.scopes]:
            self.message = str(MissingScope(missing[0]))
            return False
        if token.home_id and "admin" in scopes and "home_id" not in view.kwargs:
            self.message = "This token is limited to one home."
            return False
        return True
