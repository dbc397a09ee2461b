"""Sign-in by email, and queries for users of tokens and for memberships, which belong to a package above."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from allauth.account import auth_backends
from django.http import HttpRequest
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

from homes.accounts.demo_accounts import may_use_password
from homes.accounts.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from homes.models import Membership


class AuthenticationBackend(auth_backends.AuthenticationBackend):  # type: ignore[misc]
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        user: User | None = super().authenticate(request, **credentials)
        return user if user and may_use_password(user, credentials["password"], request) else None

    def _authenticate_by_email(self, email: str, password: str) -> User | None:
        """Take the current address only. allauth also takes those that are not confirmed yet."""
        user: User | None = self._check_password(User.objects.filter(email__iexact=email).first(), password)
        return user


def token_user(user_id: Any, family: str) -> User | None:
    """Return the active user of a JWT, unless its sign-in has ended. Two queries: one costs Django twice the CPU."""
    if BlacklistedToken.objects.filter(token__jti=family).exists():
        return None
    return User.objects.filter(pk=user_id, is_active=True).first()


def memberships_of(user: User) -> "QuerySet[Membership]":
    """Return the user's memberships with their homes, in joining order."""
    return user.memberships.select_related("home").order_by("joined_at")


def member_of(user: User, home_id: UUID) -> "Membership | None":
    """Return the user's membership in the home. One query."""
    member = memberships_of(user).filter(home=home_id).first()
    if member is not None:
        member.user = user
    return member
