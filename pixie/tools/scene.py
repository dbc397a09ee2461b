"""Where a tool was called: the run whose message asked for it, if any."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from chat.models import Channel
from pixie.models import Run

_run: ContextVar[Run | None] = ContextVar("run", default=None)


@contextmanager
def played(run: Run) -> Iterator[None]:
    """Tools that are called inside are called in this run."""
    token = _run.set(run)
    try:
        yield
    finally:
        _run.reset(token)


def room() -> Channel | None:
    """The channel in which the answer is read; None where there is none, as over MCP."""
    run = _run.get()
    return run.channel if run else None
