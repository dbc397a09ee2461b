"""Writes in one home while another one is imported, on SQLite in one process: `python -m tests.bench.imports`."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

from tests.bench.live import percentile
from tests.server import MAI, NOK, Server, Visitor

MESSAGES, REACTIONS, ITEMS, ENTRIES = 17_000, 1_000, 500, 1_500
ROWS = MESSAGES + REACTIONS + ITEMS + ENTRIES
WRITES, PAUSE_SECONDS, MAX_SECONDS = 200, 0.02, 2.0
IMPORT_TIMEOUT_SECONDS, POLL_SECONDS = 900.0, 1.0
SENTENCES = (
    "Has anybody seen the key of the cellar?",
    "I like the dark roast best, and {number} of them would do",
    "Dinner at eight, bring number {number}",
    "The plumber comes on Tuesday between nine and eleven, please let him in and show him the sink.",
)


def measure(folder: Path) -> list[tuple[str, str, str, bool, str]]:
    with (
        Server(folder / "imports") as server,
        closing(Visitor(server, NOK)) as nok,
        closing(Visitor(server, MAI)) as mai,
        ThreadPoolExecutor(1) as thread,
    ):
        file = home_file(nok.get(f"/api/homes/{nok.home}/export").raise_for_status().json())
        duration = thread.submit(import_home, nok, file)
        seconds, accepted = write(mai)
        import_seconds = duration.result(IMPORT_TIMEOUT_SECONDS)
    slowest = max(seconds)
    name = f"{WRITES} writes while {ROWS:,} rows are imported, s, p50 / max"
    value = f"{accepted} ok, {percentile(seconds, 0.5):.2f} / {slowest:.2f}"
    is_reached = accepted == WRITES and slowest <= MAX_SECONDS
    return [
        (name, value, f"max ≤ {MAX_SECONDS:.0f}", is_reached, ""),
        (f"import of {ROWS:,} rows meanwhile, s", f"{import_seconds:.0f}", "", True, ""),
    ]


def import_home(nok: Visitor, file: dict[str, Any]) -> float:
    """Import the file and wait until all rows are there. Returns the seconds."""
    start = time.monotonic()
    job = nok.post("/api/homes/import", json=file).raise_for_status().json()
    while job["finished_at"] is None:
        time.sleep(POLL_SECONDS)
        job = nok.get(f"/api/homes/import/{job['id']}").raise_for_status().json()
    assert (job["state"], job["done_rows"]) == ("done", job["total_rows"]), job
    return time.monotonic() - start


def write(mai: Visitor) -> tuple[list[float], int]:
    """Add entries to a list. Return the duration of each request, and the number of those that succeeded."""
    api = f"/api/homes/{mai.home}/lists"
    list_id = mai.post(api, json={"name": "Meanwhile"}).raise_for_status().json()["id"]
    seconds, accepted = [], 0
    for number in range(WRITES):
        start = time.monotonic()
        headers = {"Idempotency-Key": str(uuid4())}
        response = mai.post(f"{api}/{list_id}/items", json={"name": f"Thing {number}"}, headers=headers)
        seconds.append(time.monotonic() - start)
        accepted += response.is_success
        time.sleep(PAUSE_SECONDS)
    return seconds, accepted


def home_file(file: dict[str, Any]) -> dict[str, Any]:
    """Return the exported file with many rows more. Without a memory, so that it is collected after the import."""
    at = {"created_at": "2026-01-01T12:00:00+00:00"}
    room = next(channel["id"] for channel in file["chat"]["channels"] if channel["is_system"])
    aisle = file["groceries"]["categories"][0]["id"]
    [item, *_], [entry, *_] = file["groceries"]["items"], file["groceries"]["entries"]
    items = [{**item, "id": str(UUID(int=number + 1)), "name": f"Thing {number}", "category_id": aisle}
             for number in range(ITEMS)]  # fmt: skip
    lists = [
        {**file["groceries"]["lists"][0], "id": str(UUID(int=number + 1)), "name": f"Shop {number}"}
        for number in range(ENTRIES // 50)
    ]
    entries = [
        {**entry, "list_id": lists[number // 50]["id"], "item_id": items[number % ITEMS]["id"]}
        for number in range(ENTRIES)
    ]
    messages = [
        {
            "id": str(UUID(int=number + 1)), "channel": room, "parent": None, "edited_at": None, "by": "Ben", **at,
            "body": SENTENCES[number % len(SENTENCES)].format(number=number), "user": None, "agent": None,
            "state": "complete", "version": 1, "deleted_at": None, "metadata": {},
        }
        for number in range(MESSAGES)
    ]  # fmt: skip
    reactions = [
        {"message": messages[number]["id"], "emoji": "👍", "by": "Ben", "user": None, "agent": None, **at}
        for number in range(REACTIONS)
    ]
    del file["memory"]
    groceries = {**file["groceries"], "items": items, "lists": lists, "entries": entries, "recurring": []}
    channels = [{**channel, "read": None} for channel in file["chat"]["channels"]]
    chat = {"channels": channels, "messages": messages, "reactions": reactions}
    return {**file, "groceries": groceries, "chat": chat}


if __name__ == "__main__":
    with TemporaryDirectory(prefix="pantry-pixie-imports-", ignore_cleanup_errors=True) as temporary:
        for row in measure(Path(temporary)):
            print(*row)
