"""A household's own server, on the database that this part of the tests is about."""

import os
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.explorer import UNHURRIED, database_of_its_own
from tests.server import NOK, PASSWORD, Server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("contract") / "data"
    with (
        database_of_its_own(os.environ["DATABASE_URL"], os.environ["REDIS_URL"]) as settings,
        Server(folder, settings=UNHURRIED | settings) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def nok(server: Server) -> Iterator[httpx.Client]:
    """Signed in, with a token."""
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        token = client.post("/auth/login", json={"email": NOK, "password": PASSWORD}).json()["token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client
