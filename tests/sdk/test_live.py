"""The live stream, through what happens to connections."""

import asyncio
import json
import queue
import threading
from contextlib import aclosing, closing
from itertools import islice
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from pantry_pixie import AsyncClient, Client, Credentials, RetryPolicy
from pantry_pixie.errors import Forbidden, NotSignedIn
from pantry_pixie.live import Stream
from pantry_pixie.transport import Sleep
from websockets.exceptions import ConnectionClosed, ConnectionClosedError
from websockets.frames import Close
from websockets.sync.server import serve

from tests.sdk.conftest import QUICK
from tests.server import BEN, NOK, PASSWORD, Server

PATIENCE = 30  # seconds until an event that should come is missed


class Listener:
    """Somebody who listens in a thread of their own, until the list is approved."""

    def __init__(self, client, home, since=None):
        self.heard = queue.Queue()
        self.stream = client.live(home, since=since)
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        with closing(self.stream):
            for event in self.stream:
                self.heard.put(event)
                if event.type == "list_state_changed":
                    return

    def next(self, count):
        return [self.heard.get(timeout=PATIENCE) for _event in range(count)]


def newest(client, home):
    return client.events.list(home, after=0, limit=1).seq


def test_what_happened_since_and_what_happens_come_in_order(nok, home, weekly):
    since = newest(nok, home)
    nok.entries.add(home, weekly, "Eggs", quantity=1)
    with closing(nok.live(home, since=since)) as stream:
        first = next(stream)
        assert (first.type, first.seq) == ("list_item_added", since + 1)
        nok.entries.add(home, weekly, "Eggs", quantity=1)
        assert next(stream).type == "list_item_updated"


@pytest.mark.slow
def test_it_survives_the_death_of_the_server_with_nothing_lost_or_doubled(tmp_path):
    with Server(tmp_path / "data") as server, Client(server.url, retry_policy=QUICK) as client:
        client.account.sign_in(NOK, PASSWORD)
        home = client.homes.list().results[0]
        weekly = client.lists.create(home, name="Weekly shop")
        since = newest(client, home)
        listener = Listener(client, home, since)
        for number in range(3):
            client.entries.add(home, weekly, f"Before {number}")
        heard = listener.next(2)
        server.kill()
        server.start()
        for number in range(3):
            client.entries.add(home, weekly, f"After {number}")
        client.lists.update(home, weekly, state="approved")
        log = client.events.list(home, after=since).results
        listener.thread.join(PATIENCE)
        heard += listener.next(listener.heard.qsize())
        assert [event.seq for event in heard] == [event.seq for event in log]
        assert len({event.seq for event in heard}) == len(heard) >= 7


@pytest.fixture
def goodbyes():
    """How those who listened left."""
    return queue.Queue()


@pytest.fixture
def far_ahead(goodbyes):
    """A server whose log is at 5, and whose stream brings nothing older than 6. Its second page begins at 4."""
    shown = {number: event(number) for number in (1, 2, 4, 5)} | {3: {"seq": 3}}  # 3 is none of one's business

    def log(connection, request):
        address = urlsplit(request.path)
        if not address.path.endswith("/events"):
            return None
        after = int(parse_qs(address.query)["after"][0])
        page = [shown[number] for number in range(after + 1, min(after + 4, 6))]
        more = "http://x/?after=3" if after < 2 else None
        return connection.respond(200, json.dumps({"results": page, "seq": 5, "next": more}))

    def stream(socket):
        for frame in (
            {"type": "welcome", "seq": 5},
            {"type": "resync", "seq": 5},
            event(5),
            {"type": "typing"},
            event(6),
        ):
            socket.send(json.dumps(frame))
        try:
            socket.recv()
        except ConnectionClosed as closed:
            goodbyes.put(closed.rcvd and closed.rcvd.code)

    with serve(stream, "127.0.0.1", 0, process_request=log) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


def event(seq):
    return {"seq": seq, "type": "t", "actor": {"user": None, "agent": None}, "at": "2026-01-01T00:00:00Z", "data": {}}


def test_who_is_too_far_behind_gets_the_rest_from_the_log(far_ahead):
    with Client(far_ahead) as client, closing(client.live("home", since=0)) as stream:
        assert [next(stream).seq for _event in range(5)] == [1, 2, 4, 5, 6]


