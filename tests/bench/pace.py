"""How fast the machine is at the moment: others may use it, too, for seconds or for minutes."""

import time

TURNS = 300_000  # of the loop: about 25 ms
SLOWER = 1.15  # times the shortest: still the machine's own pace


class Pace:
    """Known by a loop that takes the same instructions each time."""

    shortest = float("inf")
    """Seconds, of all loops so far."""

    def is_full(self) -> bool:
        took = min(_loop(), _loop())
        self.shortest = min(self.shortest, took)
        return took <= SLOWER * self.shortest


def _loop() -> float:
    began, total = time.perf_counter(), 0
    for number in range(TURNS):
        total += number * number
    return time.perf_counter() - began
