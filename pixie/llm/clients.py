"""The clients of model providers: kept, for each holds connections and has read the certificates."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from pixie.llm.wire import Model
from pixie.models import Provider

MAX_IDLE_CLIENTS = 64

Key = tuple[str, str, str]


@dataclass
class _Client:
    model: Model
    users: int = 0


_lock = Lock()
_clients: OrderedDict[Key, _Client] = OrderedDict()  # the least recently used first


@contextmanager
def client(provider: str, url: str, key: str) -> Iterator[Model]:
    """Lend the client of a provider's address and key.

    Of more than MAX_IDLE_CLIENTS the least recently used is closed, but never one that is lent: another home may be
    reading its answer.
    """
    place = (provider, url, key)
    with _lock:
        lent = _clients[place] = _clients.get(place) or _new(provider, url, key)
        _clients.move_to_end(place)
        lent.users += 1
    try:
        yield lent.model
    finally:
        with _lock:
            lent.users -= 1
        close_idle(MAX_IDLE_CLIENTS)


def close_idle(most: int = 0) -> None:
    """Close the least recently used clients that nobody uses, until at most `most` are kept."""
    with _lock:
        idle = [key for key, kept in _clients.items() if not kept.users]
        closing = [_clients.pop(key) for key in idle[: max(0, len(_clients) - most)]]
    for each in closing:
        each.model.close()


def _new(provider: str, url: str, key: str) -> _Client:
    """Import the SDK of the provider late: it takes its time."""
    if provider == Provider.ANTHROPIC:
        from pixie.llm.anthropic import Anthropic

        return _Client(Anthropic(key, url))
    from pixie.llm.compatible import Compatible

    return _Client(Compatible(key, url))
