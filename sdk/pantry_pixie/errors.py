"""What can go wrong, as classes. All of them are a PixieError."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx


class PixieError(Exception):
    """`status` and `code` are the server's; `request_id` finds the request in its log."""

    status: int | None = None
    code = ""
    request_id: str | None = None

    def __init__(self, message: str, error: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.error = dict(error or {})
        self.code = str(self.error.get("code", self.code))


class NotSignedIn(PixieError):
    """Nobody is signed in, or not any longer."""


class Forbidden(PixieError):
    """Signed in, but not allowed."""


class NotFound(PixieError):
    """There is no such thing, or not for you."""


class Invalid(PixieError):
    """Not valid, or refused with a sentence that says why."""

    @property
    def fields(self) -> dict[str, Any]:
        """By field, what is wrong with it; empty where it is not about fields."""
        return dict(self.error.get("fields") or {})


class Conflict(PixieError):
    """It was changed meanwhile, or is there already."""

    @property
    def current(self) -> dict[str, Any] | None:
        """The row as it is now."""
        return self.error.get("current")


class OverBudget(PixieError):
    """The home's Pixie has spent what it may."""


class TooMany(PixieError):
    """Asked too often."""

    retry_after: float | None = None
    """Seconds to wait."""


class ServerFailed(PixieError):
    """The server failed, or gave an answer that is none."""


class Unreachable(PixieError):
    """No answer: the server is down, or the way to it is."""


CLASSES: dict[int, type[PixieError]] = {
    401: NotSignedIn,
    402: OverBudget,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: TooMany,
}


def error_of(answer: httpx.Response) -> PixieError:
    """The refusal that an answer is."""
    status = answer.status_code
    kind = CLASSES.get(status, Invalid if 400 <= status < 500 else ServerFailed)
    try:
        said = answer.json()["error"]
        error = kind(str(said["message"]), said)
    except (ValueError, KeyError, TypeError):  # something in between answered
        error = kind(f"The server answered {status} {answer.reason_phrase}.".replace(" .", "."))
    error.status = status
    error.request_id = answer.headers.get("X-Request-ID")
    if isinstance(error, TooMany):
        error.retry_after = retry_after(answer)
    return error


def retry_after(answer: httpx.Response) -> float | None:
    """Seconds, whether the header says seconds or a date."""
    said = answer.headers.get("Retry-After", "").strip()
    if said.isascii() and said.isdecimal():
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
