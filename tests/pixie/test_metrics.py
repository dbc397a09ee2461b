"""What Prometheus reads, and who may."""

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

TOKEN = "of-the-watchman"


@pytest.fixture
def read(settings, db):
    """`read()`: the text, as who has the token gets it."""
    settings.METRICS_TOKEN = TOKEN

    def ask():
        answer = Client(headers={"Authorization": f"Bearer {TOKEN}"}).get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
        return answer.content.decode()

    return ask


@pytest.fixture
def figure(read):
    """`figure("pantry_runs", status="created", route="")`; 0 for what is not there."""

    def find(name, **labels):
        families = text_string_to_metric_families(read())
        return sum(
            sample.value
            for family in families
            for sample in family.samples
            if sample.name == name and sample.labels == labels
        )

    return find


@pytest.mark.parametrize("given", [None, "", "Bearer", "Bearer ", "Bearer of-the-watchmaN", "Bearer é", "Basic x"])
@pytest.mark.parametrize("token", ["", TOKEN])
def test_without_the_token_it_leads_nowhere(db, settings, token, given):
    settings.METRICS_TOKEN = token
    headers = {} if given is None else {"Authorization": given}
    assert Client(headers=headers).get("/metrics").status_code == 404


def test_it_is_only_read(read):
    assert Client(headers={"Authorization": f"Bearer {TOKEN}"}).post("/metrics").status_code == 405


def test_requests_are_counted_by_route(nok, figure):
    labels = {"route": "h/<uuid:home_id>/", "method": "GET"}
    before = figure("pantry_requests_total", **labels, status="200"), figure("pantry_queries_total")
    sign_in(nok).get(f"/h/{nok.home_id}/")
    assert figure("pantry_requests_total", **labels, status="200") == before[0] + 1
    assert figure("pantry_queries_total") > before[1]
    assert figure("pantry_request_seconds_count", **labels) >= 1


def test_what_a_client_makes_up_is_no_label(db, read):
    Client().generic("INVENTED", "/a/secret/path")
    told = read()
    assert 'route="none"' in told and 'method="other"' in told
    assert "INVENTED" not in told and "secret" not in told


def end(run, *, status="completed"):
    lease.finish_run(run, status, "end_turn")


def test_what_happened_in_the_homes(nok, pixie, talk, tell, weekly, figure, django_capture_on_commit_callbacks):
    before = figure("pantry_events_total")
    with django_capture_on_commit_callbacks(execute=True):
        tell("We need eggs and milk")
    Run.objects.create(home=nok.home, agent=pixie, channel=talk)
    assert figure("pantry_events_total") > before
    assert figure("pantry_runs", status="completed", route="local") == 1
    assert figure("pantry_runs", status="created", route="") == 1
    assert figure("pantry_runs_waiting") == 1
    assert figure("pantry_runs_oldest_wait_seconds") > 0
    assert figure("pantry_tool_seconds_count", tool="add_item") == 2


def test_what_models_used_and_cost(nok, pixie, talk, provider, figure, django_capture_on_commit_callbacks):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, route="tiny")
    used = {"input_tokens": 100, "output_tokens": 20, "cached_tokens": 60, "cost_usd": Decimal("0.5")}
    RunStep.objects.create(run=run, step_number=1, model="tiny", status="completed", **used)
    RunStep.objects.create(run=run, step_number=2, model="tiny", status="failed")
    RunStep.objects.create(run=run, step_number=3, model="local", status="completed")
    with django_capture_on_commit_callbacks(execute=True):
        end(run)
    assert figure("pantry_model_calls_total", model="tiny", outcome="completed") == 1
    assert figure("pantry_model_calls_total", model="tiny", outcome="failed") == 1
    assert figure("pantry_tokens_total", model="tiny", kind="cached") == 60
    assert figure("pantry_cost_usd_total", model="tiny") == 0.5
    assert figure("pantry_model_calls_total", model="local", outcome="completed") == 0


def test_tool_called_after_a_yes_is_counted(nok, tell, eggs, figure, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        question = tell("add 500 eggs")
    assert figure("pantry_tool_seconds_count", tool="add_item") == 0
    with django_capture_on_commit_callbacks(execute=True):
        decide(question, yes=True, by=by(nok))
    assert figure("pantry_tool_seconds_count", tool="add_item") == 1


def test_rows_that_a_sweep_passed_over_are_counted(db, figure):
    with pass_over_errors("homes.tidy", "a row"):
        raise RuntimeError
    assert figure("pantry_sweep_failures_total", task="homes.tidy") == 1


def test_no_word_of_a_home_gets_out(nok, pixie, talk, tell, weekly, provider, read, django_capture_on_commit_callbacks):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, route="noks-own-llama")
    RunStep.objects.create(run=run, step_number=1, model="noks-own-llama", status="completed", cost_usd=1)
    RunMessage.objects.create(run=run, message_type="tool_return_message", tool_name="made-up", duration_ms=1)
    with django_capture_on_commit_callbacks(execute=True):
        tell("We need unicorns")
        end(run)
    told = read()
    assert 'model="other"' in told and 'route="other"' in told
    for word in ("Nok", "noks", "Apartment", "unicorn", "made-up", "example.com", str(nok.home_id), str(pixie.pk)):
        assert word not in told, word


def test_reading_figures_costs_the_same_after_many_runs(nok, pixie, talk, read, django_capture_on_commit_callbacks):
    """The number of queries, and of rows that they return, does not grow with the history."""

    def add(count):
        with django_capture_on_commit_callbacks(execute=True):
            for _number in range(count):
                run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, route="m")
                RunStep.objects.create(run=run, step_number=1, model=f"m{run.pk}", status="completed")
                RunMessage.objects.create(
                    run=run, message_type="tool_return_message", tool_name="add_item", duration_ms=1
                )
                end(run)

    add(10)
    few, rows = queries_of(read), CounterTotal.objects.count()
    add(200)
    assert (queries_of(read), CounterTotal.objects.count()) == (few, rows)
    with CaptureQueriesContext(connection) as captured:
        read()
    history = ("pixie_runstep", "pixie_runmessage")
    assert not [query["sql"] for query in captured if any(table in query["sql"] for table in history)]
    of_runs = [query["sql"] for query in captured if '"pixie_run"' in query["sql"]]
    assert of_runs and all('status" IN' in sql for sql in of_runs)


COUNTS = """
import sys
from pantry import metrics
metrics.count_request("a", "GET", 200, 0.1, 2)
metrics.STREAMS.labels("socket").inc()
"""


def test_several_processes_count_together_and_the_dead_listen_no_more(tmp_path, monkeypatch):
    environment = {**os.environ, metrics.MULTIPROCESS_DIR: str(tmp_path)}
    for _process in range(2):
        subprocess.run([sys.executable, "-c", COUNTS], env=environment, cwd=configured.BASE_DIR, check=True)  # noqa: S603
    monkeypatch.setenv(metrics.MULTIPROCESS_DIR, str(tmp_path))
    samples = {
        (sample.name, sample.labels.get("kind")): sample.value
        for family in metrics.combined_registry(metrics.CollectorRegistry()).collect()
        for sample in family.samples
    }
    assert samples["pantry_requests_total", None] == 2
    assert samples["pantry_queries_total", None] == 4
    assert ("pantry_streams", "socket") not in samples
