"""The worker's log, in the process that a household runs."""

import re
import time

import httpx

from tests.server import NOK, PASSWORD, Server

PATIENCE = 30  # seconds until a line that should come is missed
DONE = re.compile(r"\[([\w.-]+)\] Task pixie\.read_mail\[.*succeeded")


def tasks_done(server, count):
    """The ids in the lines of so many tasks."""
    until = time.monotonic() + PATIENCE
    while len(found := DONE.findall(server.log())) < count:
        assert time.monotonic() < until, server.log()
        time.sleep(0.05)
    return found


def test_what_a_task_logs_bears_the_id_of_the_request_that_caused_it(tmp_path):
    quiet = {"LOG_LEVEL": "INFO", "REQUEST_LOG": "off"}
    with Server(tmp_path / "data", settings=quiet) as server, httpx.Client(base_url=server.url, timeout=60) as program:
        signed_in = program.post("/api/auth/login", json={"email": NOK, "password": PASSWORD}).json()
        program.headers["Authorization"] = f"Bearer {signed_in['token']}"
        home = program.get("/api/homes").json()["results"][0]["id"]
        before = len(DONE.findall(server.log()))
        for name in ("breakfast-0001", "breakfast-0002"):
            said = {"home_id": home, "message": "We need eggs"}
            answer = program.post("/api/chat", json=said, headers={"X-Request-ID": name})
            assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, name)
            tasks_done(server, before + 1)
            before = len(DONE.findall(server.log()))
        assert {"breakfast-0001", "breakfast-0002"} <= set(DONE.findall(server.log()))
