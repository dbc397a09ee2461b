"""Recurring items that are due at once in many homes, with two workers that race for them on PostgreSQL."""

import os
import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

from tests.services import ENVIRONMENT, postgresql, redis_server

HOMES, ITEMS_IN_A_HOME, WORKERS = 200, 5, 2
MAX_SECONDS = 60


def measure(folder: Path) -> list[tuple[str, str, str, bool, str]]:
    with postgresql(folder / "recurring-postgresql") as database, redis_server(folder / "recurring-redis") as redis:
        settings = {**ENVIRONMENT, "DATABASE_URL": database, "REDIS_URL": redis, "DATA_DIR": str(folder)}
        with get_context("spawn").Pool(WORKERS, set_up, [settings]) as workers:
            workers.apply(create_due_items)
            start = time.monotonic()
            fired = workers.map(fire_at, [time.time() + 1] * WORKERS, chunksize=1)
            seconds = time.monotonic() - start - 1
            times_added = workers.apply(count_additions)
    count = HOMES * ITEMS_IN_A_HOME
    is_right = times_added == {1: count} and sum(fired) == count
    shares = " + ".join(map(str, fired))
    return [
        (f"{count} recurring items due at once, {WORKERS} workers", f"{seconds:.1f} s", f"≤ {MAX_SECONDS} s",
         seconds <= MAX_SECONDS, ""),
        ("of them added exactly once", f"{times_added.get(1, 0)} ({shares})", f"{count}", is_right, ""),
    ]  # fmt: skip


def create_due_items() -> None:
    from datetime import timedelta

    from django.core.management import call_command
    from django.utils import timezone

    from groceries.actions import create_recurring
    from groceries.models import RecurringItem
    from homes.accounts.models import User
    from tests.factories import by, found_home, person

    call_command("migrate", verbosity=0)
    founders: list[User] = []
    for number in range(HOMES):
        if number % 20 == 0:  # a person may create thirty homes
            founders.append(person(f"Nok{number}"))
        member = found_home(founders[-1], f"Home {number}")
        for item in range(ITEMS_IN_A_HOME):
            create_recurring(f"Thing {item}", by=by(member), frequency="weekly")
    RecurringItem.objects.update(next_due_at=timezone.now() - timedelta(minutes=1))


def fire_at(moment: float) -> int:
    """Return how many items this worker added."""
    from groceries.tasks import fire_recurring

    time.sleep(max(0, moment - time.time()))
    fired: int = fire_recurring()
    return fired


def count_additions() -> Counter[int]:
    """Return how many items were added how often, by the log."""
    from homes.events.models import Event

    added = Event.objects.filter(type__in=("list_item_added", "list_item_updated"), origin="task")
    return Counter(Counter(added.values_list("data__entry__item__id", flat=True)).values())


def set_up(settings: dict[str, str]) -> None:
    import django

    os.environ |= {**settings, "DJANGO_SETTINGS_MODULE": "pantry.settings"}
    django.setup()


if __name__ == "__main__":
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        for row in measure(Path(folder)):
            print(*row)
