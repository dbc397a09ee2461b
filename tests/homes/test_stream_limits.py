"""Limits of WebSockets and event streams: how many a user may have open, and what their frames may contain."""

import json
from uuid import uuid4

import pytest

from homes.accounts.actions import create_api_token
from homes.live import consumer
from homes.live.connection import MAX_QUEUED_FRAMES
from homes.notifications.models import PushSubscription
from tests.homes.sockets import Socket, elsewhere
from tests.homes.test_event_stream import Source
from tests.limits import limit, rows

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


def test_table_has_the_numbers_of_the_code(settings):
    assert limit("WebSockets and event streams of a user, in each process") == settings.MAX_STREAMS_PER_USER
    assert limit("Frame of a client") == consumer.MAX_FRAME_BYTES
    assert limit("Frames of a client at once") == consumer.BURST_FRAMES
    assert f"{consumer.FRAMES_PER_SECOND:.0f} per second" in rows()["Frames of a client at once"]
    assert limit("Frames that wait for a slow client") == MAX_QUEUED_FRAMES
    assert limit("Push subscriptions of a user") == PushSubscription.MAX_PER_USER


async def test_streams_of_a_user_are_limited(listen, settings, nok, ben):
    settings.MAX_STREAMS_PER_USER = 2
    _token, key = await elsewhere(create_api_token, nok.user, name="Display", scopes=["read"])
    first = await listen(nok)
    await listen.open(nok.home_id, f"?token={key}")
    refused = Socket(nok.home_id, f"?token={key}")
    await refused.connect(30)
    error = (await refused.next())["error"]
    assert (error["code"], "At most 2 connections" in error["message"]) == ("throttled", True)
    assert await refused.closing() == 4429
    source = await Source(nok.home_id, authorization=f"Bearer {key}").open()
    assert source.begun["status"] == 429
    assert (b"retry-after", b"30") in source.begun["headers"]
    assert (await listen(ben)).first["type"] == "welcome"
    await first.disconnect()
    assert (await listen(nok)).first["type"] == "welcome"


NESTED = "[" * 253 + "]" * 253


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "nope", "op_id": "\\ud800"}',
        '{"type": "nope", "op_id": %s}' % ("9" * 3000),
        '{"type": "nope", "op_id": -1e999}',
        '{"type": "nope", "op_id": NaN}',
        f'{{"type": "nope", "op_id": {NESTED}}}',
        '{"type": "nope", "op_id": {"a": 1}}',
        '{"type": "nope", "op_id": %s}' % ("[" * 4000),
        '{"type": "\\udfff"}',
        f'{{"type": "ping", "problem": {NESTED}}}',
        '{"type": null, "problem": "\\ud800"}',
        '{"problem": "x"}',
        '{"type": "chat_message", "op_id": true}',
        f'{{"type": "list_state_changed", "state": {NESTED}}}',
        f'{{"type": "looking", "at": {NESTED}}}',
        '{"type": "looking", "at": "\\ud800"}',
        '{"type": "read", "seq": 1e308, "channel_id": 18446744073709551615}',
        "[]",
        "null",
        '"type"',
        '""',
        "x" * 9000,
    ],
    ids=range(21),
)
async def test_hostile_frame_is_answered_and_keeps_the_connection(listen, nok, text, caplog):
    socket = await listen(nok)
    await socket.send_to(text_data=text)
    if "ping" not in text:
        while (frame := await socket.next())["type"] != "error":
            pass
        assert json.dumps(frame)
    await socket.send_json_to({"type": "ping", "op_id": str(uuid4())})
    while (await socket.next())["type"] != "pong":
        pass
    assert not [record for record in caplog.records if record.exc_info]
