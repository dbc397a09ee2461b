"""What can go wrong. All errors are a PixieError."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx


class PixieError(Exception):
    """`status` and `code` are the server's, `request_id` identifies the request in its log, and `retry_after` are the
    seconds to wait before another attempt."""

    status: int | None = None
    request_id: str | None = None
    retry_after: float | None = None

    def __init__(self, message: str, error: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.error = dict(error or {})
        self.code = str(self.error.get("code", ""))


class NotSignedIn(PixieError):
    """Nobody is signed in, or the tokens are no longer valid."""


class BudgetExceeded(PixieError):
    """The home's budget for language models is spent."""


class Forbidden(PixieError):
    """Signed in, but not allowed."""


class NotFound(PixieError):
    """The row does not exist, or is not visible to the user."""


class Invalid(PixieError):
    """Not valid, or refused with a sentence that says why."""

    @property
    def fields(self) -> dict[str, Any]:
        """What is wrong, by field; empty if the error is not about fields."""
        return dict(self.error.get("fields") or {})


class Conflict(PixieError):
    """The row was changed in the meantime, or exists already."""

    @property
    def current(self) -> dict[str, Any] | None:
        """The row as it is now."""
        return self.error.get("current")


class RateLimited(PixieError):
    """Too many requests."""


class ServerError(PixieError):
    """The server failed, or its response is not one of Pantry Pixie's."""


class Unreachable(PixieError):
    """No response: the server or the network is down."""


BY_STATUS: dict[int, type[PixieError]] = {
    401: NotSignedIn,
    402: BudgetExceeded,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    429: RateLimited,
}


def error_from(response: httpx.Response | httpx.TransportError) -> PixieError:
    if isinstance(response, httpx.TransportError):
        error: PixieError = Unreachable(f"The server can't be reached: {response or type(response).__name__}.")
        error.__cause__ = response
        return error
    status = response.status_code
    kind = BY_STATUS.get(status, Invalid if 400 <= status < 500 else ServerError)
    try:
        payload = response.json()["error"]
        error = kind(str(payload["message"]), payload)
    except (ValueError, KeyError, TypeError):  # a proxy answered
        error = kind(f"The server answered {status} {response.reason_phrase}.".replace(" .", "."))
    error.status = status
    error.request_id = response.headers.get("X-Request-ID")
    error.retry_after = _retry_after(response.headers.get("Retry-After", "").strip())
    return error


def _retry_after(header: str) -> float | None:
    """Return the seconds of a Retry-After header, which has seconds or a date."""
    if header.isascii() and header.isdecimal():
        return float(header)
    try:
        return max(0.0, (parsedate_to_datetime(header) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):  # no date, or one without a time zone
        return None
