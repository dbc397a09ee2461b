"""A running server and clients that are signed in to it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from pantry_pixie import Client, RetryPolicy
from pantry_pixie.command import app
from typer.testing import CliRunner

from tests.server import MAI, NOK, PASSWORD, Server

QUICK = RetryPolicy(base=0.02, cap=0.1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("sdk") / "data") as server:
        yield server


@pytest.fixture(scope="session")
def signed_in(server: Server) -> Iterator[Callable[[str], Client]]:
    """`signed_in(BEN)`: a client signed in as that person."""
    with ExitStack() as opened:

        def open_one(email: str, at: Server = server) -> Client:
            client = opened.enter_context(Client(at.url, retry_policy=QUICK))
            client.account.sign_in(email, PASSWORD)
            return client

        yield open_one


@pytest.fixture(scope="session")
def nok(signed_in):
    return signed_in(NOK)


@pytest.fixture(scope="session")
def mai(signed_in):
    return signed_in(MAI)


@pytest.fixture(scope="session")
def home(nok):
    return next(home for home in nok.homes.list().results if home.name == "Apartment 42")


@pytest.fixture
def weekly(nok, home):
    """A new list."""
    return nok.lists.create(home, name="Weekly shop")


@pytest.fixture(scope="session")
def nok_token(nok):
    return nok.tokens.create("command", ["read", "write"], PASSWORD).key


@pytest.fixture
def pixie_of_nok(nok_token, home, server, monkeypatch, tmp_path):
    """`run("command")` returns the output, for Nok."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    for name, value in {"URL": server.url, "TOKEN": nok_token, "HOME": str(home.id)}.items():
        monkeypatch.setenv(f"PIXIE_{name}", value)

    def run(*words, code=0):
        result = CliRunner().invoke(app, list(words))
        assert result.exit_code == code, result.output
        return result.output

    return run


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
