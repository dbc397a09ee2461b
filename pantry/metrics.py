"""Prometheus metrics of this process. Labels never contain a person, a home or client input."""

import os
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"  # the environment variable of prometheus_client
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

registry = CollectorRegistry()
REQUESTS = Counter("pantry_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
TIME = Histogram(
    "pantry_request_seconds", "Time to answer a request.", ["route", "method"], buckets=BUCKETS, registry=registry
)
QUERIES = Counter("pantry_queries", "Database queries of requests.", registry=registry)
STREAMS = Gauge("pantry_streams", "Connected live clients.", ["kind"], registry=registry, multiprocess_mode="livesum")
DELIVERY = Histogram(
    "pantry_event_delivery_seconds",
    "Time from an event until it is sent to the clients of this process.",
    buckets=BUCKETS,
    registry=registry,
)


def count_request(route: str | None, method: str | None, status: int | None, seconds: float, queries: int) -> None:
    route, method = route or "none", method if method in METHODS else "other"
    REQUESTS.labels(route, method, str(status)).inc()
    TIME.labels(route, method).observe(seconds)
    QUERIES.inc(queries)


def combined_registry(others: Collector) -> CollectorRegistry:
    """Return the metrics of this process, or of all that share MULTIPROCESS_DIR, together with `others`."""
    combined = CollectorRegistry()
    combined.register(others)
    if folder := os.environ.get(MULTIPROCESS_DIR):
        _remove_dead_processes(Path(folder))
        MultiProcessCollector(combined)  # type: ignore[no-untyped-call]  # it registers itself
    else:
        combined.register(registry)
    return combined


def _remove_dead_processes(folder: Path) -> None:
    """Remove the live gauges of processes that have ended, however they ended."""
    for pid in {int(path.stem.rsplit("_", 1)[1]) for path in folder.glob("gauge_live*_*.db")}:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
