"""Benchmarks of the running product: `make bench`. `--json` prints one object."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import (
    actions,
    adversarial,
    forecasts,
    growth,
    imports,
    live,
    memory,
    recurring,
    requests,
    scale,
    siege,
    streaming,
    understanding_figures,
)
from tests.server import Server


@dataclass
class Figure:
    """One line of the table. `others` has the figures of other products."""

    name: str
    value: str
    target: str
    is_reached: bool
    others: str = ""


def measure(server: Server, report: Callable[[str], None]) -> list[Figure]:
    figures = []
    parts = (
        ("requests", requests.measure),
        ("live sync", live.measure),
        ("the start", requests.measure_start),
        ("streaming", streaming.measure),
    )
    for part, measure_part in parts:
        report(f"measuring {part} …")
        rows = measure_part(server)
        report("\n".join(f"  {name}: {value}" for name, value, *_target in rows))
        figures += rows
    report("measuring understanding …")
    figures += understanding_figures.measure()
    return [Figure(*figure) for figure in figures]


def main() -> int:
    as_json = "--json" in sys.argv

    def report(text: str) -> None:
        if not as_json:
            print(text, file=sys.stderr)

    with TemporaryDirectory(prefix="pantry-pixie-bench-", ignore_cleanup_errors=True) as folder:
        with Server(Path(folder) / "data") as server:
            figures = measure(server, report)
        report("measuring writes during an import …")
        figures += [Figure(*row) for row in imports.measure(Path(folder))]
        report("measuring a siege …")
        figures += [Figure(*row) for row in siege.measure(Path(folder))]
        report("measuring hostile strings …")
        figures += [Figure(*row) for row in adversarial.measure()]
        report("measuring forecasts …")
        figures += [Figure(*row) for row in forecasts.measure()]
        report("measuring long lists and many items …")
        figures += [Figure(*row) for row in growth.measure(Path(folder))]
        report("measuring memory …")
        figures += [Figure(*row) for row in memory.measure(Path(folder))]
        report("measuring actions on PostgreSQL …")
        figures += [Figure(*row) for row in actions.measure(Path(folder))]
        report("measuring recurring items that are due at once …")
        figures += [Figure(*row) for row in recurring.measure(Path(folder))]
        rows, gets = scale.measure(Path(folder), report)
    figures += [Figure(*row) for row in rows]
    if as_json:
        output = {"figures": [asdict(figure) for figure in figures], "gets": [asdict(get) for get in gets]}
        print(json.dumps(output, ensure_ascii=False))
        return 0
    print(f"\n{scale.HEADING}")
    for get in gets:
        print(scale.line(get))
    print(f"\n{'':<58}{'measured':>22}  {'target':<12} {'others'}")
    for figure in figures:
        mark = " " if figure.is_reached else "!"
        print(f"{figure.name:<58}{figure.value:>22}{mark} {figure.target:<12} {figure.others}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
