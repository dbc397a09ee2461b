"""MCP with the official client, over stdio to a real process and over HTTP to a real server."""

import asyncio
import json
import subprocess
import sys
from contextlib import ExitStack, asynccontextmanager
from datetime import date
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import httpx2
import pytest
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from pixie.tools import TOOLS
from tests.random_json import RandomJson
from tests.server import BEN, MAI, NOK, PASSWORD, ROOT, Server

HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
LIST_TOOLS = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ALL_SCOPES = ["read", "write", "chat"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    settings = {"REQUEST_LOG": "on"}
    with Server(tmp_path_factory.mktemp("mcp") / "data", settings=settings) as server:
        yield server


@pytest.fixture(scope="module")
def sign_in(server):
    """Return a signed-in API client and the person's home id: `sign_in(NOK)`."""

    with ExitStack() as stack:

        @cache
        def get_session(email):
            api = stack.enter_context(httpx.Client(base_url=f"{server.url}/api/", timeout=30))
            token = api.post("auth/login", json={"email": email, "password": PASSWORD}).json()["token"]
            api.headers["Authorization"] = f"Bearer {token}"
            return api, api.get("homes").json()["results"][0]["id"]

        yield get_session


@pytest.fixture(scope="module")
def token(sign_in):
    """Create a personal token for the person's home: `token(NOK, "read")`."""

    def create(email, *scopes, **more):
        api, home = sign_in(email)
        body = {
            "name": "Assistant",
            "scopes": list(scopes or ALL_SCOPES),
            "home_id": home,
            "password": PASSWORD,
            **more,
        }
        answer = api.post("auth/tokens", json={key: value for key, value in body.items() if value is not None})
        assert answer.status_code == 201, answer.text
        return answer.json()["key"]

    return create


@pytest.fixture
def post(server):
    """Send a request over plain HTTP: `post(LIST_TOOLS, token)`."""

    def send(body, token=None, path="/mcp", **headers):
        credentials = {"authorization": f"Bearer {token}"} if token else {}
        arguments = {"content": body} if isinstance(body, bytes) else {"json": body}
        return httpx.post(f"{server.url}{path}", headers={**HEADERS, **credentials, **headers}, timeout=30, **arguments)

    return send


@asynccontextmanager
async def over_http(server, token, mode="auto"):
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30) as http,
        Client(streamable_http_client(f"{server.url}/mcp", http_client=http), mode=mode) as client,
    ):
        yield client


@asynccontextmanager
async def over_stdio(server, token, **environment):
    command = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "mcp"],
        cwd=str(ROOT),
        env={**server.environment, "PANTRY_TOKEN": token, **environment},
    )
    async with Client(command) as client:
        yield client


TRANSPORTS: dict[str, Any] = {"stdio": over_stdio, "http": over_http}


def tool_call(name, arguments=None):
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments or {}}}


def text_of(result):
    return result.content[0].text


