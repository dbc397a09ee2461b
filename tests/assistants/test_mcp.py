"""MCP as other assistants speak it: the official client, over stdio to a real process, over HTTP to a real server."""

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
from tests.server import BEN, MAI, NOK, PASSWORD, ROOT, Server

HEADERS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
LISTING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ALL = ["read", "write", "chat"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    settings = {"RATE_CHAT": "", "REQUEST_LOG": "on"}
    with Server(tmp_path_factory.mktemp("mcp") / "data", settings=settings) as server:
        yield server


@pytest.fixture(scope="module")
def sign_in(server):
    """`sign_in(NOK)`: the API, and that person's home."""

    with ExitStack() as opened:

        @cache
        def signed_in(email):
            api = opened.enter_context(httpx.Client(base_url=f"{server.url}/api/", timeout=30))
            token = api.post("auth/login", json={"email": email, "password": PASSWORD}).json()["token"]
            api.headers["Authorization"] = f"Bearer {token}"
            return api, api.get("homes").json()["results"][0]["id"]

        yield signed_in


@pytest.fixture(scope="module")
def token(sign_in):
    """`token(NOK, "read")`: a personal token of theirs for their home."""

    def made(email, *scopes, **more):
        api, home = sign_in(email)
        body = {"name": "Assistant", "scopes": list(scopes or ALL), "home_id": home, **more}
        answer = api.post("auth/tokens", json={key: value for key, value in body.items() if value is not None})
        assert answer.status_code == 201, answer.text
        return answer.json()["key"]

    return made


@pytest.fixture
def ask(server):
    """`ask(LISTING, token)`: the answer over plain HTTP."""

    def asked(body, token=None, path="/mcp", **headers):
        shown = {"authorization": f"Bearer {token}"} if token else {}
        sent = {"content": body} if isinstance(body, bytes) else {"json": body}
        return httpx.post(f"{server.url}{path}", headers={**HEADERS, **shown, **headers}, timeout=30, **sent)

    return asked


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


WAYS: dict[str, Any] = {"stdio": over_stdio, "http": over_http}


def calling(name, arguments=None):
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": name, "arguments": arguments or {}}}


def text_of(result):
    return result.content[0].text


# The whole of it, both ways


@pytest.mark.parametrize("way", WAYS)
def test_every_tool_is_listed_and_called(server, token, way):
    word = uuid4().hex[:8]

    async def talk():
        async with WAYS[way](server, token(NOK)) as client:
            listed = {tool.name: tool for tool in (await client.list_tools()).tools}
            said = {}

            async def use(name, /, **arguments):
                result = await client.call_tool(name, arguments)
                assert not result.is_error, text_of(result)
                said[name] = text_of(result)
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
            found = await use("search", query=f"dinner {word}")
            assert [each["id"] for each in found["found"]] == [posted["message"]]
            assert found["found"][0]["author"] == "Nok"
            await use("undo")
            await use("undo")
            assert (await use("search", query=word, kind="message"))["count"] == 0
            return listed, said

    listed, said = asyncio.run(talk())
    assert set(listed) == set(TOOLS)
    assert set(said) == {
        "add_item", "list_items", "mark_purchased", "remove_item", "set_recurring", "budget_query", "post_message",
        "add_reaction", "search", "undo",
    }  # fmt: skip
    assert listed["add_item"].input_schema["required"] == ["name"]
    assert "confirmed" in listed["add_item"].input_schema["properties"]
    assert "confirmed" not in listed["list_items"].input_schema["properties"]
    assert listed["search"].annotations.read_only_hint is True
    assert f"Conflict back: Dinner is at seven, {word}." == said["undo"]


@pytest.mark.parametrize("way", WAYS)
def test_the_list_and_the_day_can_be_read(server, token, way):
    async def talk():
        async with WAYS[way](server, token(NOK, "read")) as client:
            uris = [str(each.uri) for each in (await client.list_resources()).resources]
            return {uri: json.loads((await client.read_resource(uri)).contents[0].text) for uri in uris}

    read = asyncio.run(talk())
    assert set(read) == {"pantry://list", "pantry://today"}
    assert {"list", "state", "items"} == set(read["pantry://list"])
    assert read["pantry://today"]["home"] == "Apartment 42"
    assert abs((date.fromisoformat(read["pantry://today"]["today"]) - date.today()).days) <= 1


@pytest.mark.parametrize("way", WAYS)
def test_a_token_sees_the_tools_of_its_scopes_alone(server, token, way):
    async def talk():
        async with WAYS[way](server, token(NOK, "read")) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(talk()) == {name for name, tool in TOOLS.items() if tool.scope == "read"}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_doubtful_is_done_when_it_is_confirmed(server, token, way):
    thing = f"Lemons {uuid4().hex[:8]}"

    async def talk():
        async with WAYS[way](server, token(NOK)) as client:
            asked = await client.call_tool("add_item", {"name": thing, "quantity": 5000})
            listed = await client.call_tool("list_items", {})
            done = await client.call_tool("add_item", {"name": thing, "quantity": 5000, "confirmed": True})
            return asked, listed, done

    asked, listed, done = asyncio.run(talk())
    assert (asked.is_error, asked.structured_content["done"]) == (False, False)
    assert "that is a lot" in text_of(asked)
    assert "confirmed: true" in text_of(asked)
    assert thing not in text_of(listed)
    assert done.structured_content["done"] is True


@pytest.mark.parametrize("way", WAYS)
def test_another_home_sees_and_touches_nothing(server, token, way):
    word = uuid4().hex[:8]

    async def talk():
        async with WAYS[way](server, token(NOK)) as nok, WAYS[way](server, token(MAI)) as mai:
            posted = (await nok.call_tool("post_message", {"text": f"Secret {word}"})).structured_content
            await nok.call_tool("add_item", {"name": f"Secret {word}"})
            found = await mai.call_tool("search", {"query": word})
            answers = [
                await mai.call_tool("add_reaction", {"message": posted["message"], "emoji": "👍"}),
                await mai.call_tool("remove_item", {"name": f"Secret {word}"}),
                await mai.call_tool("undo", {"message": posted["message"]}),
            ]
            shown = (await mai.read_resource("pantry://list")).contents[0].text
            return found.structured_content, [answer.is_error for answer in answers], shown

    found, refused, shown = asyncio.run(talk())
    assert found["count"] == 0
    assert refused == [True] * 3
    assert word not in shown


@pytest.mark.parametrize("way", WAYS)
def test_what_a_tool_refuses_is_said_in_words(server, token, way):
    async def talk():
        async with WAYS[way](server, token(NOK)) as client:
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

    results = asyncio.run(talk())
    assert [result.is_error for result in results] == [True] * 5
    assert text_of(results[0]) == "Caviar is not on the list."


@pytest.mark.parametrize("way", WAYS)
def test_many_calls_at_once(server, token, way):
    words = [uuid4().hex[:8] for _ in range(8)]

    async def talk():
        async with WAYS[way](server, token(NOK)) as client:
            calls = [client.call_tool("add_item", {"name": f"Soap {word}"}) for word in words]
            return await asyncio.gather(*calls)

    assert [result.structured_content["done"] for result in asyncio.run(talk())] == [True] * 8


def test_an_older_client_is_understood(server, token):
    async def talk():
        async with over_http(server, token(NOK), mode="legacy") as client:
            tools = (await client.list_tools()).tools
            return len(tools), (await client.call_tool("list_items", {})).is_error

    assert asyncio.run(talk()) == (len(TOOLS), False)


def test_the_log_says_through_which_door(server, token, sign_in):
    word = uuid4().hex[:8]

    async def talk():
        async with over_http(server, token(NOK)) as client:
            await client.call_tool("add_item", {"name": f"Salt {word}"})

    asyncio.run(talk())
    api, home = sign_in(NOK)
    newest = api.get(f"homes/{home}/audit?limit=10").json()["results"]
    [event] = [each for each in newest if word in json.dumps(each)]
    assert (event["origin"], event["type"]) == ("mcp", "list_item_added")


# At the door


def test_who_shows_no_token_or_a_wrong_one_is_401(ask):
    for shown in (None, "nonsense", "pp_nonsense", "a.b.c"):
        answer = ask(LISTING, shown)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
        assert answer.json()["error"]["code"] in ("not_authenticated", "authentication_failed")
    assert ask(LISTING, path=f"/mcp?token={'x' * 20}").status_code == 401


def test_a_missing_scope_is_403(ask, token):
    assert ask(calling("add_item", {"name": "eggs"}), token(NOK, "read")).status_code == 403
    assert ask(calling("list_items"), token(NOK, "chat")).status_code == 403
    answer = ask(LISTING, token(NOK, "admin"))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "permission_denied")


