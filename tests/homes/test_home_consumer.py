import asyncio
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from chat.actions import create_channel, join_channel, leave_channel, send_message
from groceries.actions import add_entry, purchase_entry, remove_entry
from homes.actions import remove_member
from homes.live import consumer, home_channel
from homes.live import hooks as live_hooks
from homes.live.authentication import authenticate
from homes.models import Home
from pantry.metrics import registry
from tests.factories import by, run_concurrently
from tests.homes.sockets import Socket, elsewhere
from tests.random_json import RandomJson

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seq(nok):
    """The last number of the home's log. Request it after the fixtures that create data."""
    return Home.objects.get(pk=nok.home_id).last_seq


# Who is admitted


async def test_welcome_has_the_position_and_the_present_members(listen, nok, ben, seq):
    alone = await listen(nok)
    assert alone.first == {"type": "welcome", "seq": seq, "members_online": [str(nok.user_id)]}
    joined = await listen(ben)
    assert set(joined.first["members_online"]) == {str(nok.user_id), str(ben.user_id)}


async def test_non_member_is_rejected_and_closed(listen, nok, mai):
    socket = await listen(mai, home_id=nok.home_id)
    assert socket.first["error"]["code"] == "not_allowed"
    assert await socket.closing() == 4403


async def test_unknown_home_is_closed_like_a_foreign_one(listen, nok):
    socket = await listen(nok, home_id=uuid4())
    assert socket.first["error"]["code"] == "not_allowed"
    assert await socket.closing() == 4403


async def test_unauthenticated_client_is_rejected_and_closed(listen, nok):
    socket = await listen.open(nok.home_id)
    assert socket.first["error"]["code"] == "not_signed_in"
    assert await socket.closing() == 4401


async def test_member_removed_between_authentication_and_joining_is_closed(listen, nok, ben, monkeypatch):
    noks_socket, loop = await listen(nok), asyncio.get_running_loop()

    def remove_meanwhile(scope, home_id):
        session = authenticate(scope, home_id)
        remove_member(ben, by=by(nok))
        # Now the hub has closed the connections that it had.
        asyncio.run_coroutine_threadsafe(noks_socket.events(1), loop).result()
        return session

    monkeypatch.setattr("homes.live.hub.authenticate", remove_meanwhile)
    assert await (await listen(ben)).closing() == 4403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver.evil.example", "null", ""])
async def test_cross_site_connection_is_rejected(nok, origin):
    socket = Socket(nok.home_id, origin=origin)
    accepted, _code = await socket.connect()
    assert not accepted


# Events


async def test_event_of_another_thread_is_delivered(listen, nok, ben, weekly, seq):
    socket = await listen(ben)
    op_id = uuid4()
    await elsewhere(add_entry, weekly, "eggs", by=by(nok, op_id=op_id), quantity=Decimal(2))
    (frame,) = await socket.events(1)
    assert (frame["seq"], frame["type"], frame["op_id"]) == (seq + 1, "list_item_added", str(op_id))
    assert frame["actor"] == {"user": str(nok.user_id), "agent": None}
    assert frame["data"]["entry"]["item"]["name"] == "Eggs"


async def test_connections_and_delivery_times_are_counted(listen, nok, ben, weekly):
    def counted():
        names = ("pantry_streams", {"kind": "socket"}), ("pantry_event_delivery_seconds_count", {})
        return [registry.get_sample_value(*name) or 0 for name in names]

    before = counted()
    nok_hears, ben_hears = await listen(nok), await listen(ben)
    await elsewhere(add_entry, weekly, "Eggs", by=by(ben))
    for socket in (nok_hears, ben_hears):
        assert (await socket.events(1))[0]["type"] == "list_item_added"
    assert counted() == [before[0] + 2, before[1] + 1]
    await ben_hears.hang_up()
    assert counted()[0] == before[0] + 1


async def test_removed_entry_is_delivered_to_other_members(listen, nok, ben, milk):
    socket = await listen(ben)
    await elsewhere(remove_entry, milk, by=by(nok))
    (frame,) = await socket.events(1)
    assert (frame["type"], frame["data"]["entry"]["id"]) == ("list_item_removed", str(milk.pk))


