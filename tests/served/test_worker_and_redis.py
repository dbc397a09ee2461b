"""A worker of its own outlives restarts of Redis."""

import os
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import redis

from tests.server import NOK, ROOT, Visitor
from tests.services import ENVIRONMENT

SECONDS = 120  # until something is missed, on a busy machine
RESTARTS = 4
WORKER = ("-m", "celery", "-A", "pantry", "worker", "--concurrency", "2", "--without-gossip", "--without-mingle")


@contextmanager
def worker(cluster, log):
    environment = {**os.environ, **ENVIRONMENT, **cluster.settings, "DATA_DIR": str(cluster.web[0].folder)}
    environment["DJANGO_SETTINGS_MODULE"] = "pantry.settings"
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 (our own interpreter and words)
            [sys.executable, *WORKER], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(SECONDS)


def until(holds, process, log):
    end = time.monotonic() + SECONDS
    while not holds():
        assert process.poll() is None, log.read_text()[-4000:]
        assert time.monotonic() < end, log.read_text()[-4000:]
        time.sleep(0.05)


def listens(cluster):
    """Whether the worker waits at Redis for tasks."""
    try:
        with cluster.redis.client as store:
            return any(client["cmd"] == "brpop" for client in store.client_list())
    except redis.RedisError:
        return False


def answers(nok):
    """Whether Pixie's answer to a question of now arrives."""
    channel = nok.get(f"/api/homes/{nok.home}/channels").raise_for_status().json()["results"][0]["id"]
    address = f"/api/homes/{nok.home}/channels/{channel}/messages"
    asked = nok.post(address, json={"content": "@Pixie what is on the list?"}).raise_for_status().json()["seq"]

    def answered():
        rows = nok.get(address).raise_for_status().json()["results"]
        return any(row["seq"] > asked and row["author"] == "pixie" for row in rows)

    return answered


def test_a_worker_outlives_restarts_of_redis(cluster, tmp_path):
    log = tmp_path / "worker.log"
    with closing(Visitor(cluster.web[0], NOK)) as nok, worker(cluster, log) as process:
        until(lambda: listens(cluster), process, log)
        for _restart in range(RESTARTS):
            cluster.redis.kill()
            cluster.redis.start()
            until(lambda: listens(cluster), process, log)
        until(answers(nok), process, log)
        assert "Unrecoverable" not in log.read_text()
