"""Actions per second on PostgreSQL, called directly by several processes: in one home, and over many."""

import os
import random
import time
from collections.abc import Sequence
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

from tests.services import ENVIRONMENT, postgresql, redis_server

HOMES, PROCESSES, SECONDS = 64, 4, 10
MIN_IN_ONE_HOME, MIN_OVER_MANY = 120, 800


def measure(folder: Path) -> list[tuple[str, str, str, bool, str]]:
    """Each process ticks a random one of its entries and puts it back, again and again."""
    rows = []
    with postgresql(folder / "actions-postgresql") as database, redis_server(folder / "actions-redis") as redis:
        settings = {**ENVIRONMENT, "DATABASE_URL": database, "REDIS_URL": redis, "DATA_DIR": str(folder)}
        with get_context("spawn").Pool(PROCESSES, set_up, [settings]) as processes:
            entries = processes.apply(create_homes, (HOMES,))
            for homes, least in ((1, MIN_IN_ONE_HOME), (HOMES, MIN_OVER_MANY)):
                shares = [[home[number::PROCESSES] for home in entries[:homes]] for number in range(PROCESSES)]
                rate = sum(processes.map(tick_entries, shares, chunksize=1)) / SECONDS
                where = "one home" if homes == 1 else f"{homes} homes"
                name = f"actions per second, {where}, PostgreSQL"
                rows.append((name, f"{rate:.0f}", f"≥ {least}", rate >= least, ""))
    return rows


def create_homes(count: int) -> list[Sequence[UUID]]:
    """Return the ids of the entries of each home."""
    from django.core.management import call_command

    from groceries.actions import add_entry, current_list
    from tests.factories import by, found_home, person

    call_command("migrate", verbosity=0)
    nok = person("Nok")
    homes: list[Sequence[UUID]] = []
    for number in range(count):
        member = found_home(nok, f"Home {number}")
        shopping_list = current_list(by=by(member))
        homes.append([add_entry(shopping_list, f"Thing {each}", by=by(member))[0].pk for each in range(2 * PROCESSES)])
    return homes


def tick_entries(homes: list[Sequence[UUID]]) -> int:
    """Return the number of actions that one process did in SECONDS."""
    from groceries.actions import purchase_entry, put_back_entry
    from groceries.models import ListEntry
    from tests.factories import by

    entries = ListEntry.objects.select_related("home", "item", "list").in_bulk([pk for home in homes for pk in home])
    members = {entry.home_id: entry.home.memberships.select_related("user", "home").get() for entry in entries.values()}
    rows = list(entries.values())
    done, end = 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        entry = random.choice(rows)  # noqa: S311 (not a secret)
        for act in (purchase_entry, put_back_entry):
            act(entry, by=by(members[entry.home_id]))
            done += 1
    return done


def set_up(settings: dict[str, str]) -> None:
    import django

    os.environ |= {**settings, "DJANGO_SETTINGS_MODULE": "pantry.settings"}
    django.setup()