async def test_event_of_an_agent_has_the_same_format(listen, nok, ben, milk, eggs, pixie):
    socket = await listen(ben)
    await elsewhere(purchase_entry, milk, by=by(nok))
    await elsewhere(purchase_entry, eggs, by=by(nok).as_agent(pixie))
    by_hand, by_agent = await socket.events(2)
    assert by_hand["type"] == by_agent["type"] == "list_item_purchased"
    assert by_hand["data"]["entry"].keys() == by_agent["data"]["entry"].keys()
    assert by_agent["actor"] == {"user": str(nok.user_id), "agent": str(pixie.pk)}


async def test_reconnecting_delivers_missed_events_in_order(listen, nok, seq, weekly, milk, eggs, rice):
    socket = await listen(nok, f"?since={seq}")
    frames = await socket.events(4)
    assert [frame["type"] for frame in frames] == ["list_created", *["list_item_added"] * 3]
    assert [frame["seq"] for frame in frames] == [seq + 1, seq + 2, seq + 3, seq + 4]


async def test_missed_events_come_before_new_ones(listen, nok, ben, seq, weekly, milk):
    await listen(ben)
    socket = await listen(nok, f"?since={seq}")
    await elsewhere(remove_entry, milk, by=by(nok))
    frames = await socket.events(3)
    assert [frame["type"] for frame in frames] == ["list_created", "list_item_added", "list_item_removed"]


async def test_connecting_without_a_position_delivers_new_events_only(listen, nok, milk):
    socket = await listen(nok)
    await elsewhere(remove_entry, milk, by=by(nok))
    assert [frame["type"] for frame in await socket.events(1)] == ["list_item_removed"]


@pytest.mark.parametrize(
    "query", ["?since=", "?since=soon", "?since=-1", "?since=" + "9" * 30, "?sınce=1", "?since=%00"]
)
async def test_invalid_position_is_ignored(listen, nok, seq, query):
    socket = await listen(nok, query)
    assert socket.first["type"] == "welcome"
    await elsewhere(create_channel, "holidays", by=by(nok))
    assert [frame["seq"] for frame in await socket.events(1)] == [seq + 1]


async def test_client_too_far_behind_is_told_to_reload(listen, monkeypatch, nok, seq, weekly, milk, eggs):
    monkeypatch.setattr(home_channel, "MAX_CATCH_UP_EVENTS", 2)
    socket = await listen(nok, f"?since={seq}")
    assert await socket.next() == {"type": "resync", "seq": seq + 3}
    await elsewhere(remove_entry, milk, by=by(nok))
    assert [frame["seq"] for frame in await socket.events(1)] == [seq + 4]


async def test_client_at_the_limit_catches_up(listen, monkeypatch, nok, seq, weekly, milk, eggs):
    monkeypatch.setattr(home_channel, "MAX_CATCH_UP_EVENTS", 3)
    socket = await listen(nok, f"?since={seq}")
    assert [frame["seq"] for frame in await socket.events(3)] == [seq + 1, seq + 2, seq + 3]


async def test_client_ahead_of_the_log_is_told_to_reload(listen, nok, seq):
    """As after restoring a backup."""
    socket = await listen(nok, f"?since={seq + 50}")
    assert await socket.next() == {"type": "resync", "seq": seq}


async def test_concurrent_writes_are_delivered_once_and_in_order(listen, nok, ben, ploy, weekly, seq):
    early = await listen(ben)
    adding = [
        partial(add_entry, weekly, f"thing {number}", by=by((nok, ben, ploy)[number % 3])) for number in range(18)
    ]
    writing = asyncio.ensure_future(elsewhere(run_concurrently, *adding))
    late = await listen(ploy, f"?since={seq}")
    expected = list(range(seq + 1, seq + 19))
    assert [frame["seq"] for frame in await early.events(18)] == expected
    assert [frame["seq"] for frame in await late.events(18)] == expected
    await writing
    await elsewhere(create_channel, "afterwards", by=by(nok))
    for socket in (early, late):
        assert [frame["seq"] for frame in await socket.events(1)] == [seq + 19]


async def test_events_of_another_home_are_not_delivered(listen, nok, mai, weekly):
    socket = await listen(mai)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert await socket.receive_nothing()


# Private rooms


