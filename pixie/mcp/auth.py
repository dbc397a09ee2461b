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
    def of(cls, user: Any, token: Any, home: str | None) -> "Caller":
        """Return the user as a member of the token's home, else of the home given by id, else of their only home.

        Session tokens have every scope. Raises PermissionDenied and ParseError.
        """
        scopes = token.scopes if isinstance(token, ApiToken) else ApiToken.SCOPES
        return cls(_resolve_member(user, token, home), frozenset(scopes))


def missing_scope(scope: str) -> str:
    return f"This token lacks the scope “{scope}”."


def _resolve_member(user: Any, token: Any, home: str | None) -> Membership:
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
    return candidates[0]
