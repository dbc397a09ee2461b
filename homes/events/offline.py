"""Commands that a device sends later because it was offline, and their results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.serializers import BaseSerializer


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The result of merging an offline command.

    `lost` names the fields whose value was not applied because of a newer change; `message` tells the person.
    """

    lost: tuple[str, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class OfflineCommand:
    """A command and its serializer. `settle(data, seen version, by=actor)` applies it, or raises ActionError."""

    shape: type[BaseSerializer[Any]]
    settle: Callable[..., MergeResult]
    scope: str = "write"
    """The scope that a personal token needs beside `write`."""


commands: dict[str, OfflineCommand] = {}
register = commands.update
