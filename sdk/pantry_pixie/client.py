"""The two clients: the same resources and operations, one blocking and one to be awaited."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, closing
from typing import Any, Self, TypeVar

import httpx

from pantry_pixie import live
from pantry_pixie.events import EphemeralEvent, Event
from pantry_pixie.operations import Call, Id, Page
from pantry_pixie.people import Import
from pantry_pixie.transport import BaseClient, Flow, Refresh, Sleep, Step, next_page

R = TypeVar("R")
T = TypeVar("T")

POLL_SECONDS = 1.0


class Client(BaseClient):
    """`with Client(url) as client: client.account.sign_in(…); client.lists.list(home)`. Threads may share it."""

    _http: httpx.Client

    def _open(self, timeout: float) -> httpx.Client:
        self._refresh_lock = threading.Lock()
        return httpx.Client(base_url=self.url, timeout=timeout)

    def run(self, call: Call[R], *, key: str | None = None) -> R:
        """Make one request. `key` is an Idempotency-Key of your own, to repeat it in another process."""
        return self._execute(self._request(call, key))

    def _execute(self, flow: Flow[R]) -> R:
        result: Any = None
        try:
            while True:
                result = self._perform(flow.send(result))
        except StopIteration as stop:
            return stop.value

    def _perform(self, step: Step) -> httpx.Response | httpx.TransportError | None:
        match step:
            case Sleep():
                time.sleep(step.seconds)
            case Refresh():
                with self._refresh_lock:
                    self._execute(self._refresh(step.token))
            case _:
                try:
                    return self._http.send(step)
                except httpx.TransportError as error:
                    return error
        return None

    def sign_out(self) -> None:
        """Revoke the tokens at the server, and forget them."""
        self._execute(self._sign_out())

    def iterate(self, page: Page[T]) -> Iterator[T]:
        """Return all rows of a list, page after page."""
        yield from page.results
        while page.next is not None:
            page = self.run(next_page(page))
            yield from page.results

    def watch_import(self, job: Import) -> Iterator[Import]:
        """Yield an import once a second, until it is done, failed or cancelled: that is the last one.

        `*_progress, job = client.watch_import(client.homes.import_(file))`
        """
        yield job
        while job.finished_at is None:
            time.sleep(POLL_SECONDS)
            job = self.homes.get_import(job)
            yield job

    def live(self, home: Id, *, since: int | None = None) -> Generator[Event, None, None]:
        """Yield the events of a home as they happen, without end: in order, none twice, none missing.

        It begins after the event number `since`, or now. A lost connection is made again, and events that were missed
        come first. Events of private rooms that the user is not in are left out.
        Raises NotSignedIn, Forbidden or NotFound.
        """
        with closing(self.frames(home, since=since)) as frames:
            for frame in frames:
                if isinstance(frame, Event):
                    yield frame

    def frames(
        self, home: Id, *, since: int | None = None, idle_seconds: float | None = None
    ) -> Generator[Event | EphemeralEvent | None, None, None]:
        """Yield what `live` yields, and what is not in the log: who comes and goes, an answer being written.

        With `idle_seconds` it yields None whenever nothing came for so long, or the connection broke.
        """
        return live.listen(self, home, since, idle_seconds)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncClient(BaseClient):
    """`async with AsyncClient(url) as client: await client.lists.list(home)`. Its methods are those of `Client`."""

    _http: httpx.AsyncClient

    def _open(self, timeout: float) -> httpx.AsyncClient:
        self._refresh_lock = asyncio.Lock()
        return httpx.AsyncClient(base_url=self.url, timeout=timeout)

    async def run(self, call: Call[R], *, key: str | None = None) -> R:
        return await self._execute(self._request(call, key))

    async def _execute(self, flow: Flow[R]) -> R:
        result: Any = None
        try:
            while True:
                result = await self._perform(flow.send(result))
        except StopIteration as stop:
            return stop.value

    async def _perform(self, step: Step) -> httpx.Response | httpx.TransportError | None:
        match step:
            case Sleep():
                await asyncio.sleep(step.seconds)
            case Refresh():
                async with self._refresh_lock:
                    await self._execute(self._refresh(step.token))
            case _:
                try:
                    return await self._http.send(step)
                except httpx.TransportError as error:
                    return error
        return None

    async def sign_out(self) -> None:
        await self._execute(self._sign_out())

    async def iterate(self, page: Page[T]) -> AsyncIterator[T]:
        for row in page.results:
            yield row
        while page.next is not None:
            page = await self.run(next_page(page))
            for row in page.results:
                yield row

    async def watch_import(self, job: Import) -> AsyncIterator[Import]:
        yield job
        while job.finished_at is None:
            await asyncio.sleep(POLL_SECONDS)
            job = await self.homes.get_import(job)
            yield job

    async def live(self, home: Id, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        async with aclosing(self.frames(home, since=since)) as frames:
            async for frame in frames:
                if isinstance(frame, Event):
                    yield frame

    def frames(self, home: Id, *, since: int | None = None) -> AsyncGenerator[Event | EphemeralEvent, None]:
        return live.listen_async(self, home, since)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()
