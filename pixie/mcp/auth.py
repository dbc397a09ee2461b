"""Authorization of MCP clients: member, home and scopes."""

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
    """An authenticated MCP client: the member and the scopes of the token."""

    member: Membership
    scopes: frozenset[str]

    @classmethod
    def of(cls, member: Membership, token: Any) -> "Caller":
        """Return the caller. Session tokens have every scope."""
        return cls(member, frozenset(token.scopes if isinstance(token, ApiToken) else ApiToken.SCOPES))


def missing_scope(scope: str) -> str:
    return f"This token lacks the scope “{scope}”."


def resolve_member(user: Any, token: Any, home: str | None) -> Membership:
    """Return the user's membership in the token's home, else in the home given by id, else in their only home.

    Raises PermissionDenied and ParseError.
    """
    token_home: UUID | None = token.home_id if isinstance(token, ApiToken) else None
    try:
        requested_home = UUID(home) if home else None
    except ValueError as error:
        raise ParseError("That is not a valid home id.") from error
    if token_home and requested_home and token_home != requested_home:
        raise PermissionDenied("This token is for another home.")
    memberships = Membership.objects.for_user(user)
    if (home_id := token_home or requested_home) is not None:
        memberships = memberships.filter(home=home_id)
    candidates = list(memberships[:2])
    if not candidates:
        raise PermissionDenied(NOT_A_MEMBER)
    if len(candidates) > 1:
        raise ParseError(
            "You are a member of several homes. Choose one: `X-Pantry-Home: <id>`, `?home=<id>`, or PANTRY_HOME."
        )
    member: Membership = candidates[0]
    return member