async def test_private_event_only_advances_the_position_of_others(listen, nok, ben, seq):
    inside, outside = await listen(nok), await listen(ben)
    surprise = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(send_message, surprise, "A cake for Ben", by=by(nok))
    assert [frame["type"] for frame in await inside.events(3)] == ["channel_joined", "channel_created", "chat_message"]
    assert await outside.events(3) == [{"seq": seq + 1}, {"seq": seq + 2}, {"seq": seq + 3}]


async def test_private_event_only_advances_the_position_while_catching_up(listen, nok, ben, seq):
    surprise = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(send_message, surprise, "A cake for Ben", by=by(nok))
    assert await (await listen(ben, f"?since={seq}")).events(3) == [{"seq": seq + number} for number in (1, 2, 3)]
    assert "type" in (await (await listen(nok, f"?since={seq}")).events(1))[0]


async def test_private_room_is_delivered_only_to_current_members(listen, nok, ben):
    surprise = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    socket = await listen(ben)
    await elsewhere(send_message, surprise, "before", by=by(nok))
    await elsewhere(join_channel, surprise, ben.user, by=by(nok))
    await elsewhere(send_message, surprise, "inside", by=by(nok))
    await elsewhere(leave_channel, surprise, ben.user, by=by(ben))
    await elsewhere(send_message, surprise, "after", by=by(nok))
    types = [frame.get("type") for frame in await socket.events(5)]
    assert types == [None, "channel_joined", "chat_message", "channel_left", None]


# Coming and going


async def test_presence_changes_once_for_several_tabs(listen, nok, ben):
    watching = await listen(nok)
    one, two = await listen(ben), await listen(ben)
    assert await watching.next() == {"type": "user_joined", "user_id": str(ben.user_id)}
    await one.disconnect()
    assert await watching.receive_nothing()
    await two.disconnect()
    assert await watching.next() == {"type": "user_left", "user_id": str(ben.user_id)}


async def test_removed_member_receives_the_event_and_is_closed(listen, nok, ben, seq):
    tabs = [await listen(ben), await listen(ben)]
    staying = await listen(nok)
    await elsewhere(remove_member, ben, by=by(nok))
    for socket in tabs:
        assert (await socket.events(1))[0]["type"] == "member_left"
        assert await socket.closing() == 4403
    await elsewhere(create_channel, "without-ben", by=by(nok))
    assert [frame["seq"] for frame in await staying.events(2)] == [seq + 1, seq + 2]


# What a client may say


async def test_ping_is_answered_with_pong(listen, nok):
    socket = await listen(nok)
    await socket.send_json_to({"type": "ping"})
    assert await socket.next() == {"type": "pong"}


async def test_random_frames_never_fail_inside_nor_end_the_connection(listen, nok, general, monkeypatch, caplog):
    monkeypatch.setattr(consumer, "BURST_FRAMES", 1e6)
    make, socket = RandomJson(20261130), await listen(nok)
    for number in range(300):
        command = str(make.chosen([*live_hooks.commands]))
        names = list(live_hooks.commands[command].serializer().fields) if command in live_hooks.commands else []
        ids = {"channel": [str(general.pk)], "channel_id": [str(general.pk)], "at": [str(general.pk)]}
        frame = make.members([*names, "op_id", "at", "more"], ids | {"op_id": [str(uuid4())]}) | {"type": command}
        await socket.send_json_to(frame)
        await socket.send_json_to({"type": "ping"})
        while (answer := await socket.next())["type"] != "pong":
            assert answer.get("error", {}).get("code") != "error", (number, frame)
    assert "failed" not in caplog.text


@pytest.mark.parametrize(
    "frame",
    [
        {"text": ""},
        {"text": "hello"},
        {"text": "[]"},
        {"text": "{}"},
        {"text": '{"type": 7}'},
        {"text": '{"type": "ping", "more": "' + "x" * 9000 + '"}'},
        {"bytes": b"\x00\xff"},
    ],
)
async def test_invalid_frame_gets_an_error_and_keeps_the_connection(listen, nok, frame):
    socket = await listen(nok)
    await socket.send_input({"type": "websocket.receive", **frame})
    assert (await socket.next())["error"]["code"] == "invalid"
    await socket.send_json_to({"type": "ping"})
    assert await socket.next() == {"type": "pong"}
