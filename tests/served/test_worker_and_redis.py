"""A separate Celery worker during restarts of Redis, and while a language model does not answer."""

import os
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, closing, contextmanager

import pytest
import redis

from tests.pixie.providers import Anthropic, Reply
from tests.pixie.runs import MODEL_REQUEST
from tests.server import NOK, ROOT, Visitor
from tests.services import ENVIRONMENT

TIMEOUT_SECONDS = 120  # until a condition holds, on a busy machine
SECONDS_AWAY = (0, 0.2, 1, 4)
WORKER_ARGUMENTS = (
    "-m",
    "celery",
    "-A",
    "pantry",
    "worker",
    "--concurrency",
    "2",
    "--without-gossip",
    "--without-mingle",
)


@contextmanager
def worker(cluster, log, **settings):
    environment = {**os.environ, **ENVIRONMENT, **cluster.settings, **settings}
    environment["DATA_DIR"] = str(cluster.web[0].folder)
    environment["DJANGO_SETTINGS_MODULE"] = "pantry.settings"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and arguments)
            [sys.executable, *WORKER_ARGUMENTS], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(TIMEOUT_SECONDS)


def wait_until(condition, process, log):
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert process.poll() is None, log.read_text()[-4000:]
        assert time.monotonic() < deadline, log.read_text()[-4000:]
        time.sleep(0.05)


def is_waiting_for_tasks(cluster):
    """Return whether the worker waits for tasks at Redis."""
    try:
        with cluster.redis.client as store:
            return any(client["cmd"] == "brpop" for client in store.client_list())
    except redis.RedisError:
        return False


def ask_pixie(nok, question="what is on the list?"):
    """Ask Pixie. Returns a function that returns whether it has answered."""
    channel = nok.get(f"/api/homes/{nok.home}/channels").raise_for_status().json()["results"][0]["id"]
    url = f"/api/homes/{nok.home}/channels/{channel}/messages"
    seq = nok.post(url, json={"content": f"@Pixie {question}"}).raise_for_status().json()["seq"]

    def is_answered():
        rows = nok.get(url).raise_for_status().json()["results"]
        return any(row["seq"] > seq and row["author"] == "pixie" for row in rows)

    return is_answered


@pytest.mark.slow
def test_worker_survives_restarts_of_redis(cluster, tmp_path):
    log = tmp_path / "worker.log"
    with closing(Visitor(cluster.web[0], NOK)) as nok, worker(cluster, log) as process:
        wait_until(lambda: is_waiting_for_tasks(cluster), process, log)
        for seconds_away in SECONDS_AWAY:
            cluster.redis.kill()
            time.sleep(seconds_away)
            cluster.redis.start()
            wait_until(lambda: is_waiting_for_tasks(cluster), process, log)
        wait_until(ask_pixie(nok), process, log)
        assert "Unrecoverable" not in log.read_text()


def test_worker_answers_locally_while_a_model_hangs_and_finishes_before_it_stops(cluster, tmp_path):
    log, released = tmp_path / "worker.log", threading.Event()
    with Anthropic(lambda _body: released.wait() and Reply("Balloons.")) as provider:
        settings = {"ANTHROPIC_API_KEY": "sk-of-the-server", "ANTHROPIC_BASE_URL": provider.url}
        with ExitStack() as stack:
            nok = stack.enter_context(closing(Visitor(cluster.web[0], NOK)))
            process = stack.enter_context(worker(cluster, log, **settings))
            stack.callback(released.set)  # so that the worker ends
            own_home, answers = nok.home, []
            for number in range(3):  # one more than the worker has processes
                nok.home = nok.post("/api/homes", json={"name": f"Home {number}"}).json()["id"]
                answers.append(ask_pixie(nok, MODEL_REQUEST))
            wait_until(lambda: len(provider.requests) == 3, process, log)
            nok.home = own_home
            wait_until(ask_pixie(nok), process, log)
            process.terminate()
            wait_until(lambda: "Warm shutdown" in log.read_text(), process, log)
            assert [is_answered() for is_answered in answers] == [False] * 3
            released.set()
            assert process.wait(TIMEOUT_SECONDS) == 0
            assert [is_answered() for is_answered in answers] == [True] * 3
            assert len(provider.requests) == 3