# Tools and resources, over both transports


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_tools_are_listed_and_called(server, token, transport):
    word = uuid4().hex[:8]

    async def run_session():
        async with TRANSPORTS[transport](server, token(NOK)) as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
            texts = {}

            async def use(name, /, **arguments):
                result = await client.call_tool(name, arguments)
                assert not result.is_error, text_of(result)
                texts[name] = text_of(result)
                return result.structured_content

            await use("add_item", name=f"Jam {word}", quantity=2)
            await use("list_items")
            await use("mark_purchased", name=f"Jam {word}", price=45)
            await use("add_item", name=f"Tea {word}")
            await use("remove_item", name=f"Tea {word}")
            await use("set_recurring", name=f"Jam {word}", frequency="monthly")
            await use("budget_query", period="today")
            posted = await use("post_message", room="general", text=f"Dinner is at seven, {word}")
            await use("add_reaction", message=posted["message"], emoji="👍")
            search_result = await use("search", query=f"dinner {word}")
            assert [each["id"] for each in search_result["found"]] == [posted["message"]]
            assert search_result["found"][0]["author"] == "Nok"
            await use("undo")
            await use("undo")
            assert (await use("search", query=word, kind="message"))["count"] == 0
            return listed, texts

    listed, texts = asyncio.run(run_session())
    assert set(listed) == set(TOOLS)
    assert set(texts) == {
        "add_item", "list_items", "mark_purchased", "remove_item", "set_recurring", "budget_query", "post_message",
        "add_reaction", "search", "undo",
    }  # fmt: skip
    assert listed["add_item"].input_schema["required"] == ["name"]
    assert "confirmed" in listed["add_item"].input_schema["properties"]
    assert "confirmed" not in listed["list_items"].input_schema["properties"]
    assert listed["search"].annotations.read_only_hint is True
    assert {name for name, tool in listed.items() if tool.annotations.destructive_hint} == {
        name for name, tool in TOOLS.items() if tool.effects.takes_away
    }
    assert f"Undone: Dinner is at seven, {word}." == texts["undo"]


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_resources_are_read(server, token, transport):
    async def run_session():
        async with TRANSPORTS[transport](server, token(NOK, "read")) as client:
            uris = [str(each.uri) for each in (await client.list_resources()).resources]
            return {uri: json.loads((await client.read_resource(uri)).contents[0].text) for uri in uris}

    contents = asyncio.run(run_session())
    assert set(contents) == {"pantry://list", "pantry://today"}
    assert {"list", "state", "items"} == set(contents["pantry://list"])
    assert contents["pantry://today"]["home"] == "Apartment 42"
    assert abs((date.fromisoformat(contents["pantry://today"]["today"]) - date.today()).days) <= 1


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_token_lists_the_tools_of_its_scopes_only(server, token, transport):
    async def run_session():
        async with TRANSPORTS[transport](server, token(NOK, "read")) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(run_session()) == {name for name, tool in TOOLS.items() if tool.scope == "read"}


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_unusual_call_is_done_once_confirmed(server, token, transport):
    item = f"Lemons {uuid4().hex[:8]}"

    async def run_session():
        async with TRANSPORTS[transport](server, token(NOK)) as client:
            question = await client.call_tool("add_item", {"name": item, "quantity": 5000})
            listed = await client.call_tool("list_items", {})
            done = await client.call_tool("add_item", {"name": item, "quantity": 5000, "confirmed": True})
            return question, listed, done

    question, listed, done = asyncio.run(run_session())
    assert (question.is_error, question.structured_content["done"]) == (False, False)
    assert "that is a lot" in text_of(question)
    assert "confirmed: true" in text_of(question)
    assert item not in text_of(listed)
    assert done.structured_content["done"] is True


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_another_home_cannot_read_or_change_anything(server, token, transport):
    word = uuid4().hex[:8]

    async def run_session():
        async with TRANSPORTS[transport](server, token(NOK)) as nok, TRANSPORTS[transport](server, token(MAI)) as mai:
            posted = (await nok.call_tool("post_message", {"text": f"Secret {word}"})).structured_content
            await nok.call_tool("add_item", {"name": f"Secret {word}"})
            search_result = await mai.call_tool("search", {"query": word})
            answers = [
                await mai.call_tool("add_reaction", {"message": posted["message"], "emoji": "👍"}),
                await mai.call_tool("remove_item", {"name": f"Secret {word}"}),
                await mai.call_tool("undo", {"message": posted["message"]}),
            ]
            content = (await mai.read_resource("pantry://list")).contents[0].text
            return search_result.structured_content, [answer.is_error for answer in answers], content

    search_result, errors, content = asyncio.run(run_session())
    assert search_result["count"] == 0
    assert errors == [True] * 3
    assert word not in content


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_refusals_are_returned_as_text(server, token, transport):
    async def run_session():
        async with TRANSPORTS[transport](server, token(NOK)) as client:
            results = [
                await client.call_tool(name, arguments)
                for name, arguments in (
                    ("remove_item", {"name": "caviar"}), ("add_item", {}),
                    ("add_item", {"name": "eggs", "quantity": "NaN"}),
                    ("post_message", {"room": "nowhere", "text": "x"}),
                    ("add_reaction", {"message": "x", "emoji": "👍"}),
                )
            ]  # fmt: skip
            with pytest.raises(MCPError, match="no tool"):
                await client.call_tool("burn_the_house", {})
            with pytest.raises(MCPError, match="no resource"):
                await client.read_resource("pantry://secrets")
            return results

    results = asyncio.run(run_session())
    assert [result.is_error for result in results] == [True] * 5
    assert text_of(results[0]) == "Caviar is not on the list."
    assert text_of(results[1]) == "name: Field required"
    assert text_of(results[2]).startswith("quantity: Enter the quantity as a number")
    assert text_of(results[4]).startswith("message: Input should be a valid UUID")


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_concurrent_calls_succeed(server, token, transport):
    words = [uuid4().hex[:8] for _ in range(8)]

    async def run_session():
        async with TRANSPORTS[transport](server, token(NOK)) as client:
            calls = [client.call_tool("add_item", {"name": f"Soap {word}"}) for word in words]
            return await asyncio.gather(*calls)

    assert [result.structured_content["done"] for result in asyncio.run(run_session())] == [True] * 8


