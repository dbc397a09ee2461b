"""Provider clients, which hold open connections and certificates, and streams that can be polled."""

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import lru_cache
from queue import Empty, Queue
from typing import TYPE_CHECKING, TypeVar

from pixie.models import Provider

if TYPE_CHECKING:
    from pixie.llm.base import SdkClient

MAX_CLIENTS = 64

Piece = TypeVar("Piece")
_END = object()


@lru_cache(MAX_CLIENTS)
def get_client(provider: str, url: str, key: str, addresses: tuple[str, ...] = ()) -> "SdkClient":
    """Return the client of a provider's URL and key, which connects to the IP addresses if there are any.

    A client that is dropped closes when nobody uses it any more.

    The provider's SDK is imported only now, because that is slow.
    """
    if provider == Provider.ANTHROPIC:
        from pixie.llm.anthropic import Anthropic

        return Anthropic(key, url, addresses)
    from pixie.llm.compatible import Compatible

    return Compatible(key, url, addresses)


def iterate_with_timeout(stream: Generator[Piece], poll_seconds: float) -> Iterator[Piece | None]:
    """Yield the items of the stream, and None after every `poll_seconds` without one, so that the caller can check
    whether to go on. An abandoned stream is closed at its next item, or when it times out.

    The stream is read in its own thread and must not use the database.
    """
    items: Queue[object] = Queue()
    abandoned = threading.Event()

    def read() -> None:
        try:
            with closing(stream):
                for piece in stream:
                    items.put(piece)
                    if abandoned.is_set():
                        break
            items.put(_END)
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
            items.put(error)

    threading.Thread(target=read, name="model", daemon=True).start()
    try:
        while True:
            try:
                item = items.get(timeout=poll_seconds)
            except Empty:
                yield None
                continue
            if item is _END:
                return
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        abandoned.set()
