"""Usage and budgets in the API."""

from decimal import Decimal

import pytest

from homes.models import Agent
from pixie.models import Run, RunStep
from tests.api.client import ApiClient
from tests.pixie.runs import MODEL_REQUEST


@pytest.fixture
def usage():
    """Request the usage: `usage(nok, "group_by=day")`."""
    return lambda who, query="": ApiClient(who).get(f"usage?{query}")


def test_usage_of_a_home_without_runs(nok, pixie, usage):
    data = usage(nok).json()
    assert (data["totals"]["runs"], data["totals"]["cost_usd"], data["groups"]) == (0, 0, [])
    assert (data["budget"]["limit_usd"], data["budget"]["spent_usd"], data["budget"]["is_spent"]) == (None, "0", False)
    assert [each["agent_id"] for each in data["agents"]] == [str(pixie.pk)]


def test_usage_is_grouped_as_requested(nok, ben, pixie, general, tell, weekly, provider, usage):
    tell("We need eggs")
    tell(f"Pixie, {MODEL_REQUEST}", who=ben, where=general)
    data = usage(nok).json()
    names = ("runs", "calls", "input_tokens", "output_tokens", "cost_usd")
    assert [data["totals"][name] for name in names] == [2, 1, 100, 20, 0.012]
    assert [(each["key"], each["runs"], each["cost_usd"]) for each in data["groups"]] == [
        ("tiny", 1, 0.012),
        ("local", 1, 0.0),
    ]
    groups = usage(nok, "group_by=member").json()["groups"]
    assert [(each["key"], each["calls"]) for each in groups] == [(str(ben.user_id), 1), (str(nok.user_id), 0)]
    (agent,) = usage(nok, "group_by=agent").json()["groups"]
    assert (agent["key"], agent["runs"]) == (str(pixie.pk), 2)
    (day,) = usage(nok, "group_by=day").json()["groups"]
    assert (day["key"], day["runs"]) == (str(nok.home.now().date()), 2)


def test_usage_of_a_period(freeze_time, nok, pixie, agent_chat, usage):
    for day in ("2026-03-30", "2026-03-31", "2026-04-01"):
        run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, created_at=freeze_time(f"{day} 23:30"))
        RunStep.objects.create(run=run, step_number=1, model="tiny")
    data = usage(nok, "from=2026-03-31&to=2026-04-01&group_by=day").json()
    assert (data["from"], data["to"]) == ("2026-03-31", "2026-04-01")
    assert [each["key"] for each in data["groups"]] == ["2026-03-31", "2026-04-01"]
    assert usage(nok, "from=2026-03-01&to=2026-03-31").json()["totals"]["runs"] == 2


def test_models_without_a_price_are_listed(nok, pixie, agent_chat, usage):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat)
    RunStep.objects.create(run=run, step_number=1, model="nameless", input_tokens=5)
    assert usage(nok).json()["without_price"] == ["nameless"]


def test_budgets_of_home_and_agents(nok, pixie, agent_chat, settings, usage):
    settings.PIXIE_MONTHLY_BUDGET_USD = Decimal(5)
    Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(1))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat)
    RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal("1.5"))
    data = usage(nok).json()
    assert (data["budget"]["limit_usd"], data["budget"]["spent_usd"], data["budget"]["is_spent"]) == ("5", "1.5", False)
    (budget,) = data["agents"]
    assert (budget["limit_usd"], budget["spent_usd"], budget["is_spent"]) == ("1", "1.5", True)


@pytest.mark.parametrize("query", ["from=2026-04-02&to=2026-04-01", "from=soon", "group_by=mood"])
def test_invalid_query_is_refused(nok, usage, query):
    assert usage(nok, query).status_code == 400


def test_usage_of_another_home_is_forbidden(nok, mai, tell, weekly, usage):
    tell("We need eggs")
    assert ApiClient(mai).get(f"/homes/{nok.home_id}/usage").status_code == 403
    assert usage(mai).json()["totals"]["runs"] == 0