def test_legacy_client_is_supported(server, token):
    async def run_session():
        async with over_http(server, token(NOK), mode="legacy") as client:
            tools = (await client.list_tools()).tools
            return len(tools), (await client.call_tool("list_items", {})).is_error

    assert asyncio.run(run_session()) == (len(TOOLS), False)


def test_events_have_the_origin_mcp(server, token, sign_in):
    word = uuid4().hex[:8]

    async def run_session():
        async with over_http(server, token(NOK)) as client:
            await client.call_tool("add_item", {"name": f"Salt {word}"})

    asyncio.run(run_session())
    api, home = sign_in(NOK)
    newest = api.get(f"homes/{home}/audit?limit=10").json()["results"]
    [event] = [each for each in newest if word in json.dumps(each)]
    assert (event["origin"], event["type"]) == ("mcp", "list_item_added")


# HTTP errors


def test_missing_or_invalid_token_is_401(post):
    for credentials in (None, "nonsense", "pp_nonsense", "a.b.c"):
        answer = post(LIST_TOOLS, credentials)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["error"]["code"] in ("not_authenticated", "authentication_failed")
    assert post(LIST_TOOLS, path=f"/mcp?token={'x' * 20}").status_code == 401


def test_missing_scope_is_403(post, token):
    assert post(tool_call("add_item", {"name": "eggs"}), token(NOK, "read")).status_code == 403
    assert post(tool_call("list_items"), token(NOK, "chat")).status_code == 403
    answer = post(LIST_TOOLS, token(NOK, "admin"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")


def test_large_body_is_413(server, post, token):
    body = json.dumps(tool_call("post_message", {"text": "x" * 300_000})).encode()
    assert post(body, token(NOK)).status_code == 413

    def chunks():
        yield body[:100_000]
        yield body[100_000:]

    answer = httpx.post(f"{server.url}/mcp", content=chunks(), headers=HEADERS, timeout=30)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"jsonrpc": "2.0"}', b"\xff", b'{"method": 5, "params": []}']
)
def test_malformed_body_is_400(post, token, body):
    assert post(body, token(NOK)).status_code == 400


def test_random_requests_are_refused_or_answered(server, post, token):
    make, key = RandomJson(20261130), token(NOK)
    tools = {tool["name"]: tool for tool in post(LIST_TOOLS, key).json()["result"]["tools"]}
    methods = ["tools/call", "tools/list", "resources/read", "resources/list", "prompts/get", "initialize", "ping"]
    for number in range(300):
        method = make.chosen(methods)
        if method == "tools/call":
            name = str(make.chosen([*tools]))
            fields = [*tools[name]["inputSchema"].get("properties", {}), "more"] if name in tools else ["name"]
            params = {"name": name, "arguments": make.chosen([make.members(fields, {})])}
        else:
            params = make.chosen([{}, {"uri": make.value()}, {"name": make.value(), "arguments": make.value()}])
        request = {"jsonrpc": make.chosen(["2.0"]), "id": make.chosen([number]), "method": method, "params": params}
        response = post(json.dumps(request).encode(), key)
        assert response.status_code < 500, (number, request, response.text[:300])
        assert "on our side" not in response.text, (number, request)
    assert post(LIST_TOOLS, key).status_code == 200


