"""How a request is made, whoever makes it: signed, repeated where that is safe, its answer read.

A conversation is a generator that says what to do next (send this, wait so long, get a new token) and is told what
came of it. The two clients differ in how they do it, and in nothing else.
"""

import random
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from uuid import uuid4

import httpx
from pydantic import ValidationError

from pantry_pixie.errors import PixieError, ServerFailed, Unreachable, error_of, retry_after
from pantry_pixie.operations import Call

R = TypeVar("R")

BUSY = {429, 502, 503, 504}


@dataclass(frozen=True)
class Credentials:
    """The tokens of signing in, or a personal token alone."""

    token: str | None = None
    refresh: str | None = None


class Keeper(Protocol):
    """Where the tokens live. Several processes may share one: each reads it before every request."""

    def read(self) -> Credentials: ...

    def write(self, credentials: Credentials) -> None: ...


@dataclass
class Memory:
    """Tokens that are forgotten when the program ends."""

    credentials: Credentials = field(default_factory=Credentials)

    def read(self) -> Credentials:
        return self.credentials

    def write(self, credentials: Credentials) -> None:
        self.credentials = credentials


@dataclass(frozen=True)
class Patience:
    """How often to try again, and how long to wait in between: exponential, with full jitter, and never less than
    the server asks for. Who is told to wait longer than `longest` seconds gets the refusal instead."""

    tries: int = 5
    base: float = 0.25
    cap: float = 8.0
    longest: float = 60.0
    jitter: Callable[[float, float], float] = random.uniform

    def pause(self, failed: int, asked: float | None = None) -> float | None:
        """Seconds to wait after the `failed`-th failure; None to give up."""
        if failed >= self.tries or (asked or 0) > self.longest:
            return None
        return (asked or 0) + self.backoff(failed)

    def backoff(self, failed: int) -> float:
        return self.jitter(0, min(self.cap, self.base * 2.0 ** min(failed - 1, 30)))


@dataclass(frozen=True)
class Send:
    method: str
    path: str
    query: dict[str, Any]
    body: dict[str, Any] | None
    headers: dict[str, str]


@dataclass(frozen=True)
class Wait:
    seconds: float


@dataclass(frozen=True)
class Renew:
    """`seen` was refused. Who comes second finds a new one there already."""

    seen: str


Conversation = Generator[Send | Wait | Renew, Any, R]


def conversation(call: Call[R], keeper: Keeper, patience: Patience, key: str | None = None) -> Conversation[R]:
    """Raises PixieError. What changes something is repeated only under an Idempotency-Key, which makes it once."""
    key = key or str(uuid4())
    headers = {"Idempotency-Key": key} if call.method == "POST" else {}
    is_safe = call.method in ("GET", "POST", "PUT")
    failed, was_renewed = 0, False
    while True:
        now = Credentials() if call.is_open else keeper.read()
        signed = {**headers, "Authorization": f"Bearer {now.token}"} if now.token else headers
        asked = None
        refusal: PixieError
        try:
            answer = yield Send(call.method, call.path, dict(call.query), _body(call), signed)
        except httpx.TransportError as error:
            refusal, again = _unreachable(error), True
        else:
            if answer.is_success:
                return read(call, answer)
            refusal = error_of(answer)
            if answer.status_code == httpx.codes.UNAUTHORIZED and now.token and now.refresh and not was_renewed:
                was_renewed = True
                yield Renew(now.token)
                continue
            again, asked = answer.status_code in BUSY, retry_after(answer)
        failed += 1
        pause = patience.pause(failed, asked) if is_safe and again else None
        if pause is None:
            raise refusal
        yield Wait(pause)


def read(call: Call[R], answer: httpx.Response) -> R:
    if call.gives is None:
        return None  # type: ignore[return-value]  # R is None here
    try:
        return call.gives.validate_json(answer.content)
    except ValidationError as error:
        raise ServerFailed(f"This answer is not one of Pantry Pixie's: {call.method} {call.path}.") from error


def _body(call: Call[Any]) -> dict[str, Any] | None:
    return None if call.body is None else dict(call.body)


def _unreachable(error: httpx.TransportError) -> Unreachable:
    refusal = Unreachable(f"The server can't be reached: {error or type(error).__name__}.")
    refusal.__cause__ = error
    return refusal
