"""Stopping the process that a household runs."""

import time
from contextlib import closing

import httpx

from tests.pixie.providers import Anthropic, Breaks, Says
from tests.server import NOK, PASSWORD, Server

PATIENCE = 60  # seconds until what should be is missed
QUESTION = "What could there be for dinner on Saturday, whatever you like"


def until(true):
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def signed_in(server):
    program = httpx.Client(base_url=f"{server.url}/api", timeout=60)
    token = program.post("/auth/login", json={"email": NOK, "password": PASSWORD}).json()["token"]
    program.headers["Authorization"] = f"Bearer {token}"
    return program


def test_a_model_that_is_still_answering_holds_nobody_up_and_is_asked_again(tmp_path):
    with Anthropic() as provider:
        provider.plays(Breaks(seconds=600), Says("A green curry."))
        settings = {"ANTHROPIC_API_KEY": "sk-of-the-server", "ANTHROPIC_BASE_URL": provider.url}
        with Server(tmp_path / "data", settings=settings, is_seeded=False) as server:
            with closing(signed_in(server)) as program:
                home = program.get("/homes").json()["results"][0]["id"]
                said = program.post("/chat?wait=0", json={"home_id": home, "message": QUESTION})
                assert said.status_code == 202
                until(lambda: len(provider.asked) == 1)
            server.stop()
            server.start()
            with closing(signed_in(server)) as program:
                until(lambda: len(provider.asked) == 2)
                run = f"/homes/{home}/runs/{said.json()['run']['id']}"
                until(lambda: program.get(run).json()["status"] == "completed")
                assert program.get(run).json()["response"]["message"] == "A green curry."
