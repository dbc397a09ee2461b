"""Where the live stream asks the database: in threads that stay, each with a connection of its own.

Reading the log must not wait behind those who come in, and nobody behind somebody's command, so each has its own
threads. They are few: threads that compute take the interpreter from the loop that sends.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

Given = ParamSpec("Given")
Found = TypeVar("Found")

_log = ThreadPoolExecutor(2, "log")
_door = ThreadPoolExecutor(2, "door")
_commands = ThreadPoolExecutor(4, "command")


async def read_log(function: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    return await asyncio.get_running_loop().run_in_executor(_log, _asked, function, args, kwargs)


async def at_door(function: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    """For whoever comes in."""
    return await asyncio.get_running_loop().run_in_executor(_door, _asked, function, args, kwargs)


async def obeying(function: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    """For what they then ask for."""
    return await asyncio.get_running_loop().run_in_executor(_commands, _asked, function, args, kwargs)


def _asked(function: Callable[..., Found], args: tuple[object, ...], kwargs: dict[str, object]) -> Found:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
