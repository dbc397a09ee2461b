"""The hub alone, with clients that are slow, gone or patient, and hints that are lost, late or doubled."""

import asyncio
import json

import pytest

from groceries.actions import add_entry, create_list, remove_entry
from homes import logbook, stream
from homes.connection import MAX_PENDING, TOO_SLOW, Connection
from homes.stream import hub
from tests.cast import by
from tests.homes.sockets import elsewhere

pytestmark = [pytest.mark.anyio, pytest.mark.django_db(transaction=True)]


class Client:
    """What a server's `send` does: it takes a frame, or makes the sender wait while `is_stuck`."""

    def __init__(self):
        self.frames, self.codes = [], []
        self.flowing = asyncio.Event()
        self.flowing.set()

    async def send(self, message):
        await self.flowing.wait()
        if message["type"] == "websocket.close":
            self.codes.append(message["code"])
        else:
            self.frames.append(json.loads(message["text"]))

    @property
    def seqs(self):
        return [frame["seq"] for frame in self.frames if "seq" in frame]

    async def has(self, count):
        async with asyncio.timeout(5):
            while len(self.seqs) < count:
                await asyncio.sleep(0.01)
        return self.seqs


@pytest.fixture
async def hear(anyio_backend):
    """`await hear(nok)`: a client that the hub sends to from now on."""

    async def hear(member, since=None):
        client = Client()
        client.connection = Connection(client.send, member.user_id)
        client.home = await hub().join(member.home_id, client.connection, since)
        return client

    yield hear
    await stream.shut_down()


@pytest.fixture
def deaf(monkeypatch):
    """No hint arrives."""
    monkeypatch.setattr(stream, "hint", lambda *_hint: None)


async def test_a_lost_hint_is_made_good_by_the_heartbeat(hear, monkeypatch, deaf, nok, weekly):
    monkeypatch.setattr(stream, "HEARTBEAT", 0.05)
    client = await hear(nok)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert len(await client.has(1)) == 1


async def test_late_and_doubled_hints_deliver_each_event_once(hear, deaf, nok, weekly):
    client = await hear(nok)
    begin = client.home.position
    for name in ("eggs", "milk", "rice"):
        await elsewhere(add_entry, weekly, name, by=by(nok))
    for seq in (begin + 3, begin + 1, begin + 3, begin + 2):
        hub().poke(nok.home_id, seq)
    assert await client.has(3) == [begin + 1, begin + 2, begin + 3]
    hub().poke(nok.home_id, begin + 2)
    await asyncio.sleep(0.05)
    assert client.seqs == [begin + 1, begin + 2, begin + 3]


async def test_a_hint_of_what_is_not_there_does_no_harm(hear, deaf, nok, weekly):
    client = await hear(nok)
    begin = client.home.position
    hub().poke(nok.home_id, begin + 7)
    await asyncio.sleep(0.05)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    hub().poke(nok.home_id, begin + 1)
    assert await client.has(1) == [begin + 1]


async def test_a_failure_to_read_is_made_good_by_the_next_look(hear, monkeypatch, nok, weekly):
    client = await hear(nok)
    read, failures = logbook.events, iter([RuntimeError("the database is away")])

    def fail_once(*args, **kwargs):
        for failure in failures:
            raise failure
        return read(*args, **kwargs)

    monkeypatch.setattr(logbook, "events", fail_once)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    await elsewhere(add_entry, weekly, "milk", by=by(nok))
    assert len(await client.has(2)) == 2
    assert next(failures, None) is None


async def test_who_joins_between_two_others_hears_the_same(hear, nok, ben, weekly):
    early = await hear(nok)
    begin = early.home.position
    entry, _ = await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    await early.has(1)
    late = await hear(ben, since=begin)
    await elsewhere(remove_entry, entry, by=by(nok))
    assert await late.has(2) == await early.has(2) == [begin + 1, begin + 2]
    assert late.frames[-1] == early.frames[-1]


async def test_what_is_older_than_the_hub_remembers_is_read_from_the_log(hear, nok, ben, weekly):
    await hear(nok)
    late = await hear(ben, since=0)
    assert late.seqs == list(range(1, late.home.position + 1))


async def test_who_knows_more_than_this_process_has_read_goes_on_from_there(hear, deaf, nok, ben, weekly):
    """Another process was told of it first."""
    early = await hear(nok)
    begin = early.home.position
    for name in ("eggs", "milk"):
        await elsewhere(add_entry, weekly, name, by=by(nok))
    quick = await hear(ben, since=begin + 1)
    assert await quick.has(1) == [begin + 2]
    assert await early.has(2) == [begin + 1, begin + 2]
    assert "resync" not in [frame.get("type") for frame in quick.frames]


async def test_a_slow_client_waits_its_turn_and_misses_nothing(hear, nok, ben):
    quick, slow = await hear(nok), await hear(ben)
    slow.flowing.clear()
    for number in range(10):
        await elsewhere(create_list, f"List {number}", by=by(nok))
    heard = await quick.has(10)
    assert slow.seqs == []
    slow.flowing.set()
    assert await slow.has(10) == heard


async def test_a_client_that_takes_nothing_is_cut_and_holds_up_nobody(hear, nok, ben):
    quick, stuck = await hear(nok), await hear(ben)
    stuck.flowing.clear()
    for number in range(MAX_PENDING + 2):
        quick.home.tell({"type": "typing", "number": number})
    assert stuck.connection.dead
    stuck.flowing.set()
    await asyncio.sleep(0.05)
    assert stuck.codes == [TOO_SLOW]
    assert len(quick.frames) == 1 + MAX_PENDING + 2
    assert not quick.connection.dead


async def test_a_client_that_is_gone_disturbs_nobody(hear, nok, ben, weekly):
    quick, gone = await hear(nok), await hear(ben)

    async def fail(_message):
        raise ConnectionResetError

    gone.connection.send = fail
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert len(await quick.has(1)) == 1
    assert gone.connection.dead


async def test_an_empty_house_is_forgotten(hear, nok, ben):
    clients = [await hear(nok), await hear(ben)]
    assert nok.home_id in hub().homes
    for client in clients:
        hub().leave(nok.home_id, client.connection)
        hub().leave(nok.home_id, client.connection)
    assert nok.home_id not in hub().homes


async def test_who_joins_while_the_last_other_leaves_is_not_left_deaf(hear, monkeypatch, nok, ben, weekly):
    only = await hear(nok)
    read = logbook.events

    house = hub()

    def leave_meanwhile(*args, **kwargs):
        house.loop.call_soon_threadsafe(house.leave, nok.home_id, only.connection)
        return read(*args, **kwargs)

    monkeypatch.setattr(logbook, "events", leave_meanwhile)
    joining = await hear(ben, since=0)
    monkeypatch.undo()
    heard = len(joining.seqs)
    await elsewhere(add_entry, weekly, "eggs", by=by(nok))
    assert len(await joining.has(heard + 1)) == heard + 1


async def test_at_the_end_everybody_is_closed(hear, nok, ben):
    clients = [await hear(nok), await hear(ben)]
    await stream.shut_down()
    await asyncio.sleep(0.05)
    assert [client.codes for client in clients] == [[1012], [1012]]
