"""Commands of clients over the WebSocket."""

import asyncio
import json
from uuid import uuid4

import pytest
from django.db import OperationalError

from chat.actions import create_channel, send_message
from chat.models import ChannelMember, Message
from groceries.actions import create_list, purchase_entry
from groceries.models import GroceryList, ListEntry
from homes.accounts.actions import create_api_token, revoke_api_token
from homes.actions import remove_member
from homes.events.models import Event, Origin
from homes.live import consumer
from homes.live.authentication import Session
from pantry.api import throttles
from pantry.api.errors import RETRY_AFTER_SECONDS
from pantry.protocols import TokenBucket
from tests.factories import by
from tests.homes.sockets import elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


async def send_command(socket, kind, op_id=None, **fields):
    await socket.send_json_to({"type": kind, "op_id": op_id or str(uuid4()), **fields})


async def receive(socket, *kinds):
    """Return the next frame of one of these types."""
    while True:
        frame = await socket.next()
        if frame.get("type") in kinds:
            return frame


# Effects


@pytest.fixture
def commands(weekly, milk, general):
    """By type: the fields of the command, and a check of its effect."""
    return {
        "chat_message": (
            {"channel_id": str(general.pk), "content": "Dinner at seven"},
            lambda data: data["message"]["body"] == Message.objects.get().body == "Dinner at seven",
        ),
        "list_item_added": (
            {"list_id": str(weekly.pk), "name": "eggs", "quantity": "6"},
            lambda data: data["entry"]["id"] == str(ListEntry.objects.get(item__name="Eggs", quantity=6).pk),
        ),
        "list_item_purchased": (
            {"entry_id": str(milk.pk), "price_paid": "45"},
            lambda data: data["entry"]["price_paid"] == "45" and ListEntry.objects.get(pk=milk.pk).is_purchased,
        ),
        "list_state_changed": (
            {"list_id": str(weekly.pk), "state": "approved"},
            lambda data: data["list"]["state"] == GroceryList.objects.get(pk=weekly.pk).state == "approved",
        ),
    }


KINDS = ["chat_message", "list_item_added", "list_item_purchased", "list_state_changed"]


@pytest.mark.parametrize("kind", KINDS)
async def test_command_is_answered_by_its_event(listen, nok, ben, commands, kind):
    fields, is_done = commands[kind]
    mine, theirs, op_id = await listen(ben), await listen(nok), str(uuid4())
    await send_command(mine, kind, op_id, **fields)
    event, received = await receive(mine, kind, "error"), await receive(theirs, kind)
    assert event == received
    assert (event["op_id"], event["actor"]["user"]) == (op_id, str(ben.user_id))
    assert await elsewhere(is_done, event["data"])
    written = await elsewhere(Event.objects.get, home=nok.home, seq=event["seq"])
    assert written.origin == Origin.SOCKET


@pytest.mark.parametrize("kind", KINDS)
async def test_repeated_command_is_answered_with_done(listen, nok, commands, kind):
    fields, _is_done = commands[kind]
    socket, op_id = await listen(nok), str(uuid4())
    await send_command(socket, kind, op_id, **fields)
    event = await receive(socket, kind, "error")
    await send_command(socket, kind, op_id, **fields)
    assert await receive(socket, kind, "done", "error") == {"type": "done", "op_id": op_id, "event_seq": event["seq"]}


@pytest.mark.parametrize("fields", [{"type": "list_state_changed", "state": "approved"}, {"type": "looking"}])
async def test_busy_database_is_answered_with_the_time_to_wait(listen, nok, weekly, monkeypatch, fields):
    def fail(*_args):
        raise OperationalError("database is locked")

    socket, op_id = await listen(nok), str(uuid4())
    monkeypatch.setattr(Session, "current_member", fail)
    await socket.send_json_to({"list_id": str(weekly.pk), "at": str(weekly.pk), "op_id": op_id, **fields})
    frame = await receive(socket, "error")
    assert (frame["error"]["code"], frame["error"]["retry_after"]) == ("unavailable", RETRY_AFTER_SECONDS)
    assert frame["op_id"] == op_id
    await socket.send_json_to({"type": "ping"})
    assert (await receive(socket, "pong"))["type"] == "pong"


async def test_command_without_effect_is_answered_with_done(listen, nok, milk):
    socket, op_id = await listen(nok), str(uuid4())
    await elsewhere(purchase_entry, milk, by=by(nok))
    await send_command(socket, "list_item_purchased", op_id, entry_id=str(milk.pk))
    assert await receive(socket, "done", "error") == {"type": "done", "op_id": op_id, "event_seq": None}


