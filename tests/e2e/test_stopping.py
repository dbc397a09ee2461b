"""Stopping the server during a call of the language model."""

import time
from contextlib import closing

import httpx

from tests.pixie.providers import Anthropic, Disconnect, Reply
from tests.server import NOK, PASSWORD, Server

TIMEOUT_SECONDS = 60
QUESTION = "What could there be for dinner on Saturday, whatever you like"


def wait_until(condition):
    end = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def api_client(server):
    client = httpx.Client(base_url=f"{server.url}/api", timeout=60)
    token = client.post("/auth/login", json={"email": NOK, "password": PASSWORD}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_stopping_during_a_model_call_resumes_the_run_after_restart(tmp_path):
    with Anthropic() as provider:
        provider.enqueue(Disconnect(seconds=600), Reply("A green curry."))
        settings = {"ANTHROPIC_API_KEY": "sk-of-the-server", "ANTHROPIC_BASE_URL": provider.url}
        with Server(tmp_path / "data", settings=settings, is_seeded=False) as server:
            with closing(api_client(server)) as client:
                home = client.get("/homes").json()["results"][0]["id"]
                response = client.post("/chat?wait=0", json={"home_id": home, "message": QUESTION})
                assert response.status_code == 202
                wait_until(lambda: len(provider.requests) == 1)
            server.stop()
            server.start()
            with closing(api_client(server)) as client:
                wait_until(lambda: len(provider.requests) == 2)
                run = f"/homes/{home}/runs/{response.json()['run']['id']}"
                wait_until(lambda: client.get(run).json()["status"] == "completed")
                assert client.get(run).json()["response"]["message"] == "A green curry."
