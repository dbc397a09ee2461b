"""`make fuzz`: as long as one likes, each time anew, on both databases; then how long bad input takes.

A failure names its seed: `make fuzz SEED=… EXAMPLES=…` does the same again.
"""

import argparse
import os
import random
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.bad_bodies import BODIES, TEN_MEGABYTES
from tests.contract.explorer import UNHURRIED, database_of_its_own, explore
from tests.server import NOK, PASSWORD, Server
from tests.services import postgresql, redis_server


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="of each operation")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))  # noqa: S311 (no secret)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    asked = parser.parse_args()
    found = [fuzz(name, asked.examples, asked.seed) for name in asked.database or ["sqlite", "postgresql"]]
    return 1 if any(found) else 0


def fuzz(database: str, examples: int, seed: int) -> int:
    with ExitStack() as opened:
        folder = Path(opened.enter_context(TemporaryDirectory(prefix="pantry-pixie-fuzz-", ignore_cleanup_errors=True)))
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel of PostgreSQL keeps its lock there
        urls = ("", "")
        if database == "postgresql":
            postgres = opened.enter_context(postgresql(folder / "postgresql"))
            urls = (postgres, opened.enter_context(redis_server(folder / "redis")))
        settings = opened.enter_context(database_of_its_own(*urls))
        server = opened.enter_context(Server(folder / "data", settings=UNHURRIED | settings))
        print(f"\n{database}: {examples} examples of each operation, seed {seed}", flush=True)
        done = explore(server, folder, "--max-examples", str(examples), "--seed", str(seed))
        print(done.stdout)
        if done.returncode:
            print(f"Again: make fuzz SEED={seed} EXAMPLES={examples} DATABASE={database}")
        show_times(server)
        return done.returncode


def show_times(server: Server) -> None:
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        token = client.post("/auth/login", json={"email": NOK, "password": PASSWORD}).json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        print(f"{'a bad body':<22}{'answer':>8}{'slowest of five, ms':>22}")
        for name, body in {**BODIES, "ten megabytes": TEN_MEGABYTES}.items():
            took = []
            for _turn in range(5):
                began = time.perf_counter()
                answer = client.post("/homes", content=body, headers=headers)
                took.append(1000 * (time.perf_counter() - began))
            print(f"{name:<22}{answer.status_code:>8}{max(took):>22.1f}")


if __name__ == "__main__":
    sys.exit(main())
