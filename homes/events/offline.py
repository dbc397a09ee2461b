"""What somebody did while their device had no signal, and what became of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rest_framework.serializers import BaseSerializer


@dataclass(frozen=True, slots=True)
class MergeResult:
    """`lost` names the fields on which something else stands; `message` says so to who meant them, or says what
    else they should know."""

    lost: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class OfflineCommand:
    """`settle(what was said, the version that was seen, by=actor)` does it. It may raise ActionError; then it changes
    nothing."""

    shape: type[BaseSerializer[Any]]
    settle: Callable[..., MergeResult]
    scope: str = "write"
    """What a personal token needs for it, beside `write`."""


commands: dict[str, OfflineCommand] = {}


def register(kinds: Mapping[str, OfflineCommand]) -> None:
    """Add what a device may bring in later that was done without a signal, by kind (docs/offline.md)."""
    commands.update(kinds)
