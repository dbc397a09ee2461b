"""What this process counts of itself, for Prometheus. No label is a person, a home, or a word that a client chose."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

SHARED = "PROMETHEUS_MULTIPROC_DIR"  # the folder in which several processes count together; the library's own name
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

registry = CollectorRegistry()
REQUESTS = Counter("pantry_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
TIME = Histogram("pantry_request_seconds", "Until the answer.", ["route", "method"], buckets=SECONDS, registry=registry)
QUERIES = Counter("pantry_queries", "Queries that requests made.", registry=registry)
STREAMS = Gauge("pantry_streams", "Clients that listen.", ["kind"], registry=registry, multiprocess_mode="livesum")
DELIVERY = Histogram(
    "pantry_event_delivery_seconds",
    "From the moment of an event until this process hands it to those who listen.",
    buckets=SECONDS,
    registry=registry,
)


def count_request(route: str | None, method: str | None, status: int | None, seconds: float, queries: int) -> None:
    named, verb = route or "none", method if method in METHODS else "other"
    REQUESTS.labels(named, verb, str(status)).inc()
    TIME.labels(named, verb).observe(seconds)
    QUERIES.inc(queries)


def combined_registry(others: Collector) -> CollectorRegistry:
    """What this process counted, or all that share its folder, together with `others`."""
    both = CollectorRegistry()
    both.register(others)
    if folder := os.environ.get(SHARED):
        _forget_the_dead(Path(folder))
        MultiProcessCollector(both)  # type: ignore[no-untyped-call]  # it registers itself
    else:
        both.register(registry)
    return both


def _forget_the_dead(folder: Path) -> None:
    """What a process counts that has an end goes with it, however it died."""
    for pid in {int(path.stem.rsplit("_", 1)[1]) for path in folder.glob("gauge_live*_*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
