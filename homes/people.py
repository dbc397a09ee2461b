"""Who asks, and the homes that they live in: one query for both."""

from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend

from homes.models import Membership, User


def resident(user_id: Any, *conditions: Any) -> User | None:
    """Who may sign in, if the conditions hold, which say nothing of columns. `member_of` then asks nothing."""
    members = list(Membership.objects.of(user_id).filter(*conditions, user__is_active=True))
    user = members[0].user if members else User.objects.filter(*conditions, pk=user_id, is_active=True).first()
    if user is not None:
        for member in members:
            member.user = user
        user.lives_in = {member.home_id: member for member in members}
    return user


def member_of(user: User, home_id: UUID) -> Membership | None:
    """The person as a member of that home, if they are one. Costs a query where `resident` has not asked."""
    if user.lives_in is not None:
        return user.lives_in.get(home_id)
    member: Membership | None = Membership.objects.of(user).filter(home=home_id).first()
    return member


class Resident:
    """The part of a backend that tells who a session is of."""

    def get_user(self, user_id: Any) -> User | None:
        return resident(user_id)


class ByPassword(Resident, ModelBackend):
    pass


class ByAllauth(Resident, AuthenticationBackend):  # type: ignore[misc]
    pass
