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
from pantry_pixie.operations import Call, Id, id_of
from pantry_pixie.transport import Refresh, RetryPolicy, Sleep

if TYPE_CHECKING:
    from pantry_pixie.client import AsyncClient, Client

TEMPORARY = (Unreachable, ServerError, RateLimited)
BROKEN = (OSError, ConnectionClosed, InvalidHandshake, InvalidURI, TimeoutError, EOFError, *TEMPORARY)
MAX_PAGE_EVENTS = 1000
REFUSED_STATUSES = {401, 403, 404}
CLOSE_CODES = {4000 + status: BY_STATUS[status] for status in (*REFUSED_STATUSES, 429)}


class Stream:
    """The position of a listener in the log. Where more was missed than the stream brings, `resync_to` is the event up
    to which the log must be read."""

    def __init__(self, home: Id, since: int | None, retry_policy: RetryPolicy) -> None:
        self.home, self.since, self.retry_policy = id_of(home), since, retry_policy
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

    @property
    def is_behind(self) -> bool:
        return (self.since or 0) < self.resync_to

    def missed(self) -> Call[EventPage]:
        return Events.list.call(self.home, after=self.since or 0, limit=MAX_PAGE_EVENTS)

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
        if isinstance(error, InvalidURI):
            return NotFound(f"Not the address of a server: {error}.")
        if isinstance(error, InvalidStatus):
            status = error.response.status_code
            message = f"The server refused the stream: {error}."
            return BY_STATUS[status](message) if status in REFUSED_STATUSES else None
        code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else 0
        if code not in CLOSE_CODES:
            return None
        payload, self.error = self.error, {}
        return CLOSE_CODES[code](str(payload.get("message", "The server closed the stream.")), payload)


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
            # Leaving a connection's own context with GeneratorExit would close it with the code of an error.
            with closing(connect(stream.url(client.url), subprotocols=_bearer(token), max_size=None)) as socket:
                while True:
                    try:
                        frame = stream.read(socket.recv(idle_seconds))
                    except TimeoutError:
                        yield None
                        continue
                    while stream.is_behind:
                        yield from stream.read_page(client.run(stream.missed()))
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
                    while stream.is_behind:
                        for event in stream.read_page(await client.run(stream.missed())):
                            yield event
                    if frame is not None:
                        yield frame
            finally:
                await socket.close()
        except BROKEN as error:
            step = stream.reconnect(error, token)


def _bearer(token: str | None) -> list[Subprotocol] | None:
    return [Subprotocol("bearer"), Subprotocol(token)] if token else None
