"""`make fuzz`: test the API with random requests on both databases, then measure response times of malformed bodies.

A failure prints its seed: `make fuzz SEED=… EXAMPLES=…` repeats it.
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
from tests.contract.explorer import NO_RATE_LIMITS, explore, separate_database
from tests.server import NOK, PASSWORD, Server
from tests.services import postgresql, redis_server


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100, help="number per operation")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))  # noqa: S311 (no secret)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], action="append")
    arguments = parser.parse_args()
    exit_codes = [
        fuzz(name, arguments.examples, arguments.seed) for name in arguments.database or ["sqlite", "postgresql"]
    ]
    return 1 if any(exit_codes) else 0


def fuzz(database: str, examples: int, seed: int) -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="pantry-pixie-fuzz-", ignore_cleanup_errors=True)))
        os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the wheel of PostgreSQL keeps its lock there
        urls = ("", "")
        if database == "postgresql":
            postgres = stack.enter_context(postgresql(folder / "postgresql"))
            urls = (postgres, stack.enter_context(redis_server(folder / "redis")))
        settings = stack.enter_context(separate_database(*urls))
        server = stack.enter_context(Server(folder / "data", settings=NO_RATE_LIMITS | settings))
        print(f"\n{database}: {examples} examples of each operation, seed {seed}", flush=True)
        result = explore(server, folder, "--max-examples", str(examples), "--seed", str(seed))
        print(result.stdout)
        if result.returncode:
            print(f"Again: make fuzz SEED={seed} EXAMPLES={examples} DATABASE={database}")
        show_times(server)
        return result.returncode


def show_times(server: Server) -> None:
    with httpx.Client(base_url=f"{server.url}/api", timeout=30) as client:
        token = client.post("/auth/login", json={"email": NOK, "password": PASSWORD}).json()["token"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        print(f"{'malformed body':<22}{'status':>8}{'slowest of five, ms':>22}")
        for name, body in {**BODIES, "ten megabytes": TEN_MEGABYTES}.items():
            times = []
            for _time in range(5):
                start = time.perf_counter()
                response = client.post("/homes", content=body, headers=headers)
                times.append(1000 * (time.perf_counter() - start))
            print(f"{name:<22}{response.status_code:>8}{max(times):>22.1f}")


if __name__ == "__main__":
    sys.exit(main())
