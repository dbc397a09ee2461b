"""Current speed of the machine, which other processes may be using."""

import time

ITERATIONS = 300_000  # about 25 ms
TOLERANCE = 1.15  # times the shortest loop


class Pace:
    """Compares the duration of a fixed loop with the shortest one so far."""

    shortest = float("inf")
    """Seconds."""

    def is_at_full_speed(self) -> bool:
        seconds = min(_time_loop(), _time_loop())
        self.shortest = min(self.shortest, seconds)
        return seconds <= TOLERANCE * self.shortest


def _time_loop() -> float:
    start, total = time.perf_counter(), 0
    for number in range(ITERATIONS):
        total += number * number
    return time.perf_counter() - start