async def test_message_in_a_thread_has_its_parent(listen, nok, ben, general):
    root = await elsewhere(send_message, general, "Who is home?", by=by(nok))
    socket = await listen(ben)
    await send_command(socket, "chat_message", channel_id=str(general.pk), content="I am", parent_id=str(root.pk))
    assert (await receive(socket, "chat_message"))["data"]["message"]["parent_id"] == str(root.pk)


async def test_marking_read_sends_unread_counts_to_the_reader_only(listen, nok, ben, general):
    tabs, other = [await listen(ben), await listen(ben)], await listen(nok)
    message = await elsewhere(send_message, general, "Hello", by=by(nok))
    for tab in tabs:
        assert (await receive(tab, "unread_count"))["count"] == 1
    await send_command(tabs[0], "read", channel_id=str(general.pk), seq=message.seq)
    for tab in tabs:
        read = await receive(tab, "unread_count", "error")
        assert read == {"type": "unread_count", "channel_id": str(general.pk), "count": 0, "total": 0}
    member = await elsewhere(ChannelMember.objects.get, channel=general, user=ben.user)
    assert member.last_read_seq == message.seq
    await other.send_json_to({"type": "ping"})
    counts = []
    while (frame := await other.next())["type"] != "pong":
        counts += [frame["count"]] if frame["type"] == "unread_count" else []
    assert set(counts) == {0}


async def test_read_position_cannot_exceed_the_last_message(listen, nok, general):
    socket = await listen(nok)
    await send_command(socket, "read", channel_id=str(general.pk), seq=10**9)
    await receive(socket, "unread_count")
    await elsewhere(nok.home.refresh_from_db)
    member = await elsewhere(ChannelMember.objects.get, channel=general, user=nok.user)
    assert member.last_read_seq <= nok.home.last_seq


# Errors


async def receive_error(socket, kind, **fields):
    op_id = str(uuid4())
    await send_command(socket, kind, op_id, **fields)
    frame = await receive(socket, "error", kind, "done")
    assert (frame["type"], frame.get("op_id")) == ("error", op_id)
    return frame["error"]


@pytest.mark.parametrize("kind", [*KINDS, "read", "typing"])
async def test_rows_of_another_home_are_not_found(listen, mai, commands, general, kind):
    fields, _is_done = commands.get(kind, ({"channel_id": str(general.pk), "seq": 1}, None))
    socket = await listen(mai)
    assert (await receive_error(socket, kind, **fields))["code"] == "not_found"


@pytest.mark.parametrize("kind", ["chat_message", "read", "typing", "looking"])
async def test_private_room_is_not_found_for_non_members(listen, nok, ben, kind):
    room = await elsewhere(create_channel, "surprise", by=by(nok), is_private=True)
    socket = await listen(ben)
    where = {"at": str(room.pk), "channel_id": str(room.pk), "content": "Let me in", "seq": 1}
    assert (await receive_error(socket, kind, **where))["code"] == "not_found"


@pytest.mark.parametrize(
    "kind, fields",
    [
        ("chat_message", {"content": "x"}),
        ("chat_message", {"channel_id": "general", "content": "x"}),
        ("list_item_added", {"list_id": str(uuid4())}),
        ("list_item_added", {"list_id": str(uuid4()), "name": "eggs", "quantity": "many"}),
        ("list_item_purchased", {}),
        ("list_state_changed", {"list_id": str(uuid4()), "state": "eaten"}),
        ("read", {"channel_id": str(uuid4()), "seq": -1}),
    ],
)
async def test_invalid_fields_are_reported_by_name(listen, nok, kind, fields):
    error = await receive_error(await listen(nok), kind, **fields)
    assert error["code"] == "invalid"
    assert error["fields"]


async def test_action_error_is_returned_with_its_message(listen, nok, weekly, general):
    socket = await listen(nok)
    await send_command(socket, "list_state_changed", list_id=str(weekly.pk), state="completed")
    await receive(socket, "list_state_changed")
    error = await receive_error(socket, "list_item_added", list_id=str(weekly.pk), name="eggs")
    assert error == {"code": "refused", "message": "This list is done. Start the next one to add to it."}


async def test_invalid_op_id_is_rejected(listen, nok, general):
    socket = await listen(nok)
    await send_command(socket, "chat_message", "seven", channel_id=str(general.pk), content="x")
    frame = await receive(socket, "error", "chat_message")
    assert (frame["op_id"], frame["error"]["code"]) == ("seven", "invalid")


async def test_unknown_command_is_rejected(listen, nok):
    assert (await receive_error(await listen(nok), "member_removed"))["code"] == "unknown_type"


