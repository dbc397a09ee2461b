import asyncio
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest

from chat.actions import create_channel, join_channel, leave_channel, send_message
from groceries.actions import add_entry, purchase_entry, remove_entry
from homes.actions import remove_member
from homes.live import home_channel
from homes.live.authentication import authenticate
from homes.models import Home
from pantry.metrics import registry
from tests.cast import at_once, by
from tests.homes.sockets import Socket, elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seq(nok):
    """The number that the home's log has come to. Name it after those that set the scene."""
    return Home.objects.get(pk=nok.home_id).last_seq


# Who is admitted


async def test_a_member_is_welcomed_with_the_number_and_who_is_there(listen, nok, ben, seq):
    alone = await listen(nok)
    assert alone.first == {"type": "welcome", "seq": seq, "members_online": [str(nok.user_id)]}
    joined = await listen(ben)
    assert set(joined.first["members_online"]) == {str(nok.user_id), str(ben.user_id)}


async def test_a_stranger_is_told_so_and_closed(listen, nok, mai):
    socket = await listen(mai, home_id=nok.home_id)
    assert socket.first["error"]["code"] == "not_allowed"
    assert await socket.closing() == 4403


async def test_a_home_that_is_none_is_closed_the_same_way(listen, nok):
    socket = await listen(nok, home_id=uuid4())
    assert socket.first["error"]["code"] == "not_allowed"
    assert await socket.closing() == 4403


async def test_who_is_not_signed_in_is_told_so_and_closed(listen, nok):
    socket = await listen.open(nok.home_id)
    assert socket.first["error"]["code"] == "not_signed_in"
    assert await socket.closing() == 4401


async def test_a_member_removed_between_authentication_and_joining_is_closed(listen, nok, ben, monkeypatch):
    hers, loop = await listen(nok), asyncio.get_running_loop()

    def remove_meanwhile(scope, home_id):
        session = authenticate(scope, home_id)
        remove_member(ben, by=by(nok))
        asyncio.run_coroutine_threadsafe(hers.events(1), loop).result()  # the hub has closed what it knew of him
        return session

    monkeypatch.setattr("homes.live.hub.authenticate", remove_meanwhile)
    assert await (await listen(ben)).closing() == 4403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://testserver.evil.example", "null", ""])
async def test_another_sites_page_does_not_get_in(nok, origin):
    socket = Socket(nok.home_id, origin=origin)
    accepted, _code = await socket.connect()
    assert not accepted


# What is heard


async def test_an_event_of_another_thread_is_heard(listen, nok, ben, weekly, seq):
    socket = await listen(ben)
    op_id = uuid4()
    await elsewhere(add_entry, weekly, "eggs", by=by(nok, op_id=op_id), quantity=Decimal(2))
    (frame,) = await socket.events(1)
    assert (frame["seq"], frame["type"], frame["op_id"]) == (seq + 1, "list_item_added", str(op_id))
    assert frame["actor"] == {"user": str(nok.user_id), "agent": None}
    assert frame["data"]["entry"]["item"]["name"] == "Eggs"


async def test_who_listens_is_counted_and_how_soon_they_hear(listen, nok, ben, weekly):
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


async def test_a_removal_reaches_the_others_as_it_happens(listen, nok, ben, milk):
    socket = await listen(ben)
    await elsewhere(remove_entry, milk, by=by(nok))
    (frame,) = await socket.events(1)
    assert (frame["type"], frame["data"]["entry"]["id"]) == ("list_item_removed", str(milk.pk))


async def test_what_the_agent_did_is_shown_like_what_a_hand_did(listen, nok, ben, milk, eggs, pixie):
    socket = await listen(ben)
    await elsewhere(purchase_entry, milk, by=by(nok))
    await elsewhere(purchase_entry, eggs, by=by(nok).as_agent(pixie))
    by_hand, by_agent = await socket.events(2)
    assert by_hand["type"] == by_agent["type"] == "list_item_purchased"
    assert by_hand["data"]["entry"].keys() == by_agent["data"]["entry"].keys()
    assert by_agent["actor"] == {"user": str(nok.user_id), "agent": str(pixie.pk)}


async def test_who_comes_back_hears_what_was_missed_in_order(listen, nok, seq, weekly, milk, eggs, rice):
    socket = await listen(nok, f"?since={seq}")
    frames = await socket.events(4)
    assert [frame["type"] for frame in frames] == ["list_created", *["list_item_added"] * 3]
    assert [frame["seq"] for frame in frames] == [seq + 1, seq + 2, seq + 3, seq + 4]


async def test_what_was_missed_comes_before_what_happens_now(listen, nok, ben, seq, weekly, milk):
    await listen(ben)
    socket = await listen(nok, f"?since={seq}")
    await elsewhere(remove_entry, milk, by=by(nok))
    frames = await socket.events(3)
    assert [frame["type"] for frame in frames] == ["list_created", "list_item_added", "list_item_removed"]


async def test_without_a_position_only_what_happens_now_is_heard(listen, nok, milk):
    socket = await listen(nok)
    await elsewhere(remove_entry, milk, by=by(nok))
    assert [frame["type"] for frame in await socket.events(1)] == ["list_item_removed"]


