"""Pantry Pixie from Python: `Client` and `AsyncClient`, what they answer, and what can go wrong."""

from pantry_pixie.client import AsyncClient, Client
from pantry_pixie.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    NotSignedIn,
    OverBudget,
    PixieError,
    ServerFailed,
    TooMany,
    Unreachable,
)
from pantry_pixie.operations import UNSET
from pantry_pixie.wire import Credentials, Keeper, Patience

__all__ = [
    "UNSET",
    "AsyncClient",
    "Client",
    "Conflict",
    "Credentials",
    "Invalid",
    "Keeper",
    "Forbidden",
    "NotFound",
    "NotSignedIn",
    "OverBudget",
    "Patience",
    "PixieError",
    "ServerFailed",
    "TooMany",
    "Unreachable",
]
