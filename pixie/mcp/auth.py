"""Authentication and authorization of MCP clients: member, home and scopes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from rest_framework.exceptions import NotAuthenticated, ParseError, PermissionDenied
from rest_framework.request import Request

from homes.accounts.api.authentication import NOT_A_MEMBER, authenticate_token
from homes.accounts.models import ApiToken
from homes.models import Membership
from pantry.api.throttles import check_rate
from pantry.asgi_scope import as_request, bearer_token, header, query_parameter
from pantry.request_log import add_log_fields, count_queries
from pixie.tools import TOOLS

READ = "read"
HOME_HEADER = b"x-pantry-home"


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


def authenticate(scope: Any, body: bytes) -> Caller:
    """Return the caller. Raises AuthenticationFailed, NotAuthenticated, PermissionDenied, ParseError or Throttled."""
    with count_queries():
        raw = bearer_token(scope)
        if raw is None:
            raise NotAuthenticated("Send a token: `Authorization: Bearer …`.")
        user, token = authenticate_token(raw, scope)
        add_log_fields(user=user.pk)
        tool = TOOLS.get(_called_tool(body))
        request = Request(as_request(scope))
        request.user = user
        check_rate(request, "chat" if tool and tool.scope == "chat" else "other")
        caller = Caller.of(user, token, header(scope, HOME_HEADER) or query_parameter(scope, "home"))
        add_log_fields(home=caller.member.home_id)
        if not caller.scopes & {registered.scope for registered in TOOLS.values()}:
            raise PermissionDenied(missing_scope("read"))
        if tool and tool.scope not in caller.scopes:
            raise PermissionDenied(missing_scope(tool.scope))
        return caller


def _called_tool(body: bytes) -> str:
    try:
        payload = orjson.loads(body)
        return str(payload["params"]["name"]) if payload["method"] == "tools/call" else ""
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""  # the MCP package reports malformed requests


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
