"""What both clients share: credentials, retries, and the steps of a request.

A flow is a generator that yields the next step (send this, wait, refresh the token) and receives its result. The two
clients differ in how they perform a step, and in nothing else.
"""

import hashlib
import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from uuid import uuid4

import httpx
from pydantic import TypeAdapter, ValidationError

from pantry_pixie.agents import Agents, Lessons, Memory, Passages, Scheduled, Suggestions
from pantry_pixie.chat import Channels, Messages, Threads
from pantry_pixie.errors import NotSignedIn, ServerError, Unreachable, error_from
from pantry_pixie.events import Events
from pantry_pixie.files import Files
from pantry_pixie.groceries import (
    Categories,
    Entries,
    Expenses,
    Forecasts,
    GuestLinks,
    Items,
    Lists,
    RecurringItems,
    Settlements,
    Stores,
)
from pantry_pixie.operations import Call, Page
from pantry_pixie.pantry import Barcodes, Batches, Pantry
from pantry_pixie.people import Account, Devices, Homes, Invitations, Members, TokenPair, Tokens
from pantry_pixie.pixie import Pixie
from pantry_pixie.planner import Calendar, Tasks
from pantry_pixie.today import Today

R = TypeVar("R")
T = TypeVar("T")

DEFAULT_URL = "http://localhost:8000"
TIMEOUT_SECONDS = 30.0  # Pixie's answer may take 25
RETRIED_STATUSES = {429, 502, 503, 504}


@dataclass(frozen=True)
class Credentials:
    """The tokens of a sign-in, or a personal token alone."""

    token: str | None = None
    refresh: str | None = None


@dataclass
class CredentialStore:
    """Tokens in memory. A subclass keeps them elsewhere, where processes may share them: every request reads them."""

    credentials: Credentials = field(default_factory=Credentials)

    def read(self) -> Credentials:
        return self.credentials

    def write(self, credentials: Credentials) -> None:
        self.credentials = credentials


@dataclass(frozen=True)
class RetryPolicy:
    """The number of attempts, and the seconds to wait between them: exponential backoff with full jitter, on top of the
    server's Retry-After. If that is more than `max_wait`, the error is raised instead."""

    attempts: int = 5
    base: float = 0.25
    cap: float = 8.0
    max_wait: float = 60.0
    jitter: Callable[[float, float], float] = random.uniform

    def delay(self, failures: int, retry_after: float | None = None) -> float | None:
        """Return the seconds to wait, or None to give up."""
        if failures >= self.attempts or (retry_after or 0) > self.max_wait:
            return None
        return (retry_after or 0) + self.backoff(failures)

    def backoff(self, failures: int) -> float:
        return self.jitter(0, min(self.cap, self.base * 2.0 ** min(failures - 1, 30)))


DEFAULT_POLICY = RetryPolicy()


@dataclass(frozen=True)
class Sleep:
    seconds: float


@dataclass(frozen=True)
class Refresh:
    """Replace this token, which was rejected, unless that is done already."""

    token: str


Step = httpx.Request | Sleep | Refresh
Flow = Generator[Step, Any, R]


