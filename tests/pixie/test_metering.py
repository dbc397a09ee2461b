"""What runs use, and the limits of it: of the home, and of an agent."""

import json
import logging
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from groceries.reports import Period
from homes.models import Agent
from pantry.requests import RequestFormatter
from pixie.models import Run, RunMessage, RunStep
from pixie.runs import tool_calls
from pixie.usage import costs
from tests.pixie.providers import Says, Wants
from tests.pixie.test_model_access import say
from tests.pixie.test_thinking import HARD

pytestmark = pytest.mark.both_databases


@pytest.fixture
def thrifty(pixie):
    """Pixie may spend a dollar a month, and has; the home has no limit."""
    Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(1))
    return pixie


@pytest.fixture
def spent(nok, thrifty, talk, provider):
    run = Run.objects.create(home=nok.home, agent=thrifty, channel=talk, status="completed")
    return RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal(1))


@pytest.fixture
def slow_tools(monkeypatch):
    """Each call of a tool takes seven milliseconds."""
    monkeypatch.setattr(tool_calls, "milliseconds_since", lambda _began: 7)


# Time in tools


def test_what_local_understanding_does_is_timed(tell, weekly, slow_tools):
    tell("We need eggs and milk")
    returned = RunMessage.objects.filter(message_type=RunMessage.Type.TOOL_RETURN)
    assert [one.duration_ms for one in returned] == [7, 7]
    assert (RunStep.objects.get().tool_ms, Run.objects.get().tool_ms) == (14, 14)


def test_what_a_model_has_done_is_timed(tell, weekly, provider, slow_tools):
    provider.plays(Says(calls=(Wants("add_item", {"name": "cake"}), Wants("fly"))), Says("Cake is on the list."))
    tell(HARD)
    assert [step.tool_ms for step in Run.objects.get().steps.all()] == [14, 0]
    assert Run.objects.get().tool_ms == 14


def test_what_was_done_after_a_yes_is_timed_too(tell, rice, slow_tools):
    asked = tell("We need 90 kg rice")
    assert Run.objects.get(pk=asked.metadata["run"]).tool_ms == 0
    tell("yes")
    run = Run.objects.get(pk=asked.metadata["run"])
    assert (run.tool_ms, run.steps.get().tool_ms) == (7, 7)


# The line


@pytest.fixture
def lines(caplog, monkeypatch):
    """The lines of the log of runs, as they are written."""
    monkeypatch.setattr(logging.getLogger("pixie.runs"), "propagate", True)
    caplog.set_level(logging.INFO, "pixie.runs")
    return lambda: [
        json.loads(RequestFormatter().format(record)) for record in caplog.records if record.name == "pixie.runs"
    ]


def test_a_run_is_one_line_without_a_word_of_it(
    nok, pixie, tell, weekly, provider, slow_tools, lines, django_capture_on_commit_callbacks
):
    provider.plays(Says("Well, well.", (Wants("add_item", {"name": "cake"}),)), Says("Cake is on the list."))
    with django_capture_on_commit_callbacks(execute=True):
        tell(HARD)
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
    written = json.dumps(line).lower()
    assert not [word for word in ("cake", "well", "party", "nok", "pixie") if word in written]


def test_without_a_model_it_says_so(tell, weekly, lines, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        tell("We need eggs")
    (line,) = lines()
    assert (line["route"], line["model"], line["cost_usd"]) == ("local", None, 0)


# The limit of an agent


def test_an_agent_that_spent_its_own_says_so_once_and_goes_on(tell, weekly, spent, provider):
    assert tell("We need eggs").body == "Added Eggs to Weekly shop, under Dairy."
    first, second = tell(HARD), tell(HARD)
    assert "is used up. Lists and dates still work." in first.body
    assert "spent" not in second.body
    assert provider.asked == []


def test_the_api_says_whose_is_spent(nok, thrifty, spent):
    answer = say(nok, route="model")
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (402, "budget_spent")
    assert (error["budget"]["agent_id"], error["budget"]["limit_usd"]) == (str(thrifty.pk), "1.00")
    assert error["budget"]["renews_at"]


def test_another_agent_has_its_own(nok, thrifty, spent, tell, general, provider):
    Agent.objects.create(home=nok.home, slug="goblin", display_name="Goblin", mail_seq=nok.home.last_seq)
    provider.plays(Says("Balloons."))
    assert "is used up" in tell(f"Pixie, {HARD}", where=general).body
    assert tell(f"Goblin, {HARD}", where=general).body == "Balloons."


@pytest.mark.parametrize(("home", "whose"), [(2, "agent"), (None, "agent"), (Decimal("0.5"), "home")])
def test_of_two_limits_the_one_that_ends_first_holds(thrifty, spent, settings, home, whose):
    settings.PIXIE_MONTHLY_BUDGET_USD = home and Decimal(home)
    RunStep.objects.update(cost_usd=Decimal("0.25"))
    thrifty.refresh_from_db()
    assert costs.budget_for(thrifty).agent == (thrifty if whose == "agent" else None)


def test_no_limit_is_below_nothing(pixie):
    with pytest.raises(IntegrityError), transaction.atomic():
        Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(-1))


def test_a_run_counts_for_the_day_on_which_it_was_asked_for(nok, freeze_time, pixie, talk):
    before, after = freeze_time("2026-03-31 23:59"), freeze_time("2026-04-01 00:01")
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, created_at=before)
    RunStep.objects.create(run=run, step_number=1, model="tiny", created_at=after)
    (day,) = costs.usage_by(Period.month(nok.home, before.date()), "day").groups
    assert (day["key"], day["runs"]) == (before.date(), 1)
    assert costs.usage_by(Period.month(nok.home), "day").totals["runs"] == 0


@pytest.mark.parametrize("by", ["model", "agent", "day"])
def test_a_run_that_asked_two_models_is_one(nok, pixie, talk, by):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk)
    RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal(1), input_tokens=3)
    RunStep.objects.create(run=run, step_number=2, model="huge", cost_usd=Decimal(2), input_tokens=4)
    used = costs.usage_by(Period.month(nok.home), by)
    for name, value in {"runs": 1, "calls": 2, "cost_usd": 3, "input_tokens": 7}.items():
        assert used.totals[name] == sum(row[name] for row in used.groups) == value
    assert used.unpriced == ["huge", "tiny"]


@pytest.mark.parametrize("by", ["model", "agent", "member", "day"])
def test_what_each_agent_spent_need_not_be_asked_again(nok, pixie, talk, freeze_time, by):
    now, before = freeze_time("2026-04-01 00:01"), freeze_time("2026-03-31 23:59")
    imp = Agent.objects.create(home=nok.home, slug="imp", display_name="Imp")
    for agent, model, cost, at in [(pixie, "tiny", 1, now), (pixie, "huge", 2, now), (imp, "tiny", 4, now),
                                   (imp, "tiny", 8, before)]:  # fmt: skip
        run = Run.objects.create(home=nok.home, agent=agent, channel=talk, created_at=at)
        RunStep.objects.create(run=run, step_number=1, model=model, cost_usd=Decimal(cost))
    freeze_time("2026-04-01 12:00")
    month = Period.month(nok.home)
    for period in (month, Period(nok.home, date(2020, 1, 1), date(2099, 12, 31))):
        used = costs.usage_by(period, by)
        assert used.spent == {pixie.pk: 3, imp.pk: 4}
        assert costs.budgets_of(nok.home, used.spent) == costs.budgets_of(nok.home)
    assert costs.usage_by(month.previous_month(), by).spent is None
