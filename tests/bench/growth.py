"""What a long list and a home with many items cost: `python -m tests.bench.growth`. CPU of the process, on SQLite.

Nothing is cached: every page is the first one after a change.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.live import percentile
from tests.services import ENVIRONMENT

ENTRIES, ITEMS = (50, 500, 2000), (100, 10_000)
PAGES, ADDITIONS, SUGGESTIONS = 9, 60, 100
MAX_GROWTH, MAX_ADD_RATIO, MAX_SUGGESTION_RATIO, MAX_QUERIES = 25, 1.3, 4, 3
TYPED = ["t", "th", "thi", "thing 77", "thin 9", "thinf", "rice", "milk, thing 1", "2 kg thing 5", "zzz"]

Row = tuple[str, str, str, bool, str]


def measure(folder: Path) -> list[Row]:
    settings = {**ENVIRONMENT, "DATA_DIR": str(folder / "growth")}
    with get_context("spawn").Pool(1, set_up, [settings]) as processes:
        return processes.apply(measure_all)


def set_up(settings: dict[str, str]) -> None:
    import django

    os.environ |= {**settings, "DJANGO_SETTINGS_MODULE": "pantry.settings", "ALLOWED_HOSTS": "testserver"}
    django.setup()


def measure_all() -> list[Row]:
    from django.core.management import call_command

    from tests.factories import person

    call_command("migrate", verbosity=0)
    nok = person("Nok")
    return [*measure_lists(nok), *measure_additions(nok), *measure_suggestions(nok)]


def measure_lists(nok: Any) -> list[Row]:
    from django.core.cache import caches

    seconds, queries = {}, {}
    for size in ENTRIES:
        client, address = sign_in(nok), list_with(nok, size)

        def get(client: Any = client, address: str = address) -> None:
            for cache in caches.all():
                cache.clear()
            assert client.get(address).status_code == 200

        get()
        queries[size] = count_queries(get)
        seconds[size] = median(cpu_seconds(get) for _page in range(PAGES))
    growth, names = seconds[ENTRIES[-1]] / seconds[ENTRIES[0]], " / ".join(f"{size:,}" for size in ENTRIES)
    times = " / ".join(f"{1000 * each:.0f}" for each in seconds.values())
    counts = " / ".join(map(str, queries.values()))
    return [
        (f"queries of the list page, {names} entries", counts, "constant", len(set(queries.values())) == 1, ""),
        (f"CPU of the list page, ms, {names} entries", times, f"≤ {MAX_GROWTH} ×", growth <= MAX_GROWTH,
         f"{growth:.1f} ×"),
    ]  # fmt: skip


def measure_additions(nok: Any) -> list[Row]:
    seconds = []
    for size in ITEMS:
        client, address, numbers = sign_in(nok), list_in_home_with(nok, size), count()

        def add(client: Any = client, address: str = address, numbers: Any = numbers) -> None:
            assert client.post(f"{address}add", {"text": f"novelty {next(numbers)}"}).status_code == 302

        add()
        seconds.append(median(cpu_seconds(add) for _addition in range(ADDITIONS)))
    ratio, times = seconds[1] / seconds[0], " / ".join(f"{1000 * each:.1f}" for each in seconds)
    name = "CPU of adding, ms, among {:,} / {:,} items".format(*ITEMS)
    return [(name, times, f"≤ {MAX_ADD_RATIO} ×", ratio <= MAX_ADD_RATIO, f"{ratio:.2f} ×")]


def measure_suggestions(nok: Any) -> list[Row]:
    from groceries.models import GroceryList
    from groceries.suggestions import suggest

    client, address = sign_in(nok), list_in_home_with(nok, ITEMS[1])
    grocery_list = GroceryList.objects.get(pk=address.split("/")[-2])
    texts = [TYPED[number % len(TYPED)] for number in range(SUGGESTIONS)]
    for text in TYPED:
        client.get(f"{address}suggestions", {"text": text})
    times = [cpu_seconds(partial(client.get, f"{address}suggestions", {"text": text})) for text in texts]
    page = list_with(nok, 30)
    pages = [cpu_seconds(lambda: client.get(page)) for _page in range(SUGGESTIONS // 2)]
    ratio = percentile(times, 0.95) / percentile(pages, 0.95)
    most = max(count_queries(partial(suggest, grocery_list, text, "en")) for text in ["", *TYPED])
    value = f"{1000 * percentile(times, 0.95):.0f} / {1000 * percentile(pages, 0.95):.0f}"
    name = f"CPU of a suggestion among {ITEMS[1]:,} items / of a list, p95 ms"
    return [
        (name, value, f"≤ {MAX_SUGGESTION_RATIO} ×", ratio <= MAX_SUGGESTION_RATIO, f"{ratio:.1f} ×"),
        ("queries of a suggestion", str(most), f"≤ {MAX_QUERIES}", most <= MAX_QUERIES, ""),
    ]


def sign_in(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user)
    return client


def list_with(nok: Any, size: int) -> str:
    """Return the address of a list with that many entries, each of another item, in a home of its own."""
    from groceries.models import Category, GroceryList, Item, ListEntry

    address = list_in_home_with(nok, size)
    grocery_list = GroceryList.objects.get(pk=address.split("/")[-2])
    aisles = list(Category.objects.filter(home=grocery_list.home_id))
    for number, item in enumerate(items := list(Item.objects.filter(home=grocery_list.home_id))):
        item.category = aisles[number % len(aisles)]
    Item.objects.bulk_update(items, ["category"], batch_size=500)
    ListEntry.objects.bulk_create(
        ListEntry(home_id=grocery_list.home_id, list=grocery_list, item=item, added_by=nok) for item in items
    )
    return address


def list_in_home_with(nok: Any, size: int) -> str:
    """Return the address of an empty list in a new home with that many items."""
    from groceries.actions import current_list
    from groceries.models import Category, Item
    from groceries.parsing.names import normalize
    from tests.factories import by, found_home

    member = found_home(nok, f"Home of {size}")
    category = Category.objects.filter(home=member.home).last()
    names = [f"Thing {number}" for number in range(size)]
    Item.objects.bulk_create(
        Item(home=member.home, name=name, normalized_name=normalize(name), category=category) for name in names
    )
    return f"/h/{member.home_id}/lists/{current_list(by=by(member)).pk}/"


def cpu_seconds(act: Callable[[], object]) -> float:
    start = time.process_time()
    act()
    return time.process_time() - start


def count_queries(act: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


if __name__ == "__main__":
    with TemporaryDirectory(prefix="pantry-pixie-growth-", ignore_cleanup_errors=True) as temporary:
        for name, value, target, is_reached, note in measure(Path(temporary)):
            print(f"{name:<66}{value:>20}{' ' if is_reached else '!'} {target:<10} {note}")
