"""Queries for users of tokens, and for memberships, which belong to a package above."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

from homes.accounts.models import User

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from homes.models import Membership


def token_user(user_id: Any, jti: str) -> User | None:
    """Return the active user of a JWT, unless it was revoked. Two queries, because one costs Django twice the CPU."""
    if BlacklistedToken.objects.filter(token__jti=jti).exists():
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
