"""The two clients: the same nouns and verbs, one that answers and one that is awaited."""

import asyncio
import hashlib
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing, closing
from typing import Any, Generic, Self, TypeVar

import httpx
from pydantic import TypeAdapter

from pantry_pixie import live, nouns
from pantry_pixie.errors import NotSignedIn
from pantry_pixie.models import Event, Page, Passing, SignedIn, Switched, User
from pantry_pixie.operations import UNSET, Async, Call, Id, Sync, Unset, Way
from pantry_pixie.wire import Conversation, Credentials, Keeper, Memory, Patience, Renew, Send, Wait, conversation

R = TypeVar("R")
T = TypeVar("T")

LOCAL = "http://localhost:8000"
USUAL = Patience()
TIMEOUT = 30.0  # seconds; Pixie's answer may take 25


class Api(Generic[Way]):
    """What both clients have: the nouns, where the server is, who is signed in."""

    def __init__(
        self, url: str, *, token: str | None, refresh: str | None, keeper: Keeper | None, patience: Patience, way: Way
    ) -> None:
        self.url = url.rstrip("/")
        self.keeper = keeper or Memory(Credentials(token, refresh))
        self.patience = patience
        self.account = nouns.Account(way)
        self.tokens = nouns.Tokens(way)
        self.devices = nouns.Devices(way)
        self.notices = nouns.Notices(way)
        self.homes = nouns.Homes(way)
        self.members = nouns.Members(way)
        self.invitations = nouns.Invitations(way)
        self.categories = nouns.Categories(way)
        self.items = nouns.Items(way)
        self.lists = nouns.Lists(way)
        self.entries = nouns.Entries(way)
        self.shopping = nouns.Shopping(way)
        self.recurring = nouns.RecurringItems(way)
        self.money = nouns.Money(way)
        self.events = nouns.Events(way)
        self.channels = nouns.Channels(way)
        self.messages = nouns.Messages(way)
        self.search = nouns.Search(way)
        self.threads = nouns.Threads(way)
        self.pixie = nouns.Pixie(way)
        self.agents = nouns.Agents(way)
        self.memory = nouns.Memory(way)
        self.passages = nouns.Passages(way)
        self.scheduled = nouns.Scheduled(way)
        self.suggestions = nouns.Suggestions(way)
        self.summary = nouns.Summary(way)

    def _keep(self, answer: SignedIn | Switched) -> None:
        self.keeper.write(Credentials(answer.token, answer.refresh))

    def _refreshing(self, seen: str) -> Conversation[Credentials]:
        """The conversation that gets a new token for one that was refused. Its key follows from the refresh token:
        who asks twice, or two at once, get the same new tokens."""
        now = self.keeper.read()
        if now.token != seen or now.refresh is None:
            return now
        call = nouns.Account.refresh.call(now.refresh)
        key = hashlib.sha256(now.refresh.encode()).hexdigest()
        try:
            pair = yield from conversation(call, self.keeper, self.patience, key)
        except NotSignedIn:
            raise NotSignedIn("You are signed out. Sign in again.") from None
        renewed = Credentials(pair.token, pair.refresh)
        self.keeper.write(renewed)
        return renewed


