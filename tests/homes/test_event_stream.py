"""The live stream as server-sent events."""

import asyncio
import json
from uuid import uuid4

import pytest
from asgiref.testing import ApplicationCommunicator

from chat.actions import create_channel, send_message
from groceries.actions import add_entry
from homes.accounts.actions import create_api_token
from homes.accounts.api.jwt import tokens_for
from homes.actions import remove_member
from homes.live import hub
from homes.models import Home
from pantry.asgi import application
from tests.factories import by, sign_in
from tests.homes.sockets import TIMEOUT_SECONDS, elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


class Source(ApplicationCommunicator):
    """A client that reads server-sent events, like `EventSource`."""

    def __init__(self, home_id, query="", method="GET", **headers):
        fields = {"host": "testserver", **headers}
        named = [(name.replace("_", "-").encode(), value.encode()) for name, value in fields.items()]
        path = f"/api/homes/{home_id}/events/stream"
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": named}
        super().__init__(application, {**scope, "client": ("127.0.0.1", 50000)})
        self.text = ""

    async def open(self):
        await self.send_input({"type": "http.request", "body": b"", "more_body": False})
        self.begun = await self.receive_output(TIMEOUT_SECONDS)
        self.headers = dict(self.begun["headers"])
        return self

    async def block(self):
        """Return the next block as `(id, frame)`; a comment is `(None, None)`."""
        while True:
            while "\n\n" not in self.text:
                message = await self.receive_output(TIMEOUT_SECONDS)
                if not message.get("more_body"):
                    raise EOFError
                self.text += message["body"].decode()
            block, self.text = self.text.split("\n\n", 1)
            fields = dict(line.partition(": ")[::2] for line in block.split("\n"))
            if "retry" not in fields:
                number, data = fields.get("id"), fields.get("data")
                return number and int(number), data and json.loads(data)

    async def events(self, count):
        events = []
        while len(events) < count:
            number, frame = await self.block()
            if frame and "seq" in frame and frame.get("type") not in ("welcome", "resync"):
                assert number == frame["seq"]
                events.append(frame)
        return events

    async def error_response(self):
        body = await self.receive_output(TIMEOUT_SECONDS)
        return self.begun["status"], json.loads(body["body"])["error"]


@pytest.fixture
async def source(anyio_backend):
    """`await source(nok, "since=3")`: a stream opened by Nok's browser."""
    opened = []

    async def open_one(member=None, query="", home_id=None, **headers):
        if member and not headers.get("authorization"):
            browser = await elsewhere(sign_in, member)
            headers["cookie"] = f"theme=dark; sessionid={browser.cookies['sessionid'].value}"
        opened.append(await Source(home_id or member.home_id, query, **headers).open())
        return opened[-1]

    yield open_one
    for each in opened:
        await each.send_input({"type": "http.disconnect"})
    await hub.shut_down()
    for each in opened:
        await each.wait(TIMEOUT_SECONDS)


@pytest.fixture
def seq(nok):
    return Home.objects.get(pk=nok.home_id).last_seq


async def test_stream_starts_with_a_welcome_and_delivers_events(source, nok, ben, weekly, seq):
    events = await source(nok)
    assert events.begun["status"] == 200
    assert events.headers[b"content-type"].startswith(b"text/event-stream")
    number, welcome = await events.block()
    assert (number, welcome["type"], welcome["members_online"]) == (welcome["seq"], "welcome", [str(nok.user_id)])
    await elsewhere(add_entry, weekly, "eggs", by=by(ben))
    (event,) = await events.events(1)
    assert (event["type"], event["seq"]) == ("list_item_added", welcome["seq"] + 1)


@pytest.mark.parametrize("method", ["query", "header"])
async def test_reconnecting_delivers_missed_events(source, nok, seq, weekly, milk, method):
    query, headers = (f"since={seq}", {}) if method == "query" else ("since=0", {"last_event_id": str(seq)})
    events = await source(nok, query, **headers)
    assert [event["type"] for event in await events.events(2)] == ["list_created", "list_item_added"]


async def test_welcome_does_not_advance_the_last_event_id(source, nok, seq, weekly):
    number, _welcome = await (await source(nok, f"since={seq}")).block()
    assert number is None


async def test_client_too_far_behind_is_told_to_reload(source, nok, monkeypatch, weekly, milk, eggs):
    monkeypatch.setattr("homes.live.home_channel.MAX_CATCH_UP_EVENTS", 2)
    events = await source(nok, "since=0")
    await events.block()
    number, frame = await events.block()
    assert frame == {"type": "resync", "seq": number}


async def test_private_event_only_advances_the_position_of_others(source, nok, ben, seq):
    events = await source(ben)
    surprise = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(send_message, surprise, "A cake for Ben", by=by(nok))
    assert all(set(event) == {"seq"} for event in await events.events(3))


async def test_heartbeat_sends_a_comment(source, nok, monkeypatch):
    monkeypatch.setattr(hub, "SWEEP_SECONDS", 0.002)
    events = await source(nok)
    await events.block()
    assert await events.block() == (None, None)


async def test_removed_member_is_disconnected_and_rejected(source, nok, ben):
    events = await source(ben)
    await elsewhere(remove_member, ben, by=by(nok))
    with pytest.raises(EOFError):
        while True:
            await events.block()
    assert (await (await source(ben)).error_response())[0] == 403


async def test_shutdown_ends_the_stream(source, nok):
    events = await source(nok)
    await events.block()
    await hub.shut_down()
    with pytest.raises(EOFError):
        await asyncio.wait_for(events.block(), TIMEOUT_SECONDS)


# Who is admitted


@pytest.mark.parametrize("method", ["header", "query"])
async def test_token_is_accepted_from_any_origin(source, nok, method):
    token = (await elsewhere(tokens_for, nok.user, nok))["token"]
    query, headers = (f"token={token}", {}) if method == "query" else ("", {"authorization": f"Bearer {token}"})
    events = await source(None, query, nok.home_id, origin="https://evil.example", **headers)
    assert (await events.block())[1]["type"] == "welcome"


async def test_unauthenticated_client_gets_401(source, nok):
    status, error = await (await source(None, home_id=nok.home_id)).error_response()
    assert (status, error) == (401, {"code": "not_authenticated", "message": "Sign in first."})


async def test_invalid_token_gets_401(source, nok):
    events = await source(None, "token=pp_unknown", nok.home_id)
    assert (await events.error_response())[0] == 401
    assert events.headers[b"www-authenticate"] == b"Bearer"


async def test_token_without_the_scope_gets_403(source, nok):
    _token, raw = await elsewhere(create_api_token, nok.user, name="Display", scopes=["write"])
    status, error = await (await source(None, f"token={raw}", nok.home_id)).error_response()
    assert (status, error["code"]) == (403, "permission_denied")


async def test_foreign_and_unknown_homes_get_the_same_error(source, nok, mai):
    answers = [await (await source(mai, home_id=home)).error_response() for home in (nok.home_id, uuid4())]
    assert answers[0] == answers[1]
    assert answers[0][0] == 403


async def test_cross_site_request_is_rejected(source, nok):
    status, error = await (await source(nok, origin="https://evil.example")).error_response()
    assert (status, error["code"]) == (403, "permission_denied")


async def test_same_site_request_is_accepted(source, nok):
    events = await source(nok, origin="http://testserver")
    assert (await events.block())[1]["type"] == "welcome"


async def test_post_is_not_allowed(source, nok):
    status, error = await (await source(nok, method="POST")).error_response()
    assert (status, error["code"]) == (405, "method_not_allowed")
