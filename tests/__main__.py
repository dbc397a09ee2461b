"""`python -m tests`: every test, in three parts, and at the end what each part came to.

`python -m tests browser` (or `sqlite`, or `postgresql`) runs that part alone.
"""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
ALONE = ["tests/e2e", "tests/served", "tests/assistants"]  # these bring servers of their own
# Browsers, sockets and processes have a clock of their own: what failed is tried once more, and it is told how often.
AGAIN = ["--reruns", "1", "-raR"]
SPREAD = ["-n", "2", "--dist", "worksteal", *AGAIN]
BESIDE = [f"--ignore={folder}" for folder in ALONE]
PARTS = {
    "sqlite": ["--database", "sqlite", *SPREAD, *BESIDE, "tests"],
    "postgresql": ["--database", "postgresql", *SPREAD, *BESIDE, "--ignore", "tests/sdk", "tests"],
    # These wait more than they compute.
    "browser": ["-n", "3", "--dist", "loadfile", "--no-loadscope-reorder", *AGAIN, *ALONE],
}
TITLES = {
    "sqlite": "SQLite",
    "postgresql": "PostgreSQL and Redis",
    "browser": "In the browser, and with several servers",
}


@dataclass
class Outcome:
    part: str
    seconds: float
    exit_code: int
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    again: int = 0

    @property
    def is_good(self) -> bool:
        """A part in which no test ran has not passed."""
        return self.exit_code == 0 and self.passed > 0

    def __str__(self) -> str:
        verdict = "passed" if self.is_good else "FAILED"
        counts = f"{self.passed:>7}{self.failed:>8}{self.skipped:>9}{self.again:>7}"
        return f"{TITLES[self.part]:<42}{counts}{self.seconds:>8.0f} s  {verdict}"


def run(part: str) -> Outcome:
    print(f"\n{TITLES[part]}", flush=True)
    report = RESULTS / f"{part}.xml"
    report.unlink(missing_ok=True)
    begun = monotonic()
    command = [sys.executable, "-m", "pytest", f"--junit-xml={report}", *PARTS[part]]
    exit_code = subprocess.call(command, cwd=ROOT)  # noqa: S603 (our own interpreter and words)
    outcome = Outcome(part, monotonic() - begun, exit_code)
    if report.exists():
        suite: Any = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314
        count = suite.attrib
        outcome.again = len(suite.findall("testcase")) - int(count["tests"])
        outcome.failed = int(count["failures"]) + int(count["errors"])
        outcome.skipped = int(count["skipped"])
        outcome.passed = int(count["tests"]) - outcome.failed - outcome.skipped
    return outcome


def main() -> int:
    parts = sys.argv[1:] or list(PARTS)
    if unknown := set(parts) - set(PARTS):
        print(f"No part is called {', '.join(unknown)}. There are {', '.join(PARTS)}.", file=sys.stderr)
        return 2
    RESULTS.mkdir(exist_ok=True)
    outcomes = [run(part) for part in parts]
    print(f"\n{'':<42}{'passed':>7}{'failed':>8}{'skipped':>9}{'again':>7}{'time':>8}")
    for outcome in outcomes:
        print(outcome)
    return 0 if all(outcome.is_good for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
