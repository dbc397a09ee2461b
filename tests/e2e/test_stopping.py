"""Stopping and killing the server during calls of the language model."""

import threading
from contextlib import closing

import httpx
import pytest

from pixie.tasks import MODEL_THREADS
from tests.pixie.providers import Anthropic, Disconnect, Reply, wait_until
from tests.pixie.runs import NOTHING_DONE
from tests.server import NOK, PASSWORD, Server

QUESTION = "What could there be for dinner on Saturday, whatever you like"


def api_client(server):
    client = httpx.Client(base_url=f"{server.url}/api", timeout=60)
    token = client.post("/auth/login", json={"email": NOK, "password": PASSWORD}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def ask(client, home, message):
    """Send the message. Returns the URL of its run."""
    response = client.post("/chat?wait=0", json={"home_id": home, "message": message})
    assert response.status_code == 202
    return f"/homes/{home}/runs/{response.json()['run']['id']}"


def wait_for_answer(client, run):
    wait_until(lambda: client.get(run).json()["status"] == "completed")
    return client.get(run).json()["response"]["message"]


@pytest.mark.slow
def test_stopping_during_a_model_call_resumes_the_run_after_restart(tmp_path):
    with Anthropic() as provider:
        provider.enqueue(Disconnect(seconds=600), Reply("A green curry."))
        settings = {"ANTHROPIC_API_KEY": "sk-of-the-server", "ANTHROPIC_BASE_URL": provider.url}
        with Server(tmp_path / "data", settings=settings, is_seeded=False) as server:
            with closing(api_client(server)) as client:
                home = client.get("/homes").json()["results"][0]["id"]
                run = ask(client, home, QUESTION)
                wait_until(lambda: len(provider.requests) == 1)
            server.stop()
            server.start()
            with closing(api_client(server)) as client:
                wait_until(lambda: len(provider.requests) == 2)
                assert wait_for_answer(client, run) == f"A green curry.\n\n{NOTHING_DONE}"


def test_killed_process_resumes_the_runs_of_all_homes(tmp_path):
    """Let more homes than there are threads wait for a provider that does not answer."""
    released = threading.Event()
    with Anthropic(lambda _body: released.wait() and Reply("A green curry.")) as provider:
        settings = {"ANTHROPIC_API_KEY": "sk-of-the-server", "ANTHROPIC_BASE_URL": provider.url}
        settings["PIXIE_RUN_SECONDS"] = "1000"
        with Server(tmp_path / "data", settings=settings) as server, closing(api_client(server)) as client:
            homes = [client.post("/homes", json={"name": f"Home {n}"}).json()["id"] for n in range(MODEL_THREADS + 1)]
            runs = [ask(client, home, QUESTION) for home in homes]
            wait_until(lambda: len(provider.requests) == MODEL_THREADS)
            for home in homes:
                assert wait_for_answer(client, ask(client, home, "We need eggs")).startswith("Added Eggs")
            assert len(provider.requests) == MODEL_THREADS
            server.kill()
            server.start()
            wait_until(lambda: len(provider.requests) == 2 * MODEL_THREADS)
            released.set()
            for run in runs:
                assert wait_for_answer(client, run) == f"A green curry.\n\n{NOTHING_DONE}"
            assert len(provider.requests) == 2 * MODEL_THREADS + 1
