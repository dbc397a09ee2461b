"""Pantry Pixie from Python: `Client` and `AsyncClient`, and their errors."""

from pantry_pixie.client import AsyncClient, Client
from pantry_pixie.errors import (
    BudgetExceeded,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    PixieError,
    RateLimited,
    ServerError,
    Unreachable,
)
from pantry_pixie.transport import Credentials, CredentialStore, RetryPolicy

__all__ = [
    "AsyncClient",
    "BudgetExceeded",
    "Client",
    "Conflict",
    "CredentialStore",
    "Credentials",
    "Forbidden",
    "Invalid",
    "NotFound",
    "NotSignedIn",
    "PixieError",
    "RateLimited",
    "RetryPolicy",
    "ServerError",
    "Unreachable",
]
