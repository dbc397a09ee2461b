"""The hub with slow, disconnected and fast clients, and lost, late and duplicate hints."""

import asyncio
import json

import pytest

from groceries.actions import add_entry, create_list, remove_entry
from homes.events import queries
from homes.live import connection, hub
from homes.live.authentication import Session
from homes.live.connection import MAX_QUEUED_FRAMES, TOO_SLOW, Connection
from homes.live.hub import get_hub
from pantry import broadcast
from tests.factories import by
from tests.homes.sockets import elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


class Client:
    """The ASGI `send` of a client. It blocks until `can_receive` is set."""

    def __init__(self):
        self.frames, self.close_codes = [], []
        self.can_receive = asyncio.Event()
        self.can_receive.set()

    async def send(self, message):
        await self.can_receive.wait()
        if message["type"] == "websocket.close":
            self.close_codes.append(message["code"])
        else:
            self.frames.append(json.loads(message["text"]))

    @property
    def events(self):
        return [frame for frame in self.frames if "seq" in frame and frame.get("type") != "welcome"]

    @property
    def seqs(self):
        return [event["seq"] for event in self.events]

    async def has(self, count):
        await until(lambda: len(self.seqs) >= count)
        return self.seqs


async def until(condition):
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def join(anyio_backend):
    """`await join(nok)`: a client that has joined the hub."""

    async def join_one(member, since=None, *, is_stuck=False):
        client, live = Client(), get_hub()
        if is_stuck:
            client.can_receive.clear()
        session = Session(member.home_id, member.user_id, None, None, frozenset(), None)
        client.connection = Connection(client.send, session)
        await live._open(member.home_id)
        client.home = live.join(client.connection, since)
        return client

    yield join_one
    await hub.shut_down()


@pytest.fixture
def without_hints(monkeypatch):
    monkeypatch.setattr(broadcast, "hint", lambda *_hint: None)


@pytest.fixture
def without_sweep(monkeypatch):
    monkeypatch.setattr(hub, "SWEEP_SECONDS", 1000.0)


async def test_event_after_a_lost_hint_is_delivered_by_the_sweep(without_hints, join, nok, weekly):
    client = await join(nok)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert len(await client.has(1)) == 1


async def test_late_and_duplicate_hints_deliver_each_event_once(without_hints, without_sweep, join, nok, weekly):
    client = await join(nok)
    begin = client.home.position
    for name in ("eggs", "milk", "rice"):
        await elsewhere(add_entry, weekly, name, by=by(nok))
    for seq in (begin + 3, begin + 1, begin + 3, begin + 2):
        client.home.on_hint(seq)
    assert await client.has(3) == [begin + 1, begin + 2, begin + 3]
    client.home.on_hint(begin + 2)
    await asyncio.sleep(0.05)
    assert client.seqs == [begin + 1, begin + 2, begin + 3]


async def test_hint_of_a_missing_event_is_ignored(without_hints, without_sweep, join, nok, weekly):
    client = await join(nok)
    begin = client.home.position
    client.home.on_hint(begin + 7)
    await until(lambda: client.home.reader is None)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    client.home.on_hint(begin + 1)
    assert await client.has(1) == [begin + 1]


async def test_event_after_a_failed_read_is_delivered_by_the_sweep(join, monkeypatch, nok, weekly):
    client = await join(nok)
    read, failures = queries.events, iter([RuntimeError("the database is away")])

    def fail_once(*args, **kwargs):
        for failure in failures:
            raise failure
        return read(*args, **kwargs)

    monkeypatch.setattr(queries, "events", fail_once)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    await elsewhere(add_entry, weekly, "milk", by=by(nok))
    assert len(await client.has(2)) == 2
    assert next(failures, None) is None


async def test_joining_between_two_events_delivers_both(join, nok, ben, weekly):
    early = await join(nok)
    begin = early.home.position
    entry, _ = await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    await early.has(1)
    late = await join(ben, since=begin)
    await elsewhere(remove_entry, entry, by=by(nok))
    assert await late.has(2) == await early.has(2) == [begin + 1, begin + 2]
    assert late.events[-1] == early.events[-1]


async def test_joining_since_zero_delivers_the_whole_log(join, nok, ben, weekly):
    await join(nok)
    late = await join(ben, since=0)
    assert await late.has(late.home.position) == list(range(1, late.home.position + 1))


