"""What happened in all homes, for Prometheus: counted from the database when it is asked for, so it is the same
whichever process is asked, and whichever did it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from homes.models import Home
from pixie.llm.access import ANTHROPIC_MODELS
from pixie.models import LOCAL, ModelPrice, Run, RunMessage, RunStatus, RunStep
from pixie.tools import TOOLS

TOKENS = ("input", "output", "cached", "reasoning")


class Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        yield _events()
        known = {LOCAL, "", *ANTHROPIC_MODELS.values(), *settings.PIXIE_MODELS.values()}
        known |= set(ModelPrice.objects.values_list("model", flat=True))
        yield from _runs(known)
        yield from _models(known)
        yield _tools()


def _events() -> Metric:
    written = Home.objects.aggregate(total=Sum("last_seq"))["total"] or 0
    return CounterMetricFamily("pantry_events", "Events recorded.", value=written)


def _runs(known: set[str]) -> Iterator[Metric]:
    """Those under way and at their end. A run that waits has no worker yet, or lost it."""
    runs = GaugeMetricFamily("pantry_runs", "Runs of agents.", labels=["status", "route"])
    counted = Run.objects.order_by().values_list("status", "route").annotate(count=Count("pk"))
    rows = (((status, route), count) for status, route, count in counted)
    for (status, route), count in _folded(rows, known).items():
        runs.add_metric([status, route], count)
    yield runs
    now = timezone.now()
    waiting = Run.objects.free(now).aggregate(count=Count("pk"), oldest=Min("created_at"))
    since = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0
    yield GaugeMetricFamily("pantry_runs_waiting", "Runs on which nobody works.", value=waiting["count"])
    yield GaugeMetricFamily("pantry_runs_oldest_wait_seconds", "Of those, the oldest.", value=since)


def _models(known: set[str]) -> Iterator[Metric]:
    calls = CounterMetricFamily("pantry_model_calls", "Calls of language models.", labels=["model", "outcome"])
    tokens = CounterMetricFamily("pantry_tokens", "Tokens of language models.", labels=["model", "kind"])
    cost = CounterMetricFamily("pantry_cost_usd", "What they cost, in US$.", labels=["model"])
    sums = {kind: Sum(f"{kind}_tokens") for kind in TOKENS}
    asked = RunStep.objects.exclude(model=LOCAL).exclude(status=RunStatus.RUNNING).order_by().values("model", "status")
    rows: Any = list(asked.annotate(count=Count("pk"), cost=Sum("cost_usd"), **sums))
    made = (((row["status"], row["model"]), row["count"]) for row in rows)
    used = (((kind, row["model"]), row[kind]) for row in rows for kind in TOKENS)
    paid = ((("", row["model"]), row["cost"]) for row in rows)
    for (outcome, model), count in _folded(made, known).items():
        calls.add_metric([model, outcome], count)
    for (kind, model), count in _folded(used, known).items():
        tokens.add_metric([model, kind], count)
    for (_all, model), spent in _folded(paid, known).items():
        cost.add_metric([model], float(spent))
    yield from (calls, tokens, cost)


def _tools() -> Metric:
    seconds = SummaryMetricFamily("pantry_tool_seconds", "Time in tools.", labels=["tool"])
    made = RunMessage.objects.filter(message_type=RunMessage.Type.TOOL_RETURN, tool_name__in=TOOLS).order_by()
    timed = made.values_list("tool_name").annotate(
        count=Count("pk", filter=Q(duration_ms__isnull=False)), took=Sum("duration_ms")
    )
    for tool, count, took in timed:
        seconds.add_metric([tool], count_value=count, sum_value=(took or 0) / 1000)
    return seconds


def _folded(rows: Any, known: set[str]) -> Counter[tuple[str, str]]:
    """Added up by the first word and the model. Only models that who runs the server knows have a name here: what a
    home calls its own is the home's."""
    folded: Counter[tuple[str, str]] = Counter()
    for (first, model), count in rows:
        folded[first, model if model in known else "other"] += count
    return folded
