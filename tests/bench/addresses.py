"""Every GET that the API's own description names, with ids that exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.bench.crowd import Program

EACH = 4  # ids of a list that are tried, and its pages
# What stands behind a question mark, where the description does not list the choices.
WORDS = {
    "q": "ri",
    "category": "dairy",
    "from": "2020-01-01",
    "to": "2099-12-31",
    "after": "100000",
    "before": "100000",
}
PAGES = {"cursor", "limit"}


@dataclass(frozen=True)
class Operation:
    """`what` is the address with its blanks, `urls` some that fill them."""

    what: str
    urls: list[str]


def operations(program: Program) -> Iterator[Operation]:
    """Raises LookupError for a blank or a parameter that nothing here can fill."""
    described = program.get("/api/schema")
    home = program.get("/api/homes")["results"][0]["id"]
    for path, verbs in described["paths"].items():
        if "get" in verbs:
            asked = [each for each in verbs["get"].get("parameters", []) if each["in"] == "query"]
            urls = [path.format_map(ids) for ids in filled(program, path, home)]
            pages = list(following(program, urls[0])) if {each["name"] for each in asked} >= PAGES else []
            yield Operation(path.removeprefix("/api"), urls + pages)
            for words in variants(path, asked):
                yield Operation(f"{path.removeprefix('/api')}?{words}", [f"{url}?{words}" for url in urls[:EACH]])


def filled(program: Program, path: str, home: str) -> list[dict[str, str]]:
    ways = [{"home_id": home}]
    for blank in re.findall(r"\{(\w+)\}", path):
        if blank == "home_id":
            continue
        if blank == "label":
            ways = [{**way, blank: "household"} for way in ways]
        elif blank == "run_id":
            ways = [{**way, blank: run} for way in ways for run in runs(program, home)]
        else:
            rows = path.partition(f"/{{{blank}}}")[0]
            ways = [{**way, blank: row} for way in ways for row in ids(program, rows.format_map(way))]
        if not ways:
            raise LookupError(f"{path}: nothing that {{{blank}}} could be")
    return ways


def ids(program: Program, url: str) -> list[str]:
    return [row["id"] for row in program.get(url)["results"][:EACH]]


def runs(program: Program, home: str) -> list[str]:
    """No address lists them; what Pixie said names the run that led to it."""
    threads = f"/api/homes/{home}/threads"
    said: list[Any] = []
    for thread in ids(program, threads):
        said += program.get(f"{threads}/{thread}/messages")["results"]
    return list(islice((message["metadata"]["run"] for message in said if "run" in message["metadata"]), EACH))


def following(program: Program, url: str) -> Iterator[str]:
    """The next pages."""
    for _ in range(EACH):
        after = program.get(url)["next"]
        if after is None:
            return
        url = after[after.index("/api/") :]
        yield url


def variants(path: str, asked: list[dict[str, Any]]) -> Iterator[str]:
    for each in asked:
        name = each["name"]
        if choices := each["schema"].get("enum"):
            yield from (f"{name}={choice}" for choice in choices)
        elif name not in PAGES:
            if name not in WORDS:
                raise LookupError(f"{path}: no word for ?{name}=")
            yield f"{name}={WORDS[name]}"
