"""The live stream of a home: a WebSocket that is opened again whenever it breaks."""

import json
from collections.abc import AsyncGenerator, Generator, Iterator
from contextlib import closing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from pantry_pixie.errors import BY_STATUS, NotFound, NotSignedIn, PixieError, RateLimited, ServerError, Unreachable
from pantry_pixie.events import EphemeralEvent, Event, EventPage, Events
from pantry_pixie.operations import Call, Id, encode
from pantry_pixie.transport import Refresh, RetryPolicy, Sleep

if TYPE_CHECKING:
    from pantry_pixie.client import AsyncClient, Client

TEMPORARY = (Unreachable, ServerError, RateLimited)
BROKEN = (OSError, ConnectionClosed, InvalidHandshake, InvalidURI, TimeoutError, EOFError, *TEMPORARY)
MAX_PAGE_EVENTS = 1000
REFUSED_STATUSES = {401, 403, 404, 429}  # the codes of a closed WebSocket are 4000 more


class Stream:
    """The position of a listener in the log. Where more was missed than the stream brings, `resync_to` is the event up
    to which the log must be read."""

    def __init__(self, home: Id, since: int | None, retry_policy: RetryPolicy) -> None:
        self.home, self.since, self.retry_policy = str(encode(home)), since, retry_policy
        self.resync_to = 0
        self.failures = 0
        self.rejected: str | None = None
        self.error: dict[str, Any] = {}

    def url(self, server: str) -> str:
        scheme, _colon, rest = server.partition(":")
        query = "" if self.since is None else f"?since={self.since}"
        return f"{'wss' if scheme == 'https' else 'ws'}:{rest}/ws/{quote(self.home, safe='')}{query}"

    def read(self, text: str | bytes) -> Event | EphemeralEvent | None:
        """Return the event of a frame, unless it has none that the user may read."""
        frame = json.loads(text)
        kind, seq = frame.get("type"), frame.get("seq")
        if kind == "welcome":
            self.failures = 0
            self.since = seq if self.since is None else self.since
        elif kind == "resync":
            self.resync_to = seq
        elif kind == "error":
            self.error = frame.get("error", {})
        elif isinstance(seq, int) and seq > (self.since or 0):
            self.since = seq
            return Event.model_validate(frame) if kind else None
        elif seq is None and kind != "pong":
            return EphemeralEvent.model_validate(frame)
        return None

    def missed(self) -> Call[EventPage] | None:
        """Return the call for a page of missed events, if there are any."""
        after = self.since or 0
        return Events.list.call(self.home, after=after, limit=MAX_PAGE_EVENTS) if after < self.resync_to else None

    def read_page(self, page: EventPage) -> Iterator[Event]:
        """Return the missed events of a page of the log. The stream brings those after them."""
        for event in page.results:
            if event.seq <= self.resync_to:
                self.since = event.seq
                if isinstance(event, Event):
                    yield event
        if page.next is None:
            self.since = self.resync_to

    def reconnect(self, error: Exception, token: str | None) -> Refresh | Sleep:
        """Return what to do before connecting again. Raises an error that will not pass."""
        refusal = self._refusal(error)
        if isinstance(refusal, NotSignedIn) and token and token != self.rejected:
            self.rejected = token
            return Refresh(token)
        if refusal is not None and not isinstance(refusal, RateLimited):
            raise refusal from error
        if isinstance(error, TEMPORARY):
            self.rejected = None  # refreshing the token failed
        self.failures += 1
        retry_after = refusal.error.get("retry_after", 0) if refusal else 0
        return Sleep(retry_after + self.retry_policy.backoff(self.failures))

    def _refusal(self, error: Exception) -> PixieError | None:
        payload, self.error = self.error, {}
        if isinstance(error, InvalidURI):
            return NotFound(f"Not the address of a server: {error}.")
        if isinstance(error, InvalidStatus):
            status, message = error.response.status_code, f"The server refused the stream: {error}."
        elif isinstance(error, ConnectionClosed) and error.rcvd:
            status, message = error.rcvd.code - 4000, "The server closed the stream."
        else:
            return None
        return BY_STATUS[status](str(payload.get("message", message)), payload) if status in REFUSED_STATUSES else None


def listen(
    client: "Client", home: Id, since: int | None, idle_seconds: float | None = None
) -> Generator[Event | EphemeralEvent | None, None, None]:
    stream = Stream(home, since, client.retry_policy)
    step: Refresh | Sleep = Sleep(0)
    token: str | None = None
    while True:
        try:
            client._perform(step)
            token = client.store.read().token
            url, subprotocols = stream.url(client.url), _bearer(token)
            # Leaving `connect` with the GeneratorExit of a closed stream would close the connection as failed.
            with connect(url, subprotocols=subprotocols, max_size=None) as socket, closing(socket):
                while True:
                    try:
                        frame = stream.read(socket.recv(idle_seconds))
                    except TimeoutError:
                        yield None
                        continue
                    while call := stream.missed():
                        yield from stream.read_page(client.run(call))
                    if frame is not None:
                        yield frame
        except BROKEN as error:
            step = stream.reconnect(error, token)
            if idle_seconds is not None:
                yield None


async def listen_async(
    client: "AsyncClient", home: Id, since: int | None
) -> AsyncGenerator[Event | EphemeralEvent, None]:
    stream = Stream(home, since, client.retry_policy)
    step: Refresh | Sleep = Sleep(0)
    token: str | None = None
    while True:
        try:
            await client._perform(step)
            token = client.store.read().token
            socket = await connect_async(stream.url(client.url), subprotocols=_bearer(token), max_size=None)
            try:
                while True:
                    frame = stream.read(await socket.recv())
                    while call := stream.missed():
                        for event in stream.read_page(await client.run(call)):
                            yield event
                    if frame is not None:
                        yield frame
            finally:
                await socket.close()
        except BROKEN as error:
            step = stream.reconnect(error, token)


def _bearer(token: str | None) -> list[Subprotocol] | None:
    return [Subprotocol("bearer"), Subprotocol(token)] if token else None