def test_a_large_body_is_413(server, ask, token):
    body = json.dumps(calling("post_message", {"text": "x" * 300_000})).encode()
    assert ask(body, token(NOK)).status_code == 413

    def chunks():
        yield body[:100_000]
        yield body[100_000:]

    answer = httpx.post(f"{server.url}/mcp", content=chunks(), headers=HEADERS, timeout=30)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"jsonrpc": "2.0"}', b"\xff", b'{"method": 5, "params": []}']
)
def test_what_is_no_message_is_400(ask, token, body):
    assert ask(body, token(NOK)).status_code == 400


def test_only_posts_are_taken(server, token):
    for verb in ("get", "delete", "put", "patch", "options"):
        headers = {"authorization": f"Bearer {token(NOK)}"}
        assert httpx.request(verb, f"{server.url}/mcp", headers=headers).status_code == 405


def test_a_page_of_another_site_is_refused(ask, token):
    assert ask(LISTING, token(NOK), origin="https://elsewhere.example").status_code == 403
    assert ask(LISTING, token(NOK), origin="http://localhost:5173").status_code == 200


def test_a_token_taken_back_opens_nothing(ask, sign_in):
    api, home = sign_in(BEN)
    made = api.post("auth/tokens", json={"name": "Assistant", "scopes": ALL, "home_id": home}).json()
    assert ask(LISTING, made["key"]).status_code == 200
    api.delete(f"auth/tokens/{made['id']}")
    assert ask(LISTING, made["key"]).status_code == 401


