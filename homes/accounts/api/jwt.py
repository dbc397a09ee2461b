"""Issue, refresh and revoke JWTs."""

from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken, Token
from rest_framework_simplejwt.utils import datetime_from_epoch

from homes.accounts.credentials import family_of, jwt_credential
from homes.accounts.models import User
from pantry import broadcast

if TYPE_CHECKING:
    from homes.models import Membership

INVALID_REFRESH = "This refresh token is invalid or has expired. Sign in again."
HASH_CLAIM = "cred"  # derived from the password hash and `session_version`, so that a change of them ends older tokens


class RefreshTokenReused(AuthenticationFailed):
    """A refresh token was used twice: one of its two holders has stolen it, so `revoke_family` must follow.

    The view calls it, after the transaction of the request was rolled back.
    """

    default_detail = INVALID_REFRESH

    def __init__(self, token: Token) -> None:
        super().__init__()
        self.token = token


def tokens_for(user: User, member: "Membership | None", *, family: str | None = None) -> dict[str, str]:
    """Issue an access and a refresh token of one sign-in, the `family`; without one, of a new sign-in.

    Their `home_id` and `role` are hints to the client; requests check the database.
    """
    refresh = RefreshToken()
    refresh["sub"] = str(user.pk)
    refresh["family"] = family or uuid4().hex
    refresh["home_id"] = str(member.home_id) if member else None
    refresh["role"] = member.role if member else None
    refresh[HASH_CLAIM] = _password_claim(user)
    return {"token": str(refresh.access_token), "refresh": str(refresh)}


def matches_password(user: User, token: Token) -> bool:
    """Tell whether the token was issued under the user's current password, and since they signed out everywhere."""
    return bool(token.get(HASH_CLAIM) == _password_claim(user))


def use_refresh_token(raw: str) -> tuple[User, RefreshToken]:
    """Blacklist a refresh token; return its user and claims. Raises AuthenticationFailed, or RefreshTokenReused."""
    try:
        refresh = _SpentRefreshToken(raw)  # type: ignore[arg-type]  # the stubs are wrong: it takes a str
    except TokenError as error:
        raise AuthenticationFailed(INVALID_REFRESH) from error
    user = User.objects.filter(pk=refresh["sub"], is_active=True).first()
    if user is None or not matches_password(user, refresh) or is_revoked(refresh):
        raise AuthenticationFailed(INVALID_REFRESH)
    if not _blacklist(refresh["jti"], user, datetime_from_epoch(refresh["exp"])):
        raise RefreshTokenReused(refresh)
    return user, refresh


class _SpentRefreshToken(RefreshToken):
    """A refresh token that may have been used before."""

    def check_blacklist(self) -> None:
        pass


def is_revoked(token: Token) -> bool:
    """Tell whether the sign-in of the token has ended. One query."""
    return BlacklistedToken.objects.filter(token__jti=family_of(token)).exists()


@transaction.atomic
def revoke_family(token: Token) -> None:
    """End the sign-in that the token belongs to: all of its access and refresh tokens, and their connections.

    The blacklist has the family as one of its ids, until the last refresh token has expired.
    """
    family, expires_at = family_of(token), timezone.now() + cast(Any, api_settings.REFRESH_TOKEN_LIFETIME)
    user = User.objects.filter(pk=token["sub"]).first()
    _blacklist(family, user, expires_at)
    transaction.on_commit(partial(broadcast.revoke, jwt_credential(family)), robust=True)


def _blacklist(name: str, user: User | None, expires_at: datetime) -> bool:
    """Add the id of a token or a sign-in, without the token itself. Returns whether it is new."""
    defaults = {"user": user, "token": "", "expires_at": expires_at}
    outstanding, _created = OutstandingToken.objects.get_or_create(jti=name, defaults=defaults)
    return BlacklistedToken.objects.get_or_create(token=outstanding)[1]


def _password_claim(user: User) -> Any:
    return user.get_session_auth_hash()[:16]