async def test_failing_command_gets_an_error_and_keeps_the_connection(listen, monkeypatch, nok, weekly, caplog):
    monkeypatch.setattr("groceries.socket.add_entry", lambda *_args, **_fields: 1 / 0)
    socket = await listen(nok)
    error = await receive_error(socket, "list_item_added", list_id=str(weekly.pk), name="eggs")
    assert error["code"] == "error"
    assert "ZeroDivisionError" in caplog.text
    await socket.send_json_to({"type": "ping"})
    assert await receive(socket, "pong")


# Authorization of each command


async def test_command_requires_the_scope_of_the_token(nok, listen, weekly, general):
    _token, raw = await elsewhere(create_api_token, nok.user, name="Display", scopes=["read", "chat"])
    socket = await listen.open(nok.home_id, f"?token={raw}")
    await send_command(socket, "chat_message", channel_id=str(general.pk), content="Hello")
    assert await receive(socket, "chat_message")
    error = await receive_error(socket, "list_item_added", list_id=str(weekly.pk), name="eggs")
    assert error == {"code": "permission_denied", "message": "This token lacks the scope “write”."}


async def test_command_with_a_revoked_token_is_rejected(nok, listen, general):
    token, raw = await elsewhere(create_api_token, nok.user, name="Display", scopes=["read", "chat"])
    socket = await listen.open(nok.home_id, f"?token={raw}")
    await elsewhere(revoke_api_token, token)
    await send_command(socket, "chat_message", channel_id=str(general.pk), content="Hello")
    assert (await receive(socket, "error", "chat_message"))["type"] == "error"
    assert not await elsewhere(Message.objects.exists)


async def test_command_of_a_removed_member_is_rejected(listen, monkeypatch, nok, ben, general):
    socket = await listen(ben)
    await send_command(socket, "ping")
    await receive(socket, "pong")  # a new connection is authenticated once more
    monkeypatch.setattr(
        "homes.live.home_channel.HomeChannel.on_hint", lambda *_hint: None
    )  # so that the connection stays open
    await elsewhere(remove_member, ben, by=by(nok))
    error = await receive_error(socket, "chat_message", channel_id=str(general.pk), content="Still here")
    assert error["code"] == "permission_denied"
    assert not await elsewhere(Message.objects.exists)


# Too much


async def test_flood_of_commands_is_throttled_and_then_closed(listen, monkeypatch, nok):
    monkeypatch.setattr(throttles.time, "monotonic", lambda: 0.0)
    socket = await listen(nok)
    most = int(consumer.BURST_FRAMES)
    for number in range(2 * most + 1):
        await socket.send_json_to({"type": "ping", "op_id": number})
    answers = [await socket.next() for _frame in range(2 * most)]
    assert [frame["type"] for frame in answers] == ["pong"] * most + ["error"] * most
    assert (answers[most]["error"]["code"], answers[most]["op_id"]) == ("too_many", most)
    assert await socket.closing() == consumer.FLOODING


async def test_token_bucket_refills(monkeypatch):
    moment = [0.0]
    monkeypatch.setattr(throttles.time, "monotonic", lambda: moment[0])
    bucket = TokenBucket(60.0, 20.0)
    while bucket.take() >= 0:
        pass
    moment[0] += 1.0
    assert [bucket.take() >= 0 for _frame in range(21)] == [True] * 19 + [False, False]


async def test_commands_of_one_client_run_in_order(listen, nok):
    socket = await listen(nok)
    made = await elsewhere(create_list, "Order", by=by(nok))
    for name in ("eggs", "milk", "rice"):
        await send_command(socket, "list_item_added", list_id=str(made.pk), name=name)
    names = [(await receive(socket, "list_item_added"))["data"]["entry"]["item"]["name"] for _each in range(3)]
    assert names == ["Eggs", "Milk", "Rice"]


async def test_slow_command_does_not_block_other_clients(listen, monkeypatch, nok, ben, weekly):
    loop, let_go = asyncio.get_running_loop(), asyncio.Event()

    def slowly(*_args, **_fields):
        asyncio.run_coroutine_threadsafe(let_go.wait(), loop).result()

    monkeypatch.setattr("groceries.socket.add_entry", slowly)
    slow, quick = await listen(nok), await listen(ben)
    await send_command(slow, "list_item_added", list_id=str(weekly.pk), name="eggs")
    await quick.send_json_to({"type": "ping"})
    assert await receive(quick, "pong")
    let_go.set()
    assert (await receive(slow, "done"))["event_seq"] is None


async def test_every_queued_frame_is_json():
    assert consumer.parse_frame(json.dumps({"type": "ping"})) == {"type": "ping"}
    assert "problem" in consumer.parse_frame("[" * 5000)
