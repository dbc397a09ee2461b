"""The live stream over connections that break."""

import asyncio
import json
import queue
import threading
from contextlib import aclosing, closing
from itertools import islice, takewhile
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

TIMEOUT_SECONDS = 30


class Listener:
    """Reads the stream in its own thread until the list is approved."""

    def __init__(self, client, home, since=None):
        self.received = queue.Queue()
        self.stream = client.live(home, since=since)
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self):
        with closing(self.stream):
            for event in self.stream:
                self.received.put(event)
                if event.type == "list_state_changed":
                    return

    def next(self, count):
        return [self.received.get(timeout=TIMEOUT_SECONDS) for _event in range(count)]


def newest(client, home):
    return client.events.list(home, after=0, limit=1).seq


def next_list_event(stream):
    """Skip other events: Pixie may still be at work on what other tests wrote in this home."""
    return next(event for event in stream if event.type.startswith("list_item_"))


async def anext_list_event(stream):
    return await anext(event async for event in stream if event.type.startswith("list_item_"))


def test_past_and_new_events_come_in_order(nok, home, weekly):
    since = newest(nok, home)
    nok.entries.add(home, weekly, "Eggs", quantity=1)
    with closing(nok.live(home, since=since)) as stream:
        first = next_list_event(stream)
        assert first.type == "list_item_added"
        assert first.seq > since
        nok.entries.add(home, weekly, "Eggs", quantity=1)
        second = next_list_event(stream)
        assert second.type == "list_item_updated"
        assert second.seq > first.seq


@pytest.mark.slow
def test_restart_of_the_server_loses_and_repeats_no_event(tmp_path):
    with Server(tmp_path / "data") as server, Client(server.url, retry_policy=QUICK) as client:
        client.account.sign_in(NOK, PASSWORD)
        home = client.homes.list().results[0]
        weekly = client.lists.create(home, name="Weekly shop")
        since = newest(client, home)
        listener = Listener(client, home, since)
        for number in range(3):
            client.entries.add(home, weekly, f"Before {number}")
        received = listener.next(2)
        server.kill()
        server.start()
        for number in range(3):
            client.entries.add(home, weekly, f"After {number}")
        client.lists.update(home, weekly, state="approved")
        log = client.events.list(home, after=since).results
        listener.thread.join(TIMEOUT_SECONDS)
        received += listener.next(listener.received.qsize())
        assert [event.seq for event in received] == [event.seq for event in log]
        assert len({event.seq for event in received}) == len(received) >= 7


@pytest.fixture
def close_codes():
    """The close codes of the clients."""
    return queue.Queue()


@pytest.fixture
def far_ahead(close_codes):
    """A server whose log is at 5, and whose stream brings nothing older than 6. Its second page begins at 4."""
    events = {number: event(number) for number in (1, 2, 4, 5)} | {3: {"seq": 3}}  # 3 is hidden

    def log(connection, request):
        address = urlsplit(request.path)
        if not address.path.endswith("/events"):
            return None
        after = int(parse_qs(address.query)["after"][0])
        page = [events[number] for number in range(after + 1, min(after + 4, 6))]
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
            close_codes.put(closed.rcvd and closed.rcvd.code)

    with serve(stream, "127.0.0.1", 0, process_request=log) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


def event(seq):
    return {"seq": seq, "type": "t", "actor": {"user": None, "agent": None}, "at": "2026-01-01T00:00:00Z", "data": {}}


def test_resync_reads_the_missed_events_from_the_log(far_ahead):
    with Client(far_ahead) as client, closing(client.live("home", since=0)) as stream:
        assert [next(stream).seq for _event in range(5)] == [1, 2, 4, 5, 6]


def test_frames_yields_ephemeral_events_and_idle_times(far_ahead):
    with Client(far_ahead) as client, closing(client.frames("home", since=4, idle_seconds=0.05)) as stream:
        assert [frame and frame.type for frame in islice(stream, 4)] == ["t", "typing", "t", None]


