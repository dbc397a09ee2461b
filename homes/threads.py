"""Where the live stream asks the database: in threads that stay, each with a connection of its own.

Reading the log must not wait behind those who come in, and nobody behind somebody's command, so each has its own
threads. They are few: threads that compute take the interpreter from the loop that sends.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Generic, ParamSpec, TypeVar

from django.db import close_old_connections

Given = ParamSpec("Given")
Found = TypeVar("Found")
Item = TypeVar("Item")

MOST_AT_ONCE = 64  # who go through the door together

_log = ThreadPoolExecutor(2, "log")
_door = ThreadPoolExecutor(2, "door")
_commands = ThreadPoolExecutor(4, "command")


async def read_log(function: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    return await asyncio.get_running_loop().run_in_executor(_log, _asked, function, args, kwargs)


async def at_door(function: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    """For whoever comes in."""
    return await asyncio.get_running_loop().run_in_executor(_door, _asked, function, args, kwargs)


class Gathered(Generic[Item, Found]):
    """Asks for many at once what else would be asked for each: who comes while somebody is at the door waits until
    that is done, and goes in with all who came meanwhile. `function` gets them in the order in which they came, and
    returns what each is told, or is refused with. Lives on one event loop."""

    def __init__(self, function: Callable[[list[Item]], list[Found | Exception]]) -> None:
        self.function = function
        self.loop = asyncio.get_running_loop()
        self.waiting: deque[tuple[Item, asyncio.Future[Found]]] = deque()
        self.is_at_work = False

    async def ask(self, item: Item) -> Found:
        told: asyncio.Future[Found] = self.loop.create_future()
        self.waiting.append((item, told))
        self._go_on()
        return await told

    def _go_on(self) -> None:
        if self.waiting and not self.is_at_work:
            gathered = [self.waiting.popleft() for _each in range(min(len(self.waiting), MOST_AT_ONCE))]
            items = [item for item, _told in gathered]
            self.is_at_work = True
            work = self.loop.run_in_executor(_door, _asked, self.function, (items,), {})
            work.add_done_callback(partial(self._tell, [told for _item, told in gathered]))

    def _tell(self, waiting: list[asyncio.Future[Found]], work: "asyncio.Future[list[Found | Exception]]") -> None:
        self.is_at_work = False
        self._go_on()
        failed = work.exception()
        for told, found in zip(waiting, [failed] * len(waiting) if failed else work.result(), strict=True):
            if told.done():
                continue  # they went away
            if isinstance(found, BaseException):
                told.set_exception(found)
            else:
                told.set_result(found)


async def obeying(function: Callable[Given, Found], *args: Given.args, **kwargs: Given.kwargs) -> Found:
    """For what they then ask for."""
    return await asyncio.get_running_loop().run_in_executor(_commands, _asked, function, args, kwargs)


def _asked(function: Callable[..., Found], args: tuple[object, ...], kwargs: dict[str, object]) -> Found:
    close_old_connections()
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
