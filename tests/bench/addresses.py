"""Every GET operation of the OpenAPI schema, with ids that exist."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tests.bench.load_clients import ApiClient

MAX_PER_LIST = 4  # ids and pages
# Values of query parameters that are not enumerations.
QUERY_VALUES = {
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
    """A path template, and URLs that fill it in."""

    template: str
    urls: list[str]


def operations(client: ApiClient) -> Iterator[Operation]:
    """Yield all operations. Raises LookupError for a parameter without a value."""
    schema = client.get("/api/schema")
    home = client.get("/api/homes")["results"][0]["id"]
    for path, verbs in schema["paths"].items():
        if "get" in verbs:
            parameters = [field for field in verbs["get"].get("parameters", []) if field["in"] == "query"]
            urls = [path.format_map(ids) for ids in fill_path(client, path, home)]
            pages = list(next_pages(client, urls[0])) if {field["name"] for field in parameters} >= PAGES else []
            yield Operation(path.removeprefix("/api"), urls + pages)
            for query in variants(path, parameters):
                queries = [f"{url}?{query}" for url in urls[:MAX_PER_LIST]]
                yield Operation(f"{path.removeprefix('/api')}?{query}", queries)


def fill_path(client: ApiClient, path: str, home: str) -> list[dict[str, str]]:
    choices = [{"home_id": home}]
    for parameter in re.findall(r"\{(\w+)\}", path):
        if parameter == "home_id":
            continue
        if parameter == "label":
            choices = [{**choice, parameter: "household"} for choice in choices]
        elif parameter == "run_id":
            choices = [{**choice, parameter: run} for choice in choices for run in runs(client, home)]
        else:
            rows = path.partition(f"/{{{parameter}}}")[0]
            choices = [{**choice, parameter: row} for choice in choices for row in ids(client, rows.format_map(choice))]
        if not choices:
            raise LookupError(f"{path}: no value for {{{parameter}}}")
    return choices


def ids(client: ApiClient, url: str) -> list[str]:
    return [row["id"] for row in client.get(url)["results"][:MAX_PER_LIST]]


def runs(client: ApiClient, home: str) -> list[str]:
    """Return run ids from the metadata of Pixie's messages; there is no list of runs."""
    threads = f"/api/homes/{home}/threads"
    messages: list[Any] = []
    for thread in ids(client, threads):
        messages += client.get(f"{threads}/{thread}/messages")["results"]
    metadata = (message["metadata"] for message in messages)
    return list(islice((data["run"] for data in metadata if "run" in data), MAX_PER_LIST))


def next_pages(client: ApiClient, url: str) -> Iterator[str]:
    """Yield the URLs of the next pages."""
    for _ in range(MAX_PER_LIST):
        next_url = client.get(url)["next"]
        if next_url is None:
            return
        url = next_url[next_url.index("/api/") :]
        yield url


def variants(path: str, parameters: list[dict[str, Any]]) -> Iterator[str]:
    for field in parameters:
        name = field["name"]
        if values := field["schema"].get("enum"):
            yield from (f"{name}={value}" for value in values)
        elif name not in PAGES:
            if name not in QUERY_VALUES:
                raise LookupError(f"{path}: no value for ?{name}=")
            yield f"{name}={QUERY_VALUES[name]}"