def test_the_home_is_the_tokens_or_the_named_one_or_the_only_one(ask, token, sign_in):
    api, home = sign_in(BEN)
    _mai, other = sign_in(MAI)
    free, bound = token(BEN, home_id=None), token(BEN)
    assert ask(LISTING, free).status_code == 200
    assert ask(LISTING, bound, path=f"/mcp?home={other}").status_code == 403
    assert ask(LISTING, free, path=f"/mcp?home={other}").status_code == 403
    second = api.post("homes", json={"name": "Beach house"}).json()["id"]
    answer = ask(LISTING, free)
    assert (answer.status_code, "X-Pantry-Home" in answer.text) == (400, True)
    assert ask(LISTING, bound).status_code == 200
    shown = ask(calling("list_items"), free, **{"x-pantry-home": second}).json()
    assert "There is no list yet" in shown["result"]["content"][0]["text"]
    assert ask(LISTING, free, path=f"/mcp?home={home}").status_code == 200
    assert ask(LISTING, free, path="/mcp?home=nowhere").status_code == 400


def test_a_request_has_its_line_in_the_log(server, ask, token):
    name = uuid4().hex
    answer = ask(calling("list_items"), token(NOK), **{"x-request-id": name})
    assert answer.headers["x-request-id"] == name
    line = json.loads(server.writes(f'"id":"{name}"'))
    assert (line["route"], line["method"], line["status"]) == ("mcp", "POST", 200)
    assert line["user"]
    assert line["home"]
    assert line["queries"] > 2


# Over stdio


@pytest.mark.parametrize("environment", [{"PANTRY_TOKEN": ""}, {"PANTRY_TOKEN": "pp_nonsense"}])
def test_without_a_token_nothing_begins(server, environment):
    done = subprocess.run(  # noqa: S603 (our own interpreter and words)
        [sys.executable, "manage.py", "mcp"],
        cwd=ROOT, env={**server.environment, **environment}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "PANTRY_TOKEN" in done.stderr
    assert done.stdout == ""


def test_a_token_that_is_taken_back_meanwhile_ends_it(server, sign_in):
    api, home = sign_in(NOK)
    made = api.post("auth/tokens", json={"name": "Assistant", "scopes": ALL, "home_id": home}).json()

    async def talk():
        async with over_stdio(server, made["key"]) as client:
            await client.call_tool("list_items", {})
            api.delete(f"auth/tokens/{made['id']}")
            with pytest.raises(MCPError, match="revoked"):
                await client.call_tool("list_items", {})

    asyncio.run(talk())


def test_a_missing_scope_is_said_in_words(server, token):
    async def talk():
        async with over_stdio(server, token(NOK, "read")) as client:
            return await client.call_tool("add_item", {"name": "eggs"})

    refused = asyncio.run(talk())
    assert (refused.is_error, text_of(refused)) == (True, "This token lacks the scope “write”.")
