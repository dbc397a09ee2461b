"""Benchmark of memory search among 20,000 passages, including the query's embedding: `python -m tests.bench.memory`.

The sentences are purchases and facts. Their vectors are those of the first 300, with noise added.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.live import percentile
from tests.services import postgresql

ROOT = Path(__file__).resolve().parents[2]
PASSAGES, QUERIES, WARM_UP = 20_000, 200, 10
ITEMS = [
    "milk", "eggs", "rice", "coffee beans", "lemons", "cat litter", "bin bags", "dish soap", "bread", "oat milk",
    "limes", "basil", "tofu", "butter",
]  # fmt: skip
PEOPLE = ("Nok", "Ben", "Ploy")
PLACES = ("kitchen", "bathroom", "balcony", "hallway", "cellar", "bedroom")
QUESTIONS = [
    "when did we last buy {item}?", "what did {person} say about the {place}?", "which {item} does {person} like?",
    "where do we keep the {item}?", "how much did the {item} cost?", "what did we decide about the {place}?",
]  # fmt: skip
MAX_P95_MS = {"SQLite": 30, "PostgreSQL": 20}

Row = tuple[str, str, str, bool, str]


def measure(folder: Path) -> list[Row]:
    rows = [_row("SQLite", _measure({"DATA_DIR": str(folder / "sqlite"), "DATABASE_URL": ""}))]
    with postgresql(folder / "memory-postgresql") as database:
        rows.append(_row("PostgreSQL", _measure({"DATA_DIR": str(folder / "pg"), "DATABASE_URL": database})))
    return rows


def _row(name: str, ms: list[float]) -> Row:
    p95 = percentile(ms, 0.95)
    value = f"{percentile(ms, 0.5):.1f} / {p95:.1f}"
    limit = MAX_P95_MS[name]
    return (f"memory, {PASSAGES:,} passages, {name}: p50 / p95, ms", value, f"≤ {limit}", p95 <= limit, "")


def _measure(settings: dict[str, str]) -> list[float]:
    """Measure in a process of its own, as in a worker."""
    environment = {**os.environ, "REDIS_URL": "", "SECRET_KEY": "only for measuring", **settings}
    command = [sys.executable, "-m", "tests.bench.memory", "--inside"]
    process = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)  # noqa: S603
    milliseconds: list[float] = json.loads(process.stdout.splitlines()[-1])
    return milliseconds


def measure_searches() -> list[float]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "pantry.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from homes.models import Membership
    from pixie.memory import search
    from pixie.models import Passage

    call_command("migrate", verbosity=0)
    nok = _create_home()
    member = Membership.objects.select_related("home", "user").get(pk=nok)
    rows = Passage.objects.visible_to(member)
    times = []
    for number in range(WARM_UP + QUERIES):
        words = {"item": ITEMS[number % 14], "person": PEOPLE[number % 3], "place": PLACES[number % 6]}
        query = f"{QUESTIONS[number % 6].format(**words)} {number}"  # unique, so that no vector is cached
        start = time.perf_counter()
        search.search(rows, member.home, query)
        times.append(1000 * (time.perf_counter() - start))
    return times[WARM_UP:]


def _create_home() -> Any:
    import numpy
    from django.db import connection, transaction

    from homes.accounts.models import User
    from homes.actions import create_home
    from pantry.db import analyze_table, index_row, store_vectors
    from pixie.memory import embedding
    from pixie.memory.keywords import index_words
    from pixie.models import MemoryPosition, Passage

    nok = create_home(User.objects.create_user("nok@example.com", "x", name="Nok"), origin="command", name="Large")
    texts = [_sentence(number) for number in range(PASSAGES)]
    vectors = embedding.embed_texts(texts[:300])
    noise = numpy.random.default_rng(7).normal(0, 0.02, (PASSAGES, 384)).astype(numpy.float32)
    noisy = vectors[numpy.arange(PASSAGES) % 300] + noise
    noisy /= numpy.linalg.norm(noisy, axis=1, keepdims=True)
    rows = [
        Passage(
            home=nok.home, user=nok.user, content=text, words=index_words(text), revision=number + 1,
            source="purchase", embedding=embedding.to_bytes(noisy[number]),
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    with transaction.atomic():
        Passage.objects.bulk_create(rows, batch_size=500)
        for row in rows:
            index_row(row)
        store_vectors(Passage, {row.pk: noisy[number] for number, row in enumerate(rows)})
        MemoryPosition.objects.update_or_create(home=nok.home, defaults={"revision": PASSAGES})
    analyze_table(Passage)  # as the nightly cleanup does
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return nok.pk


def _sentence(number: int) -> str:
    person, item, place = PEOPLE[number % 3], ITEMS[number % 14], PLACES[number % 6]
    sentences = (
        f"{person} bought {item}, {number % 9 + 1} kg, for ฿{number % 400 + 20}",
        f"We decided that the {place} gets new shelves, plan {number}",
        f"{person} likes the {item} from stall {number}",
        f"The key of the {place} cupboard is number {number}",
    )
    return sentences[number % 4]


if __name__ == "__main__":
    if "--inside" in sys.argv:
        print(json.dumps(measure_searches()))
    else:
        with TemporaryDirectory(prefix="pantry-pixie-memory-", ignore_cleanup_errors=True) as temporary:
            for row in measure(Path(temporary)):
                print(*row)
