"""Usage of runs, their log lines, and the budgets of homes and agents."""

import json
import logging
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from groceries.reports import Period
from homes.models import Agent
from pantry.request_log import RequestFormatter
from pixie.models import Run, RunMessage, RunStep
from pixie.runs import tool_calls
from pixie.usage import costs
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, unchanged
from tests.pixie.test_model_access import post_message

pytestmark = pytest.mark.both_databases


@pytest.fixture
def limited_agent(pixie):
    """Pixie with a budget of a dollar a month; the home has no limit."""
    Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(1))
    return pixie


@pytest.fixture
def spent_budget(nok, limited_agent, agent_chat, provider):
    run = Run.objects.create(home=nok.home, agent=limited_agent, channel=agent_chat, status="completed")
    return RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal(1))


@pytest.fixture
def slow_tools(monkeypatch):
    """Make each tool call take seven milliseconds."""
    monkeypatch.setattr(tool_calls, "milliseconds_since", lambda _began: 7)


# Time in tools


def test_tool_time_of_local_answers_is_recorded(tell, weekly, slow_tools):
    tell("We need eggs and milk")
    returned = RunMessage.objects.filter(message_type=RunMessage.Type.TOOL_RETURN)
    assert [one.duration_ms for one in returned] == [7, 7]
    assert (RunStep.objects.get().tool_ms, Run.objects.get().tool_ms) == (14, 14)


def test_tool_time_of_model_answers_is_recorded(tell, weekly, provider, slow_tools):
    provider.enqueue(Reply(calls=(Call("add_item", {"name": "cake"}), Call("fly"))), Reply("Cake is on the list."))
    tell(MODEL_REQUEST)
    assert [step.tool_ms for step in Run.objects.get().steps.all()] == [14, 0]
    assert Run.objects.get().tool_ms == 14


def test_tool_time_of_confirmed_calls_is_recorded(tell, rice, slow_tools):
    question = tell("We need 90 kg rice")
    assert Run.objects.get(pk=question.metadata["run"]).tool_ms == 0
    tell("yes")
    run = Run.objects.get(pk=question.metadata["run"])
    assert (run.tool_ms, run.steps.get().tool_ms) == (7, 7)


# The log


@pytest.fixture
def lines(caplog, monkeypatch):
    """Return a function that returns the lines of the log of runs."""
    monkeypatch.setattr(logging.getLogger("pixie.runs"), "propagate", True)
    caplog.set_level(logging.INFO, "pixie.runs")
    return lambda: [
        json.loads(RequestFormatter().format(record)) for record in caplog.records if record.name == "pixie.runs"
    ]


def test_finished_run_is_logged_without_content(
    nok, pixie, tell, weekly, provider, slow_tools, lines, django_capture_on_commit_callbacks
):
    provider.enqueue(Reply("Well, well.", (Call("add_item", {"name": "cake"}),)), Reply("Cake is on the list."))
    with django_capture_on_commit_callbacks(execute=True):
        tell(MODEL_REQUEST)
    (line,) = lines()
    run = Run.objects.get()
    assert (line["run"], line["home"], line["agent"]) == (str(run.pk), str(nok.home_id), str(pixie.pk))
    assert (line["route"], line["model"], line["status"], line["stop_reason"]) == (
        "model",
        "tiny",
        "completed",
        "end_turn",
    )
    assert (line["input_tokens"], line["output_tokens"], line["cost_usd"], line["tool_ms"]) == (200, 40, 0.024, 7)
    assert line["duration_ms"] >= 0
    text = json.dumps(line).lower()
    assert not [word for word in ("cake", "well", "party", "nok", "pixie") if word in text]


