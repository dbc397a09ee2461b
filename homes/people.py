"""Who asks, and the home that they ask about: one query for both."""

from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend

from homes.models import Membership, User

MOST = 3  # homes of a person: few have more, and theirs is asked for by itself


def resident(user_id: Any, *conditions: Any, home_id: UUID | None = None) -> User | None:
    """Who may sign in, if the conditions hold, which say nothing of columns. For a member of the home `member_of` then
    asks nothing; where no home is named, for one who lives in few."""
    members = Membership.objects.of(user_id).filter(*conditions, user__is_active=True)
    found = list(members.filter(home=home_id) if home_id else members[:MOST])
    user = found[0].user if found else User.objects.filter(*conditions, pk=user_id, is_active=True).first()
    if user is not None:
        for member in found:
            member.user = user
        user.lives_in = {member.home_id: member for member in found}
    return user


def member_of(user: User, home_id: UUID) -> Membership | None:
    """The person as a member of that home, if they are one. Costs a query where `resident` did not bring it along."""
    known: Membership | None = (user.lives_in or {}).get(home_id)
    return known or Membership.objects.of(user).filter(home=home_id).first()


class Resident:
    """The part of a backend that tells who a session is of."""

    def get_user(self, user_id: Any) -> User | None:
        return resident(user_id)


class ByPassword(Resident, ModelBackend):
    pass


class ByAllauth(Resident, AuthenticationBackend):  # type: ignore[misc]
    pass
