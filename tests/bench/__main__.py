"""`make bench`: what must be fast, measured on the product as a household runs it. `--json` prints one object."""

import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench import live, memory, requests, scale, streaming, understanding_figures
from tests.server import Server


@dataclass
class Figure:
    """One line of the table. `reach` is what we want; `others` is what was measured of other products."""

    what: str
    value: str
    reach: str
    is_reached: bool
    others: str = ""


def measure(server: Server, say: Callable[[str], None]) -> list[Figure]:
    figures = []
    parts = (
        ("requests", requests.measure),
        ("live sync", live.measure),
        ("the start", requests.measure_start),
        ("streaming", streaming.measure),
    )
    for name, measured in parts:
        say(f"measuring {name} …")
        found = measured(server)
        say("\n".join(f"  {what}: {value}" for what, value, *_reach in found))
        figures += found
    say("measuring understanding …")
    figures += understanding_figures.measure()
    return [Figure(*figure) for figure in figures]


def main() -> int:
    as_json = "--json" in sys.argv

    def say(text: str) -> None:
        if not as_json:
            print(text, file=sys.stderr)

    with TemporaryDirectory(prefix="pantry-pixie-bench-", ignore_cleanup_errors=True) as folder:
        with Server(Path(folder) / "data") as server:
            figures = measure(server, say)
        say("measuring memory …")
        figures += [Figure(*row) for row in memory.measure(Path(folder))]
        rows, gets = scale.measure(Path(folder), say)
    figures += [Figure(*row) for row in rows]
    if as_json:
        told = {"figures": [asdict(figure) for figure in figures], "gets": [asdict(get) for get in gets]}
        print(json.dumps(told, ensure_ascii=False))
        return 0
    print(f"\n{scale.HEADING}")
    for get in gets:
        print(scale.line(get))
    print(f"\n{'':<58}{'measured':>22}  {'reach':<12} {'others'}")
    for figure in figures:
        mark = " " if figure.is_reached else "!"
        print(f"{figure.what:<58}{figure.value:>22}{mark} {figure.reach:<12} {figure.others}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
