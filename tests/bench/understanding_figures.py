"""The figures of understanding that stand in the same table."""

from tests.bench import understanding


def measure() -> list[tuple[str, str, str, bool, str]]:
    return []
