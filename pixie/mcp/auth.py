"""Authentication and authorization of MCP clients: member, home and scopes."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
from rest_framework.exceptions import NotAuthenticated, ParseError, PermissionDenied
from rest_framework.request import Request

from homes.accounts.api.authentication import NOT_A_MEMBER, authenticate_token
from homes.accounts.models import ApiToken
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Membership
from pantry.api.throttles import check_rate, client_address
from pantry.asgi_scope import as_request, bearer_token, header, query_parameter
from pantry.errors import MissingScope
from pantry.request_log import add_log_fields, count_queries
from pixie.tools import TOOLS

READ = "read"
POST_MESSAGE = "post_message"
HOME_HEADER = b"x-pantry-home"


@dataclass(frozen=True)
class Caller:
    """An authenticated MCP client: the member and the scopes of the token."""

    member: Membership
    scopes: frozenset[str]
    address: str | None  # None over stdio

    @classmethod
    def of(cls, user: Any, token: Any, home: str | None, address: str | None = None) -> "Caller":
        """Return the user as a member of the token's home, else of the home given by id, else of their only home.

        Session tokens have every scope. Raises PermissionDenied and ParseError.
        """
        scopes = token.scopes if isinstance(token, ApiToken) else ApiToken.SCOPES
        return cls(_resolve_member(user, token, home), frozenset(scopes), address)

    def actor(self) -> Actor:
        scopes = None if self.scopes.issuperset(ApiToken.SCOPES) else sorted(self.scopes)
        return Actor.of(self.member, Origin.MCP, uuid4(), self.address, scopes=scopes)


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
        check_rate(request, "other")
        if tool and tool.name == POST_MESSAGE:
            check_rate(request, "chat", count=False)  # the message is counted when it is sent
        home = header(scope, HOME_HEADER) or query_parameter(scope, "home")
        caller = Caller.of(user, token, home, client_address(request._request))
        add_log_fields(home=caller.member.home_id)
        if not caller.scopes & {registered.scope for registered in TOOLS.values()}:
            raise PermissionDenied(str(MissingScope("read")))
        if tool and tool.scope not in caller.scopes:
            raise PermissionDenied(str(MissingScope(tool.scope)))
        return caller


def _called_tool(body: bytes) -> str:
    try:
        payload = orjson.loads(body)
        return str(payload["params"]["name"]) if payload["method"] == "tools/call" else ""
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""  # the MCP package reports malformed requests


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
