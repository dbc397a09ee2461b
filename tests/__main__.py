"""`python -m tests`: run the tests in three parts, then print the result of each part and the coverage.

`python -m tests browser` runs one part alone. `python -m tests slow rest` (`make test-slow`) runs what `make test`
leaves out: the slow tests, and on PostgreSQL those that the databases cannot make a difference to.
`--durations` prints the twenty slowest tests of each part.
"""

import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "test-results"
COVERAGE = RESULTS / "coverage.json"
REQUIRED_PERCENT = 90
SERVERS = ["tests/served", "tests/e2e", "tests/assistants"]  # these start servers of their own, on any database
OTHERS = [f"--ignore={folder}" for folder in SERVERS]
SPREAD = ["-n", "2", "--dist", "worksteal"]


@dataclass
class Part:
    title: str
    arguments: list[str]
    is_default: bool = True
    measures_coverage: bool = False


PARTS = {
    "sqlite": Part(
        "SQLite",
        ["--database", "sqlite", *SPREAD, "-m", "not slow", *OTHERS, "tests"],
        measures_coverage=True,
    ),
    "postgresql": Part(
        "PostgreSQL and Redis, what may differ there",
        ["--database", "postgresql", *SPREAD, "-m", "both_databases and not slow", *OTHERS, "tests"],
    ),
    "browser": Part(
        "In the browser, and with several servers",
        # These wait more than they compute. Only tests in the browser are run a second time, see tests/e2e/conftest.py.
        ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder", "-m", "not slow", "-rR", *SERVERS],
    ),
    "slow": Part("Slow tests, SQLite", ["--database", "sqlite", *SPREAD, "-m", "slow", "tests"], is_default=False),
    "rest": Part(
        "PostgreSQL and Redis, what make test left out",
        [
            "--database",
            "postgresql",
            *SPREAD,
            "-m",
            "slow or not both_databases",
            *OTHERS,
            "--ignore",
            "tests/sdk",
            "tests",
        ],
        is_default=False,
    ),
}


@dataclass
class Outcome:
    part: Part
    exit_code: int
    seconds: float
    cpu_seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    rerun: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Return whether the part passed. A part without any test has not."""
        return self.exit_code == 0 and self.passed > 0

    def __str__(self) -> str:
        verdict = "passed" if self.is_good else "FAILED"
        counts = f"{self.passed:>7}{self.failed:>8}{self.skipped:>9}{len(self.rerun):>7}"
        return f"{self.part.title:<46}{counts}{self.seconds:>8.0f} s{self.cpu_seconds:>8.0f} s  {verdict}"


def run(name: str, options: list[str]) -> Outcome:
    part = PARTS[name]
    print(f"\n{part.title}", flush=True)
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", f"--junit-xml={report}", *part.arguments, *options]
    if part.measures_coverage:
        command += ["-p", "tests.coverage"]
    started, cpu_before = monotonic(), cpu_of_children()
    exit_code = subprocess.call(command, cwd=ROOT)  # noqa: S603 (our own interpreter and words)
    outcome = Outcome(part, exit_code, monotonic() - started, cpu_of_children() - cpu_before)
    if report.exists():
        count_results(outcome, report)
    return outcome


def cpu_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def count_results(outcome: Outcome, report: Path) -> None:
    suite: Any = ElementTree.parse(report).getroot().find("testsuite")  # noqa: S314
    counts = suite.attrib
    outcome.failed = int(counts["failures"]) + int(counts["errors"])
    outcome.skipped = int(counts["skipped"])
    outcome.passed = int(counts["tests"]) - outcome.failed - outcome.skipped
    runs = Counter(f"{case.get('classname')}::{case.get('name')}" for case in suite.findall("testcase"))
    outcome.rerun = sorted(name for name, times in runs.items() if times > 1)


def is_covered(folder: Path) -> bool:
    """Print the coverage of the tests on SQLite. Returns whether it is high enough."""
    from tests.coverage import merged_coverage  # which counts what is imported after it

    coverage = merged_coverage(folder)
    COVERAGE.write_text(json.dumps(coverage))
    counts = coverage["summary"]
    percent = {
        what: 100 * counts[f"covered_{what}"] / (counts[f"covered_{what}"] + counts[f"missing_{what}"])
        for what in ("lines", "branches")
    }
    print("Covered by the tests on SQLite: " + ", ".join(f"{value:.1f} % of {what}" for what, value in percent.items()))
    return min(percent.values()) >= REQUIRED_PERCENT


def show(outcomes: list[Outcome]) -> None:
    print(f"\n{'':<46}{'passed':>7}{'failed':>8}{'skipped':>9}{'rerun':>7}{'time':>10}{'CPU':>10}")
    for outcome in outcomes:
        print(outcome)
    for outcome in outcomes:
        for name in outcome.rerun:
            print(f"Failed once and was run again: {name}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--durations", action="store_true", help="print the twenty slowest tests of each part")
    arguments = parser.parse_args()
    if unknown := set(arguments.parts) - set(PARTS):
        parser.error(f"There is no part {', '.join(sorted(unknown))}.")
    names = arguments.parts or [name for name, part in PARTS.items() if part.is_default]
    RESULTS.mkdir(exist_ok=True)
    COVERAGE.unlink(missing_ok=True)
    with TemporaryDirectory(prefix="pantry-pixie-tests-", ignore_cleanup_errors=True) as folder:
        os.environ["TEST_RUN_DIR"] = folder
        # Hundreds of processes import the same modules, so they are compiled once, whatever the environment says.
        os.environ["PYTHONPYCACHEPREFIX"] = str(RESULTS / "bytecode")
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        outcomes = [run(name, ["--durations=20"] if arguments.durations else []) for name in names]
        show(outcomes)
        is_good = all(outcome.is_good for outcome in outcomes)
        if any(outcome.part.measures_coverage for outcome in outcomes):
            is_good &= is_covered(Path(folder))
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