async def test_client_ahead_of_this_process_continues_from_its_position(without_hints, join, nok, ben, weekly):
    """Another process has received the hint first."""
    early = await join(nok)
    begin = early.home.position
    for name in ("eggs", "milk"):
        await elsewhere(add_entry, weekly, name, by=by(nok))
    quick = await join(ben, since=begin + 1)
    assert await quick.has(1) == [begin + 2]
    assert await early.has(2) == [begin + 1, begin + 2]
    assert "resync" not in [frame.get("type") for frame in quick.frames]


async def test_slow_client_receives_every_event(join, nok, ben):
    quick, slow = await join(nok), await join(ben)
    slow.can_receive.clear()
    for number in range(10):
        await elsewhere(create_list, f"List {number}", by=by(nok))
    events = await quick.has(10)
    assert slow.seqs == []
    slow.can_receive.set()
    assert await slow.has(10) == events


async def test_stuck_client_is_closed_and_does_not_delay_others(join, nok, ben):
    quick, stuck = await join(nok), await join(ben, is_stuck=True)
    count = MAX_QUEUED_FRAMES + 2
    for number in range(count):
        quick.home.on_transient(json.dumps({"type": "typing", "number": number}), None, None)
        await asyncio.sleep(0)
    assert stuck.connection.is_closed
    await until(lambda: [frame["type"] for frame in quick.frames].count("typing") == count)
    assert not quick.connection.is_closed
    stuck.can_receive.set()
    await until(lambda: stuck.close_codes)
    assert stuck.close_codes == [TOO_SLOW]


async def test_slow_client_that_reconnects_receives_all_missed_events(join, monkeypatch, nok, ben, weekly):
    monkeypatch.setattr("homes.live.home_channel.MAX_QUEUED_FRAMES", 4)
    monkeypatch.setattr(connection, "MAX_QUEUED_FRAMES", 4)
    for number in range(20):
        await elsewhere(create_list, f"List {number}", by=by(nok))
    slow = await join(ben, since=0, is_stuck=True)
    await elsewhere(create_list, "Meanwhile", by=by(nok))
    for _time in range(40):
        slow.can_receive.set()
        await asyncio.sleep(0)
        slow.can_receive.clear()
        await asyncio.sleep(0.005)
    slow.can_receive.set()
    assert await slow.has(slow.home.position) == list(range(1, slow.home.position + 1))
    assert not slow.connection.is_closed


async def test_client_that_is_stuck_while_catching_up_is_closed(join, monkeypatch, nok, ben, weekly):
    monkeypatch.setattr("homes.live.home_channel.MAX_QUEUED_FRAMES", 4)
    monkeypatch.setattr(connection, "DRAIN_SECONDS", 0.05)
    stuck = await join(ben, since=0, is_stuck=True)
    await until(lambda: stuck.connection.is_closed)
    stuck.can_receive.set()
    await until(lambda: stuck.close_codes)
    assert stuck.close_codes == [TOO_SLOW]


async def test_disconnected_client_does_not_affect_others(join, nok, ben, weekly):
    quick, disconnected = await join(nok), await join(ben)

    async def fail(_message):
        raise ConnectionResetError

    disconnected.connection.send = fail
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert len(await quick.has(1)) == 1
    assert disconnected.connection.is_closed


async def test_home_without_connections_is_removed(join, nok, ben):
    clients = [await join(nok), await join(ben)]
    assert nok.home_id in get_hub().homes
    for client in clients:
        get_hub().leave(client.connection)
        get_hub().leave(client.connection)
    assert nok.home_id not in get_hub().homes


async def test_joining_while_the_last_client_leaves_delivers_events(join, monkeypatch, nok, ben, weekly):
    only, live, read = await join(nok), get_hub(), queries.events

    def leave_meanwhile(*args, **kwargs):
        live.loop.call_soon_threadsafe(live.leave, only.connection)
        return read(*args, **kwargs)

    monkeypatch.setattr(queries, "events", leave_meanwhile)
    joining = await join(ben, since=0)
    received = len(await joining.has(joining.home.position))
    monkeypatch.undo()
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert len(await joining.has(received + 1)) == received + 1


async def test_shutting_down_closes_every_connection(join, nok, ben):
    clients = [await join(nok), await join(ben)]
    await hub.shut_down()
    await until(lambda: all(client.close_codes for client in clients))
    assert [client.close_codes for client in clients] == [[1012], [1012]]
