"""Issue, refresh and revoke JWTs."""

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from django.db import transaction
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from homes.accounts.credentials import jwt_credential
from homes.accounts.models import User
from pantry import broadcast

if TYPE_CHECKING:
    from homes.models import Membership

INVALID_REFRESH = "This refresh token is invalid or has expired. Sign in again."
HASH_CLAIM = "cred"  # derived from the password hash, so that a new password revokes older tokens


def tokens_for(user: User, member: "Membership | None") -> dict[str, str]:
    """Issue an access and a refresh token. Their `home_id` and `role` are hints to the client; requests check the
    database."""
    refresh = RefreshToken.for_user(user)
    refresh["home_id"] = str(member.home_id) if member else None
    refresh["role"] = member.role if member else None
    refresh[HASH_CLAIM] = _password_claim(user)
    return {"token": str(refresh.access_token), "refresh": str(refresh)}


def matches_password(user: User, token: Token) -> bool:
    """Tell whether the token was issued under the user's current password."""
    return bool(token.get(HASH_CLAIM) == _password_claim(user))


def use_refresh_token(raw: str) -> tuple[User, str | None]:
    """Blacklist a refresh token; return its user and home id. Raises AuthenticationFailed if it is invalid."""
    try:
        refresh = RefreshToken(raw)  # type: ignore[arg-type]
    except TokenError as error:
        raise AuthenticationFailed(INVALID_REFRESH) from error
    user = User.objects.filter(pk=refresh["sub"], is_active=True).first()
    _blacklisted, is_first = cast(tuple[Any, bool], refresh.blacklist())  # the stubs lack the tuple
    if user is None or not matches_password(user, refresh) or not is_first:
        raise AuthenticationFailed(INVALID_REFRESH)
    return user, refresh.get("home_id")


def revoke_access_token(access: AccessToken, user: User) -> None:
    """Blacklist an access token, and close the connections it authenticated. Idempotent."""
    outstanding, _created = OutstandingToken.objects.get_or_create(
        jti=access["jti"],
        defaults={"user": user, "token": "", "expires_at": datetime_from_epoch(access["exp"])},
    )
    BlacklistedToken.objects.get_or_create(token=outstanding)
    transaction.on_commit(partial(broadcast.revoke, jwt_credential(access["jti"])), robust=True)


def _password_claim(user: User) -> Any:
    return user.get_session_auth_hash()[:16]
