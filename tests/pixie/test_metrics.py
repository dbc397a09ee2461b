"""Metrics for Prometheus, and access to them."""

import os
import subprocess
import sys
from decimal import Decimal

import pytest
from django.conf import settings as configured
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from prometheus_client.parser import text_string_to_metric_families

from pantry import metrics
from pantry.models import CounterTotal
from pantry.sweeps import pass_over_errors
from pixie.models import Run, RunMessage, RunStep
from pixie.runs import lease
from pixie.runs.confirmations import decide
from tests.counting import queries_of
from tests.factories import by, sign_in

METRICS_TOKEN = "metrics-token"


@pytest.fixture
def read(settings, db):
    """Return a function that returns the text of the metrics."""
    settings.METRICS_TOKEN = METRICS_TOKEN

    def get_metrics():
        answer = Client(headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        return answer.content.decode()

    return get_metrics


@pytest.fixture
def metric(read):
    """Return a function for the value of a metric, 0 if it is missing: `metric("pantry_runs", status="created")`."""

    def sum_samples(name, **labels):
        families = text_string_to_metric_families(read())
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and sample.labels == labels
        )

    return sum_samples


@pytest.mark.parametrize(
    "authorization", [None, "", "Bearer", "Bearer ", "Bearer metrics-tokeN", "Bearer é", "Basic x"]
)
@pytest.mark.parametrize("token", ["", METRICS_TOKEN])
def test_metrics_without_the_token_return_404(db, settings, token, authorization):
    settings.METRICS_TOKEN = token
    headers = {} if authorization is None else {"Authorization": authorization}
    assert Client(headers=headers).get("/metrics").status_code == 404


def test_post_is_not_allowed(read):
    assert Client(headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).post("/metrics").status_code == 405


def test_requests_are_counted_by_route(nok, metric):
    labels = {"route": "h/<uuid:home_id>/", "method": "GET"}
    before = metric("pantry_requests_total", **labels, status="200"), metric("pantry_queries_total")
    sign_in(nok).get(f"/h/{nok.home_id}/")
    assert metric("pantry_requests_total", **labels, status="200") == before[0] + 1
    assert metric("pantry_queries_total") > before[1]
    assert metric("pantry_request_seconds_count", **labels) >= 1


def test_invented_paths_and_methods_are_not_labels(db, read):
    Client().generic("INVENTED", "/a/secret/path")
    text = read()
    assert 'route="none"' in text and 'method="other"' in text
    assert "INVENTED" not in text and "secret" not in text


def finish_run(run, *, status="completed"):
    lease.finish_run(run, status, "end_turn")


def test_events_runs_and_tools_are_counted(
    nok, pixie, agent_chat, tell, weekly, metric, django_capture_on_commit_callbacks
):
    before = metric("pantry_events_total")
    with django_capture_on_commit_callbacks(execute=True):
        tell("We need eggs and milk")
    Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat)
    assert metric("pantry_events_total") > before
    assert metric("pantry_runs", status="completed", route="local") == 1
    assert metric("pantry_runs", status="created", route="") == 1
    assert metric("pantry_runs_waiting") == 1
    assert metric("pantry_runs_oldest_wait_seconds") > 0
    assert metric("pantry_tool_seconds_count", tool="add_item") == 2


def test_model_calls_tokens_and_costs_are_counted(
    nok, pixie, agent_chat, provider, metric, django_capture_on_commit_callbacks
):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, route="tiny")
    usage = {"input_tokens": 100, "output_tokens": 20, "cached_tokens": 60, "cost_usd": Decimal("0.5")}
    RunStep.objects.create(run=run, step_number=1, model="tiny", status="completed", **usage)
    RunStep.objects.create(run=run, step_number=2, model="tiny", status="failed")
    RunStep.objects.create(run=run, step_number=3, model="local", status="completed")
    with django_capture_on_commit_callbacks(execute=True):
        finish_run(run)
    assert metric("pantry_model_calls_total", model="tiny", outcome="completed") == 1
    assert metric("pantry_model_calls_total", model="tiny", outcome="failed") == 1
    assert metric("pantry_tokens_total", model="tiny", kind="cached") == 60
    assert metric("pantry_cost_usd_total", model="tiny") == 0.5
    assert metric("pantry_model_calls_total", model="local", outcome="completed") == 0


