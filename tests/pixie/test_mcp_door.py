"""Who comes in at /mcp, and as whom."""

import json

import pytest
from django.conf import settings
from rest_framework.exceptions import AuthenticationFailed, ParseError, PermissionDenied, Throttled

from homes.accounts.actions import create_api_token, revoke_api_token
from homes.accounts.api.tokens import tokens_for
from homes.accounts.models import ApiToken
from homes.actions import remove_member
from pixie.mcp.asgi import authenticate
from pixie.mcp.server import tools_for
from pixie.tools import TOOLS
from tests.cast import by, found_home


def knock(raw, tool="", query="", **headers):
    shown = {"authorization": f"Bearer {raw}", **headers}
    scope = {
        "type": "http", "method": "POST", "path": "/mcp", "query_string": query.encode(), "client": ("127.0.0.1", 1),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in shown.items()],
    }  # fmt: skip
    return authenticate(scope, json.dumps({"method": "tools/call", "params": {"name": tool}}).encode())


@pytest.fixture
def token(nok):
    def made(*scopes, **more):
        return create_api_token(nok.user, name="Assistant", scopes=list(scopes or ["read", "write", "chat"]), **more)

    return made


def test_a_token_is_its_member_with_its_scopes(nok, token):
    _row, raw = token("read")
    caller = knock(raw)
    assert (caller.member, caller.scopes) == (nok, {"read"})
    assert {tool.name for tool in tools_for(caller)} == {name for name, tool in TOOLS.items() if tool.scope == "read"}


def test_who_signed_in_with_a_password_may_all(nok):
    caller = knock(tokens_for(nok.user, nok)["token"], "add_item")
    assert (caller.member, caller.scopes) == (nok, set(ApiToken.SCOPES))


def test_a_missing_scope_is_refused(token):
    _row, raw = token("read")
    for tool in ("add_item", "post_message", "undo"):
        with pytest.raises(PermissionDenied, match="lacks the scope"):
            knock(raw, tool)


def test_what_is_over_opens_nothing(nok, ben, token):
    row, raw = token()
    revoke_api_token(row)
    with pytest.raises(AuthenticationFailed):
        knock(raw)
    _row, left = create_api_token(ben.user, name="Assistant", scopes=["read"])
    remove_member(ben, by=by(nok))
    with pytest.raises(PermissionDenied):
        knock(left)


def test_the_home_is_named_where_there_are_several(nok, mai, token):
    _row, raw = token()
    assert knock(raw).member == nok
    beach = found_home(nok.user, "Beach house")
    with pytest.raises(ParseError, match="X-Pantry-Home"):
        knock(raw)
    assert knock(raw, x_pantry_home=str(beach.home_id)).member == beach
    assert knock(raw, query=f"home={nok.home_id}").member == nok
    with pytest.raises(PermissionDenied):
        knock(raw, x_pantry_home=str(mai.home_id))
    _row, bound = token(home=nok.home)
    assert knock(bound).member == nok
    with pytest.raises(PermissionDenied):
        knock(bound, x_pantry_home=str(beach.home_id))


def test_too_often_is_too_often(token, monkeypatch):
    monkeypatch.setitem(settings.API_RATES, "chat", "2/h/user")
    _row, raw = token()
    for _twice in range(2):
        knock(raw, "post_message")
    with pytest.raises(Throttled):
        knock(raw, "post_message")
    assert knock(raw, "list_items")