def test_local_run_is_logged_without_a_model(tell, weekly, lines, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tell("We need eggs")
    (line,) = lines()
    assert (line["route"], line["model"], line["cost_usd"]) == ("local", None, 0)


# The limit of an agent


def test_agent_over_budget_says_so_once_and_answers_locally(tell, weekly, spent_budget, provider):
    assert tell("We need eggs").body == "Added Eggs to Weekly shop, under Dairy."
    first, second = tell(MODEL_REQUEST), tell(MODEL_REQUEST)
    assert "is used up. Lists and dates still work." in first.body
    assert "spent" not in second.body
    assert provider.requests == []


def test_exceeded_agent_budget_is_named_by_the_api(nok, limited_agent, spent_budget):
    answer = post_message(nok, route="model")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (402, "budget_spent")
    assert (error["budget"]["agent_id"], error["budget"]["limit_usd"]) == (str(limited_agent.pk), "1.00")
    assert error["budget"]["renews_at"]


def test_agents_have_separate_budgets(nok, limited_agent, spent_budget, tell, general, provider):
    Agent.objects.create(home=nok.home, slug="goblin", display_name="Goblin", enqueued_seq=nok.home.last_seq)
    provider.enqueue(Reply("Balloons."))
    assert "is used up" in tell(f"Pixie, {MODEL_REQUEST}", where=general).body
    assert tell(f"Goblin, {MODEL_REQUEST}", where=general).body == unchanged("Balloons.")


@pytest.mark.parametrize(("home_limit", "limited"), [(2, "agent"), (None, "agent"), (Decimal("0.5"), "home")])
def test_lower_of_home_and_agent_budget_applies(limited_agent, spent_budget, settings, home_limit, limited):
    settings.PIXIE_MONTHLY_BUDGET_USD = home_limit and Decimal(home_limit)
    RunStep.objects.update(cost_usd=Decimal("0.25"))
    limited_agent.refresh_from_db()
    assert costs.budget_for(limited_agent).agent == (limited_agent if limited == "agent" else None)


def test_negative_budget_is_rejected_by_the_database(pixie):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(-1))


def test_run_counts_for_the_day_of_its_request(nok, freeze_time, pixie, agent_chat):
    before, after = freeze_time("2026-03-31 23:59"), freeze_time("2026-04-01 00:01")
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, created_at=before)
    RunStep.objects.create(run=run, step_number=1, model="tiny", created_at=after)
    (day,) = costs.usage_by(Period.month(nok.home, before.date()), "day").groups
    assert (day["key"], day["runs"]) == (before.date(), 1)
    assert costs.usage_by(Period.month(nok.home), "day").totals["runs"] == 0


@pytest.mark.parametrize("by", ["model", "agent", "day"])
def test_run_with_two_models_is_counted_once(nok, pixie, agent_chat, by):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat)
    RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal(1), input_tokens=3)
    RunStep.objects.create(run=run, step_number=2, model="huge", cost_usd=Decimal(2), input_tokens=4)
    usage = costs.usage_by(Period.month(nok.home), by)
    for name, value in {"runs": 1, "calls": 2, "cost_usd": 3, "input_tokens": 7}.items():
        assert usage.totals[name] == sum(row[name] for row in usage.groups) == value
    assert usage.unpriced == ["huge", "tiny"]


@pytest.mark.parametrize("by", ["model", "agent", "member", "day"])
def test_usage_includes_what_each_agent_spent(nok, pixie, agent_chat, freeze_time, by):
    now, before = freeze_time("2026-04-01 00:01"), freeze_time("2026-03-31 23:59")
    imp = Agent.objects.create(home=nok.home, slug="imp", display_name="Imp")
    for agent, model, cost, at in [(pixie, "tiny", 1, now), (pixie, "huge", 2, now), (imp, "tiny", 4, now),
                                   (imp, "tiny", 8, before)]:  # fmt: skip
        run = Run.objects.create(home=nok.home, agent=agent, channel=agent_chat, created_at=at)
        RunStep.objects.create(run=run, step_number=1, model=model, cost_usd=Decimal(cost))
    freeze_time("2026-04-01 12:00")
    month = Period.month(nok.home)
    for period in (month, Period(nok.home, date(2020, 1, 1), date(2099, 12, 31))):
        usage = costs.usage_by(period, by)
        assert usage.spent == {pixie.pk: 3, imp.pk: 4}
        assert costs.budgets_of(nok.home, usage.spent) == costs.budgets_of(nok.home)
    assert costs.usage_by(month.previous_month(), by).spent is None