def test_tool_called_after_a_yes_is_counted(nok, tell, eggs, metric, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        question = tell("add 500 eggs")
    assert metric("pantry_tool_seconds_count", tool="add_item") == 0
    with django_capture_on_commit_callbacks(execute=True):
        decide(question, yes=True, by=by(nok))
    assert metric("pantry_tool_seconds_count", tool="add_item") == 1


def test_rows_that_a_sweep_passed_over_are_counted(db, metric):
    with pass_over_errors("homes.tidy", "a row"):
        raise RuntimeError
    assert metric("pantry_sweep_failures_total", task="homes.tidy") == 1


def test_metrics_contain_no_data_of_a_home(
    nok, pixie, agent_chat, tell, weekly, provider, read, django_capture_on_commit_callbacks
):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, route="noks-own-llama")
    RunStep.objects.create(run=run, step_number=1, model="noks-own-llama", status="completed", cost_usd=1)
    RunMessage.objects.create(run=run, message_type="tool_return_message", tool_name="made-up", duration_ms=1)
    with django_capture_on_commit_callbacks(execute=True):
        tell("We need unicorns")
        finish_run(run)
    text = read()
    assert 'model="other"' in text and 'route="other"' in text
    for word in ("Nok", "noks", "Apartment", "unicorn", "made-up", "example.com", str(nok.home_id), str(pixie.pk)):
        assert word not in text, word


def test_query_count_does_not_grow_with_runs(nok, pixie, agent_chat, read, django_capture_on_commit_callbacks):
    """Check the number of queries, and that they read no rows of the history."""

    def add(count):
        with django_capture_on_commit_callbacks(execute=True):
            for _number in range(count):
                run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, route="m")
                RunStep.objects.create(run=run, step_number=1, model=f"m{run.pk}", status="completed")
                RunMessage.objects.create(
                    run=run, message_type="tool_return_message", tool_name="add_item", duration_ms=1
                )
                finish_run(run)

    add(10)
    baseline, rows = queries_of(read), CounterTotal.objects.count()
    add(200)
    assert (queries_of(read), CounterTotal.objects.count()) == (baseline, rows)
    with CaptureQueriesContext(connection) as captured:
        read()
    history = ("pixie_runstep", "pixie_runmessage")
    assert not [query["sql"] for query in captured if any(table in query["sql"] for table in history)]
    run_queries = [query["sql"] for query in captured if '"pixie_run"' in query["sql"]]
    assert run_queries and all('status" IN' in sql for sql in run_queries)


COUNT_SCRIPT = """
import sys
from pantry import metrics
metrics.count_request("a", "GET", 200, 0.1, 2)
metrics.STREAMS.labels("socket").inc()
"""


def test_counters_of_processes_are_summed_without_gauges_of_dead_ones(tmp_path, monkeypatch):
    environment = {**os.environ, metrics.MULTIPROCESS_DIR: str(tmp_path)}
    for _process in range(2):
        subprocess.run([sys.executable, "-c", COUNT_SCRIPT], env=environment, cwd=configured.BASE_DIR, check=True)  # noqa: S603
    monkeypatch.setenv(metrics.MULTIPROCESS_DIR, str(tmp_path))
    samples = {
        (sample.name, sample.labels.get("kind")): sample.value
        for family in metrics.combined_registry(metrics.CollectorRegistry()).collect()
        for sample in family.samples
    }
    assert samples["pantry_requests_total", None] == 2
    assert samples["pantry_queries_total", None] == 4
    assert ("pantry_streams", "socket") not in samples
