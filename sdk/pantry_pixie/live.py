"""The live stream of a home: over a socket that is opened again whenever it breaks."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection as AsyncConnection
from websockets.asyncio.client import connect as connect_async
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from pantry_pixie.errors import Forbidden, NotFound, NotSignedIn, PixieError, ServerFailed, TooMany, Unreachable
from pantry_pixie.models import Event, EventPage, Passing
from pantry_pixie.nouns import Events
from pantry_pixie.operations import Call, Id, id_of
from pantry_pixie.wire import Patience, Renew, Wait

if TYPE_CHECKING:
    from pantry_pixie.client import AsyncClient, Client

PASSING = (Unreachable, ServerFailed, TooMany)
BROKEN = (OSError, ConnectionClosed, InvalidHandshake, InvalidURI, TimeoutError, EOFError, *PASSING)
CATCH_UP = 1000
REFUSALS: dict[int, type[PixieError]] = {401: NotSignedIn, 403: Forbidden, 404: NotFound}
CODES = {4000 + status: kind for status, kind in {**REFUSALS, 429: TooMany}.items()}


@dataclass
class Place:
    """Where in the log a listener is, and what a frame means there."""

    home: str
    since: int | None
    patience: Patience
    failed: int = 0
    refused: str | None = None
    said: dict[str, Any] = field(default_factory=dict)

    def address(self, url: str) -> str:
        scheme, _colon, rest = url.partition(":")
        query = "" if self.since is None else f"?since={self.since}"
        return f"{'wss' if scheme == 'https' else 'ws'}:{rest}/ws/{quote(self.home, safe='')}{query}"

    def take(self, text: str | bytes) -> "Event | Passing | Gap | None":
        """What a frame brings: an event, what passes, a gap to fill, or nothing (what one may not read)."""
        frame = json.loads(text)
        kind, seq = frame.get("type"), frame.get("seq")
        if kind == "welcome":
            self.failed = 0
            self.since = seq if self.since is None else self.since
        elif kind == "resync":
            return Gap(seq)
        elif kind == "error":
            self.said = frame.get("error", {})
        elif isinstance(seq, int) and seq > (self.since or 0):
            self.since = seq
            return Event.model_validate(frame) if kind else None
        elif seq is None and kind != "pong":
            return Passing.model_validate(frame)
        return None

    def lost(self, error: Exception, token: str | None) -> Renew | Wait:
        """What to do about a broken connection: get a new token, or wait. Raises what can't be helped."""
        refusal = self.refusal(error)
        if isinstance(refusal, NotSignedIn) and token and token != self.refused:
            self.refused = token
            return Renew(token)
        if refusal is not None and not isinstance(refusal, TooMany):
            raise refusal from error
        if isinstance(error, PASSING):
            self.refused = None  # it was not found out whether there is a new token
        self.failed += 1
        asked = refusal.error.get("retry_after", 0) if refusal else 0
        return Wait(asked + self.patience.backoff(self.failed))

    def refusal(self, error: Exception) -> PixieError | None:
        if isinstance(error, InvalidURI):
            return NotFound(f"This is no address of a server: {error}.")
        if isinstance(error, InvalidStatus):
            kind = REFUSALS.get(error.response.status_code)
            return kind(f"The server refused the stream: {error}.") if kind else None
        code = error.rcvd.code if isinstance(error, ConnectionClosed) and error.rcvd else 0
        if code not in CODES:
            return None
        said, self.said = self.said, {}
        return CODES[code](str(said.get("message", "The stream was closed: you may not listen.")), said)

    def missed(self) -> Call[EventPage]:
        return Events.list.call(self.home, after=self.since or 0, limit=CATCH_UP)


@dataclass(frozen=True)
class Gap:
    """More was missed than the stream brings: up to `upto` it is in the log."""

    upto: int


def listen(
    client: "Client", home: Id, since: int | None, quiet: float | None = None
) -> Generator[Event | Passing | None, None, None]:
    """With `quiet` it yields None whenever nothing came for so many seconds, or the connection broke."""
    place = Place(id_of(home), since, client.patience)
    step: Renew | Wait = Wait(0)
    token: str | None = None
    while True:
        try:
            client._do(step)
            token = client.keeper.read().token
            with _opened(place.address(client.url), token) as socket:
                while True:
                    try:
                        came = place.take(socket.recv(quiet))
                    except TimeoutError:
                        yield None
                        continue
                    if isinstance(came, Gap):
                        yield from _fill(client, place, came)
                    elif came is not None:
                        yield came
        except BROKEN as error:
            step = place.lost(error, token)
            if quiet is not None:
                yield None


async def listen_async(client: "AsyncClient", home: Id, since: int | None) -> AsyncGenerator[Event | Passing, None]:
    place = Place(id_of(home), since, client.patience)
    step: Renew | Wait = Wait(0)
    token: str | None = None
    while True:
        try:
            await client._do(step)
            token = client.keeper.read().token
            async with _opened_async(place.address(client.url), token) as socket:
                while True:
                    came = place.take(await socket.recv())
                    if isinstance(came, Gap):
                        async for event in _fill_async(client, place, came):
                            yield event
                    elif came is not None:
                        yield came
        except BROKEN as error:
            step = place.lost(error, token)


@contextmanager
def _opened(address: str, token: str | None) -> Iterator[ClientConnection]:
    """Who listens no more says goodbye: left with an exception, which a generator's end is, a connection would report
    an error of ours."""
    with connect(address, subprotocols=_offer(token), max_size=None) as socket:
        try:
            yield socket
        finally:
            socket.close()


@asynccontextmanager
async def _opened_async(address: str, token: str | None) -> AsyncIterator[AsyncConnection]:
    async with connect_async(address, subprotocols=_offer(token), max_size=None) as socket:
        try:
            yield socket
        finally:
            await socket.close()


def _fill(client: "Client", place: Place, gap: Gap) -> Iterator[Event]:
    while (place.since or 0) < gap.upto:
        yield from _found(place, gap, client.run(place.missed()))
    place.since = gap.upto


async def _fill_async(client: "AsyncClient", place: Place, gap: Gap) -> AsyncIterator[Event]:
    while (place.since or 0) < gap.upto:
        for event in _found(place, gap, await client.run(place.missed())):
            yield event
    place.since = gap.upto


def _found(place: Place, gap: Gap, page: EventPage) -> Iterator[Event]:
    """The gap's part of a page of the log. What comes after it, the stream brings."""
    for event in page.results:
        if event.seq <= gap.upto:
            place.since = event.seq
            if isinstance(event, Event):
                yield event
    if page.next is None:
        place.since = gap.upto


def _offer(token: str | None) -> list[Subprotocol] | None:
    return [Subprotocol("bearer"), Subprotocol(token)] if token else None