def test_methods_other_than_post_are_405(server, token):
    for verb in ("get", "delete", "put", "patch", "options"):
        headers = {"authorization": f"Bearer {token(NOK)}"}
        assert httpx.request(verb, f"{server.url}/mcp", headers=headers).status_code == 405


def test_cross_origin_request_is_403(post, token):
    assert post(LIST_TOOLS, token(NOK), origin="https://elsewhere.example").status_code == 403
    assert post(LIST_TOOLS, token(NOK), origin="http://localhost:5173").status_code == 200


def test_revoked_token_is_401(post, sign_in):
    api, home = sign_in(BEN)
    body = {"name": "Assistant", "scopes": ALL_SCOPES, "home_id": home, "password": PASSWORD}
    created = api.post("auth/tokens", json=body).json()
    assert post(LIST_TOOLS, created["key"]).status_code == 200
    api.delete(f"auth/tokens/{created['id']}")
    assert post(LIST_TOOLS, created["key"]).status_code == 401


def test_home_is_the_tokens_the_named_or_the_only_one(post, token, sign_in):
    api, home = sign_in(BEN)
    _mai, other_home = sign_in(MAI)
    unbound_token, home_token = token(BEN, home_id=None), token(BEN)
    assert post(LIST_TOOLS, unbound_token).status_code == 200
    assert post(LIST_TOOLS, home_token, path=f"/mcp?home={other_home}").status_code == 403
    assert post(LIST_TOOLS, unbound_token, path=f"/mcp?home={other_home}").status_code == 403
    second = api.post("homes", json={"name": "Beach house"}).json()["id"]
    answer = post(LIST_TOOLS, unbound_token)
    assert (answer.status_code, "X-Pantry-Home" in answer.text) == (400, True)
    assert post(LIST_TOOLS, home_token).status_code == 200
    response = post(tool_call("list_items"), unbound_token, **{"x-pantry-home": second}).json()
    assert "nothing left to get" in response["result"]["content"][0]["text"]
    assert post(LIST_TOOLS, unbound_token, path=f"/mcp?home={home}").status_code == 200
    assert post(LIST_TOOLS, unbound_token, path="/mcp?home=nowhere").status_code == 400


def test_request_is_logged_with_its_id(server, post, token):
    name = uuid4().hex
    answer = post(tool_call("list_items"), token(NOK), **{"x-request-id": name})
    assert answer.headers["x-request-id"] == name
    line = json.loads(server.wait_for_log(f'"id":"{name}"'))
    assert (line["route"], line["method"], line["status"]) == ("mcp", "POST", 200)
    assert line["user"]
    assert line["home"]
    assert line["queries"] > 2


# Over stdio


@pytest.mark.parametrize("environment", [{"PANTRY_TOKEN": ""}, {"PANTRY_TOKEN": "pp_nonsense"}])
def test_stdio_without_a_valid_token_exits(server, environment):
    done = subprocess.run(  # noqa: S603 (our own interpreter and words)
        [sys.executable, "manage.py", "mcp"],
        cwd=ROOT, env={**server.environment, **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "PANTRY_TOKEN" in done.stderr
    assert done.stdout == ""


def test_revoking_the_token_ends_a_stdio_session(server, sign_in):
    api, home = sign_in(NOK)
    body = {"name": "Assistant", "scopes": ALL_SCOPES, "home_id": home, "password": PASSWORD}
    created = api.post("auth/tokens", json=body).json()

    async def run_session():
        async with over_stdio(server, created["key"]) as client:
            await client.call_tool("list_items", {})
            api.delete(f"auth/tokens/{created['id']}")
            with pytest.raises(MCPError, match="revoked"):
                await client.call_tool("list_items", {})

    asyncio.run(run_session())


def test_missing_scope_is_returned_as_text(server, token):
    async def run_session():
        async with over_stdio(server, token(NOK, "read")) as client:
            return await client.call_tool("add_item", {"name": "eggs"})

    result = asyncio.run(run_session())
    assert (result.is_error, text_of(result)) == (True, "This token lacks the scope “write”.")
