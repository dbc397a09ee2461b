"""The log of the embedded worker."""

import httpx

from tests.server import NOK, PASSWORD, Server


def test_log_records_of_a_task_have_the_request_id(tmp_path):
    quiet = {"LOG_LEVEL": "INFO", "REQUEST_LOG": "off"}
    with Server(tmp_path / "data", settings=quiet) as server, httpx.Client(base_url=server.url, timeout=60) as program:
        signed_in = program.post("/api/auth/login", json={"email": NOK, "password": PASSWORD}).json()
        program.headers["Authorization"] = f"Bearer {signed_in['token']}"
        home = program.get("/api/homes").json()["results"][0]["id"]
        for name in ("breakfast-0001", "breakfast-0002"):
            data = {"home_id": home, "message": "We need eggs"}
            answer = program.post("/api/chat", json=data, headers={"X-Request-ID": name})
            assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, name)
            assert server.wait_for_log(rf"\[{name}\] Task pixie\.perform_runs\[.*succeeded")