@pytest.mark.parametrize(
    "query", ["?since=", "?since=soon", "?since=-1", "?since=" + "9" * 30, "?sınce=1", "?since=%00"]
)
async def test_a_position_that_is_none_is_as_if_none_was_given(listen, nok, seq, query):
    socket = await listen(nok, query)
    assert socket.first["type"] == "welcome"
    await elsewhere(create_channel, "holidays", by=by(nok))
    assert [frame["seq"] for frame in await socket.events(1)] == [seq + 1]


async def test_one_who_is_too_far_behind_loads_the_state_anew(listen, monkeypatch, nok, seq, weekly, milk, eggs):
    monkeypatch.setattr(home_channel, "MAX_CATCH_UP_EVENTS", 2)
    socket = await listen(nok, f"?since={seq}")
    assert await socket.next() == {"type": "resync", "seq": seq + 3}
    await elsewhere(remove_entry, milk, by=by(nok))
    assert [frame["seq"] for frame in await socket.events(1)] == [seq + 4]


async def test_one_who_is_just_not_too_far_behind_catches_up(listen, monkeypatch, nok, seq, weekly, milk, eggs):
    monkeypatch.setattr(home_channel, "MAX_CATCH_UP_EVENTS", 3)
    socket = await listen(nok, f"?since={seq}")
    assert [frame["seq"] for frame in await socket.events(3)] == [seq + 1, seq + 2, seq + 3]


async def test_one_who_knows_of_a_future_that_is_none_loads_the_state_anew(listen, nok, seq):
    """The home was restored from a backup."""
    socket = await listen(nok, f"?since={seq + 50}")
    assert await socket.next() == {"type": "resync", "seq": seq}


async def test_nothing_is_missed_doubled_or_out_of_order_when_many_write_at_once(listen, nok, ben, ploy, weekly, seq):
    early = await listen(ben)
    adding = [
        partial(add_entry, weekly, f"thing {number}", by=by((nok, ben, ploy)[number % 3])) for number in range(18)
    ]
    writing = asyncio.ensure_future(elsewhere(at_once, *adding))
    late = await listen(ploy, f"?since={seq}")
    expected = list(range(seq + 1, seq + 19))
    assert [frame["seq"] for frame in await early.events(18)] == expected
    assert [frame["seq"] for frame in await late.events(18)] == expected
    await writing
    await elsewhere(create_channel, "afterwards", by=by(nok))
    for socket in (early, late):
        assert [frame["seq"] for frame in await socket.events(1)] == [seq + 19]


async def test_another_homes_events_are_not_heard(listen, nok, mai, weekly):
    socket = await listen(mai)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert await socket.receive_nothing()


# Private rooms


async def test_what_is_said_in_private_only_moves_the_number_of_the_others(listen, nok, ben, seq):
    inside, outside = await listen(nok), await listen(ben)
    surprise = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(send_message, surprise, "A cake for Ben", by=by(nok))
    assert [frame["type"] for frame in await inside.events(3)] == ["channel_joined", "channel_created", "chat_message"]
    assert await outside.events(3) == [{"seq": seq + 1}, {"seq": seq + 2}, {"seq": seq + 3}]


async def test_so_it_is_for_who_catches_up(listen, nok, ben, seq):
    surprise = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    await elsewhere(send_message, surprise, "A cake for Ben", by=by(nok))
    assert await (await listen(ben, f"?since={seq}")).events(3) == [{"seq": seq + number} for number in (1, 2, 3)]
    assert "type" in (await (await listen(nok, f"?since={seq}")).events(1))[0]


async def test_a_private_room_is_heard_exactly_while_one_is_inside(listen, nok, ben):
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


async def test_the_others_see_who_comes_and_goes_once_however_many_tabs(listen, nok, ben):
    watching = await listen(nok)
    one, two = await listen(ben), await listen(ben)
    assert await watching.next() == {"type": "user_joined", "user_id": str(ben.user_id)}
    await one.disconnect()
    assert await watching.receive_nothing()
    await two.disconnect()
    assert await watching.next() == {"type": "user_left", "user_id": str(ben.user_id)}


async def test_who_is_removed_hears_of_it_and_is_closed(listen, nok, ben, seq):
    tabs = [await listen(ben), await listen(ben)]
    staying = await listen(nok)
    await elsewhere(remove_member, ben, by=by(nok))
    for socket in tabs:
        assert (await socket.events(1))[0]["type"] == "member_left"
        assert await socket.closing() == 4403
    await elsewhere(create_channel, "without-ben", by=by(nok))
    assert [frame["seq"] for frame in await staying.events(2)] == [seq + 1, seq + 2]


# What a client may say


async def test_a_ping_is_answered(listen, nok):
    socket = await listen(nok)
    await socket.send_json_to({"type": "ping"})
    assert await socket.next() == {"type": "pong"}


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
async def test_what_is_no_frame_is_said_to_be_none_and_the_socket_stays(listen, nok, frame):
    socket = await listen(nok)
    await socket.send_input({"type": "websocket.receive", **frame})
    assert (await socket.next())["error"]["code"] == "invalid"
    await socket.send_json_to({"type": "ping"})
    assert await socket.next() == {"type": "pong"}
