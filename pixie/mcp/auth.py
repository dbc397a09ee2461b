"""Who calls a tool from outside, with which token, and in which home."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.exceptions import ParseError, PermissionDenied

from homes.accounts.api.authentication import NOT_A_MEMBER
from homes.accounts.models import ApiToken
from homes.models import Membership

READ = "read"


@dataclass(frozen=True)
class Caller:
    """Who calls, and what their token lets them do."""

    member: Membership
    scopes: frozenset[str]

    @classmethod
    def of(cls, member: Membership, token: Any) -> "Caller":
        """Signed in with a password, one may do everything."""
        return cls(member, frozenset(token.scopes if isinstance(token, ApiToken) else ApiToken.SCOPES))


def lacking(scope: str) -> str:
    return f"This token lacks the scope “{scope}”."


def acting_in(user: Any, token: Any, home: str | None) -> Membership:
    """In which home they act: the token's own; else the one that is named, by id; else the only one. Raises
    PermissionDenied and ParseError."""
    bound: UUID | None = token.home_id if isinstance(token, ApiToken) else None
    try:
        named = UUID(home) if home else None
    except ValueError as error:
        raise ParseError("That is no id of a home.") from error
    if bound and named and bound != named:
        raise PermissionDenied("This token is limited to another home.")
    found = Membership.objects.for_user(user)
    if (meant := bound or named) is not None:
        found = found.filter(home=meant)
    homes = list(found[:2])
    if not homes:
        raise PermissionDenied(NOT_A_MEMBER)
    if len(homes) > 1:
        raise ParseError("You live in several homes. Name one: `X-Pantry-Home: <id>`, `?home=<id>`, or PANTRY_HOME.")
    member: Membership = homes[0]
    return member
