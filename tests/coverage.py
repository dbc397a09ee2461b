"""Coverage of the product: a pytest plugin, to be loaded before the product is imported.

SlipCover puts probes into our own lines. On Python 3.11 coverage.py traces every line of every library, which made the
tests take half as long again.
"""

import json
import os
from pathlib import Path
from typing import Any

import slipcover

PACKAGES = ["chat", "groceries", "homes", "pantry", "pixie", "planner"]
OMITTED = ["*/migrations/*"]
# Taking probes out saves no time, and reads the variables of all frames, which keeps their values alive.
NEVER = 2**31 - 1

_counter = slipcover.Slipcover(branch=True, d_miss_threshold=NEVER, source=PACKAGES, omit=OMITTED)
slipcover.ImportManager(_counter, slipcover.FileMatcher(sources=PACKAGES, omit=OMITTED)).__enter__()


def pytest_sessionfinish() -> None:
    """Write what this process has covered, one of several."""
    path = Path(os.environ["TEST_RUN_DIR"]) / f"coverage-{os.getpid()}.json"
    path.write_text(json.dumps(_counter.get_coverage()))


def merged_coverage(folder: Path) -> dict[str, Any]:
    """Return the coverage of all processes, in the format of coverage.py."""
    first, *others = [json.loads(path.read_text()) for path in folder.glob("coverage-*.json")]
    for other in others:
        slipcover.merge_coverage(first, other)
    return first