def test_closing_the_stream_closes_the_connection_normally(far_ahead, close_codes):
    with Client(far_ahead) as client, closing(client.live("home", since=4)) as stream:
        next(stream)
    assert close_codes.get(timeout=TIMEOUT_SECONDS) == 1000


@pytest.mark.anyio
async def test_closing_the_async_stream_closes_the_connection_normally(far_ahead, close_codes):
    async with AsyncClient(far_ahead) as client, aclosing(client.live("home", since=4)) as stream:
        await anext(stream)
    assert await asyncio.to_thread(close_codes.get, timeout=TIMEOUT_SECONDS) == 1000


@pytest.mark.anyio
async def test_async_resync_reads_the_missed_events_from_the_log(far_ahead):
    async with AsyncClient(far_ahead) as client, aclosing(client.live("home", since=0)) as stream:
        assert [(await anext(stream)).seq for _event in range(5)] == [1, 2, 4, 5, 6]


def test_throttled_stream_waits_retry_after_plus_backoff():
    stream = Stream("home", 5, RetryPolicy(jitter=lambda _low, high: high))
    stream.read('{"type": "error", "error": {"code": "throttled", "message": "Too many.", "retry_after": 50}}')
    assert stream.reconnect(ConnectionClosedError(Close(4429, ""), None), "t") == Sleep(50.25)
    assert stream.reconnect(ConnectionClosedError(Close(1012, ""), None), "t") == Sleep(0.5)


def test_expired_token_is_refreshed_for_the_stream(signed_in, nok, home, weekly):
    ben = signed_in(BEN)
    ben.store.write(Credentials("over", ben.store.read().refresh))
    since = newest(nok, home)
    entry = nok.entries.add(home, weekly, "Eggs")
    with closing(ben.live(home, since=since)) as stream:
        assert next_list_event(stream).data["entry"]["id"] == str(entry.id)


def test_stream_of_a_foreign_home_is_forbidden(mai, home):
    with closing(mai.live(home)) as stream, pytest.raises(Forbidden):
        next(stream)
    with closing(mai.live(uuid4())) as stream, pytest.raises(Forbidden):
        next(stream)


def test_stream_without_a_valid_token_is_refused(server, home):
    for token in (None, "over"):
        with Client(server.url, token=token, retry_policy=QUICK) as client, pytest.raises((NotSignedIn, Forbidden)):
            next(client.live(home))


def test_removed_member_gets_forbidden(server, nok, home):
    made = nok.invitations.create(home)
    with Client(server.url, retry_policy=QUICK) as newcomer:
        newcomer.account.sign_up(f"{uuid4().hex}@example.com", "correct horse battery staple", "Guest")
        newcomer.invitations.accept(made.token)
        since = newest(nok, home)
        with closing(newcomer.live(home, since=since)) as stream:
            nok.entries.add(home, nok.lists.create(home), "Eggs")
            next_list_event(stream)
            nok.members.remove(home, newcomer.account.me().user)
            with pytest.raises(Forbidden):
                list(stream)


def test_private_messages_are_left_out_for_others(signed_in, nok, home, weekly):
    room = nok.channels.create(home, f"secret-{uuid4().hex[:8]}", is_private=True)
    since = newest(nok, home)
    nok.messages.send(home, room, "A surprise for Ben")
    nok.entries.add(home, weekly, "Candles")
    with closing(signed_in(BEN).live(home, since=since)) as stream:
        events = list(takewhile(lambda event: event.type != "list_item_added", stream))
        assert "A surprise for Ben" not in str(events)


@pytest.mark.anyio
async def test_async_client_listens(server, nok, home, weekly):
    since = newest(nok, home)
    async with AsyncClient(server.url, retry_policy=QUICK) as client:
        await client.account.sign_in(NOK, PASSWORD)
        stream = client.live(home, since=since)
        for name in ("Eggs", "Milk"):
            entry = await client.entries.add(home, weekly, name)
            event = await asyncio.wait_for(anext_list_event(stream), TIMEOUT_SECONDS)
            assert event.data["entry"]["id"] == str(entry.id)
        await stream.aclose()
