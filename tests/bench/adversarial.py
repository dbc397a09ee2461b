"""The time that hostile text takes in everything that reads text: `python -m tests.bench.adversarial`.

Strings are made of what the parsers look for, repeated, mixed and cut, in three lengths. Of each parser and length, no
string may take 100 times the median, and the medians may grow no faster than the length. Where most texts are refused
at once, the median says nothing: half a millisecond stands for shorter ones. Of a file, the time of a row counts, since
most of these texts are one row, and a few are thousands.
"""

import os
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from decimal import InvalidOperation
from typing import Any

LENGTHS = (250, 1000, 4000)
STRINGS = 54_000
MAX_OUTLIER, MAX_GROWTH = 100.0, 5.2  # 1.3 times the length's
QUICK_MS = 0.5  # shorter medians count as this: 100 times as much stops nobody

Row = tuple[str, str, str, bool, str]


def strings(pumps: tuple[str, ...], length: int, count: int, generator: random.Random) -> Iterator[str]:
    """Yield texts of a length: half of one pump each, after another text, half of up to six pumps mixed."""
    for number in range(count):
        chosen = generator.choices(pumps, k=generator.randint(2, 6))
        if number % 2:
            text = chosen[0] * generator.randint(0, 5) + chosen[1] * length
        else:
            text = "".join(generator.choices(chosen, k=length))
        yield text[: length - 1] + generator.choice(["\x01", " ", "x", ")", ">"])


def milliseconds(parse: Callable[[str], Any], text: str) -> float:
    from pantry.errors import ActionError

    start = time.thread_time()
    with suppress(ActionError, ValueError, InvalidOperation):  # refused
        parse(text)
    return (time.thread_time() - start) * 1000


def rows_of(parser: str, text: str) -> int:
    """Return the number of rows that the parser reads."""
    return (
        1 + text.count("\n") + (text.count(" ") if parser == "read_file, rows" else 0) if "read_file" in parser else 1
    )


def measure(report: Callable[[str], None] = lambda _text: None) -> list[Row]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from homes import search
    from pixie.nlu import intents
    from tests.pantry import test_linear_time

    parsers: dict[str, Any] = dict(test_linear_time.PARSERS)
    for module, limit in ((intents, "MAX_LENGTH"), (search, "MAX_QUERY_CHARS")):  # what is longer is refused or cut
        setattr(module, limit, max(LENGTHS))
    generator = random.Random(20261130)  # noqa: S311 (the same strings each time)
    count = -(-STRINGS // len(parsers) // len(LENGTHS))
    worst, growth, total = (0.0, ""), (0.0, ""), 0
    for name, parse in parsers.items():
        medians = []
        milliseconds(parse, "milk")  # loads what is cached
        for length in LENGTHS:
            times = [
                (milliseconds(parse, text) / rows_of(name, text), text)
                for text in strings(test_linear_time.TEXT_PUMPS, length, count, generator)
            ]
            total += len(times)
            medians.append(max(statistics.median(ms for ms, _text in times), QUICK_MS))
            slowest = max(times)[1]
            ratio = min(milliseconds(parse, slowest) for _ in range(3)) / rows_of(name, slowest) / medians[-1]
            worst = max(worst, (ratio, f"{name} {slowest[:20]!r}"))
        grown = (medians[2] / medians[1], f"{name} {', '.join(f'{median:.2f}' for median in medians)} ms")
        growth = max(growth, grown)
        report(f"  {grown[1]}: {grown[0]:.1f} ×")
    title = f"{total:,} hostile strings in {len(parsers)} parsers:"
    return [
        (f"{title} slowest / median", f"{worst[0]:.0f} ×", f"≤ {MAX_OUTLIER:.0f}", worst[0] <= MAX_OUTLIER, worst[1]),
        (f"{title} 4 × as long", f"{growth[0]:.1f} ×", f"≤ {MAX_GROWTH}", growth[0] <= MAX_GROWTH, growth[1]),
    ]


def main() -> None:
    for name, value, target, is_reached, note in measure(lambda text: print(text, file=sys.stderr)):
        print(f"{name:<66}{value:>10}{' ' if is_reached else '!'} {target:<8} {note}")


if __name__ == "__main__":
    main()
