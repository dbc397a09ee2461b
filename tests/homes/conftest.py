"""Fixtures for live connections."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from homes.live import hub
from tests.homes.sockets import Listening


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def listen(anyio_backend: str) -> AsyncIterator[Listening]:
    """Return a function that opens a socket with a member's session: `await listen(nok, "?since=3")`."""
    async with AsyncExitStack() as opened:
        yield Listening(opened)
    await hub.shut_down()