class BaseClient:
    account: Account[Self]
    tokens: Tokens[Self]
    devices: Devices[Self]
    homes: Homes[Self]
    members: Members[Self]
    invitations: Invitations[Self]
    categories: Categories[Self]
    stores: Stores[Self]
    items: Items[Self]
    lists: Lists[Self]
    guest_links: GuestLinks[Self]
    entries: Entries[Self]
    recurring: RecurringItems[Self]
    forecasts: Forecasts[Self]
    pantry: Pantry[Self]
    batches: Batches[Self]
    barcodes: Barcodes[Self]
    expenses: Expenses[Self]
    settlements: Settlements[Self]
    tasks: Tasks[Self]
    calendar: Calendar[Self]
    files: Files[Self]
    events: Events[Self]
    channels: Channels[Self]
    messages: Messages[Self]
    threads: Threads[Self]
    pixie: Pixie[Self]
    agents: Agents[Self]
    memory: Memory[Self]
    passages: Passages[Self]
    lessons: Lessons[Self]
    scheduled: Scheduled[Self]
    suggestions: Suggestions[Self]
    today: Today[Self]

    def __init__(
        self,
        url: str = DEFAULT_URL,
        *,
        token: str | None = None,
        refresh: str | None = None,
        store: CredentialStore | None = None,
        retry_policy: RetryPolicy = DEFAULT_POLICY,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        for name, resource in BaseClient.__annotations__.items():
            setattr(self, name, resource.__origin__(self))
        self.url = url.rstrip("/")
        self.store = store or CredentialStore(Credentials(token, refresh))
        self.retry_policy = retry_policy
        self._http = self._open(timeout)

    def _open(self, timeout: float) -> httpx.Client | httpx.AsyncClient:
        raise NotImplementedError

    def _request(self, call: Call[R], key: str | None = None) -> Flow[R]:
        """Make a request, and store the tokens that its response may have. Raises PixieError.

        Only what is safe to repeat is retried: a POST has an Idempotency-Key.
        """
        headers = {"Idempotency-Key": key or str(uuid4())} if call.method == "POST" else {}
        failures, was_refreshed = 0, False
        while True:
            credentials = Credentials() if call.anonymous else self.store.read()
            authorization = {"Authorization": f"Bearer {credentials.token}"} if credentials.token else {}
            response = yield self._http.build_request(
                call.method, call.path, params=dict(call.query), headers={**headers, **authorization}, **call.content
            )
            if isinstance(response, httpx.Response) and response.is_success:
                return self._read(call, response)
            error = error_from(response)
            if isinstance(error, NotSignedIn) and credentials.token and credentials.refresh and not was_refreshed:
                was_refreshed = True
                yield Refresh(credentials.token)
                continue
            failures += 1
            is_retryable = isinstance(error, Unreachable) or error.status in RETRIED_STATUSES
            delay = self.retry_policy.delay(failures, error.retry_after)
            if delay is None or not is_retryable or call.method not in ("GET", "POST", "PUT"):
                raise error
            yield Sleep(delay)

    def _read(self, call: Call[R], response: httpx.Response) -> R:
        if call.is_download:
            return response.content  # type: ignore[return-value]  # R is bytes here
        if call.response is None:
            return None  # type: ignore[return-value]  # R is None here
        if response.headers.get("Content-Type", "").startswith("text/csv"):
            return call.response.validate_python(response.text)
        try:
            result = call.response.validate_json(response.content)
        except ValidationError as error:
            raise ServerError(f"Not a response of Pantry Pixie: {call.method} {call.path}.") from error
        if isinstance(result, TokenPair):
            self.store.write(Credentials(result.token, result.refresh))
        return result

    def _refresh(self, rejected: str) -> Flow[None]:
        """Get new tokens. The idempotency key is made of the refresh token, so that processes which share it and
        refresh at the same time get the same new ones."""
        credentials = self.store.read()
        if credentials.token != rejected or credentials.refresh is None:
            return
        key = hashlib.sha256(credentials.refresh.encode()).hexdigest()
        try:
            yield from self._request(Account.refresh.call(credentials.refresh), key)
        except NotSignedIn:
            raise NotSignedIn("You are signed out. Sign in again.") from None

    def _sign_out(self) -> Flow[None]:
        credentials = self.store.read()
        body = {"refresh": credentials.refresh} if credentials.refresh else {}
        try:
            if credentials.token:
                yield from self._request(Account.sign_out.call(**body))
        except NotSignedIn:
            pass  # the tokens were no longer valid
        self.store.write(Credentials())


def next_page(page: Page[T]) -> Call[Page[T]]:
    """Return the call for the next page. Of its URL only the path and query are used, so that the token is sent to
    no other server."""
    url = httpx.URL(page.next or "")
    return Call("GET", url.path, dict(url.params), None, TypeAdapter(type(page)))
