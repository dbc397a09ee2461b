"""Commands that a device sends later because it was offline, and their results."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rest_framework.serializers import BaseSerializer


@dataclass(frozen=True, slots=True)
class MergeResult:
    """The result of merging an offline command, with the fields that a newer change overrides."""

    lost: tuple[str, ...] = ()
    message: str = ""  # tells the person


@dataclass(frozen=True, slots=True)
class OfflineCommand:
    """A command and its serializer. `merge(data, seen version, by=actor)` applies it, or raises ActionError."""

    serializer: type[BaseSerializer[Any]]
    merge: Callable[..., MergeResult]
    scope: str = "write"  # that a personal token needs beside `write`


commands: dict[str, OfflineCommand] = {}
register = commands.update
