"""Who asks, and the home that they ask about: one query for both."""

from functools import cache
from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend
from django.db.models import BooleanField, Q
from django.db.models.expressions import RawSQL
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken

from homes.models import Membership, User

MOST = 3  # homes of a person: few have more, and theirs is asked for by itself


def resident(user_id: Any, *, jti: str = "", home_id: UUID | None = None) -> User | None:
    """Who may sign in, unless the token `jti` was signed out. For a member of the home `member_of` then asks nothing;
    where no home is named, for one who lives in few."""
    stands = ~Q(RawSQL(f"EXISTS ({_end_of_token()})", [jti], BooleanField())) if jti else Q()  # noqa: S608, S611
    if home_id:
        found = list(_members(stands, user=user_id, home=home_id).order_by())
    else:
        found = list(_members(stands, user=user_id)[:MOST])
    user = found[0].user if found else User.objects.filter(stands, pk=user_id, is_active=True).first()
    if user is not None:
        for member in found:
            member.user = user
        user.lives_in = {member.home_id: member for member in found}
    return user


@cache
def _end_of_token() -> str:
    """Written once. At every request it would take Django as long as all the rest of the query."""
    sql: str = BlacklistedToken.objects.filter(token__jti="").values("pk").query.sql_with_params()[0]
    return sql


def _members(*conditions: Any, **more: Any) -> Any:
    return Membership.objects.living().filter(*conditions, **more, user__is_active=True)


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
