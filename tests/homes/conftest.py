"""Sockets for the tests of what is live."""

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
    """`await listen(nok, "?since=3")`: a socket in a browser of Nok's."""
    async with AsyncExitStack() as opened:
        yield Listening(opened)
    await hub.shut_down()
