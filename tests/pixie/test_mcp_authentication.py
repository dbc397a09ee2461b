"""Authentication of MCP requests."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import AuthenticationFailed, ParseError, PermissionDenied, Throttled

from chat.models import Message
from homes.accounts.actions import create_api_token, revoke_api_token
from homes.accounts.api.jwt import tokens_for
from homes.accounts.models import ApiToken
from homes.actions import remove_member
from pixie.actions import remember_passage, schedule_message
from pixie.mcp.auth import authenticate
from pixie.mcp.server import render_resource, resources_for, run_tool, tools_for
from pixie.tools import TOOLS
from tests.counting import written_statements
from tests.factories import by, found_home

READING_TOOLS = [tool for tool in TOOLS.values() if tool.scope == "read"]


def authenticate_call(raw, tool="", query="", **headers):
    credentials = {"authorization": f"Bearer {raw}", **headers}
    scope = {
        "type": "http", "method": "POST", "path": "/mcp", "query_string": query.encode(), "client": ("127.0.0.1", 1),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in credentials.items()],
    }  # fmt: skip
    return authenticate(scope, json.dumps({"method": "tools/call", "params": {"name": tool}}).encode())


@pytest.fixture
def token(nok):
    def create(*scopes, **more):
        return create_api_token(nok.user, name="Assistant", scopes=list(scopes or ["read", "write", "chat"]), **more)

    return create


def test_personal_token_gives_its_member_and_scopes(nok, token):
    _row, raw = token("read")
    caller = authenticate_call(raw)
    assert (caller.member, caller.scopes) == (nok, {"read"})
    assert {tool.name for tool in tools_for(caller)} == {name for name, tool in TOOLS.items() if tool.scope == "read"}


def test_session_token_has_all_scopes(nok):
    caller = authenticate_call(tokens_for(nok.user, nok)["token"], "add_item")
    assert (caller.member, caller.scopes) == (nok, set(ApiToken.SCOPES))


def test_listing_and_reading_write_no_rows(nok, milk, pixie, general, token):
    remember_passage("The rent is due on the 5th", by=by(nok))
    schedule_message("add eggs", timezone.now() + timedelta(days=1), by=by(nok))
    _row, raw = token()

    def list_and_read():
        caller = authenticate_call(raw)
        assert tools_for(caller)
        assert [render_resource(caller, str(resource.uri)) for resource in resources_for(caller)]
        results = {tool.name: run_tool(caller, tool.name, {"query": "rent", "name": "milk"}) for tool in READING_TOOLS}
        assert [name for name, result in results.items() if result.is_error] == []

    assert written_statements(list_and_read) == []


def test_call_without_the_scope_is_forbidden(token):
    _row, raw = token("read")
    for tool in ("add_item", "post_message", "undo"):
        with pytest.raises(PermissionDenied, match="lacks the scope"):
            authenticate_call(raw, tool)


def test_revoked_token_and_former_member_are_refused(nok, ben, token):
    row, raw = token()
    revoke_api_token(row)
    with pytest.raises(AuthenticationFailed):
        authenticate_call(raw)
    _row, former_member_token = create_api_token(ben.user, name="Assistant", scopes=["read"])
    remove_member(ben, by=by(nok))
    with pytest.raises(PermissionDenied):
        authenticate_call(former_member_token)


def test_home_must_be_named_if_there_are_several(nok, mai, token):
    _row, raw = token()
    assert authenticate_call(raw).member == nok
    beach = found_home(nok.user, "Beach house")
    with pytest.raises(ParseError, match="X-Pantry-Home"):
        authenticate_call(raw)
    assert authenticate_call(raw, x_pantry_home=str(beach.home_id)).member == beach
    assert authenticate_call(raw, query=f"home={nok.home_id}").member == nok
    with pytest.raises(PermissionDenied):
        authenticate_call(raw, x_pantry_home=str(mai.home_id))
    _row, home_token = token(home=nok.home)
    assert authenticate_call(home_token).member == nok
    with pytest.raises(PermissionDenied):
        authenticate_call(home_token, x_pantry_home=str(beach.home_id))


def test_calls_over_the_rate_limit_are_throttled(token, monkeypatch):
    monkeypatch.setitem(settings.API_RATES, "other", "2/h/user")
    _row, raw = token()
    for _ in range(2):
        authenticate_call(raw, "add_reaction")
    with pytest.raises(Throttled):
        authenticate_call(raw, "list_items")


def test_messages_over_the_rate_limit_are_throttled(token, general, monkeypatch):
    monkeypatch.setitem(settings.API_RATES, "chat", "2/h/user")
    _row, raw = token()
    simultaneous = [authenticate_call(raw, "post_message") for _ in range(3)]
    results = [run_tool(caller, "post_message", {"text": "Hello"}) for caller in simultaneous]
    assert [result.is_error for result in results] == [False, False, True]
    assert Message.objects.count() == 2
    with pytest.raises(Throttled):
        authenticate_call(raw, "post_message")
    assert authenticate_call(raw, "list_items")
