"""Searching memory among 20,000 passages, the question's embedding included: `python -m tests.bench.memory`.

The sentences are a household's purchases and facts; the vectors are those of some hundreds of them, each a little
shaken, for what is measured is the search.
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
PASSAGES, ASKED, WARM = 20_000, 200, 10
THINGS = [
    "milk", "eggs", "rice", "coffee beans", "lemons", "cat litter", "bin bags", "dish soap", "bread", "oat milk",
    "limes", "basil", "tofu", "butter",
]  # fmt: skip
PEOPLE = ("Nok", "Ben", "Ploy")
PLACES = ("kitchen", "bathroom", "balcony", "hallway", "cellar", "bedroom")
QUESTIONS = [
    "when did we last buy {thing}?", "what did {who} say about the {place}?", "which {thing} does {who} like?",
    "where do we keep the {thing}?", "how much did the {thing} cost?", "what did we decide about the {place}?",
]  # fmt: skip
REACH = {"SQLite": 30, "PostgreSQL": 20}  # ms, p95

Row = tuple[str, str, str, bool, str]


def measure(folder: Path) -> list[Row]:
    rows = [_row("SQLite", _asked({"DATA_DIR": str(folder / "sqlite"), "DATABASE_URL": ""}))]
    with postgresql(folder / "memory-postgresql") as database:
        rows.append(_row("PostgreSQL", _asked({"DATA_DIR": str(folder / "pg"), "DATABASE_URL": database})))
    return rows


def _row(name: str, ms: list[float]) -> Row:
    p95 = percentile(ms, 0.95)
    shown = f"{percentile(ms, 0.5):.1f} / {p95:.1f}"
    return (f"memory, {PASSAGES:,} passages, {name}: p50 / p95, ms", shown, f"≤ {REACH[name]}", p95 <= REACH[name], "")


def _asked(settings: dict[str, str]) -> list[float]:
    """In a process of its own, as a worker is."""
    environment = {**os.environ, "REDIS_URL": "", "SECRET_KEY": "only for measuring", **settings}
    command = [sys.executable, "-m", "tests.bench.memory", "--inside"]
    done = subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE)  # noqa: S603
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def inside() -> list[float]:
    os.environ["DJANGO_SETTINGS_MODULE"] = "pantry.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from homes.models import Membership
    from pixie.memory import search
    from pixie.models import Passage

    call_command("migrate", verbosity=0)
    nok = _furnish()
    member = Membership.objects.select_related("home", "user").get(pk=nok)
    rows = Passage.objects.visible_to(member)
    times = []
    for number in range(WARM + ASKED):
        words = {"thing": THINGS[number % 14], "who": PEOPLE[number % 3], "place": PLACES[number % 6]}
        question = f"{QUESTIONS[number % 6].format(**words)} {number}"  # so that no answer was kept
        begun = time.perf_counter()
        search.search(rows, member.home, question)
        times.append(1000 * (time.perf_counter() - begun))
    return times[WARM:]


def _furnish() -> Any:
    import numpy
    from django.db import connection, transaction

    from homes.accounts.models import User
    from homes.actions import create_home
    from pantry.db import analyze_table, index_row, store_vectors
    from pixie.memory import embedding
    from pixie.models import MemoryPosition, Passage
    from pixie.nlu.keywords import index_words

    nok = create_home(User.objects.create_user("nok@example.com", "x", name="Nok"), origin="command", name="Large")
    texts = [_sentence(number) for number in range(PASSAGES)]
    vectors = embedding.of_many(texts[:300])
    noise = numpy.random.default_rng(7).normal(0, 0.02, (PASSAGES, 384)).astype(numpy.float32)
    shaken = vectors[numpy.arange(PASSAGES) % 300] + noise
    shaken /= numpy.linalg.norm(shaken, axis=1, keepdims=True)
    rows = [
        Passage(
            home=nok.home, user=nok.user, content=text, words=index_words(text), revision=number + 1,
            source="purchase", embedding=embedding.as_bytes(shaken[number]),
        )
        for number, text in enumerate(texts)
    ]  # fmt: skip
    with transaction.atomic():
        Passage.objects.bulk_create(rows, batch_size=500)
        for row in rows:
            index_row(row)
        store_vectors(Passage, {row.pk: shaken[number] for number, row in enumerate(rows)})
        MemoryPosition.objects.update_or_create(home=nok.home, defaults={"revision": PASSAGES})
    analyze_table(Passage)  # as each night
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return nok.pk


def _sentence(number: int) -> str:
    who, thing, place = PEOPLE[number % 3], THINGS[number % 14], PLACES[number % 6]
    kinds = (
        f"{who} bought {thing}, {number % 9 + 1} kg, for ฿{number % 400 + 20}",
        f"We decided that the {place} gets new shelves, plan {number}",
        f"{who} likes the {thing} from stall {number}",
        f"The key of the {place} cupboard is number {number}",
    )
    return kinds[number % 4]


if __name__ == "__main__":
    if "--inside" in sys.argv:
        print(json.dumps(inside()))
    else:
        with TemporaryDirectory(prefix="pantry-pixie-memory-", ignore_cleanup_errors=True) as temporary:
            for row in measure(Path(temporary)):
                print(*row)
