"""Prometheus metrics of all homes, at `/metrics`.

The current state is read from indexed rows, and totals from counters that are incremented when runs end, so that a
scrape costs the same however long the history.
"""

import hmac
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, Min, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from homes.models import Home
from pantry.counters import Key, Labels, add_to_counters, read_counters
from pantry.metrics import combined_registry
from pixie.llm.access import ANTHROPIC_MODELS
from pixie.models import LOCAL, ModelPrice, Run, RunMessage, RunStatus
from pixie.tools import TOOLS

TOKENS = ("input", "output", "cached", "reasoning")
Values = dict[Labels, Decimal]
Amounts = defaultdict[Key, Decimal]


class HomeMetrics(Collector):
    def collect(self) -> Iterator[Metric]:
        counters = read_counters()
        events = Home.objects.aggregate(total=Sum("last_seq"))["total"] or 0
        yield CounterMetricFamily("pantry_events", "Events recorded.", value=events)
        yield from _runs(counters.get("runs", {}))
        yield _counter("pantry_model_calls", "Calls of language models.", ["model", "outcome"], counters)
        yield _counter("pantry_tokens", "Tokens of language models.", ["model", "kind"], counters)
        yield _counter("pantry_cost_usd", "Cost of language models, in US$.", ["model"], counters)
        yield _tools(counters)
        yield _counter("pantry_sweep_failures", "Rows that a sweep skipped after an error.", ["task"], counters)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Serve the metrics to clients with METRICS_TOKEN; 404 for others, and for all if it is not set."""
    expected, header = f"Bearer {settings.METRICS_TOKEN}", request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(header.encode(), expected.encode()):
        raise Http404
    return HttpResponse(generate_latest(combined_registry(HomeMetrics())), content_type=CONTENT_TYPE_LATEST)


def count_run(run: Run) -> None:
    """Add a finished run to the counters. Call it after the commit."""
    public_name = _model_names()
    amounts: Amounts = defaultdict(Decimal, {("runs", (run.status, public_name(run.route))): Decimal(1)})
    for step in run.steps.exclude(model=LOCAL).exclude(status=RunStatus.RUNNING):
        model = public_name(step.model)
        amounts["model_calls", (model, step.status)] += 1
        amounts["cost_usd", (model,)] += step.cost_usd
        for kind in TOKENS:
            amounts["tokens", (model, kind)] += getattr(step, f"{kind}_tokens")
    add_to_counters({**amounts, **_tool_amounts(run.messages.all())})


def count_tool_calls(run: Run, call_ids: Iterable[str]) -> None:
    """Add tool calls made after the run had finished. Call it after the commit."""
    add_to_counters(_tool_amounts(run.messages.filter(tool_call_id__in=call_ids)))


def _tool_amounts(messages: QuerySet[RunMessage]) -> Amounts:
    amounts: Amounts = defaultdict(Decimal)
    for message in messages.filter(message_type=RunMessage.Type.TOOL_RETURN, tool_name__in=TOOLS):
        if message.duration_ms is not None:
            amounts["tool_calls", (message.tool_name,)] += 1
            amounts["tool_seconds", (message.tool_name,)] += Decimal(message.duration_ms) / 1000
    return amounts


def _model_names() -> Callable[[str], str]:
    """Return a function that replaces names of homes' own models, which the server's operator does not know."""
    public = {LOCAL, "", *ANTHROPIC_MODELS.values(), *settings.PIXIE_MODELS.values()}
    public |= set(ModelPrice.objects.values_list("model", flat=True))
    return lambda model: model if model in public else "other"


def _counter(name: str, help_text: str, labels: list[str], counters: dict[str, Values]) -> Metric:
    family = CounterMetricFamily(name, help_text, labels=labels)
    for values, total in counters.get(name.removeprefix("pantry_"), {}).items():
        family.add_metric(values, float(total))
    return family


def _runs(finished: Values) -> Iterator[Metric]:
    runs = GaugeMetricFamily("pantry_runs", "Runs of agents.", labels=["status", "route"])
    public_name, counts = _model_names(), Counter({labels: int(total) for labels, total in finished.items()})
    for status, route in Run.objects.unfinished().values_list("status", "route"):
        counts[status, public_name(route)] += 1
    for labels, count in counts.items():
        runs.add_metric(labels, count)
    yield runs
    now = timezone.now()
    waiting = Run.objects.free(now).aggregate(count=Count("pk"), oldest=Min("created_at"))
    since = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
    yield GaugeMetricFamily("pantry_runs_waiting", "Runs without a worker.", value=waiting["count"])
    yield GaugeMetricFamily("pantry_runs_oldest_wait_seconds", "Age of the oldest run without a worker.", value=since)


def _tools(counters: dict[str, Values]) -> Metric:
    family = SummaryMetricFamily("pantry_tool_seconds", "Time in tools.", labels=["tool"])
    seconds = counters.get("tool_seconds", {})
    for labels, count in counters.get("tool_calls", {}).items():
        family.add_metric(labels, count_value=int(count), sum_value=float(seconds.get(labels, 0)))
    return family
