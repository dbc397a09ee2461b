"""A pool of provider clients, which hold open connections and certificates, and streams that can be polled."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, Queue
from typing import TYPE_CHECKING, TypeVar

from pixie.models import Provider

if TYPE_CHECKING:
    from pixie.llm.sdk import SdkClient  # slow to import

MAX_IDLE_CLIENTS = 64

Key = tuple[str, str, str]
Piece = TypeVar("Piece")
_END = object()


@dataclass
class _PooledClient:
    client: "SdkClient"
    users: int = 0


_lock = threading.Lock()
_clients: OrderedDict[Key, _PooledClient] = OrderedDict()  # the least recently used first


@contextmanager
def borrow_client(provider: str, url: str, key: str) -> Iterator["SdkClient"]:
    """Borrow the client of a provider's address and key.

    Above MAX_IDLE_CLIENTS the least recently used client is closed, but never one in use: another home may be
    reading its answer.
    """
    pool_key = (provider, url, key)
    with _lock:
        pooled = _clients[pool_key] = _clients.get(pool_key) or _new(provider, url, key)
        _clients.move_to_end(pool_key)
        pooled.users += 1
    try:
        yield pooled.client
    finally:
        with _lock:
            pooled.users -= 1
        close_idle(MAX_IDLE_CLIENTS)


def close_idle(max_clients: int = 0) -> None:
    """Close unused clients, the least recently used first, until at most `max_clients` remain."""
    with _lock:
        idle = [key for key, pooled in _clients.items() if not pooled.users]
        closing = [_clients.pop(key) for key in idle[: max(0, len(_clients) - max_clients)]]
    for pooled in closing:
        pooled.client.close()


def _new(provider: str, url: str, key: str) -> _PooledClient:
    """Create a client. The provider's SDK is imported only now, because that is slow."""
    if provider == Provider.ANTHROPIC:
        from pixie.llm.anthropic import Anthropic

        return _PooledClient(Anthropic(key, url))
    from pixie.llm.compatible import Compatible

    return _PooledClient(Compatible(key, url))


def iterate_with_timeout(stream: Iterator[Piece], poll_seconds: float) -> Iterator[Piece | None]:
    """Yield the items of the stream, and None after every `poll_seconds` without one, so that the caller can check
    whether to go on. An abandoned stream is closed at its next item, or when it times out.

    The stream is read in its own thread and must not use the database.
    """
    items: Queue[object] = Queue()
    abandoned = threading.Event()

    def read() -> None:
        try:
            for piece in stream:
                items.put(piece)
                if abandoned.is_set():
                    break
            items.put(_END)
        except BaseException as error:  # noqa: BLE001 (raised again in the caller's thread)
            items.put(error)
        finally:
            close = getattr(stream, "close", None)
            if close is not None:
                close()

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