def test_what_passes_without_being_kept_is_heard_by_who_asks_for_it(far_ahead):
    with Client(far_ahead) as client, closing(client.frames("home", since=4, idle_seconds=0.05)) as stream:
        assert [frame and frame.type for frame in islice(stream, 4)] == ["t", "typing", "t", None]


def test_who_listens_no_more_says_goodbye(far_ahead, goodbyes):
    with Client(far_ahead) as client, closing(client.live("home", since=4)) as stream:
        next(stream)
    assert goodbyes.get(timeout=PATIENCE) == 1000


@pytest.mark.anyio
async def test_the_other_client_says_goodbye_as_well(far_ahead, goodbyes):
    async with AsyncClient(far_ahead) as client, aclosing(client.live("home", since=4)) as stream:
        await anext(stream)
    assert await asyncio.to_thread(goodbyes.get, timeout=PATIENCE) == 1000


@pytest.mark.anyio
async def test_the_other_client_catches_up_as_well(far_ahead):
    async with AsyncClient(far_ahead) as client, aclosing(client.live("home", since=0)) as stream:
        assert [(await anext(stream)).seq for _event in range(5)] == [1, 2, 4, 5, 6]


def test_who_is_refused_for_a_while_waits_as_long_as_it_is_told_and_a_little_longer():
    stream = Stream("home", 5, RetryPolicy(jitter=lambda _low, high: high))
    stream.read('{"type": "error", "error": {"code": "throttled", "message": "Too many.", "retry_after": 50}}')
    assert stream.reconnect(ConnectionClosedError(Close(4429, ""), None), "t") == Sleep(50.25)
    assert stream.reconnect(ConnectionClosedError(Close(1012, ""), None), "t") == Sleep(0.5)


def test_a_token_that_is_over_is_renewed_for_the_stream(signed_in, nok, home, weekly):
    ben = signed_in(BEN)
    ben.store.write(Credentials("over", ben.store.read().refresh))
    since = newest(nok, home)
    nok.entries.add(home, weekly, "Eggs")
    with closing(ben.live(home, since=since)) as stream:
        assert next(stream).seq == since + 1


def test_a_stranger_hears_nothing(mai, home):
    with closing(mai.live(home)) as stream, pytest.raises(Forbidden):
        next(stream)
    with closing(mai.live(uuid4())) as stream, pytest.raises(Forbidden):
        next(stream)


def test_nobody_hears_nothing(server, home):
    for token in (None, "over"):
        with Client(server.url, token=token, retry_policy=QUICK) as client, pytest.raises((NotSignedIn, Forbidden)):
            next(client.live(home))


def test_who_is_removed_is_told_so(server, nok, home):
    made = nok.invitations.create(home)
    with Client(server.url, retry_policy=QUICK) as guest:
        guest.account.sign_up(f"{uuid4().hex}@example.com", "correct horse battery staple", "Guest")
        guest.invitations.accept(made.token)
        since = newest(nok, home)
        with closing(guest.live(home, since=since)) as stream:
            nok.entries.add(home, nok.lists.create(home), "Eggs")
            next(stream)
            nok.members.remove(home, guest.account.me().user)
            with pytest.raises(Forbidden):
                list(stream)


def test_what_is_said_in_a_private_room_is_not_heard_outside(signed_in, nok, home, weekly):
    room = nok.channels.create(home, f"secret-{uuid4().hex[:8]}", is_private=True)
    since = newest(nok, home)
    nok.messages.send(home, room, "A surprise for Ben")
    nok.entries.add(home, weekly, "Candles")
    with closing(signed_in(BEN).live(home, since=since)) as stream:
        assert next(stream).type == "list_item_added"


@pytest.mark.anyio
async def test_the_other_client_listens_as_well(server, nok, home, weekly):
    since = newest(nok, home)
    async with AsyncClient(server.url, retry_policy=QUICK) as client:
        await client.account.sign_in(NOK, PASSWORD)
        stream = client.live(home, since=since)
        await client.entries.add(home, weekly, "Eggs")
        first = await asyncio.wait_for(anext(stream), PATIENCE)
        assert first.seq == since + 1
        await client.entries.add(home, weekly, "Milk")
        assert (await asyncio.wait_for(anext(stream), PATIENCE)).type == "list_item_added"
        await stream.aclose()