class Client(Api[Sync]):
    """`with Client(url) as client: client.sign_in(…); client.lists.list(home)`. Threads may share it."""

    def __init__(
        self,
        url: str = LOCAL,
        *,
        token: str | None = None,
        refresh: str | None = None,
        keeper: Keeper | None = None,
        patience: Patience = USUAL,
        timeout: float = TIMEOUT,
    ) -> None:
        super().__init__(url, token=token, refresh=refresh, keeper=keeper, patience=patience, way=self)
        self._http = httpx.Client(base_url=self.url, timeout=timeout)
        self._renewing = threading.Lock()

    def run(self, call: Call[R], *, key: str | None = None) -> R:
        """Make one call of the API. `key` is an Idempotency-Key of your own, to repeat it in another process."""
        return self._hold(conversation(call, self.keeper, self.patience, key))

    def _hold(self, talk: Conversation[R]) -> R:
        try:
            step = next(talk)
            while True:
                try:
                    done = self._do(step)
                except httpx.TransportError as error:
                    step = talk.throw(error)
                else:
                    step = talk.send(done)
        except StopIteration as end:
            result: R = end.value
            return result

    def _do(self, step: Send | Wait | Renew) -> httpx.Response | None:
        match step:
            case Send():
                return self._http.request(
                    step.method, step.path, params=step.query, json=step.body, headers=step.headers
                )
            case Wait():
                time.sleep(step.seconds)
            case Renew():
                with self._renewing:
                    self._hold(self._refreshing(step.seen))
        return None

    def sign_up(self, email: str, password: str, name: str) -> User:
        answer = self.account.sign_up(email, password, name)
        self._keep(answer)
        return answer.user

    def sign_in(self, email: str, password: str, code: str | Unset = UNSET) -> User:
        answer = self.account.sign_in(email, password, code)
        self._keep(answer)
        return answer.user

    def switch_home(self, home: Id) -> Switched:
        answer = self.account.switch_home(home)
        self._keep(answer)
        return answer

    def sign_out(self) -> None:
        """Ends the tokens at the server, and forgets them."""
        now = self.keeper.read()
        try:
            if now.token:
                self.account.sign_out(now.refresh or UNSET)
        except NotSignedIn:
            pass  # it was over already
        self.keeper.write(Credentials())

    def every(self, page: Page[T]) -> Iterator[T]:
        """All rows of a list, page after page."""
        while True:
            yield from page.results
            if page.next is None:
                return
            page = self.run(following(page))

    def live(self, home: Id, *, since: int | None = None) -> Generator[Event, None, None]:
        """What happens in the home, event after event, without end: in order, none twice, none missing.

        It begins with what happened after number `since`, or with now. A lost connection is made again, and what
        happened meanwhile comes first. Events of private rooms that one is not in are left out.
        Raises NotSignedIn, Forbidden or NotFound.
        """
        with closing(live.listen(self, home, since)) as stream:
            for frame in stream:
                if isinstance(frame, Event):
                    yield frame

    def frames(
        self, home: Id, *, since: int | None = None, quiet: float | None = None
    ) -> Generator[Event | Passing | None, None, None]:
        """As `live`, and what passes without being kept: who comes and goes, an answer as it is being written.

        With `quiet` it yields None whenever nothing came for so many seconds, so that one can look after other things.
        """
        return live.listen(self, home, since, quiet)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class AsyncClient(Api[Async]):
    """`async with AsyncClient(url) as client: await client.sign_in(…); await client.lists.list(home)`."""

    def __init__(
        self,
        url: str = LOCAL,
        *,
        token: str | None = None,
        refresh: str | None = None,
        keeper: Keeper | None = None,
        patience: Patience = USUAL,
        timeout: float = TIMEOUT,
    ) -> None:
        super().__init__(url, token=token, refresh=refresh, keeper=keeper, patience=patience, way=self)
        self._http = httpx.AsyncClient(base_url=self.url, timeout=timeout)
        self._renewing = asyncio.Lock()

    async def run(self, call: Call[R], *, key: str | None = None) -> R:
        """Make one call of the API. `key` is an Idempotency-Key of your own, to repeat it in another process."""
        return await self._hold(conversation(call, self.keeper, self.patience, key))

    async def _hold(self, talk: Conversation[R]) -> R:
        try:
            step = next(talk)
            while True:
                try:
                    done = await self._do(step)
                except httpx.TransportError as error:
                    step = talk.throw(error)
                else:
                    step = talk.send(done)
        except StopIteration as end:
            result: R = end.value
            return result

    async def _do(self, step: Send | Wait | Renew) -> httpx.Response | None:
        match step:
            case Send():
                return await self._http.request(
                    step.method, step.path, params=step.query, json=step.body, headers=step.headers
                )
            case Wait():
                await asyncio.sleep(step.seconds)
            case Renew():
                async with self._renewing:
                    await self._hold(self._refreshing(step.seen))
        return None

    async def sign_up(self, email: str, password: str, name: str) -> User:
        answer = await self.account.sign_up(email, password, name)
        self._keep(answer)
        return answer.user

    async def sign_in(self, email: str, password: str, code: str | Unset = UNSET) -> User:
        answer = await self.account.sign_in(email, password, code)
        self._keep(answer)
        return answer.user

    async def switch_home(self, home: Id) -> Switched:
        answer = await self.account.switch_home(home)
        self._keep(answer)
        return answer

    async def sign_out(self) -> None:
        """Ends the tokens at the server, and forgets them."""
        now = self.keeper.read()
        try:
            if now.token:
                await self.account.sign_out(now.refresh or UNSET)
        except NotSignedIn:
            pass  # it was over already
        self.keeper.write(Credentials())

    async def every(self, page: Page[T]) -> AsyncIterator[T]:
        """All rows of a list, page after page."""
        while True:
            for row in page.results:
                yield row
            if page.next is None:
                return
            page = await self.run(following(page))

    async def live(self, home: Id, *, since: int | None = None) -> AsyncGenerator[Event, None]:
        """What happens in the home, event after event, without end: in order, none twice, none missing.

        It begins with what happened after number `since`, or with now. A lost connection is made again, and what
        happened meanwhile comes first. Events of private rooms that one is not in are left out.
        Raises NotSignedIn, Forbidden or NotFound.
        """
        async with aclosing(live.listen_async(self, home, since)) as stream:
            async for frame in stream:
                if isinstance(frame, Event):
                    yield frame

    def frames(self, home: Id, *, since: int | None = None) -> AsyncGenerator[Event | Passing, None]:
        """As `live`, and what passes without being kept: who comes and goes, an answer as it is being written."""
        return live.listen_async(self, home, since)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()


def following(page: Page[T]) -> Call[Page[T]]:
    """The call for the next page. Its address is the server's word: of it, only path and query are taken, so that
    the token goes nowhere else."""
    address = httpx.URL(page.next or "")
    query: dict[str, Any] = dict(address.params)
    return Call("GET", address.path, query, None, TypeAdapter(type(page)))
