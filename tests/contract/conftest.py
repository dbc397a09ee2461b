"""A server on the database of the test run."""

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.explorer import NO_RATE_LIMITS, separate_database
from tests.server import NOK, PASSWORD, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("contract") / "data"
    with (
        separate_database(os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) as settings,
        Server(folder, settings=NO_RATE_LIMITS | settings) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def nok(server: Server) -> Iterator[httpx.Client]:
    """API client signed in as Nok."""
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        token = client.post("/auth/login", json={"email": NOK, "password": PASSWORD}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
