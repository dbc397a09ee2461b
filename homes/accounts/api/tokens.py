"""JWTs: what they say, and how they end."""

from functools import partial
from typing import TYPE_CHECKING, Any

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

CREDENTIAL = "cred"  # changes with the password, so that a new password ends the tokens that were made with the old


def tokens_for(user: User, member: "Membership | None") -> dict[str, str]:
    """An access token and the refresh token that follows it. What they say of the home is a hint to the client:
    at every request the database decides."""
    refresh = RefreshToken.for_user(user)
    refresh["home_id"] = str(member.home_id) if member else None
    refresh["role"] = member.role if member else None
    refresh[CREDENTIAL] = _credential(user)
    return {"token": str(refresh.access_token), "refresh": str(refresh)}


def matches_password(user: User, token: Token) -> bool:
    return bool(token.get(CREDENTIAL) == _credential(user))


def use_refresh_token(raw: str) -> tuple[User, str | None]:
    """Use a refresh token up. Returns whose it was, and the home it spoke of. Raises AuthenticationFailed."""
    try:
        refresh = RefreshToken(raw)  # type: ignore[arg-type]
    except TokenError as error:
        raise AuthenticationFailed("This refresh token is not valid, or no longer. Sign in again.") from error
    user = User.objects.filter(pk=refresh["sub"], is_active=True).first()
    spent: Any = refresh.blacklist()  # and whether it was not before, for all that the stubs say
    _blacklisted, is_first = spent
    if user is None or not matches_password(user, refresh) or not is_first:
        raise AuthenticationFailed("This refresh token is not valid, or no longer. Sign in again.")
    return user, refresh.get("home_id")


def revoke_access_token(access: AccessToken, user: User) -> None:
    """Signed out: this token is worth nothing from now on."""
    known, _new = OutstandingToken.objects.get_or_create(
        jti=access["jti"],
        defaults={"user": user, "token": "", "expires_at": datetime_from_epoch(access["exp"])},
    )
    BlacklistedToken.objects.get_or_create(token=known)
    transaction.on_commit(partial(broadcast.revoke, jwt_credential(access["jti"])), robust=True)


def _credential(user: User) -> Any:
    return user.get_session_auth_hash()[:16]
