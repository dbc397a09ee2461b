"""A test server: the product in one process, started by its own command, with its own data folder."""

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.seeded import copy_seeded_data
from tests.services import ENVIRONMENT, free_port

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "pantry-pixie"
NOK, BEN, PLOY = (f"{name}@apartment42.example" for name in ("nok", "ben", "ploy"))
MAI = "mai@soi11.example"
TIMEOUT_SECONDS = 300  # until the first response, on a busy machine
# Benchmarks (tests/bench) use the settings of the product. In a test run, SQLite does not sync.
SETTINGS = "tests.server_settings" if "TEST_RUN_DIR" in os.environ else "pantry.settings"


@dataclass
class Server:
    """Server process: `with Server(folder) as server:` serves on `server.url` until the block ends."""

    folder: Path
    port: int = field(default_factory=free_port)
    settings: dict[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ("manage.py", "up", "--demo")
    is_seeded: bool = True  # False starts with an empty folder, as on the first start
    process: "subprocess.Popen[str] | None" = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of the server, also for management commands that use its data."""
        environment = {
            **os.environ,
            **ENVIRONMENT,
            "RATE_CHAT": "1000000/m/user,1000000/m/ip",
            "RATE_CHANGES": "1000000/m/user",
            "RATE_FILES": "1000000/m/user",
            "MAX_STREAMS_PER_USER": "10000",
            **self.settings,
            "DATA_DIR": str(self.folder),
            "PORT": str(self.port),
            "SECRET_KEY": self.settings.get("SECRET_KEY", ""),
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "RATE_LOGIN": "10000/m/ip",
            "RATE_API": "1000000/m/user,1000000/m/ip",
        }
        for name in ("PYTEST_CURRENT_TEST", "PANTRY_EMBEDDED"):
            environment.pop(name, None)
        return environment

    @property
    def log_file(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.log"

    def start(self) -> None:
        command = [sys.executable, *self.command]
        with self.log_file.open("a") as log:
            self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=subprocess.STDOUT, text=True
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + TIMEOUT_SECONDS
        with httpx.Client(base_url=self.url) as client:  # one client, because each loads all CA certificates
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    if client.get("/accounts/login/").status_code == httpx.codes.OK:
                        return
                except httpx.TransportError:
                    time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"the server did not answer:\n{self.log()}")

    def kill(self) -> None:
        """Stop the process without cleanup, as a power cut does."""
        self._terminate(signal.SIGKILL)

    def stop(self) -> None:
        """Stop the process gracefully."""
        self._terminate(signal.SIGTERM)

    def _terminate(self, signal_number: int) -> None:
        if self.process is not None:
            self.process.send_signal(signal_number)
            self.process.wait(20)
            self.process = None

    def log(self) -> str:
        return self.log_file.read_text()[-4000:] if self.log_file.exists() else ""

    def wait_for_log(self, pattern: str) -> str:
        """Wait for a line of the log that matches the pattern. Returns the line."""
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            for line in self.log_file.read_text().splitlines(keepends=True):
                if line.endswith("\n") and re.search(pattern, line):
                    return line
            time.sleep(0.05)
        raise AssertionError(f"{pattern} is not in the log:\n{self.log()}")

    def __enter__(self) -> "Server":
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.is_seeded and "DATABASE_URL" not in self.settings:
            copy_seeded_data(self.folder, self.environment)
        try:
            self.start()
        except RuntimeError:
            self.kill()
            raise
        return self

    def __exit__(self, *error: Any) -> None:
        self.stop()


class Visitor(httpx.Client):
    """Signed-in HTTP client without a browser."""

    def __init__(self, server: Server, email: str) -> None:
        super().__init__(base_url=server.url, follow_redirects=True, timeout=30)
        self.get("/accounts/login/")
        form = {"login": email, "password": PASSWORD, "csrfmiddlewaretoken": self.cookies["csrftoken"]}
        page = self.post("/accounts/login/", data=form, headers={"Referer": server.url})
        match = re.search(r"/h/([0-9a-f-]{36})/", str(page.url))
        assert match, f"{email} could not sign in: {page.url}"
        self.home = match[1]
        self.headers["X-CSRFToken"] = self.cookies["csrftoken"]
        self.headers["Referer"] = server.url

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())
